import { isIP } from 'node:net';
import { Construct } from 'constructs';
import { developmentPostgres, developmentPostgresName, DevelopmentPostgresProps } from './development-postgres';
import { MetadataDatabaseContext } from './metadata-database-context';
import { NetworkPeer } from '../airflow/deployment-identity';
import { SecretKey, SecretRef, secretEnv } from '../airflow/secret-ref';
import { checkPropNames, PropNames } from '../private/known-props';
import { warnAtSynth } from '../private/warnings';

/** What a metadata database gives a deployment. */
export interface MetadataDatabaseBinding {
  /** Environment variables, as wire JSON, of every container that may open the database. */
  readonly env: { [key: string]: any }[];
  /** Where it is. */
  readonly peer: NetworkPeer;
  /**
   * How KEDA asks it.
   *
   * @default - it cannot: no component may be scaled by KEDA
   */
  readonly keda?: KedaDatabase;
}

/** A trigger of KEDA without its query. */
export interface KedaDatabase {
  /** Type of the trigger, such as `postgresql`. */
  readonly type: string;
  /** Its metadata without the query, such as `host`; a Service of the deployment's namespace with the namespace, because KEDA runs in another one. */
  readonly metadata: { [key: string]: string };
  /** Parameters from Secrets of the deployment's namespace. */
  readonly secrets: { [parameter: string]: SecretKey };
  /** Name of the metadata entry to which the query's result is compared. */
  readonly targetKey: string;
}

/** Airflow's metadata database. */
export interface IMetadataDatabase {
  /** Emits what the database needs, once for each deployment. */
  bind(scope: Construct, identity: MetadataDatabaseContext): MetadataDatabaseBinding;
}

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

  /** Its password. */
  readonly password: SecretRef;

  /**
   * How TLS is used, in libpq's words.
   *
   * @default - libpq's own: `prefer`
   * @see https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
   */
  readonly sslMode?: 'disable' | 'allow' | 'prefer' | 'require';

  /**
   * Address ranges that the server is in: components may then reach only these, and task pods may not.
   *
   * @default - the host where it is an address; otherwise components may open the port at any address
   */
  readonly cidrs?: string[];
}

const SSL_MODES = ['disable', 'allow', 'prefer', 'require'];

// Airflow runs it without a shell wherever it needs the URL, so that probes and `kubectl exec` have it, too. Quotes: Airflow splits it with shlex.
const URL_COMMAND = (scheme: string, sslKey: string) => `python -c '${[
  'import os',
  'from urllib.parse import quote as q',
  'e = lambda n: q(os.environ.get("METADATA_DB_" + n, ""), safe="")',
  // A v6 address stands in brackets.
  'h = os.environ["METADATA_DB_HOST"]',
  's = e("SSLMODE")',
  `print("${scheme}://" + e("USER") + ":" + e("PASSWORD") + "@" + ("[" + h + "]" if ":" in h else h) + ":" + e("PORT") + "/" + e("NAME") ` +
    `+ ("?${sslKey}=" + s if s else ""), end="")`,
].join('; ')}'`;

const POSTGRES: PropNames<PostgresProps> = {
  cidrs: true,
  database: true,
  host: true,
  password: true,
  port: true,
  sslMode: true,
  user: true,
};

/** The databases that Airflow is supported on. */
export class MetadataDatabase {
  /** PostgreSQL. Airflow's URL never stands in a manifest: `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD` assembles it from its parts in the pod. */
  public static postgres(props: PostgresProps): IMetadataDatabase {
    checkPropNames(props, POSTGRES, 'MetadataDatabase.postgres', 'PostgresProps');
    const port = props.port ?? 5432;
    if (typeof props.host !== 'string' || !/^[\w.:-]+$/.test(props.host)) {
      throw new Error(`'host' must be a host name or an address, got '${props.host}'; port, user and database are props of their own`);
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) { throw new Error(`'port' must be a number from 1 to 65535, got ${port}`); }
    if (typeof props.password !== 'object') {
      throw new Error("'password' must be a SecretRef, such as SecretRef.existing('airflow-database', 'password'); a literal would be readable in the manifest");
    }
    if (props.sslMode !== undefined && !SSL_MODES.includes(props.sslMode)) {
      const hint = `${props.sslMode}`.startsWith('verify-') ? '; to verify the server every pod would need the certificate of its authority, which cannot be given yet' : '';
      throw new Error(`'sslMode' must be one of ${SSL_MODES.map(m => `'${m}'`).join(', ')}, got '${props.sslMode}'${hint}`);
    }
    const family = isIP(props.host);
    const cidrs = props.cidrs ?? (family === 0 ? undefined : [`${props.host}/${family === 4 ? 32 : 128}`]);
    return {
      bind: (scope, identity) => {
        const user = props.user ?? 'airflow';
        const literal = (name: string, value: string) => ({ name: `METADATA_DB_${name}`, value });
        const userKey = typeof user === 'string' ? undefined : user.bind(scope, 'DatabaseUser', 'database-user', identity);
        const passwordKey = props.password.bind(scope, 'DatabasePassword', 'database-password', identity);
        return {
          env: [
            literal('HOST', props.host),
            literal('PORT', String(port)),
            literal('NAME', props.database ?? 'airflow'),
            userKey ? secretEnv('METADATA_DB_USER', userKey) : literal('USER', user as string),
            secretEnv('METADATA_DB_PASSWORD', passwordKey),
            ...(props.sslMode === undefined ? [] : [literal('SSLMODE', props.sslMode)]),
            { name: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD', value: URL_COMMAND('postgresql+psycopg2', 'sslmode') },
            // asyncpg calls it otherwise, and Airflow's own conversion of the URL above keeps libpq's word.
            ...(props.sslMode === undefined ? []
              : [{ name: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD', value: URL_COMMAND('postgresql+asyncpg', 'ssl') }]),
          ],
          peer: { host: props.host, port, ...(cidrs ? { cidrs } : {}) },
          keda: {
            type: 'postgresql',
            targetKey: 'targetQueryValue',
            metadata: {
              host: family === 0 && !props.host.includes('.') ? `${props.host}.${identity.namespace}.svc` : props.host,
              port: String(port),
              dbName: props.database ?? 'airflow',
              sslmode: props.sslMode ?? 'prefer',
              ...(userKey ? {} : { userName: user as string }),
            },
            secrets: { password: passwordKey, ...(userKey ? { userName: userKey } : {}) },
          },
        };
      },
    };
  }

  /**
   * A PostgreSQL of one pod beside Airflow, called `<name>-postgres`. It is for development: nothing backs it up, and an update of the node is an outage.
   * Its image is `images.postgres`.
   */
  public static developmentPostgres(props: DevelopmentPostgresProps): IMetadataDatabase {
    if (typeof props.password !== 'object') {
      throw new Error("'password' must be a SecretRef, such as SecretRef.existing('airflow-database', 'password'); a literal would be readable in the manifest");
    }
    if (props.storage !== undefined && !/^[1-9]\d*([KMGT]i?)?$/.test(props.storage)) {
      throw new Error(`'storage' must be a quantity such as '8Gi', got '${props.storage}'`);
    }
    return {
      bind: (scope, identity) => {
        const { name, key } = props.password.bind(scope, 'DatabasePassword', 'database-password', identity);
        developmentPostgres(scope, identity, { name, key }, props.storage);
        warnAtSynth(scope, 'the database is a PostgreSQL of one pod, for development; use MetadataDatabase.postgres for anything that has to stay');
        return MetadataDatabase.postgres({ host: developmentPostgresName(identity), password: SecretRef.existing(name, key) }).bind(scope, identity);
      },
    };
  }

  private constructor() {}
}
