import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from './deployment-identity';
import { SecretKey, SecretRef, secretEnv } from './secret-ref';
import { assertLogin, assertServer, rangesOf } from './server-address';
import { assertPair, assertSecret, tlsParts, tlsPaths } from './tls-files';
import { Parts, Wire } from '../private/component-graph';
import { checkPropNames, PropNames } from '../private/known-props';

/** A PostgreSQL server in parts; the URL is assembled inside the pod. */
export interface PostgresProps {
  /** Host name or address. */
  readonly host: string;

  /**
   * TCP port.
   *
   * @default 5432
   */
  readonly port?: number;

  /**
   * Name of the database.
   *
   * @default 'airflow'
   */
  readonly database?: string;

  /**
   * Role to log in as.
   *
   * @default 'airflow'
   */
  readonly user?: string | SecretRef;

  /**
   * Its password.
   *
   * @default - none: the server knows the role by `sslCert`
   */
  readonly password?: SecretRef;

  /**
   * How TLS is used, in libpq's words. `verify-ca` and `verify-full` need `sslRootCert`.
   *
   * KEDA cannot be given a certificate authority: where the server is verified, its scaler encrypts without verifying (`require`).
   *
   * @default - libpq's own: `prefer`
   * @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
   */
  readonly sslMode?: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

  /**
   * Certificates (PEM) of the authorities that the server's certificate may come from.
   *
   * @default - the server is not verified
   */
  readonly sslRootCert?: SecretRef;

  /**
   * The certificate (PEM) by which the server knows Airflow; needs `sslKey`.
   *
   * @default - none
   */
  readonly sslCert?: SecretRef;

  /**
   * The key (PEM, without a passphrase) of `sslCert`.
   *
   * @default - none
   */
  readonly sslKey?: SecretRef;

  /**
   * Address ranges that the server is in: components may then reach only these, and task pods may not.
   *
   * @default - the host where it is an address; otherwise components may open the port at any address
   */
  readonly cidrs?: string[];

  /**
   * `max_connections` of the server: where Airflow, or PgBouncer in front of it, may open more, there is a warning at synth.
   *
   * @default - unknown
   */
  readonly maxConnections?: number;
}

/** A PostgreSQL server whose secrets are where containers find them. */
export interface PostgresServer extends NetworkPeer {
  /** Name of the database. */
  readonly database: string;

  /**
   * Role to log in as.
   *
   * @default - that of `userSecret`
   */
  readonly user?: string;

  /**
   * The same from a Secret.
   *
   * @default - `user`
   */
  readonly userSecret?: SecretKey;

  /**
   * Its password.
   *
   * @default - none
   */
  readonly password?: SecretKey;

  /**
   * How TLS is used, in libpq's words.
   *
   * @default - libpq's own: `prefer`
   */
  readonly sslMode?: string;

  /**
   * Certificates of the authorities that the server's certificate may come from.
   *
   * @default - the server is not verified
   */
  readonly sslRootCert?: SecretKey;

  /**
   * The client's certificate.
   *
   * @default - none
   */
  readonly sslCert?: SecretKey;

  /**
   * The key of the client's certificate.
   *
   * @default - none
   */
  readonly sslKey?: SecretKey;

  /**
   * Its `max_connections`.
   *
   * @default - unknown
   */
  readonly maxConnections?: number;
}

const NAMES: PropNames<PostgresProps> = {
  cidrs: 'a list of texts',
  database: true,
  host: true,
  maxConnections: 'a number',
  password: true,
  port: true,
  sslCert: true,
  sslKey: true,
  sslMode: 'a text',
  sslRootCert: true,
  user: true,
};

const VERIFYING = ['verify-ca', 'verify-full'];
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', ...VERIFYING];

/** True for a mode in which the server's certificate is looked at. */
export function verifies(sslMode: string | undefined): boolean {
  return VERIFYING.includes(sslMode ?? '');
}

/** Throws where the parts do not make a server; `path` is who takes them. */
export function checkPostgres(props: PostgresProps, path: string): void {
  checkPropNames(props, NAMES, path, 'PostgresProps');
  assertServer(props.host, props.port ?? 5432);
  assertLogin(props);
  const { sslMode, maxConnections } = props;
  if (maxConnections !== undefined && (!Number.isSafeInteger(maxConnections) || maxConnections < 1)) {
    throw new Error(`'maxConnections' must be a whole number of at least 1, got ${maxConnections}`);
  }
  if (props.password !== undefined || props.sslCert === undefined) { assertSecret('password', props.password); }
  for (const prop of ['sslRootCert', 'sslCert', 'sslKey'] as const) {
    if (props[prop] !== undefined) { assertSecret(prop, props[prop]); }
  }
  if (sslMode !== undefined && !SSL_MODES.includes(sslMode)) {
    throw new Error(`'sslMode' must be one of ${SSL_MODES.map(m => `'${m}'`).join(', ')}, got '${sslMode}'`);
  }
  if (verifies(sslMode) !== (props.sslRootCert !== undefined)) {
    throw new Error(verifies(sslMode)
      ? `'sslMode' '${sslMode}' needs 'sslRootCert', the certificates of the server's authority, such as SecretRef.existing('airflow-database', 'ca.crt')`
      : `'sslRootCert' verifies the server in the modes 'verify-ca' and 'verify-full', got 'sslMode' '${sslMode ?? 'prefer'}'; set 'verify-full'`);
  }
  assertPair('sslCert', 'sslKey', props);
  if (props.sslCert !== undefined && sslMode !== 'require' && !verifies(sslMode)) {
    throw new Error(`'sslCert' needs TLS in any case, got 'sslMode' '${sslMode ?? 'prefer'}'; set 'verify-full', or 'require'`);
  }
}

/** The server of checked parts. `id` and `purpose` begin the names of what the references emit, such as `Database` and `database`. */
export function bindPostgres(props: PostgresProps, scope: Construct, identity: DeploymentIdentity, id: string, purpose: string): PostgresServer {
  const bind = (secret: SecretRef | undefined, part: string) => secret?.bind(scope, `${id}${part}`,
    `${purpose}${part.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`, identity);
  const { host, port = 5432, database = 'airflow', user = 'airflow', sslMode } = props;
  const cidrs = rangesOf(host, props.cidrs);
  return {
    host,
    port,
    ...(cidrs ? { cidrs } : {}),
    database,
    ...(typeof user === 'string' ? { user } : { userSecret: bind(user, 'User') }),
    password: bind(props.password, 'Password'),
    maxConnections: props.maxConnections,
    sslMode,
    sslRootCert: bind(props.sslRootCert, 'SslRootCert'),
    sslCert: bind(props.sslCert, 'SslCert'),
    sslKey: bind(props.sslKey, 'SslKey'),
  };
}

/** The files of a server's TLS in a pod, in `/etc/<volume>`. */
export function postgresTls(server: PostgresServer, volume: string): Parts {
  return tlsParts(volume, `/etc/${volume}`, filesOf(server));
}

/** Variables with the parts, each beginning with the prefix. */
export function postgresParts(prefix: string, server: PostgresServer): Wire[] {
  const literal = (name: string, value: string) => ({ name: `${prefix}_${name}`, value });
  return [
    literal('HOST', server.host),
    literal('PORT', String(server.port)),
    literal('NAME', server.database),
    server.userSecret ? secretEnv(`${prefix}_USER`, server.userSecret) : literal('USER', server.user ?? 'airflow'),
    ...(server.password ? [secretEnv(`${prefix}_PASSWORD`, server.password)] : []),
    ...(server.sslMode === undefined ? [] : [literal('SSLMODE', server.sslMode)]),
  ];
}

/**
 * The command that prints the URL of {@link postgresParts}. Airflow runs it without a shell wherever it needs the URL, so that probes and `kubectl exec`
 * have it, too. Quotes: Airflow splits it with shlex.
 */
export function postgresUrl(prefix: string, server: PostgresServer, volume: string, driver: 'psycopg2' | 'asyncpg',
  { database, scheme = 'postgresql' }: { readonly database?: string; readonly scheme?: string } = {}): string {
  const { ca, certificate, key } = tlsPaths(`/etc/${volume}`, filesOf(server));
  const files = Object.entries({ sslrootcert: ca, sslcert: certificate, sslkey: key }).filter(([, path]) => path !== undefined)
    .map(([name, path]) => `&${name}=${path}`).join('');
  // asyncpg takes a mode by another name, and files as part of a URL of its own.
  const [before, after] = driver === 'psycopg2' ? ['?sslmode=', files]
    : files === '' ? ['?ssl=', ''] : [`?dsn=${encodeURIComponent('postgresql://?sslmode=')}`, encodeURIComponent(files)];
  return `python -c '${[
    'import os',
    'from urllib.parse import quote as q',
    `e = lambda n: q(os.environ.get("${prefix}_" + n, ""), safe="")`,
    // A v6 address stands in brackets.
    `h = os.environ["${prefix}_HOST"]`,
    's = e("SSLMODE")',
    `print("${scheme}+${driver}://" + e("USER") + ":" + e("PASSWORD") + "@" + ("[" + h + "]" if ":" in h else h) + ":" + e("PORT") + "/" + `
      + `${database === undefined ? 'e("NAME")' : `"${database}"`} `
      + `+ ("${before}" + s${after === '' ? '' : ` + "${after}"`} if s else ""), end="")`,
  ].join('; ')}'`;
}

function filesOf({ sslRootCert, sslCert, sslKey }: PostgresServer) {
  return { ca: sslRootCert, certificate: sslCert, key: sslKey };
}
