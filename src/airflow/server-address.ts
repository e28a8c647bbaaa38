import { isIP } from 'node:net';

/** Throws where a host or a port is none. */
export function assertServer(host: string, port: number): void {
  if (typeof host !== 'string' || !/^[\w.:-]+$/.test(host)) {
    throw new Error(`'host' must be a host name or an address, got '${host}'; port, user and database are props of their own`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) { throw new Error(`'port' must be a number from 1 to 65535, got ${port}`); }
}

/** The address ranges of a server, as far as they are known: those given, or the host where it is an address. */
export function rangesOf(host: string, cidrs?: string[]): string[] | undefined {
  const family = isIP(host);
  return cidrs ?? (family === 0 ? undefined : [`${host}/${family === 4 ? 32 : 128}`]);
}

/** The host as a pod of another namespace finds it. */
export function hostFrom(host: string, namespace: string): string {
  return isIP(host) === 0 && !host.includes('.') ? `${host}.${namespace}.svc` : host;
}
