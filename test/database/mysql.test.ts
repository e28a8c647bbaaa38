import { AirflowVersion, CeleryBroker, CeleryResultBackend, Executor, MetadataDatabase, MySqlProps, SecretRef } from '../../src';
import { Deployed, envOf } from '../deployment/deploy';
import { chart } from '../util';

const password = SecretRef.existing('db', 'password');
const ca = SecretRef.existing('db', 'ca');
const bind = (props: Partial<MySqlProps> = {}, version = AirflowVersion.V2_11) =>
  MetadataDatabase.mySql({ host: 'mysql', password, ...props }).bind(chart(), { name: 'af', namespace: 'ns', labels: {}, version, images: {} });
const env = (props: Partial<MySqlProps> = {}, version?: AirflowVersion) => envOf({ env: bind(props, version).env });

test('a host and a password are enough, on every version', () => {
  for (const version of [AirflowVersion.V2_11, AirflowVersion.V3_3]) {
    expect(env({}, version)).toEqual({
      METADATA_DB_HOST: 'mysql',
      METADATA_DB_PORT: '3306',
      METADATA_DB_NAME: 'airflow',
      METADATA_DB_USER: 'airflow',
      METADATA_DB_PASSWORD: 'db/password',
      AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: expect.stringMatching(/^python -c '[^'$\n]+"mysql\+mysqldb:[^'$\n]+"\?charset=utf8mb4"[^'$\n]+'$/),
    });
  }
});

test('all props reach the environment', () => {
  const all: Required<MySqlProps> = {
    host: '10.0.0.5',
    port: 3307,
    database: 'meta',
    user: SecretRef.existing('db', 'user'),
    password,
    sslMode: 'VERIFY_IDENTITY',
    sslCa: ca,
    sslCert: SecretRef.existing('db', 'crt'),
    sslKey: SecretRef.existing('db', 'key'),
    cidrs: ['10.0.0.0/24'],
  };
  expect(env(all)).toMatchObject({
    METADATA_DB_PORT: '3307',
    METADATA_DB_NAME: 'meta',
    METADATA_DB_USER: 'db/user',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: expect.stringContaining(
      '"?charset=utf8mb4&ssl_mode=VERIFY_IDENTITY&ssl_ca=/etc/database-tls/ca.crt&ssl_cert=/etc/database-tls/tls.crt&ssl_key=/etc/database-tls/tls.key"'),
  });
  expect(bind(all).peer).toEqual({ host: '10.0.0.5', port: 3307, cidrs: ['10.0.0.0/24'] });
  expect(bind(all).volumes![0].projected.sources).toHaveLength(3);
});

test('KEDA asks it in its own words, and not over TLS, which its scaler does not speak', () => {
  const broker = CeleryBroker.developmentRedis();
  const executor = Executor.celery({ broker, workers: [{ queues: ["a'b\\c"], concurrency: 2, keda: { maxReplicas: 4 } }] });
  const deployed = new Deployed({ executor, database: MetadataDatabase.mySql({ host: 'mysql', password }) });
  expect(deployed.find('ScaledObject').spec.triggers[0]).toMatchObject({
    type: 'mysql',
    metadata: {
      host: 'mysql.ns.svc',
      port: '3306',
      dbName: 'airflow',
      username: 'airflow',
      queryValue: '1',
      query: "SELECT ceil(COUNT(*) / 2) FROM task_instance WHERE state IN ('queued', 'running') AND queue IN ('a''b\\\\c')",
    },
  });
  expect(deployed.find('TriggerAuthentication').spec.secretTargetRef).toEqual([{ parameter: 'password', name: 'db', key: 'password' }]);
  expect(bind({ sslMode: 'REQUIRED' }).keda).toBeUndefined();
});

test('results of Celery are kept on one, too', () => {
  const resultBackend = CeleryResultBackend.mySql({ host: 'results', password });
  const deployed = new Deployed({ executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), resultBackend }) });
  expect(deployed.env('celery-worker')).toMatchObject({
    CELERY_RESULT_BACKEND_HOST: 'results', AIRFLOW__CELERY__RESULT_BACKEND_CMD: expect.stringContaining('"db+mysql+mysqldb://"'),
  });
});

test.each<[Partial<MySqlProps>, AirflowVersion | undefined, string]>([
  [{ host: 'mysql://a' }, undefined, "'host' must be a host name or an address, got \"mysql://a\""],
  [{ password: 'x' as any }, undefined, "'password' must be a SecretRef"],
  [{ sslMode: 'require' as any }, undefined, "'sslMode' must be one of 'DISABLED', 'PREFERRED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY', got 'require'"],
  [{ sslMode: 'VERIFY_CA' }, undefined, "'sslMode' 'VERIFY_CA' needs 'sslCa'"],
  [{ sslCa: ca }, undefined, "'sslCa' verifies the server in the modes 'VERIFY_CA' and 'VERIFY_IDENTITY', got 'sslMode' 'PREFERRED'"],
  [{ sslCert: ca, sslKey: ca }, undefined, "'sslCert' needs TLS in any case"],
  [{ sslMode: 'REQUIRED' }, AirflowVersion.V3_3, "'sslMode' of MySQL cannot be kept on Airflow 3.3.2, whose second driver, aiomysql, cannot be told of TLS by a URL"],
])('fails for %j', (props, version, message) => {
  expect(() => bind(props, version)).toThrow(message);
});

test('PgBouncer does not stand before it', () => {
  expect(() => new Deployed({ database: MetadataDatabase.mySql({ host: 'mysql', password }), pgbouncer: {} })).toThrow("'pgbouncer' stands before a PostgreSQL");
});
