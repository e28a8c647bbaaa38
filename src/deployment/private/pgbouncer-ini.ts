import { PostgresServer } from '../../airflow/postgres';
import { shown } from '../../private/prop-types';

/** A server behind PgBouncer. */
export interface PooledServer {
  /** The name of its database at PgBouncer. */
  readonly alias: string;
  readonly server: PostgresServer;
  readonly poolSize: number;
  /** Connections of a second database, `<alias>-async`, each of one client as long as it is connected: asyncpg prepares its statements. */
  readonly asyncPoolSize?: number;
}

/** What pgbouncer.ini is made of. */
export interface PgBouncerIniOptions {
  readonly port: number;
  readonly authFile: string;
  readonly servers: PooledServer[];
  readonly maxClientConn: number;
  /** The folder with the certificate that clients see. */
  readonly clientTls?: string;
  /** Who may read statistics. */
  readonly statsUser?: string;
  /** The user's settings. */
  readonly extra: { readonly [setting: string]: any };
}

/** Where the files of the servers' TLS are. */
export const SERVER_TLS = 'pgbouncer-server-tls';

/** The text of pgbouncer.ini. Users and their passwords are in the file that it names; clients log in to the servers as themselves. */
export function pgbouncerIni(options: PgBouncerIniOptions): string {
  const own = settings(options);
  for (const [name, value] of Object.entries(options.extra)) {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) { throw new Error(`'pgbouncer.extraIni' must hold settings of PgBouncer such as 'server_idle_timeout', got '${name}'`); }
    if ((name in own && !FREE.includes(name)) || name === 'admin_users') {
      throw new Error(`'pgbouncer.extraIni' sets '${name}', which the deployment sets itself; remove it${HINTS[name] ? `, ${HINTS[name]}` : ''}`);
    }
    if (!['string', 'number'].includes(typeof value) || /[\r\n]/.test(String(value))) {
      throw new Error(`'pgbouncer.extraIni.${name}' must be a number or a line of text, got ${shown(value)}`);
    }
  }
  return ['[databases]', ...options.servers.flatMap(databases), '', '[pgbouncer]', ...lines({ ...own, ...options.extra }), ''].join('\n');
}

/** Of the deployment's own settings those that nothing else depends on. */
const FREE = ['log_connections', 'log_disconnections'];

const HINTS: { [setting: string]: string } = { max_client_conn: "or use 'pgbouncer.maxClientConn'" };

function databases({ alias, server, poolSize, asyncPoolSize }: PooledServer): string[] {
  const at = `host=${quoted(server.host)} port=${server.port} dbname=${quoted(server.database)}`;
  return [
    `${alias} = ${at} pool_size=${poolSize}`,
    ...(asyncPoolSize === undefined ? [] : [`${alias}-async = ${at} pool_size=${asyncPoolSize} pool_mode=session`]),
  ];
}

function settings({ port, authFile, servers, maxClientConn, clientTls, statsUser }: PgBouncerIniOptions): { [setting: string]: string | number } {
  const { sslMode, sslRootCert, sslCert } = servers[0].server;
  return {
    listen_addr: '*',
    listen_port: port,
    // There is no folder for a socket.
    unix_socket_dir: '',
    pool_mode: 'transaction',
    auth_type: 'scram-sha-256',
    auth_file: authFile,
    ...(statsUser === undefined ? {} : { stats_users: statsUser }),
    // psycopg2 sends it.
    ignore_startup_parameters: 'extra_float_digits',
    max_client_conn: maxClientConn,
    // The probes would fill the log.
    log_connections: 0,
    log_disconnections: 0,
    server_tls_sslmode: sslMode ?? 'prefer',
    ...(sslRootCert ? { server_tls_ca_file: `/etc/${SERVER_TLS}/ca.crt` } : {}),
    ...(sslCert ? { server_tls_cert_file: `/etc/${SERVER_TLS}/tls.crt`, server_tls_key_file: `/etc/${SERVER_TLS}/tls.key` } : {}),
    ...(clientTls === undefined ? {} : {
      client_tls_sslmode: 'require',
      // Without it PgBouncer looks for one of the system's, and ends where the image has none.
      client_tls_ca_file: `${clientTls}/ca.crt`,
      client_tls_cert_file: `${clientTls}/tls.crt`,
      client_tls_key_file: `${clientTls}/tls.key`,
    }),
  };
}

function lines(entries: { readonly [setting: string]: any }): string[] {
  return Object.entries(entries).map(([name, text]) => `${name} = ${text}`.trimEnd());
}

/** A value of a connection string. */
function quoted(text: string): string {
  return /^[\w.:-]+$/.test(text) ? text : `'${text.replace(/'/g, "''")}'`;
}
