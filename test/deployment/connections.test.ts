import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, Executor, CeleryBroker, MetadataDatabase, SecretRef } from '../../src';

const password = SecretRef.existing('db', 'password');
const warnings = (maxConnections: number | undefined, props: Partial<AirflowKubernetesDeploymentProps> = {}) => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  new Deployed({ database: MetadataDatabase.postgres({ host: 'pg', password, maxConnections }), ...props });
  const messages = warn.mock.calls.map(([message]) => String(message));
  warn.mockRestore();
  return messages;
};
const NO_POOL = { config: { database: { sql_alchemy_pool_enabled: false } } };

test('a server that takes as many connections as Airflow may open says nothing', () => {
  // Scheduler, two pools of an API server, DAG processor, triggerer: each 5 and 10 beyond.
  expect(warnings(75)).toEqual([]);
  expect(warnings(undefined)).toEqual([]);
});

test('one that takes fewer brings a warning that says who opens them', () => {
  expect(warnings(74)).toEqual([
    '[chart/airflow] Airflow may open 75 connections (scheduler 15, api-server 30, dag-processor 15, triggerer 15) and the database accepts 74 (\'maxConnections\'); '
    + "set 'pgbouncer', or lower 'config.database.sql_alchemy_pool_size' and 'sql_alchemy_max_overflow'",
  ]);
});

test('replicas, processes and the configuration count', () => {
  expect(warnings(1, { scheduler: { replicas: 3 } })[0]).toContain('scheduler 45');
  expect(warnings(1, { apiServer: { autoscaling: { maxReplicas: 4 } }, config: { api: { workers: 2 } } })[0]).toContain('api-server 240');
  expect(warnings(1, { config: { database: { sql_alchemy_pool_size: 2, sql_alchemy_max_overflow: 1 } } })[0]).toContain('scheduler 3,');
  expect(warnings(1, NO_POOL)[0]).toContain('scheduler 1, api-server 2,');
  expect(warnings(1, { config: { database: { sql_alchemy_max_overflow: -1 } } })).toEqual([]);
});

test('so does the environment of a component', () => {
  const env = (name: string, value: string) => ({ env: [{ name: `AIRFLOW__${name}`, value }] });
  expect(warnings(1, { scheduler: env('DATABASE__SQL_ALCHEMY_POOL_SIZE', '20') })[0]).toContain('(scheduler 30, api-server 30,');
  expect(warnings(1, { podDefaults: env('DATABASE__SQL_ALCHEMY_MAX_OVERFLOW', '0') })[0]).toContain('(scheduler 5, api-server 10,');
  expect(warnings(1, { triggerer: env('DATABASE__SQL_ALCHEMY_MAX_OVERFLOW', '-1') })).toEqual([]);
  expect(warnings(1, { apiServer: env('API__WORKERS', '2') })[0]).toContain('api-server 60');
  expect(warnings(1, { version: AirflowVersion.V2_11, scheduler: env('CORE__PARALLELISM', '8'), ...NO_POOL })[0]).toContain('task pods 16');
  const workers = [{ env: [{ name: 'AIRFLOW__CELERY__WORKER_CONCURRENCY', value: '2' }] }];
  expect(warnings(1, { executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), workers }), ...NO_POOL })[0]).toContain('celery-worker 3');
});

test('tasks count where they open the database', () => {
  expect(warnings(1, { version: AirflowVersion.V2_11, parallelism: 8, ...NO_POOL })[0]).toContain('webserver 4, triggerer 1, task pods 16');
  const celery = (workers: number) => Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ replicas: workers, concurrency: 4 }] });
  expect(warnings(1, { executor: celery(2), ...NO_POOL })[0]).toContain('celery-worker 10');
});

test('PgBouncer accepts them in place of the server, which then has PgBouncer\'s own', () => {
  const pooled = (pgbouncer: any, maxConnections?: number, props = {}) => warnings(maxConnections, { pgbouncer, ...props });
  expect(pooled({}, 25)).toEqual([]);
  expect(pooled({ maxClientConn: 74 })[0]).toContain("Airflow may open 75 connections (scheduler 15, api-server 30, dag-processor 15, triggerer 15) and PgBouncer accepts 74; raise 'pgbouncer.maxClientConn'");
  expect(pooled({ maxClientConn: 40, replicas: 2 })).toEqual([]);
  expect(pooled({ metadataPoolSize: 20, replicas: 2 }, 54)[0]).toContain("PgBouncer may open 55 connections and the database accepts 54 ('maxConnections')");
});
