import { entriesOf } from './configuration';
import { perProcess, uiProcesses } from './connections';
import { DeploymentContext } from './deployment-context';
import { DeploymentSecrets } from './deployment-secrets';
import { PgBouncer } from './pgbouncer';
import { PooledServer } from './pgbouncer-ini';
import { AirflowConfigText } from '../../airflow/config';
import { ImageCatalogue } from '../../airflow/image-catalogue';
import { MetadataDatabaseBinding, MetadataDatabaseContext } from '../../database/metadata-database-binding';
import { postgresBinding } from '../../database/private/postgres-binding';
import { ApiServerProps } from '../api-server-props';

/** The servers of a deployment, and who stands before them. */
export interface PooledServersOptions {
  readonly pgbouncer?: PgBouncer;
  readonly database: MetadataDatabaseBinding;
  readonly databaseContext: MetadataDatabaseContext;
  /** The result backend, where it is a PostgreSQL of its own. */
  readonly results: PooledServer[];
  readonly airflowCfg: AirflowConfigText;
  readonly apiServers: ApiServerProps;
  readonly images: Required<ImageCatalogue>;
  readonly imagePullSecrets: string[];
  readonly secrets: DeploymentSecrets;
}

/** How the components reach the metadata database: itself, or PgBouncer. */
export function pooledServers(options: PooledServersOptions): Pick<DeploymentContext, 'databaseParts' | 'database' | 'pgbouncer' | 'connectionLimits'> {
  const { pgbouncer, database, databaseContext } = options;
  const parts = ({ env, volumeMounts, volumes }: MetadataDatabaseBinding) => ({ env, volumeMounts, volumes });
  const maxConnections = database.postgres?.maxConnections;
  if (!pgbouncer) { return { databaseParts: parts(database), database: { kind: 'host', ...database.peer }, connectionLimits: { maxConnections } }; }
  const server = database.postgres;
  if (!server) { throw new Error("'pgbouncer' stands before a PostgreSQL, and 'database' is none; remove it, or use MetadataDatabase.postgres"); }
  const alias = `${databaseContext.name}-metadata`;
  const { asyncDatabase } = databaseContext.version._features;
  const metadata: PooledServer = {
    alias, server, poolSize: pgbouncer.metadataPoolSize, ...(asyncDatabase ? { asyncPoolSize: asyncPoolSize(options) } : {}),
  };
  const servers = [metadata, ...options.results];
  const password = pgbouncer.exports ? options.secrets.exporterPassword() : undefined;
  return {
    databaseParts: parts(postgresBinding(pgbouncer.stead(server, alias), databaseContext, `${alias}-async`)),
    database: pgbouncer.flow,
    pgbouncer: { ini: pgbouncer.ini(servers), component: pgbouncer.component(servers, options.images, options.imagePullSecrets, password) },
    connectionLimits: {
      maxConnections,
      pooled: { clients: pgbouncer.maxClientConn * pgbouncer.pods, servers: pgbouncer.pods * metadata.poolSize + (metadata.asyncPoolSize ?? 0) },
    },
  };
}

/** As many as the API servers may open: one that waits for a connection of its own gets none of those that others keep. */
function asyncPoolSize({ pgbouncer, apiServers, airflowCfg, databaseContext: { version } }: PooledServersOptions): number {
  const pods = apiServers.autoscaling?.maxReplicas ?? apiServers.replicas ?? 1;
  const read = entriesOf(airflowCfg, apiServers.env);
  const each = perProcess(read);
  return each === undefined ? pgbouncer!.maxClientConn : Math.max(1, pods * uiProcesses(version, read) * each);
}
