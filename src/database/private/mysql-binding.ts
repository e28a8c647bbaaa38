import { Construct } from 'constructs';
import { assertMySqlTls, bindMySql, MySqlProps } from '../../airflow/mysql';
import { hostFrom } from '../../airflow/server-address';
import { MetadataDatabaseBinding, MetadataDatabaseContext } from '../metadata-database-binding';

/** What Airflow needs to open a metadata database on a MySQL. */
export function mySqlBinding(props: MySqlProps, scope: Construct, context: MetadataDatabaseContext): MetadataDatabaseBinding {
  assertMySqlTls(props, context.version);
  const { parts, peer, database, user, password } = bindMySql(props, scope, context, {
    id: 'Database', purpose: 'database', prefix: 'METADATA_DB', variable: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD', scheme: 'mysql',
  });
  // Its scaler speaks no TLS.
  const plain = props.sslMode === undefined || props.sslMode === 'DISABLED' || props.sslMode === 'PREFERRED';
  return {
    env: parts.env!,
    ...(parts.volumes ? { volumeMounts: parts.volumeMounts, volumes: parts.volumes } : {}),
    peer,
    ...(plain ? {
      keda: {
        type: 'mysql',
        targetKey: 'queryValue',
        metadata: {
          host: hostFrom(peer.host, context.namespace), port: String(peer.port), dbName: database, ...(typeof user === 'string' ? { username: user } : {}),
        },
        secrets: { password, ...(typeof user === 'string' ? {} : { username: user }) },
      },
    } : {}),
  };
}
