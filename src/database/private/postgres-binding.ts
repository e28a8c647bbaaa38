import { PostgresServer, postgresParts, postgresTls, postgresUrl, verifies } from '../../airflow/postgres';
import { hostFrom } from '../../airflow/server-address';
import { MetadataDatabaseBinding, MetadataDatabaseContext } from '../metadata-database-binding';

const PREFIX = 'METADATA_DB';
const VOLUME = 'database-tls';

/**
 * What Airflow needs to open a metadata database on a PostgreSQL.
 *
 * @param asyncDatabase the database of asyncpg, where it is another one
 */
export function postgresBinding(server: PostgresServer, context: MetadataDatabaseContext, asyncDatabase?: string): MetadataDatabaseBinding {
  const { host, port, cidrs, sslMode } = server;
  return {
    env: [
      ...postgresParts(PREFIX, server),
      { name: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD', value: postgresUrl(PREFIX, server, VOLUME, 'psycopg2') },
      // Airflow's own conversion of the URL above keeps libpq's words, which asyncpg does not know.
      ...((sslMode === undefined && asyncDatabase === undefined) || !context.version._features.asyncDatabase ? [] : [{
        name: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD',
        value: postgresUrl(PREFIX, server, VOLUME, 'asyncpg', { database: asyncDatabase }),
      }]),
    ],
    ...postgresTls(server, VOLUME),
    peer: { host, port, ...(cidrs ? { cidrs } : {}) },
    postgres: server,
    ...(server.password && !server.sslCert ? {
      keda: {
        type: 'postgresql',
        targetKey: 'targetQueryValue',
        metadata: {
          host: hostFrom(host, context.namespace),
          port: String(port),
          dbName: server.database,
          // Its scaler can be given no certificate authority.
          sslmode: verifies(sslMode) ? 'require' : sslMode ?? 'prefer',
          ...(server.userSecret ? {} : { userName: server.user! }),
        },
        secrets: { password: server.password, ...(server.userSecret ? { userName: server.userSecret } : {}) },
      },
    } : {}),
  };
}
