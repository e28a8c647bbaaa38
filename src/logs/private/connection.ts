import { NetworkPeer } from '../../airflow/deployment-identity';

/** The connection's id: `[logging] remote_log_conn_id`. */
export const CONNECTION_ID = 'airflow_logs';

/** The variable in which Airflow looks for the connection. */
export const CONNECTION_VARIABLE = `AIRFLOW_CONN_${CONNECTION_ID.toUpperCase()}`;

/** A path below a bucket, without slashes at its ends. */
export function checkPrefix(prefix: string | undefined): string {
  if (prefix !== undefined && !/^[^/\s]+(\/[^/\s]+)*$/.test(prefix)) {
    throw new Error(`'prefix' must be a path such as 'airflow/logs', without a slash at its ends, got '${prefix}'`);
  }
  return prefix === undefined ? '' : `/${prefix}`;
}

/** Throws where a name would end early in a URL. */
export function checkName(prop: string, name: string): void {
  if (typeof name !== 'string' || !/^[a-z0-9]([\w.-]*[a-z0-9])?$/i.test(name)) {
    throw new Error(`'${prop}' must be a name of letters, digits, '-', '_' and '.', got '${name}'; a path in it is 'prefix'`);
  }
}

/** Where a URL leads to. */
export function peerOf(prop: string, url: string, cidrs?: string[]): NetworkPeer {
  const { protocol, hostname, port, username } = URL.canParse(url) ? new URL(url) : new URL('none://');
  if ((protocol !== 'http:' && protocol !== 'https:') || /[\s"\\$]/.test(url)) {
    throw new Error(`'${prop}' must be a URL such as 'http://minio:9000', got '${url}'`);
  }
  if (username) { throw new Error(`'${prop}' holds a user; give credentials by reference: the manifest can be read`); }
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(cidrs ? { cidrs } : {}),
  };
}
