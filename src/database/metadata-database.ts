import { DEVELOPMENT_POSTGRES, developmentPostgres, developmentPostgresName, DevelopmentPostgresProps } from './development-postgres';
import { IMetadataDatabase } from './metadata-database-binding';
import { mySqlBinding } from './private/mysql-binding';
import { postgresBinding } from './private/postgres-binding';
import { checkMySql, MySqlProps } from '../airflow/mysql';
import { bindPostgres, checkPostgres, PostgresProps } from '../airflow/postgres';
import { SecretRef } from '../airflow/secret-ref';
import { assertSecret } from '../airflow/tls-files';
import { checkPropNames } from '../private/known-props';
import { warnAtSynth } from '../private/warnings';

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
    checkPropNames(props, { password: true, storage: 'a text' }, 'MetadataDatabase.developmentPostgres', 'DevelopmentPostgresProps');
    assertSecret('password', props.password);
    if (props.storage !== undefined && !/^[1-9]\d*([KMGT]i?)?$/.test(props.storage)) {
      throw new Error(`'storage' must be a quantity such as '8Gi', got '${props.storage}'`);
    }
    return {
      bind: (scope, identity) => {
        const { name, key } = props.password.bind(scope, 'DatabasePassword', 'database-password', identity);
        developmentPostgres(scope, identity, { name, key }, props.storage);
        warnAtSynth(scope, 'the database is a PostgreSQL of one pod, for development; use MetadataDatabase.postgres for anything that has to stay');
        const host = `${developmentPostgresName(identity)}${identity.taskNamespaces?.length ? `.${identity.namespace}` : ''}`;
        const server = MetadataDatabase.postgres({ host, password: SecretRef.existing(name, key) });
        return { ...server.bind(scope, identity), component: DEVELOPMENT_POSTGRES };
      },
    };
  }

  private constructor() {}
}
