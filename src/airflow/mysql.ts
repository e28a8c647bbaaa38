import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from './deployment-identity';
import { SecretKey, SecretRef, secretEnv } from './secret-ref';
import { assertLogin, assertServer, rangesOf } from './server-address';
import { assertPair, assertSecret, tlsParts, tlsPaths } from './tls-files';
import { AirflowVersion } from './version';
import { Parts } from '../private/component-graph';
import { checkPropNames, PropNames } from '../private/known-props';

/** A MySQL server (8.0 or newer) in parts; the URL is assembled inside the pod. The image needs `mysqlclient`, for Airflow 3 also `aiomysql`. */
export interface MySqlProps {
  /** Host name or address. */
  readonly host: string;

  /**
   * TCP port.
   *
   * @default 3306
   */
  readonly port?: number;

  /**
   * Name of the database, of the character set utf8mb4.
   *
   * @default 'airflow'
   */
  readonly database?: string;

  /**
   * User to log in as.
   *
   * @default 'airflow'
   */
  readonly user?: string | SecretRef;

  /** The user's password. */
  readonly password: SecretRef;

  /**
   * How TLS is used, in MySQL's words. Airflow 2 only: aiomysql, the second driver of Airflow 3, cannot be told of TLS by a URL.
   *
   * @default - the client's own: `PREFERRED`
   * @see https://dev.mysql.com/doc/refman/8.0/en/connection-options.html#option_general_ssl-mode
   */
  readonly sslMode?: 'DISABLED' | 'PREFERRED' | 'REQUIRED' | 'VERIFY_CA' | 'VERIFY_IDENTITY';

  /**
   * Certificates (PEM) of the authorities that the server's certificate may come from; required by `VERIFY_CA` and `VERIFY_IDENTITY`.
   *
   * @default - the server is not verified
   */
  readonly sslCa?: SecretRef;

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
}

const NAMES: PropNames<MySqlProps> = {
  cidrs: 'a list of texts',
  database: true,
  host: true,
  password: true,
  port: true,
  sslCa: true,
  sslCert: true,
  sslKey: true,
  sslMode: 'a text',
  user: true,
};

const VERIFYING = ['VERIFY_CA', 'VERIFY_IDENTITY'];
const SSL_MODES = ['DISABLED', 'PREFERRED', 'REQUIRED', ...VERIFYING];

/** Throws where the parts do not make a server; `path` is who takes them. */
export function checkMySql(props: MySqlProps, path: string): void {
  checkPropNames(props, NAMES, path, 'MySqlProps');
  assertServer(props.host, props.port ?? 3306);
  assertLogin(props);
  assertSecret('password', props.password);
  const { sslMode } = props;
  for (const prop of ['sslCa', 'sslCert', 'sslKey'] as const) { if (props[prop] !== undefined) { assertSecret(prop, props[prop]); } }
  if (sslMode !== undefined && !SSL_MODES.includes(sslMode)) {
    throw new Error(`'sslMode' must be one of ${SSL_MODES.map(m => `'${m}'`).join(', ')}, got '${sslMode}'`);
  }
  const verifies = VERIFYING.includes(sslMode ?? '');
  if (verifies !== (props.sslCa !== undefined)) {
    throw new Error(verifies ? `'sslMode' '${sslMode}' needs 'sslCa', the certificates of the server's authority`
      : `'sslCa' verifies the server in the modes 'VERIFY_CA' and 'VERIFY_IDENTITY', got 'sslMode' '${sslMode ?? 'PREFERRED'}'; set 'VERIFY_IDENTITY'`);
  }
  assertPair('sslCert', 'sslKey', props);
  if (props.sslCert !== undefined && !verifies && sslMode !== 'REQUIRED') {
    throw new Error(`'sslCert' needs TLS in any case, got 'sslMode' '${sslMode ?? 'PREFERRED'}'; set 'VERIFY_IDENTITY', or 'REQUIRED'`);
  }
}

/** A server of MySQL whose secrets are where containers find them. */
export interface MySqlServer {
  readonly peer: NetworkPeer;
  readonly parts: Parts;
  readonly database: string;
  /** The name, or the Secret that holds it. */
  readonly user: string | SecretKey;
  readonly password: SecretKey;
}

/** What else a server of checked parts is bound with. */
export interface MySqlOptions {
  /** Begin the names of what the references emit. */
  readonly id: string;
  readonly purpose: string;
  /** Of the variables with the parts. */
  readonly prefix: string;
  /** The variable with the command that prints the URL, and what the URL begins with. */
  readonly variable: string;
  readonly scheme: string;
}

/** The server of checked parts. */
export function bindMySql(props: MySqlProps, scope: Construct, identity: DeploymentIdentity, options: MySqlOptions): MySqlServer {
  const { id, purpose, prefix } = options;
  const { host, port = 3306, database = 'airflow', sslMode } = props;
  const bind = (secret: SecretRef | undefined, part: string) => secret?.bind(scope, `${id}${part}`,
    `${purpose}${part.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`, identity);
  const user = typeof props.user === 'object' ? bind(props.user, 'User')! : props.user ?? 'airflow';
  const password = bind(props.password, 'Password')!;
  const files = { ca: bind(props.sslCa, 'SslCa'), certificate: bind(props.sslCert, 'SslCert'), key: bind(props.sslKey, 'SslKey') };
  const volume = `${purpose}-tls`;
  const { ca, certificate, key } = tlsPaths(`/etc/${volume}`, files);
  const query = Object.entries({ charset: 'utf8mb4', ssl_mode: sslMode, ssl_ca: ca, ssl_cert: certificate, ssl_key: key })
    .filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`).join('&');
  const cidrs = rangesOf(host, props.cidrs);
  return {
    peer: { host, port, ...(cidrs ? { cidrs } : {}) },
    database,
    user,
    password,
    parts: {
      env: [
        { name: `${prefix}_HOST`, value: host },
        { name: `${prefix}_PORT`, value: String(port) },
        { name: `${prefix}_NAME`, value: database },
        typeof user === 'string' ? { name: `${prefix}_USER`, value: user } : secretEnv(`${prefix}_USER`, user),
        secretEnv(`${prefix}_PASSWORD`, password),
        { name: options.variable, value: urlCommand(prefix, options.scheme, query) },
      ],
      ...tlsParts(volume, `/etc/${volume}`, files),
    },
  };
}

/** Throws where a version's drivers cannot speak TLS as the props say. */
export function assertMySqlTls(props: MySqlProps, version: AirflowVersion): void {
  if (props.sslMode === undefined || !version._features.asyncDatabase) { return; }
  throw new Error(`'sslMode' of MySQL cannot be kept on Airflow ${version}, whose second driver, aiomysql, cannot be told of TLS by a URL; `
    + 'remove it, use PostgreSQL, or a proxy that speaks TLS to the server');
}

// Airflow runs it without a shell; its own splitting is shlex.
function urlCommand(prefix: string, scheme: string, query: string): string {
  return `python -c '${[
    'import os',
    'from urllib.parse import quote as q',
    `e = lambda n: q(os.environ["${prefix}_" + n], safe="")`,
    `h = os.environ["${prefix}_HOST"]`,
    `print("${scheme}+mysqldb://" + e("USER") + ":" + e("PASSWORD") + "@" + ("[" + h + "]" if ":" in h else h) + ":" + e("PORT") + "/" + e("NAME") `
      + `+ "?${query}", end="")`,
  ].join('; ')}'`;
}
