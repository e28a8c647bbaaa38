import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from './deployment-identity';
import { bindMySql, checkMySql, MySqlProps } from './mysql';
import { bindPostgres, checkPostgres, postgresParts, PostgresProps, PostgresServer, postgresTls, postgresUrl } from './postgres';
import { SecretRef, secretEnv } from './secret-ref';
import { assertLogin, assertServer, rangesOf } from './server-address';
import { assertPair, assertSecret, tlsParts, tlsPaths } from './tls-files';
import { Parts } from '../private/component-graph';
import { checkPropNames, PropNames } from '../private/known-props';

/** A Redis server in parts; the URL is assembled inside the pod. */
export interface RedisProps {
  /** Host name or address. */
  readonly host: string;

  /**
   * TCP port.
   *
   * @default 6379
   */
  readonly port?: number;

  /**
   * Number of the database in it.
   *
   * @default 0
   */
  readonly database?: number;

  /**
   * User of Redis' access control lists.
   *
   * @default - Redis' own default user
   */
  readonly user?: string | SecretRef;

  /**
   * The password.
   *
   * @default - none: anybody who reaches the server may use it
   */
  readonly password?: SecretRef;

  /**
   * TLS: the server's certificate and its name are verified.
   *
   * @default - true where `sslRootCert` is given
   */
  readonly ssl?: boolean;

  /**
   * Certificates (PEM) of the authorities that the server's certificate may come from.
   *
   * @default - with `ssl`, those of the image
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
   * Address ranges that the server is in: components may then reach only these.
   *
   * @default - the host where it is an address; otherwise components may open the port at any address
   */
  readonly cidrs?: string[];
}

/** A RabbitMQ server in parts; the URL is assembled inside the pod. */
export interface RabbitMqProps {
  /** Host name or address. */
  readonly host: string;

  /**
   * TCP port.
   *
   * @default 5672; with TLS 5671
   */
  readonly port?: number;

  /**
   * The virtual host.
   *
   * @default '/'
   */
  readonly virtualHost?: string;

  /**
   * User to log in as.
   *
   * @default 'airflow'
   */
  readonly user?: string | SecretRef;

  /** Its password. */
  readonly password: SecretRef;

  /**
   * TLS: the server's certificate and its name are verified.
   *
   * @default - true where `sslRootCert` is given
   */
  readonly ssl?: boolean;

  /**
   * Certificates (PEM) of the authorities that the server's certificate may come from.
   *
   * @default - with `ssl`, those of the image
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
   * Address ranges that the server is in: components may then reach only these.
   *
   * @default - the host where it is an address; otherwise components may open the port at any address
   */
  readonly cidrs?: string[];
}

/**
 * What a server of Celery gives a deployment.
 *
 * @internal
 */
export interface CeleryServerBinding {
  /** Environment variables and files, as wire JSON, of the scheduler and the workers. */
  readonly parts: Parts;
  readonly peer: NetworkPeer;
  /** `[celery] extra_celery_config`. */
  readonly extraConfig?: { [key: string]: any };
  /** The server, where PgBouncer may stand before it. */
  readonly postgres?: PostgresServer;
}

type Bind = (scope: Construct, identity: DeploymentIdentity) => CeleryServerBinding;

const REDIS: PropNames<RedisProps> = {
  cidrs: 'a list of texts', database: 'a number', host: true, password: true, port: true, ssl: 'true or false', sslCert: true, sslKey: true, sslRootCert: true, user: true,
};
const RABBIT_MQ: PropNames<RabbitMqProps> = {
  cidrs: 'a list of texts', host: true, password: true, port: true, ssl: 'true or false', sslCert: true, sslKey: true, sslRootCert: true, user: true, virtualHost: 'a text',
};

/** Where CeleryExecutor leaves tasks for the workers to take. */
export class CeleryBroker {
  /** Redis. A task that runs longer than `[celery_broker_transport_options] visibility_timeout`, of a day, is given out a second time. */
  public static redis(props: RedisProps): CeleryBroker {
    checkPropNames(props, REDIS, 'CeleryBroker.redis', 'RedisProps');
    return new CeleryBroker('redis', bindRedis('BROKER', 'AIRFLOW__CELERY__BROKER_URL_CMD', props));
  }

  /**
   * A Redis that the deployment runs itself, for development: one pod without a volume, so that tasks that wait in it are lost with it. Its password is
   * made in the cluster once, in the Secret `<name>-broker-password`.
   */
  public static developmentRedis(): CeleryBroker {
    return new CeleryBroker('redis', (scope, identity) => bindRedis('BROKER', 'AIRFLOW__CELERY__BROKER_URL_CMD', {
      host: `${identity.name}-redis`, password: SecretRef.existing(`${identity.name}-broker-password`, 'broker-password'),
    })(scope, identity), true);
  }

  /** RabbitMQ. */
  public static rabbitMq(props: RabbitMqProps): CeleryBroker {
    checkPropNames(props, RABBIT_MQ, 'CeleryBroker.rabbitMq', 'RabbitMqProps');
    assertSecret('password', props.password, 'airflow-broker');
    return new CeleryBroker('amqp', bindServer('BROKER', 'AIRFLOW__CELERY__BROKER_URL_CMD', {
      ...props, scheme: 'amqp', port: props.port ?? (usesTls(props) ? 5671 : 5672), path: props.virtualHost ?? '/', user: props.user ?? 'airflow',
    }));
  }

  /** @internal */
  public readonly _scheme: string;

  /**
   * True where the deployment runs it.
   *
   * @internal
   */
  public readonly _own: boolean;

  /** @internal */
  public readonly _bind: Bind;

  private constructor(scheme: string, bind: Bind, own = false) {
    this._scheme = scheme;
    this._own = own;
    this._bind = bind;
  }
}

/** Where Celery keeps how a task ended, instead of the metadata database. */
export class CeleryResultBackend {
  /** A PostgreSQL of its own; Celery makes its tables there. With `pgbouncer` the deployment reaches it through that. */
  public static postgres(props: PostgresProps): CeleryResultBackend {
    checkPostgres(props, 'CeleryResultBackend.postgres');
    return new CeleryResultBackend((scope, identity) => postgresResults(bindPostgres(props, scope, identity, 'ResultBackend', 'result-backend')));
  }

  /** A MySQL of its own; Celery makes its tables there. */
  public static mySql(props: MySqlProps): CeleryResultBackend {
    checkMySql(props, 'CeleryResultBackend.mySql');
    return new CeleryResultBackend((scope, identity) => bindMySql(props, scope, identity, {
      id: 'ResultBackend',
      purpose: 'result-backend',
      prefix: 'CELERY_RESULT_BACKEND',
      variable: 'AIRFLOW__CELERY__RESULT_BACKEND_CMD',
      scheme: 'db+mysql',
    }));
  }

  /** Redis, which may be the broker's. */
  public static redis(props: RedisProps): CeleryResultBackend {
    checkPropNames(props, REDIS, 'CeleryResultBackend.redis', 'RedisProps');
    return new CeleryResultBackend(bindRedis('RESULT_BACKEND', 'AIRFLOW__CELERY__RESULT_BACKEND_CMD', props));
  }

  /** @internal */
  public readonly _bind: Bind;

  private constructor(bind: Bind) {
    this._bind = bind;
  }
}

/** What Celery needs to keep results on a PostgreSQL. */
export function postgresResults(server: PostgresServer): CeleryServerBinding {
  const { host, port, cidrs } = server;
  const [prefix, volume] = ['CELERY_RESULT_BACKEND', 'celery-result-backend-tls'];
  return {
    parts: {
      env: [
        ...postgresParts(prefix, server),
        { name: 'AIRFLOW__CELERY__RESULT_BACKEND_CMD', value: postgresUrl(prefix, server, volume, 'psycopg2', { scheme: 'db+postgresql' }) },
      ],
      ...postgresTls(server, volume),
    },
    peer: { host, port, ...(cidrs ? { cidrs } : {}) },
    postgres: server,
  };
}

// Airflow runs it without a shell wherever it needs the URL, so that probes and `kubectl exec` have it, too. Quotes: Airflow splits it with shlex.
const URL_COMMAND = (prefix: string, scheme: string, query: string) => `python -c '${[
  'import os',
  'from urllib.parse import quote as q',
  `e = lambda n: q(os.environ.get("${prefix}_" + n, ""), safe="")`,
  `h = os.environ["${prefix}_HOST"]`,
  // A v6 address stands in brackets; without user and password there is nothing to stand before the host.
  `print("${scheme}://" + (e("USER") + ":" + e("PASSWORD") + "@" if e("USER") + e("PASSWORD") else "") `
    + `+ ("[" + h + "]" if ":" in h else h) + ":" + e("PORT") + "/" + e("PATH")${query === '' ? '' : ` + "${query}"`}, end="")`,
].join('; ')}'`;

interface Server {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** What stands behind the slash. */
  readonly path: string;
  readonly user?: string | SecretRef;
  readonly password?: SecretRef;
  readonly cidrs?: string[];
  readonly ssl?: boolean;
  readonly sslRootCert?: SecretRef;
  readonly sslCert?: SecretRef;
  readonly sslKey?: SecretRef;
}

const TLS_PROPS = ['sslRootCert', 'sslCert', 'sslKey'] as const;

/** Throws for files without TLS; true where there is TLS. */
function usesTls(server: Pick<Server, 'ssl' | typeof TLS_PROPS[number]>): boolean {
  TLS_PROPS.forEach(prop => { if (server[prop] !== undefined) { assertSecret(prop, server[prop], 'airflow-broker'); } });
  assertPair('sslCert', 'sslKey', server);
  const { ssl = server.sslRootCert !== undefined } = server;
  const given = TLS_PROPS.find(prop => server[prop] !== undefined);
  if (!ssl && given) { throw new Error(`'${given}' is for TLS, and 'ssl' is ${server.ssl ?? 'not set'}; set it to true`); }
  return ssl;
}

function bindRedis(name: string, variable: string, props: RedisProps): Bind {
  const { database = 0 } = props;
  if (!Number.isInteger(database) || database < 0) { throw new Error(`'database' must be a whole number of at least 0, got ${database}`); }
  if (props.password === undefined && props.user !== undefined) { throw new Error("'user' needs a 'password'; give it as a SecretRef"); }
  if (props.password !== undefined) { assertSecret('password', props.password, 'airflow-broker'); }
  return bindServer(name, variable, { ...props, scheme: usesTls(props) ? 'rediss' : 'redis', port: props.port ?? 6379, path: String(database) });
}

function bindServer(name: string, variable: string, server: Server): Bind {
  const { scheme, host, port, path, user, password } = server;
  assertServer(host, port);
  assertLogin({ user });
  const tls = usesTls(server);
  const ranges = rangesOf(host, server.cidrs);
  const prefix = `CELERY_${name}`;
  const purpose = name.toLowerCase().replace(/_/g, '-');
  const id = name === 'BROKER' ? 'Broker' : 'ResultBackend';
  return (scope, identity) => {
    const bind = (prop: typeof TLS_PROPS[number], file: string, end: string) => server[prop]?.bind(scope, `${id}${file}`, `${purpose}-${end}`, identity);
    const files = { ca: bind('sslRootCert', 'SslRootCert', 'ssl-root-cert'), certificate: bind('sslCert', 'SslCert', 'ssl-cert'), key: bind('sslKey', 'SslKey', 'ssl-key') };
    const volume = `celery-${purpose}-tls`;
    const { ca, certificate, key } = tlsPaths(`/etc/${volume}`, files);
    return {
      parts: {
        env: [
          { name: `${prefix}_HOST`, value: host },
          { name: `${prefix}_PORT`, value: String(port) },
          { name: `${prefix}_PATH`, value: path },
          ...(user === undefined ? [] : [typeof user === 'string'
            ? { name: `${prefix}_USER`, value: user }
            : secretEnv(`${prefix}_USER`, user.bind(scope, `${id}User`, `${purpose}-user`, identity))]),
          ...(password ? [secretEnv(`${prefix}_PASSWORD`, password.bind(scope, `${id}Password`, `${purpose}-password`, identity))] : []),
          { name: variable, value: URL_COMMAND(prefix, scheme, scheme === 'rediss' ? redisQuery(ca, certificate, key) : '') },
        ],
        ...tlsParts(volume, `/etc/${volume}`, files),
      },
      peer: { host, port, ...(ranges ? { cidrs: ranges } : {}) },
      // The transport of AMQP takes nothing from a URL, and [celery] ssl_active demands a certificate of the client on older providers. 2: CERT_REQUIRED.
      ...(tls && scheme === 'amqp' ? {
        extraConfig: {
          broker_use_ssl: {
            cert_reqs: 2, server_hostname: host, ...(ca ? { ca_certs: ca } : {}), ...(certificate ? { certfile: certificate, keyfile: key } : {}),
          },
        },
      } : {}),
    };
  };
}

function redisQuery(ca?: string, certificate?: string, key?: string): string {
  const files = Object.entries({ ssl_ca_certs: ca, ssl_certfile: certificate, ssl_keyfile: key }).filter(([, path]) => path !== undefined);
  return `?ssl_cert_reqs=required&ssl_check_hostname=true${files.map(([name, path]) => `&${name}=${path}`).join('')}`;
}
