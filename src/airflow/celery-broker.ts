import { Construct } from 'constructs';
import { DeploymentIdentity, NetworkPeer } from './deployment-identity';
import { SecretRef, secretEnv } from './secret-ref';
import { assertServer, rangesOf } from './server-address';
import { assertSecret } from './tls-files';

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
   * @default 5672
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
  /** Environment variables, as wire JSON, of the scheduler and the workers. */
  readonly env: { [key: string]: any }[];
  readonly peer: NetworkPeer;
}

type Bind = (scope: Construct, identity: DeploymentIdentity) => CeleryServerBinding;

/** Where CeleryExecutor leaves tasks for the workers to take. */
export class CeleryBroker {
  /** Redis. A task that runs longer than `[celery_broker_transport_options] visibility_timeout`, of a day, is given out a second time. */
  public static redis(props: RedisProps): CeleryBroker {
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
    assertSecret('password', props.password, 'airflow-broker');
    return new CeleryBroker('amqp', bindServer('BROKER', 'AIRFLOW__CELERY__BROKER_URL_CMD', {
      ...props, scheme: 'amqp', port: props.port ?? 5672, path: props.virtualHost ?? '/', user: props.user ?? 'airflow',
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
  /** Redis, which may be the broker's. */
  public static redis(props: RedisProps): CeleryResultBackend {
    return new CeleryResultBackend(bindRedis('RESULT_BACKEND', 'AIRFLOW__CELERY__RESULT_BACKEND_CMD', props));
  }

  /** @internal */
  public readonly _bind: Bind;

  private constructor(bind: Bind) {
    this._bind = bind;
  }
}

// Airflow runs it without a shell wherever it needs the URL, so that probes and `kubectl exec` have it, too. Quotes: Airflow splits it with shlex.
const URL_COMMAND = (prefix: string, scheme: string) => `python -c '${[
  'import os',
  'from urllib.parse import quote as q',
  `e = lambda n: q(os.environ.get("${prefix}_" + n, ""), safe="")`,
  `h = os.environ["${prefix}_HOST"]`,
  // A v6 address stands in brackets; without user and password there is nothing to stand before the host.
  `print("${scheme}://" + (e("USER") + ":" + e("PASSWORD") + "@" if e("USER") + e("PASSWORD") else "") `
    + '+ ("[" + h + "]" if ":" in h else h) + ":" + e("PORT") + "/" + e("PATH"), end="")',
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
}

function bindRedis(name: string, variable: string, props: RedisProps): Bind {
  const { database = 0 } = props;
  if (!Number.isInteger(database) || database < 0) { throw new Error(`'database' must be a whole number of at least 0, got ${database}`); }
  if (props.password === undefined && props.user !== undefined) { throw new Error("'user' needs a 'password'; give it as a SecretRef"); }
  if (props.password !== undefined) { assertSecret('password', props.password, 'airflow-broker'); }
  return bindServer(name, variable, { ...props, scheme: 'redis', port: props.port ?? 6379, path: String(database) });
}

function bindServer(name: string, variable: string, { scheme, host, port, path, user, password, cidrs }: Server): Bind {
  assertServer(host, port);
  const ranges = rangesOf(host, cidrs);
  const prefix = `CELERY_${name}`;
  const purpose = name.toLowerCase().replace(/_/g, '-');
  const id = name === 'BROKER' ? 'Broker' : 'ResultBackend';
  return (scope, identity) => ({
    env: [
      { name: `${prefix}_HOST`, value: host },
      { name: `${prefix}_PORT`, value: String(port) },
      { name: `${prefix}_PATH`, value: path },
      ...(user === undefined ? [] : [typeof user === 'string'
        ? { name: `${prefix}_USER`, value: user }
        : secretEnv(`${prefix}_USER`, user.bind(scope, `${id}User`, `${purpose}-user`, identity))]),
      ...(password ? [secretEnv(`${prefix}_PASSWORD`, password.bind(scope, `${id}Password`, `${purpose}-password`, identity))] : []),
      { name: variable, value: URL_COMMAND(prefix, scheme) },
    ],
    peer: { host, port, ...(ranges ? { cidrs: ranges } : {}) },
  });
}
