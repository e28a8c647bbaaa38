import { Construct } from 'constructs';
import { API_SERVER_PORT } from './api-server';
import { airflowComponent } from './component';
import { refuseDerived } from './configuration';
import { CeleryContext, DeploymentContext } from './deployment-context';
import { poolScaler } from './keda';
import { PgBouncer } from './pgbouncer';
import { PooledServer } from './pgbouncer-ini';
import { REDIS_PORT } from './redis';
import { WORKER_LOG_PORT } from './scheduler';
import { poolQueues, workerPools } from './worker-pools';
import { postgresResults } from '../../airflow/celery-broker';
import { DeploymentIdentity, NetworkPeer } from '../../airflow/deployment-identity';
import { AirflowVersion } from '../../airflow/version';
import { Component, Flow, Wire } from '../../private/component-graph';
import { shown } from '../../private/prop-types';
import { CeleryExecutorProps, Executor } from '../executor';
import { WorkerPool } from '../worker-pool';

/** A worker that is told to end finishes what it has. */
const WORKER_GRACE_SECONDS = 600;

/** Components that run tasks and do not open the database: a task of Airflow 3 asks the API server, one of Airflow 2 opens it. */
export function withoutDatabase(owner: string, version: AirflowVersion, executor: Executor): string[] {
  if (!version._features.executionApi) { return []; }
  return ['worker', ...(executor._celery?.resultBackend ? Object.keys(workerPools(owner, executor)) : [])];
}

/** Celery workers of one pool. On Airflow 3 their tasks speak to the API server; the worker itself needs the broker and the result backend only. */
export function celeryWorkerComponent(context: DeploymentContext, name: string, pool: WorkerPool): Component {
  const path = pool.name === undefined ? 'workers' : `workers '${pool.name}'`;
  const celery = context.celery!;
  const database = !context.airflow3 || !celery.ownResults;
  const launching = context.podLaunching.tasks;
  const keda = poolScaler(context, pool, pool.terminationGracePeriodSeconds ?? WORKER_GRACE_SECONDS, path);
  // An argument of the command wins over the environment.
  if (pool.concurrency !== undefined) {
    refuseDerived([{ section: 'celery', key: 'worker_concurrency', value: pool.concurrency, from: `'${path}.concurrency'` }], pool.env, `${path}.env`);
  }
  const component = airflowComponent(context, {
    name,
    // Log files are fetched from the pod that wrote them, by a name that only a StatefulSet's pods have.
    workload: 'StatefulSet',
    image: pool.image,
    args: ['airflow', 'celery', 'worker', ...(pool.queues ? ['--queues', queues(pool.queues, path)] : []), ...concurrency(pool.concurrency, path)],
    parts: [context.logs.folder, context.secrets.secretKey, celery.parts, ...(context.airflow3 ? [] : context.logs.connection), ...launching.parts],
    database,
    fernetKey: !context.airflow3,
    waitsForMigrations: database,
    // Only the worker's main process is told to end, and lets its tasks finish.
    env: [{ name: 'DUMB_INIT_SETSID', value: '0' }, ...(database ? [] : [{ name: 'CONNECTION_CHECK_MAX_COUNT', value: '0' }])],
    readsDags: true,
    readsConfigAs: ['celery-worker', 'tasks'],
    ports: [{ name: 'worker-logs', port: WORKER_LOG_PORT }],
    service: 'headless',
    flows: [
      ...(context.airflow3 ? [{ kind: 'component' as const, component: 'api-server', port: API_SERVER_PORT }] : []),
      ...celery.flows,
      ...context.logs.flows,
      { kind: 'anywhere' },
    ],
    rules: launching.rules,
    rulesElsewhere: launching.rulesElsewhere,
    probes: PING,
    sidecars: context.logs.groomer,
    resources: { requests: { cpu: '200m', memory: '1Gi' }, limits: { memory: '4Gi' } },
    terminationGracePeriodSeconds: WORKER_GRACE_SECONDS,
  }, pool, path);
  return keda ? { ...component, keda } : component;
}

/** Asks the worker over the broker. It starts a whole Airflow, so that it runs seldom and has time. */
const PING: Wire = {
  livenessProbe: {
    exec: {
      command: ['sh', '-c', 'exec env AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR python -m celery --app airflow.providers.celery.executors.celery_executor.app '
        + 'inspect ping --timeout 20 --destination "celery@$HOSTNAME"'],
    },
    initialDelaySeconds: 180,
    periodSeconds: 120,
    timeoutSeconds: 60,
    failureThreshold: 3,
  },
};

/** What is to be said where no pool takes tasks from the queue of those that name none; of several executors the first one has these. */
export function unheardQueue(context: DeploymentContext): string[] {
  const { workerPools: pools, defaultQueue, executor } = context;
  const heard = Object.values(pools).some(pool => poolQueues(context, pool).some(queue => queue === null || queue === defaultQueue));
  if (heard || !/(^|[.:])Celery(Kubernetes)?Executor$/.test(executor.name.split(',')[0])) { return []; }
  return [`no pool of 'workers' takes tasks from the queue '${defaultQueue}', where a task that names no 'queue' waits for ever; `
    + "add it to the 'queues' of a pool, or name the queue of one in 'config.operators.default_queue'"];
}

function queues(names: string[], path: string): string {
  const wrong = names.find(name => typeof name !== 'string' || !/^[^\s,]+$/.test(name));
  if (names.length === 0 || wrong !== undefined) {
    throw new Error(`'${path}.queues' must be names without blanks and commas, got ${wrong === undefined ? 'none; leave it out for the default queue' : `'${wrong}'`}`);
  }
  return names.join(',');
}

function concurrency(number: number | undefined, path: string): string[] {
  if (number === undefined) { return []; }
  if (!Number.isSafeInteger(number) || number < 1) { throw new Error(`'${path}.concurrency' must be a whole number of at least 1, got ${shown(number)}`); }
  return ['--concurrency', String(number)];
}

/** The broker and the result backend of a deployment, and what their servers are called in a warning. */
export function celeryContext(
  scope: Construct, identity: DeploymentIdentity, props: CeleryExecutorProps, pgbouncer: PgBouncer | undefined,
): CeleryContext & { servers: CeleryPeer[]; pooled: PooledServer[]; extraConfig?: Wire } {
  const broker = props.broker._bind(scope, identity);
  const results = props.resultBackend?._bind(scope, identity);
  const brokerFlow: Flow = props.broker._own ? { kind: 'component', component: 'redis', port: REDIS_PORT } : { kind: 'host', ...broker.peer };
  const alias = `${identity.name}-result-backend`;
  const server = pgbouncer && results?.postgres;
  const reached = server ? postgresResults(pgbouncer.stead(server, alias)) : results;
  const resultsFlow: Flow[] = server ? [pgbouncer.flow] : results ? [{ kind: 'host', ...results.peer }] : [];
  return {
    parts: {
      env: [...broker.parts.env ?? [], ...(reached?.parts.env ?? [])],
      volumeMounts: [...broker.parts.volumeMounts ?? [], ...(reached?.parts.volumeMounts ?? [])],
      volumes: [...broker.parts.volumes ?? [], ...(reached?.parts.volumes ?? [])],
    },
    flows: [brokerFlow, ...resultsFlow],
    ownResults: results !== undefined,
    pooled: server ? [{ alias, server, poolSize: pgbouncer.resultBackendPoolSize }] : [],
    extraConfig: broker.extraConfig,
    servers: [
      ...(props.broker._own ? [] : [{ what: 'the broker', peer: broker.peer }]),
      ...(results ? [{ what: 'the result backend', peer: results.peer }] : []),
    ],
  };
}

interface CeleryPeer {
  readonly what: string;
  readonly peer: NetworkPeer;
}
