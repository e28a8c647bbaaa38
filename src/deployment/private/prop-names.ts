import {
  API_SERVER, AUTOSCALING, COMPONENT, DAG_PROCESSOR_POOL, DATABASE_CLEANUP, FLOWER, KEDA, PGBOUNCER, POD, POD_CLEANUP, SHARED, STATEFUL,
  STATSD, TRIGGERER, WORKERS, WORKER_POOL,
} from './component-structs';
import {
  CELERY, CONNECTION, DASHBOARD, DEPLOYMENT, KUBERNETES_API, LOG_FILES, MONITOR, MONITORING, NETWORK_POLICIES, OBJECTS, OPEN_TELEMETRY,
  POD_LAUNCHING, POOL, PRIORITY_CLASS, RULE,
} from './deployment-structs';
import { checkStruct, Struct } from '../../private/known-props';
import { hasMember, shown } from '../../private/prop-types';
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

/** Objects of classes: what they have, and what to write. */
const VALUES: [string, string, string][] = [
  ['version', '_features', 'an AirflowVersion, such as AirflowVersion.V3_3'],
  ['executor', '_runs', 'an Executor: Executor.kubernetes(), .local(), .celery({ … }) or .multiple([…])'],
  ['image', '_withPullSecrets', "an AirflowImage, such as AirflowImage.of('registry.example.com/airflow:3.3.2-1')"],
  ['database', 'bind', 'a database, such as MetadataDatabase.postgres({ … })'],
  ['dags', 'bind', 'a source of DAGs, such as new GitSyncDags({ … })'],
  ['logs', 'bind', 'a place for logs, such as TaskLogs.s3({ … })'],
  ['exposure', 'bind', 'an exposure, such as Exposure.ingress({ … })'],
  ['flower.exposure', 'bind', 'an exposure, such as Exposure.ingress({ … })'],
  ['auth', '_bind', 'an AirflowAuth, such as AirflowAuth.fab({ … })'],
  ['secretsBackend', '_bind', 'a SecretsBackend, such as SecretsBackend.vault({ … })'],
];

/** Refuses props that CeleryExecutor, or a pool of its workers, does not have. `path` is who takes them. */
export function assertCeleryPropNames(props: CeleryExecutorProps, path: string): void {
  checkStruct(props, CELERY, path);
  if (props.broker !== undefined && !hasMember(props.broker, '_bind')) {
    throw new Error(`'broker' of ${path} must be a CeleryBroker, such as CeleryBroker.redis({ … }), got ${shown(props.broker)}`);
  }
  if (props.resultBackend !== undefined && !hasMember(props.resultBackend, '_bind')) {
    throw new Error(`'resultBackend' of ${path} must be a CeleryResultBackend, such as CeleryResultBackend.redis({ … }), got ${shown(props.resultBackend)}`);
  }
  checkParts(props, CELERY_PARTS);
}

/** Refuses props that the deployment, or a component of it, does not have. */
export function assertPropNames(props: AirflowKubernetesDeploymentProps): void {
  checkStruct(props, DEPLOYMENT, 'props');
  checkParts(props, PARTS);
  for (const [path, member, expected] of VALUES) {
    for (const [, value] of at(props, path)) {
      if (value !== undefined && !hasMember(value, member)) { throw new Error(`'${path}' must be ${expected}, got ${shown(value)}`); }
    }
  }
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
