import { atMost } from './component-settings';
import { entriesOf } from './configuration';
import { DeploymentContext } from './deployment-context';
import { poolConcurrency, poolQueues } from './worker-pools';
import { KedaScaler } from '../../private/component-graph';
import { shown } from '../../private/prop-types';
import { withDefaults } from '../../tasks/private/pod-defaults';
import { KedaScaling, WorkerPool } from '../worker-pool';

/** What KEDA scales a pool of workers by: the tasks of its queues that are queued or running, and how many of them a worker takes. */
export function poolScaler(context: DeploymentContext, pool: WorkerPool, grace: number, path: string): KedaScaler | undefined {
  return scaler(context, pool, grace, path, type => tasks(context, pool, path, type));
}

/** What KEDA scales the triggerer by: the triggers, and how many of them one runs. */
export function triggererScaler(context: DeploymentContext, props: Scaled, grace: number): KedaScaler | undefined {
  const read = entriesOf(context.airflowCfg, withDefaults(context.podDefaults, props).env);
  const [key, given] = Object.entries({ capacity: read('triggerer', 'capacity'), default_capacity: read('triggerer', 'default_capacity') })
    .find(([, value]) => value !== undefined) ?? ['capacity', '1000'];
  return scaler(context, props, grace, 'triggerer', type =>
    // A word of MySQL's own.
    `SELECT ${quotient(known(given ?? null, `triggerer.${key}`, 'triggerer'), type)} FROM ${type === 'mysql' ? '`trigger`' : 'trigger'}`);
}

/** A value that the query holds. */
function known<T>(value: T | null, entry: string, path: string): T {
  if (value === null) { throw new Error(`'${path}.keda' must know the value of '${entry}', which a variable takes from elsewhere; write its 'value', or 'config.${entry}'`); }
  return value;
}

/** Who chooses the number of pods. */
type Scaled = Pick<WorkerPool, 'env' | 'keda' | 'replicas' | 'autoscaling'>;

function scaler(context: DeploymentContext, props: Scaled, grace: number, path: string, query: (type: string) => string): KedaScaler | undefined {
  const keda: KedaScaling | undefined = props.keda;
  if (keda === undefined) { return undefined; }
  for (const other of ['replicas', 'autoscaling'] as const) {
    if (props[other] !== undefined) { throw new Error(`'${path}.${other}' and '${path}.keda' both choose the number of pods; remove one of them`); }
  }
  const { minReplicas = 0, maxReplicas, pollingIntervalSeconds = 10, cooldownSeconds = grace } = keda;
  const whole = (prop: string, value: number, least: number) => {
    if (!Number.isSafeInteger(value) || value < least || atMost(value)) {
      throw new Error(`'${path}.keda.${prop}' must be a whole number of at least ${least}${atMost(value)}, got ${shown(value)}`);
    }
  };
  whole('minReplicas', minReplicas, 0);
  whole('maxReplicas', maxReplicas, Math.max(minReplicas, 1));
  whole('pollingIntervalSeconds', pollingIntervalSeconds, 1);
  if (!Number.isSafeInteger(cooldownSeconds) || cooldownSeconds < grace) {
    throw new Error(`'${path}.keda.cooldownSeconds' must be a whole number of at least ${grace}, the seconds that a pod has to end, got ${shown(cooldownSeconds)}; `
      + "raise it, or lower 'terminationGracePeriodSeconds'");
  }
  const database = context.kedaDatabase;
  if (!database) { throw new Error(`'${path}.keda' asks the metadata database, and it cannot ask this one: it takes a PostgreSQL with a password and without a client certificate, or a MySQL without TLS; use 'replicas'`); }
  return {
    scaledObject: {
      pollingInterval: pollingIntervalSeconds,
      cooldownPeriod: cooldownSeconds,
      minReplicaCount: minReplicas,
      maxReplicaCount: maxReplicas,
      // From many to few the autoscaler decides, which would else take away pods between two tasks.
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: Math.min(cooldownSeconds, 3600) } } } },
      triggers: [{
        type: database.type,
        metadata: { ...database.metadata, query: query(database.type), [database.targetKey]: '1' },
      }],
    },
    triggerAuthentication: {
      secretTargetRef: Object.entries(database.secrets).map(([parameter, { name, key }]) => ({ parameter, name, key })),
    },
  };
}

function quotient(each: number | string, type: string): string {
  return `ceil(COUNT(*)${type === 'mysql' ? '' : '::decimal'} / ${each})`;
}

function tasks(context: DeploymentContext, pool: WorkerPool, path: string, type: string): string {
  const mySql = type === 'mysql';
  const text = (value: string) => `'${(mySql ? value.replace(/\\/g, '\\\\') : value).replace(/'/g, "''")}'`;
  const queues = poolQueues(context, pool).map(queue => text(known(queue, 'operators.default_queue', path))).join(', ');
  const concurrency = known(poolConcurrency(context, pool), 'celery.worker_concurrency', path);
  if (!(Number(concurrency) >= 1)) {
    throw new Error(`'${path}.keda' counts the tasks of a worker by 'celery.worker_concurrency', which must be at least 1, got '${concurrency}'`);
  }
  return `SELECT ${quotient(concurrency, type)} FROM task_instance WHERE state IN ('queued', 'running') `
    + `AND queue IN (${queues})${executors(context, text)}`;
}

/** Of several executors only the tasks that are Celery's; those that name none are the first one's. */
function executors({ executor }: DeploymentContext, text: (value: string) => string): string {
  const entries = executor.name.split(',');
  const at = entries.findIndex(entry => /(^|\.)CeleryExecutor$/.test(entry));
  if (entries.length < 2 || at < 0) { return ''; }
  const [alias, path] = entries[at].includes(':') ? entries[at].split(':') : [undefined, entries[at]];
  const names = [...(alias ? [alias] : []), path].map(text).join(', ');
  return at === 0 ? ` AND (executor IS NULL OR executor IN (${names}))` : ` AND executor IN (${names})`;
}
