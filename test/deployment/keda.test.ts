import { database, Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, IMetadataDatabase, KedaScaling, MetadataDatabase, SecretRef, WorkerPool } from '../../src';

const broker = CeleryBroker.developmentRedis();
type Props = Partial<AirflowKubernetesDeploymentProps>;
const deploy = (pool: WorkerPool, props: Props = {}) => new Deployed({ executor: Executor.celery({ broker, workers: [pool] }), ...props });
const scaled = (keda: Partial<KedaScaling>, pool: WorkerPool = {}, props: Props = {}) =>
  deploy({ ...pool, keda: { maxReplicas: 4, ...keda } }, props);
const query = (deployed: Deployed) => deployed.find('ScaledObject').spec.triggers[0].metadata.query;

test('KEDA chooses the number of workers by the tasks in the database, whose password it gets from the Secret', () => {
  const deployed = scaled({});
  expect(deployed.find('ScaledObject', 'airflow-celery-worker').spec).toEqual({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'airflow-celery-worker' },
    pollingInterval: 10,
    cooldownPeriod: 600,
    minReplicaCount: 0,
    maxReplicaCount: 4,
    advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 600 } } } },
    triggers: [{
      type: 'postgresql',
      metadata: {
        // KEDA runs in a namespace of its own.
        host: 'pg.ns.svc',
        port: '5432',
        dbName: 'airflow',
        sslmode: 'prefer',
        userName: 'airflow',
        query: "SELECT ceil(COUNT(*)::decimal / 16) FROM task_instance WHERE state IN ('queued', 'running') AND queue IN ('default')",
        targetQueryValue: '1',
      },
      authenticationRef: { name: 'airflow-celery-worker', kind: 'TriggerAuthentication' },
    }],
  });
  expect(deployed.find('TriggerAuthentication', 'airflow-celery-worker').spec).toEqual({ secretTargetRef: [{ parameter: 'password', name: 'db', key: 'password' }] });
  expect(deployed.workload('celery-worker').spec.replicas).toBeUndefined();
  expect(deployed.find('PodDisruptionBudget', 'airflow-celery-worker')).toBeDefined();
  expect(deployed.airflow.celeryWorkers[0].scaledObject!.name).toBe('airflow-celery-worker');
});

test('the query follows queues, concurrency and configuration', () => {
  expect(query(scaled({}, { queues: ['a', "b'c"], concurrency: 2 }))).toContain("/ 2) FROM task_instance WHERE state IN ('queued', 'running') AND queue IN ('a', 'b''c')");
  expect(query(scaled({}, {}, { config: { operators: { default_queue: 'main' }, celery: { worker_concurrency: 8 } } }))).toMatch(/\/ 8\).*queue IN \('main'\)$/);
});

test('the query follows the environment of the pods, which Airflow reads before its file', () => {
  const concurrency = (value: string) => ({ name: 'AIRFLOW__CELERY__WORKER_CONCURRENCY', value });
  const queue = { name: 'AIRFLOW__OPERATORS__DEFAULT_QUEUE', value: 'main' };
  const config = { celery: { worker_concurrency: 8 } };
  expect(query(scaled({}, { env: [concurrency('4')] }, { config }))).toContain('/ 4) FROM');
  expect(query(scaled({}, {}, { config, podDefaults: { env: [concurrency('2'), queue] } }))).toMatch(/\/ 2\) .*queue IN \('main'\)$/);
  expect(query(scaled({}, { env: [concurrency('4')] }, { podDefaults: { env: [concurrency('2')] } }))).toContain('/ 4) FROM');
  expect(query(scaled({}, { concurrency: 3 }, { podDefaults: { env: [concurrency('2')] } }))).toContain('/ 3) FROM');
  expect(() => scaled({}, { concurrency: 3, env: [concurrency('4')] }))
    .toThrow("'workers.env[0]' sets 'AIRFLOW__CELERY__WORKER_CONCURRENCY', but 'workers.concurrency' makes it '3'; remove it");
  const elsewhere = { name: concurrency('').name, valueFrom: { configMapKeyRef: { name: 'tuning', key: 'concurrency' } } };
  expect(() => scaled({}, { env: [elsewhere] })).toThrow("'workers.keda' must know the value of 'celery.worker_concurrency', which a variable takes from elsewhere");
  expect(() => deploy({ env: [elsewhere] })).not.toThrow();
  const triggerer = (env: object[]) => query(new Deployed({ triggerer: { keda: { maxReplicas: 2 }, env } }));
  expect(triggerer([{ name: 'AIRFLOW__TRIGGERER__CAPACITY', value: '50' }])).toContain('/ 50) FROM trigger');
});

test('beside other executors only the tasks of Celery count', () => {
  const pool = { keda: { maxReplicas: 4 } };
  const celery = Executor.celery({ broker, workers: [pool] });
  const list = (...executors: Executor[]) => query(new Deployed({ executor: Executor.multiple(executors) }));
  expect(list(celery, Executor.kubernetes())).toMatch(/ AND \(executor IS NULL OR executor IN \('CeleryExecutor'\)\)$/);
  expect(list(Executor.kubernetes(), celery.withAlias('queue')))
    .toMatch(/ AND executor IN \('queue', 'airflow.providers.celery.executors.celery_executor.CeleryExecutor'\)$/);
});

test('an address, a full name, TLS and a user from a Secret reach KEDA as they are', () => {
  const given = MetadataDatabase.postgres({
    host: 'pg.example.com',
    port: 5433,
    database: 'af',
    sslMode: 'require',
    user: SecretRef.existing('db', 'user'),
    password: SecretRef.existing('db', 'password'),
    cidrs: ['10.0.0.0/8'],
  });
  const deployed = scaled({}, {}, { database: given });
  expect(deployed.find('ScaledObject').spec.triggers[0].metadata).toMatchObject({ host: 'pg.example.com', port: '5433', dbName: 'af', sslmode: 'require' });
  expect(deployed.find('TriggerAuthentication').spec.secretTargetRef).toEqual([
    { parameter: 'password', name: 'db', key: 'password' }, { parameter: 'userName', name: 'db', key: 'user' },
  ]);
});

test('the last worker ends no sooner than a worker may take to end', () => {
  expect(scaled({}, { terminationGracePeriodSeconds: 7200 }).find('ScaledObject').spec.cooldownPeriod).toBe(7200);
  expect(() => scaled({ cooldownSeconds: 599 })).toThrow(
    "'workers.keda.cooldownSeconds' must be a whole number of at least 600, the seconds that a pod has to end, got 599; raise it, or lower 'terminationGracePeriodSeconds'");
});

const other: IMetadataDatabase = { bind: () => ({ env: [], peer: { host: 'db', port: 1 } }) };

test.each<[string, () => unknown, string]>([
  ['two who choose', () => scaled({}, { replicas: 2 }), "'workers.replicas' and 'workers.keda' both choose the number of pods; remove one of them"],
  ['two scalers', () => scaled({}, { autoscaling: { maxReplicas: 2 } }), "'workers.autoscaling' and 'workers.keda' both choose"],
  ['more at least than at most', () => scaled({ minReplicas: 5 }), "'workers.keda.maxReplicas' must be a whole number of at least 5, got 4"],
  ['no worker at all', () => scaled({ maxReplicas: 0 }), "'workers.keda.maxReplicas' must be a whole number of at least 1, got 0"],
  ['a database that KEDA cannot ask', () => scaled({}, {}, { database: other }), "'workers.keda' asks the metadata database, and it cannot ask this one: it takes a PostgreSQL with a password and without a client certificate"],
])('fails for %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('KEDA chooses the number of triggerers by the triggers, and how many one of them runs', () => {
  const deployed = (props: Props = {}) => new Deployed({ triggerer: { keda: { maxReplicas: 3 } }, ...props });
  const { spec } = deployed().find('ScaledObject', 'airflow-triggerer');
  expect(spec).toMatchObject({ scaleTargetRef: { kind: 'StatefulSet', name: 'airflow-triggerer' }, cooldownPeriod: 60, minReplicaCount: 0, maxReplicaCount: 3 });
  expect(query(deployed())).toBe('SELECT ceil(COUNT(*)::decimal / 1000) FROM trigger');
  expect(query(deployed({ config: { triggerer: { capacity: 50 } } }))).toContain('/ 50) FROM trigger');
  expect(query(deployed({ version: AirflowVersion.V2_11, config: { triggerer: { default_capacity: 20 } } }))).toContain('/ 20) FROM trigger');
  const mySql = MetadataDatabase.mySql({ host: 'my', password: SecretRef.existing('db', 'password') });
  expect(query(deployed({ database: mySql }))).toBe('SELECT ceil(COUNT(*) / 1000) FROM `trigger`');
  expect(deployed().workload('triggerer').spec).not.toHaveProperty('replicas');
  expect(() => deployed({ triggerer: { replicas: 2, keda: { maxReplicas: 3 } } })).toThrow("'triggerer.replicas' and 'triggerer.keda' both choose the number of pods");
  expect(() => deployed({ triggerer: { keda: { maxReplica: 3 } as any } })).toThrow("triggerer.keda: unknown prop 'maxReplica'; did you mean 'maxReplicas'");
});

test('no triggerer at all is no alert where KEDA may take the last one away', () => {
  const rules = (minReplicas?: number) => JSON.stringify(new Deployed({
    triggerer: { keda: { minReplicas, maxReplicas: 3 } }, monitoring: { statsd: {}, serviceMonitor: {}, prometheusRule: {} },
  }).find('PrometheusRule'));
  expect(rules()).not.toContain('AirflowTriggererHeartbeatMissing');
  expect(rules(1)).toContain('AirflowTriggererHeartbeatMissing');
});

test('without it there is no object of KEDA', () => {
  expect(new Deployed({ database }).objects.filter(({ apiVersion }) => apiVersion.startsWith('keda'))).toEqual([]);
});
