import {
  API_SERVER, AUTOSCALING, COMPONENT, DAG_PROCESSOR_POOL, DATABASE_CLEANUP, FLOWER, KEDA, PGBOUNCER, POD_CLEANUP, STATEFUL,
  STATSD, TRIGGERER, WORKERS, WORKER_POOL,
} from './component-structs';
import {
  CELERY, CONNECTION, DASHBOARD, DEPLOYMENT, KUBERNETES_API, LOG_FILES, MONITOR, MONITORING, NETWORK_POLICIES, OBJECTS, OPEN_TELEMETRY,
  POD_LAUNCHING, POOL, PRIORITY_CLASS, RULE,
} from './deployment-structs';
import { checkStruct, Struct } from '../../private/known-props';
import { POD, SHARED } from '../../tasks/private/pod-structs';
import { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { CeleryExecutorProps } from '../executor';

/** Where each struct stands, those that hold others first; `[]` is for the items of a list, `{}` for the values of a map. */
const PARTS: [string, Struct<any>][] = [
  ['scheduler', STATEFUL],
  ['dagProcessor', COMPONENT],
  ['dagProcessors[]', DAG_PROCESSOR_POOL],
  ['triggerer', TRIGGERER],
  ['triggerer.keda', KEDA],
  ['apiServer', API_SERVER],
  ['apiServer.autoscaling', AUTOSCALING],
  ['webserver', API_SERVER],
  ['webserver.autoscaling', AUTOSCALING],
  ['pgbouncer', PGBOUNCER],
  ['flower', FLOWER],
  ['redis', POD],
  ['podDefaults', SHARED],
  ['secretBootstrap', POD],
  ['migration', POD],
  ['createUser', POD],
  ['workers', WORKERS],
  ['podCleanup', POD_CLEANUP],
  ['databaseCleanup', DATABASE_CLEANUP],
  ['objects', OBJECTS],
  ['objects.connections{}', CONNECTION],
  ['objects.pools{}', POOL],
  ['objects.job', POD],
  ['monitoring', MONITORING],
  ['monitoring.statsd', STATSD],
  ['monitoring.openTelemetry', OPEN_TELEMETRY],
  ['monitoring.serviceMonitor', MONITOR],
  ['monitoring.podMonitor', MONITOR],
  ['monitoring.prometheusRule', RULE],
  ['monitoring.grafanaDashboard', DASHBOARD],
  ['networkPolicies', NETWORK_POLICIES],
  ['networkPolicies.kubernetesApi', KUBERNETES_API],
  ['podLaunching', POD_LAUNCHING],
  ['logFiles', LOG_FILES],
  ['priorityClasses{}', PRIORITY_CLASS],
];

const CELERY_PARTS: [string, Struct<any>][] = [
  ['workers[]', WORKER_POOL],
  ['workers[].keda', KEDA],
  ['workers[].autoscaling', AUTOSCALING],
];

/** Refuses props that CeleryExecutor, or a pool of its workers, does not have. `path` is who takes them. */
export function assertCeleryPropNames(props: CeleryExecutorProps, path: string): void {
  checkStruct(props, CELERY, path);
  checkParts(props, CELERY_PARTS);
}

/** Refuses props that the deployment, or a component of it, does not have. */
export function assertPropNames(props: AirflowKubernetesDeploymentProps): void {
  checkStruct(props, DEPLOYMENT, 'props');
  checkParts(props, PARTS);
}

function checkParts(props: object, parts: [string, Struct<any>][]): void {
  for (const [path, struct] of parts) {
    for (const [where, value] of at(props, path)) {
      if (value !== undefined) { checkStruct(value, struct, where); }
    }
  }
}

/** What stands at a path, and where exactly. */
function at(props: object, path: string): [string, unknown][] {
  const [, name, many] = /^(\w+)(\[\]|\{\})?/.exec(path)!;
  const value = (props as any)[name];
  const rest = path.slice(name.length + (many?.length ?? 0) + 1);
  const found: [string, any][] = many === undefined ? [[name, value]]
    : Object.entries(value ?? {}).map(([key, item]) => [many === '[]' ? `${name}[${key}]` : `${name}.${key}`, item]);
  return rest === '' ? found
    : found.flatMap(([where, item]) => (item === undefined ? [] : at(item, rest).map(([below, it]): [string, unknown] => [`${where}.${below}`, it])));
}
