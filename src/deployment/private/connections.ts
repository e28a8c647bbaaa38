import { entriesOf, ReadEntry } from './configuration';
import { ConnectionLimits, DeploymentContext } from './deployment-context';
import { poolConcurrency } from './worker-pools';
import { AirflowVersion } from '../../airflow/version';
import { Component } from '../../private/component-graph';

/** A component that opens the database, and how often. */
export interface Connections {
  readonly component: string;
  readonly count: number;
}

/** Connections of one process: SQLAlchemy's pool and what it may open beyond; undefined where there is no limit. */
export function perProcess(read: ReadEntry): number | undefined {
  const [enabled, size, overflow] = Object.entries({ enabled: 'True', size: '5', max_overflow: '10' })
    .map(([key, own]) => read('database', `sql_alchemy_${key === 'max_overflow' ? key : `pool_${key}`}`) ?? own);
  if (enabled.toLowerCase() === 'false') { return 1; }
  return Number(overflow) < 0 || Number(size) === 0 ? undefined : Number(size) + Number(overflow);
}

/** Processes of the user interface in one pod. */
export function uiProcesses(version: AirflowVersion, read: ReadEntry): number {
  const [section, fallback] = version._features.apiServer ? ['api', version._isAtLeast('3.1') ? 1 : 4] : ['webserver', 4];
  return Number(read(section, 'workers') ?? fallback);
}

/** How many connections the components may come to open, those of the database alone. */
export function connections(context: DeploymentContext, components: Component[]): Connections[] | undefined {
  const processes = (name: string, read: ReadEntry): number => {
    // A second pool for the driver of asyncio.
    if (name === 'api-server') { return uiProcesses(context.version, read) * 2; }
    if (name === 'webserver') { return uiProcesses(context.version, read); }
    if (name === 'dag-processor' && !context.airflow3) { return 1 + Number(read('scheduler', 'parsing_processes') ?? 2); }
    return 1;
  };
  const counts = components.flatMap((component): (Connections | undefined)[] => {
    if (component.workload === 'Job' || component.workload === 'CronJob' || !opensDatabase(context, component)) { return []; }
    const pods = component.autoscaling?.maxReplicas ?? component.keda?.scaledObject.maxReplicaCount ?? component.replicas ?? 1;
    // A task of Airflow 2 and its supervisor have no pools.
    if (component.workload === 'Pod') { return [{ component: 'task pods', count: context.parallelism * 2 }]; }
    const read = entriesOf(context.airflowCfg, component.containers[0].env);
    const pool = perProcess(read);
    if (pool === undefined) { return [undefined]; }
    const workers = component.name.startsWith('celery-worker') ? Number(poolConcurrency(context, context.workerPools[component.name]) ?? 16) * (context.airflow3 ? 1 : 2) : 0;
    return [{ component: component.name, count: pods * (processes(component.name, read) * pool + workers) }];
  });
  const limited = counts.filter(found => found !== undefined);
  return limited.length < counts.length ? undefined : limited.filter(({ count }) => count > 0);
}

function opensDatabase(context: DeploymentContext, component: Component): boolean {
  return component.flows.some(flow => JSON.stringify(flow) === JSON.stringify(context.database));
}

/** Where they are more than PgBouncer or the server takes. */
export function connectionWarnings(wanted: Connections[] | undefined, { maxConnections, pooled }: ConnectionLimits): string[] {
  if (wanted === undefined) { return []; }
  const sum = wanted.reduce((total, { count }) => total + count, 0);
  const list = wanted.map(({ component, count }) => `${component} ${count}`).join(', ');
  const lower = "lower 'config.database.sql_alchemy_pool_size' and 'sql_alchemy_max_overflow'";
  if (pooled) {
    return [
      ...(sum > pooled.clients ? [`Airflow may open ${sum} connections (${list}) and PgBouncer accepts ${pooled.clients}; raise 'pgbouncer.maxClientConn' or `
        + `'pgbouncer.replicas', or ${lower}`] : []),
      ...(maxConnections !== undefined && pooled.servers > maxConnections ? [`PgBouncer may open ${pooled.servers} connections and the database accepts `
        + `${maxConnections} ('maxConnections'); lower 'pgbouncer.metadataPoolSize' or 'pgbouncer.replicas', or raise 'max_connections' of the server`] : []),
    ];
  }
  return maxConnections !== undefined && sum > maxConnections
    ? [`Airflow may open ${sum} connections (${list}) and the database accepts ${maxConnections} ('maxConnections'); set 'pgbouncer', or ${lower}`] : [];
}
