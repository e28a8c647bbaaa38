/** What a repository's URL says about the way to it. */
export interface GitRepository {
  readonly protocol: 'http' | 'https' | 'ssh';
  readonly host: string;
  readonly port: number;
}

const PORTS = { http: 80, https: 443, ssh: 22 };

/**
 * Reads a URL, or git's short form of an SSH URL (`git@host:path`).
 *
 * @throws Error where it is neither, or holds a password.
 */
export function parseRepository(repo: string): GitRepository {
  const short = /^[\w.-]+@([\w.-]+):(?!\/\/).+$/.exec(repo);
  if (short) { return { protocol: 'ssh', host: short[1], port: PORTS.ssh }; }
  let url: URL;
  try {
    url = new URL(repo);
  } catch {
    throw new Error(`'repo' must be 'https://…', 'ssh://git@host/…' or 'git@host:path', got '${repo}'`);
  }
  const protocol = url.protocol.replace(':', '') as keyof typeof PORTS;
  if (!(protocol in PORTS) || url.hostname === '') {
    throw new Error(`'repo' must be 'https://…', 'ssh://git@host/…' or 'git@host:path', got '${repo}'`);
  }
  if (url.password !== '' || (protocol !== 'ssh' && url.username !== '')) {
    throw new Error("'repo' holds a user name or a password, which everybody could read in the manifest; take it out of the URL and give 'token' a SecretRef");
  }
  return { protocol, host: url.hostname, port: url.port === '' ? PORTS[protocol] : Number(url.port) };
}
