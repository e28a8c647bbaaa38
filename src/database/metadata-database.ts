import { Construct } from 'constructs';
import { developmentPostgres, developmentPostgresName, DevelopmentPostgresProps } from './development-postgres';
import { MetadataDatabaseContext } from './metadata-database-context';
import { mySqlBinding } from './private/mysql-binding';
import { postgresBinding } from './private/postgres-binding';
import { NetworkPeer } from '../airflow/deployment-identity';
import { checkMySql, MySqlProps } from '../airflow/mysql';
import { bindPostgres, checkPostgres, PostgresProps, PostgresServer } from '../airflow/postgres';
import { SecretKey, SecretRef } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { checkPropNames } from '../private/known-props';
import { warnAtSynth } from '../private/warnings';

/** What a metadata database gives a deployment. */
export interface MetadataDatabaseBinding {
  /** Environment variables, as wire JSON, of every container that may open the database. */
  readonly env: { [key: string]: any }[];
  /**
   * Mounts of these containers, as wire JSON.
   *
   * @default - none
   */
  readonly volumeMounts?: { [key: string]: any }[];
  /**
   * Volumes of these mounts, as wire JSON.
   *
   * @default - none
   */
  readonly volumes?: { [key: string]: any }[];
  /** Where it is. */
  readonly peer: NetworkPeer;
  /**
   * The server, where it is a PostgreSQL.
   *
   * @default - PgBouncer cannot stand before it
   */
  readonly postgres?: PostgresServer;
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

/** The databases that Airflow is supported on. */
export class MetadataDatabase {
  /** PostgreSQL. Airflow's URL never stands in a manifest: `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD` assembles it from its parts in the pod. */
  public static postgres(props: PostgresProps): IMetadataDatabase {
    checkPostgres(props, 'MetadataDatabase.postgres');
    return {
      bind: (scope, context) => postgresBinding(bindPostgres(props, scope, context, 'Database', 'database'), context),
    };
  }

  /**
   * MySQL. The URL is assembled in the pod as that of PostgreSQL is. It has not been run: there was no image with its drivers.
   *
   * @see https://airflow.apache.org/docs/apache-airflow/stable/howto/set-up-database.html#setting-up-a-mysql-database
   */
  public static mySql(props: MySqlProps): IMetadataDatabase {
    checkMySql(props, 'MetadataDatabase.mySql');
    return { bind: (scope, context) => mySqlBinding(props, scope, context) };
  }

  /**
   * A PostgreSQL of one pod beside Airflow, called `<name>-postgres`. It is for development: nothing backs it up, and an update of the node is an outage.
   * Its image is `images.postgres`.
   */
  public static developmentPostgres(props: DevelopmentPostgresProps): IMetadataDatabase {
    checkPropNames(props, { password: true, storage: true }, 'MetadataDatabase.developmentPostgres', 'DevelopmentPostgresProps');
    assertSecret('password', props.password);
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
