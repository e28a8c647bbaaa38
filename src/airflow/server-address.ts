import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { NetworkPeer } from './deployment-identity';
import { shown } from '../private/prop-types';

/** 4 or 6 for an address, 0 for anything else. Node's own `isIP` asks a name, too, whether it is an IPv6 address, which takes it long the first time. */
export function addressFamily(host: string): 0 | 4 | 6 {
  if (host.includes(':')) { return isIPv6(host) ? 6 : 0; }
  return isIPv4(host) ? 4 : 0;
}

/** Throws where a host or a port is none. */
export function assertServer(host: string, port: number): void {
  if (!isHost(host)) {
    throw new Error(`'host' must be a host name or an address, got ${shown(host)}; port, user and database are props of their own`
      + (typeof host === 'string' && /^\[.*\]$/.test(host) ? ', and an IPv6 address stands without brackets' : ''));
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) { throw new Error(`'port' must be a number from 1 to 65535, got ${shown(port)}`); }
}

/** True for an address, and for a name that a resolver takes: a service may have an underscore, and a full name a dot at its end. */
export function isHost(host: unknown): host is string {
  if (typeof host !== 'string') { return false; }
  if (host.includes(':') || /^[\d.]+$/.test(host)) { return addressFamily(host) !== 0; }
  return host.length <= 254 && /^[a-z0-9_]([\w-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([\w-]{0,61}[a-z0-9_])?)*\.?$/i.test(host);
}

/** True for the pod itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (addressFamily(host) === 4 && host.startsWith('127.'));
}

/**
 * True for a URL that leads there from outside the cluster, and so neither to the machine that opens it nor to a Service, of which one is named. Airflow itself
 * speaks no TLS.
 */
export function isPublicUrl(url: string, service: string, namespace: string): boolean {
  if (!URL.canParse(url)) { return false; }
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  const isService = host === service || host === `${service}.${namespace}` || /\.svc(\.cluster\.local)?$/.test(host) || host.startsWith(`${service}.${namespace}.svc.`);
  return !isLoopback(host) && (protocol === 'https:' || !isService);
}

/** The address ranges of a server, as far as they are known: those given, or the host where it is an address. */
export function rangesOf(host: string, cidrs?: string[]): string[] | undefined {
  if (cidrs) { return cidrs; }
  const family = addressFamily(host);
  return family === 0 ? undefined : [`${host}/${family === 4 ? 32 : 128}`];
}

/** A server as a peer, where its address ranges are known with them. */
export function peerAt(host: string, port: number, cidrs?: string[]): NetworkPeer {
  const ranges = rangesOf(host, cidrs);
  return { host, port, ...(ranges ? { cidrs: ranges } : {}) };
}

/** Throws where address ranges are none; an empty list would stand for any address. `what` begins the message. */
export function assertRanges(cidrs: string[], what: string): void {
  const isRange = (cidr: unknown) => {
    const [, address, bits] = typeof cidr === 'string' ? /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [] : [];
    const family = addressFamily(address ?? '');
    return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
  };
  if (!Array.isArray(cidrs) || cidrs.length === 0 || !cidrs.every(isRange)) {
    throw new Error(`${what} must be a list of address ranges such as '10.0.0.0/8', at least one, got ${shown(cidrs)}; leave it out where they are not known`);
  }
}

/** Throws where a name of a database, or of who logs in, is empty or no text. */
export function assertLogin(props: { readonly database?: unknown; readonly user?: unknown }): void {
  const { database, user } = props;
  if (database !== undefined && (typeof database !== 'string' || database === '')) {
    throw new Error(`'database' must be the name of a database, got ${shown(database)}`);
  }
  if (user !== undefined && user !== null && (typeof user === 'object' ? !('bind' in user) : typeof user !== 'string' || user === '')) {
    throw new Error(`'user' must be a name or a SecretRef, got ${shown(user)}`);
  }
}

/** The host as a pod of another namespace finds it. */
export function hostFrom(host: string, namespace: string): string {
  return addressFamily(host) === 0 && !host.includes('.') ? `${host}.${namespace}.svc` : host;
}

/** True where an address is in ranges of both lists. */
export function overlap(some: string[], others: string[]): boolean {
  const holds = (range: string, other: string) => {
    const [address, bits] = range.split('/');
    const [inner, innerBits] = other.split('/');
    const family = addressFamily(address) === 4 ? 'ipv4' : 'ipv6';
    if (addressFamily(address) !== addressFamily(inner) || Number(bits) > Number(innerBits)) { return false; }
    const block = new BlockList();
    block.addSubnet(address, Number(bits), family);
    return block.check(inner, family);
  };
  return some.some(one => others.some(other => holds(one, other) || holds(other, one)));
}
