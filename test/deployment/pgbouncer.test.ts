import { Deployed, envOf, podOf } from './deploy';
import { AirflowVersion, AirflowKubernetesDeploymentProps, CeleryBroker, CeleryResultBackend, ComponentProps, Executor, IMetadataDatabase, MetadataDatabase, PgBouncerProps, SecretRef } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';

const secret = (key: string) => SecretRef.existing('db', key);
const verified = MetadataDatabase.postgres({
  host: 'pg.example.com',
  port: 5433,
  database: "air'flow",
  password: secret('password'),
  cidrs: ['10.0.0.0/24'],
  sslMode: 'verify-full',
  sslRootCert: secret('ca'),
  sslCert: secret('crt'),
  sslKey: secret('key'),
});
const tls = { sslCert: secret('pgb.crt'), sslKey: secret('pgb.key'), sslRootCert: secret('ca') };
const deploy = (pgbouncer: PgBouncerProps = {}, props: Partial<AirflowKubernetesDeploymentProps> = {}) => new Deployed({ pgbouncer, ...props });
const ini = (deployed: Deployed): string => deployed.find('ConfigMap', 'airflow-pgbouncer').data['pgbouncer.ini'];
const spec = (deployed: Deployed) => podOf(deployed.workload('pgbouncer')).spec;

test('the defaults are those of the official chart, and hold no user and no password', () => {
  expect(ini(deploy())).toBe(`[databases]
airflow-metadata = host=pg port=5432 dbname=airflow pool_size=10
airflow-metadata-async = host=pg port=5432 dbname=airflow pool_size=15 pool_mode=session

[pgbouncer]
listen_addr = *
listen_port = 6543
unix_socket_dir =
pool_mode = transaction
auth_type = scram-sha-256
auth_file = /run/pgbouncer/users.txt
ignore_startup_parameters = extra_float_digits
max_client_conn = 100
log_connections = 0
log_disconnections = 0
server_tls_sslmode = prefer
`);
});

test('all props reach the objects', () => {
  const all: Required<Omit<PgBouncerProps, keyof ComponentProps>> = {
    ...tls, maxClientConn: 250, metadataPoolSize: 20, resultBackendPoolSize: 7, extraIni: { server_idle_timeout: 300 }, metricsExporter: true,
  };
  const deployed = deploy({ ...all, replicas: 2, labels: { a: 'b' }, resources: { requests: { cpu: '1' } } }, { database: verified });
  const text = ini(deployed);
  expect(text).toContain("airflow-metadata = host=pg.example.com port=5433 dbname='air''flow' pool_size=20\n");
  for (const line of [
    'max_client_conn = 250', 'server_tls_sslmode = verify-full', 'server_tls_ca_file = /etc/pgbouncer-server-tls/ca.crt',
    'server_tls_cert_file = /etc/pgbouncer-server-tls/tls.crt', 'server_tls_key_file = /etc/pgbouncer-server-tls/tls.key', 'client_tls_sslmode = require',
    'client_tls_ca_file = /etc/pgbouncer-client-tls/ca.crt',
    'client_tls_cert_file = /etc/pgbouncer-client-tls/tls.crt', 'client_tls_key_file = /etc/pgbouncer-client-tls/tls.key',
    'stats_users = pgbouncer-exporter', 'server_idle_timeout = 300',
  ]) { expect(text.split('\n')).toContain(line); }
  expect(deployed.workload('pgbouncer').spec.replicas).toBe(2);
  expect(deployed.find('PodDisruptionBudget', 'airflow-pgbouncer').spec.maxUnavailable).toBe(1);
  expect(deployed.find('Service', 'airflow-pgbouncer').spec.ports.map((port: any) => port.port)).toEqual([6543, 9127]);
  expect(deployed.airflow.pgbouncer!.componentName).toBe('pgbouncer');
  const [, exporter] = spec(deployed).containers;
  expect(envOf(exporter)).toEqual({
    DATABASE_URL: 'postgres://127.0.0.1:6543/pgbouncer?sslmode=require',
    PGUSER: 'pgbouncer-exporter',
    PGPASSWORD: 'airflow-pgbouncer-exporter-password/pgbouncer-exporter-password',
  });
  expect(JSON.stringify(deployed.workload('secret-bootstrap'))).toContain('airflow-pgbouncer-exporter-password/pgbouncer-exporter-password/token');
});

test('57: the file of users is written in the pod, from the Secret, into memory', () => {
  const { initContainers: [init], containers: [main], volumes } = spec(deploy({ metricsExporter: true }));
  expect(envOf(init)).toEqual({
    PGBOUNCER_USER_0: 'airflow',
    PGBOUNCER_PASSWORD_0: 'db/password',
    PGBOUNCER_USER_1: 'pgbouncer-exporter',
    PGBOUNCER_PASSWORD_1: 'airflow-pgbouncer-exporter-password/pgbouncer-exporter-password',
  });
  expect(volumes).toContainEqual({ name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
  expect(main.env).toBeUndefined();
  expect(main.command).toEqual(['pgbouncer', '/etc/pgbouncer/pgbouncer.ini']);
});

test('15: Airflow connects to PgBouncer with the same password, and nothing else to the database', () => {
  for (const version of [AirflowVersion.V3_3, AirflowVersion.V2_11]) {
    const deployed = deploy({}, { version, database: verified });
    for (const component of ['scheduler', 'migration', 'triggerer', version.major < 3 ? 'webserver' : 'api-server']) {
      expect(deployed.env(component)).toMatchObject({
        METADATA_DB_HOST: 'airflow-pgbouncer', METADATA_DB_PORT: '6543', METADATA_DB_NAME: 'airflow-metadata', METADATA_DB_USER: 'airflow', METADATA_DB_PASSWORD: 'db/password',
      });
    }
    const reach = deployed.objects.filter(({ kind }) => kind === 'NetworkPolicy')
      .filter(policy => JSON.stringify((policy.spec.egress ?? []).map((rule: any) => rule.to?.filter((peer: any) => peer.ipBlock?.except === undefined))).includes('10.0.0.0/24'));
    expect(reach.map(({ metadata }) => metadata.name)).toEqual(['airflow-pgbouncer']);
  }
});

test('who declared a way to the database, and nobody else, may come in', () => {
  const callers = (version: AirflowVersion) => deploy({}, { version }).find('NetworkPolicy', 'airflow-pgbouncer').spec.ingress
    .map((rule: any) => [rule.ports[0].port, rule.from.map((peer: any) => peer.podSelector.matchLabels['app.kubernetes.io/component'])]);
  expect(callers(AirflowVersion.V3_3)).toEqual([[6543, ['migration', 'scheduler', 'api-server', 'dag-processor', 'triggerer']]]);
  expect(callers(AirflowVersion.V2_11)).toEqual([[6543, ['migration', 'scheduler', 'webserver', 'triggerer', 'worker']]]);
});

test('asyncpg, which prepares statements, has a database in session mode; Airflow 2 has none', () => {
  expect(deploy().env('api-server').AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD).toContain('+ "/" + "airflow-metadata-async" +');
  expect(ini(deploy({}, { apiServer: { replicas: 3 }, config: { api: { workers: 2 }, database: { sql_alchemy_pool_size: 4 } } }))).toContain('pool_size=84 pool_mode=session');
  const old = deploy({}, { version: AirflowVersion.V2_11 });
  expect(ini(old)).not.toContain('async');
  expect(old.env('scheduler')).not.toHaveProperty('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC_CMD');
});

test('Airflow verifies PgBouncer where it has a certificate', () => {
  const deployed = deploy(tls, { database: verified });
  expect(deployed.env('scheduler')).toMatchObject({ METADATA_DB_SSLMODE: 'verify-full' });
  const { volumes } = podOf(deployed.workload('scheduler')).spec;
  expect(volumes.find(({ name }: any) => name === 'database-tls').projected.sources).toEqual([{ secret: { name: 'db', items: [{ key: 'ca', path: 'ca.crt' }] } }]);
  expect(spec(deployed).volumes.map(({ name }: any) => name)).toEqual(['pgbouncer', 'run', 'pgbouncer-server-tls', 'pgbouncer-client-tls']);
});

test('KEDA asks the database itself', () => {
  const executor = Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ keda: { maxReplicas: 2 } }] });
  expect(deploy({}, { executor }).find('ScaledObject').spec.triggers[0].metadata).toMatchObject({ host: 'pg.ns.svc', port: '5432', dbName: 'airflow' });
});

test('51: a result backend on a PostgreSQL of its own has the second pool', () => {
  const results = CeleryResultBackend.postgres({ host: 'results', user: 'celery', password: secret('results') });
  const executor = Executor.celery({ broker: CeleryBroker.developmentRedis(), resultBackend: results });
  const deployed = deploy({ resultBackendPoolSize: 6 }, { executor });
  expect(ini(deployed)).toContain('\nairflow-result-backend = host=results port=5432 dbname=airflow pool_size=6\n');
  expect(envOf(spec(deployed).initContainers[0])).toMatchObject({ PGBOUNCER_USER_1: 'celery', PGBOUNCER_PASSWORD_1: 'db/results' });
  expect(deployed.env('celery-worker')).toMatchObject({ CELERY_RESULT_BACKEND_HOST: 'airflow-pgbouncer', CELERY_RESULT_BACKEND_NAME: 'airflow-result-backend' });
  expect(deployed.env('celery-worker')).not.toHaveProperty('METADATA_DB_HOST');
  expect(new Deployed({ executor }).env('celery-worker')).toMatchObject({ CELERY_RESULT_BACKEND_HOST: 'results', CELERY_RESULT_BACKEND_PORT: '5432' });
  expect(() => deploy({}, { executor, database: verified })).toThrow('one TLS for all servers');
  const twin = CeleryResultBackend.postgres({ host: 'results', password: secret('results') });
  expect(() => deploy({}, { executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), resultBackend: twin }) }))
    .toThrow("'pgbouncer' knows users by their names, and 'airflow' has two passwords; take both from the same key of one Secret, or give one server another user");
});

test('one user of two servers, whose password is in one Secret, is one line', () => {
  const password = secret('both');
  const deployed = deploy({}, {
    database: MetadataDatabase.postgres({ host: 'pg', password }),
    executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), resultBackend: CeleryResultBackend.postgres({ host: 'results', password }) }),
  });
  const [authFile] = deployed.pods.pgbouncer.spec.initContainers;
  expect(authFile.env.map(({ name }: any) => name)).toEqual(['PGBOUNCER_USER_0', 'PGBOUNCER_PASSWORD_0']);
});

test('a changed ini replaces its pods', () => {
  const hash = (props: PgBouncerProps) => podOf(deploy(props).workload('pgbouncer')).metadata.annotations['cdk8s-airflow/config-hash'];
  expect(hash({ maxClientConn: 101 })).not.toBe(hash({}));
  expect(hash({ labels: { a: 'b' } })).toBe(hash({}));
});

test('16: the hook before its end is shorter than its grace period', () => {
  const { containers: [main], terminationGracePeriodSeconds } = spec(deploy());
  const seconds = [...main.lifecycle.preStop.exec.command[2].matchAll(/sleep (\d+)/g)].reduce((sum: number, [, n]: any) => sum + Number(n), 0);
  expect(seconds).toBeLessThan(terminationGracePeriodSeconds);
});

test('the pod satisfies restricted, without a token', () => {
  const pod = spec(deploy({ ...tls, metricsExporter: true }, { database: verified }));
  expect(podSecurityViolations(pod, 'restricted')).toEqual([]);
  expect(pod.automountServiceAccountToken).toBe(false);
});

test('a PostgreSQL for development lets in PgBouncer alone', () => {
  jest.spyOn(process, 'emitWarning').mockImplementation();
  const deployed = deploy({}, { database: MetadataDatabase.developmentPostgres({ password: secret('password') }) });
  expect(deployed.find('NetworkPolicy', 'airflow-postgres').spec.ingress[0].from[0].podSelector.matchLabels['app.kubernetes.io/component']).toBe('pgbouncer');
});

const other: IMetadataDatabase = { bind: () => ({ env: [], peer: { host: 'db', port: 1 } }) };
const certified = MetadataDatabase.postgres({ host: 'pg', sslMode: 'verify-full', sslRootCert: secret('ca'), sslCert: secret('crt'), sslKey: secret('key') });

test.each<[PgBouncerProps, IMetadataDatabase | undefined, string]>([
  [{}, other, "[chart/airflow] 'pgbouncer' stands before a PostgreSQL, and 'database' is none"],
  [{}, certified, "'pgbouncer' logs in with the password of the database, which has none"],
  [{ maxClientConn: 0 }, undefined, "'pgbouncer.maxClientConn' must be a whole number of at least 1, got 0"],
  [{ sslCert: secret('crt') }, undefined, "'sslCert' needs 'sslKey', a SecretRef as well"],
  [{ sslCert: secret('crt'), sslKey: secret('key') }, undefined, "'sslCert' needs 'sslRootCert'"],
  [{ sslCert: 'PEM' as any }, undefined, "'pgbouncer.sslCert' must be a SecretRef"],
  [{ extraIni: { max_client_conn: 1 } }, undefined, "'pgbouncer.extraIni' sets 'max_client_conn', which the deployment sets itself; remove it, or use 'pgbouncer.maxClientConn'"],
  [{ extraIni: { 'a b': 1 } }, undefined, "'pgbouncer.extraIni' must hold settings of PgBouncer such as 'server_idle_timeout', got 'a b'"],
  [{ extraIni: { verbose: 'a\nauth_type = any' } }, undefined, "'pgbouncer.extraIni.verbose' must be a number or a line of text"],
  [{ poolSize: 1 } as any, undefined, "pgbouncer: unknown prop 'poolSize'"],
])('fails for %j', (props, database, message) => {
  expect(() => deploy(props, database ? { database } : {})).toThrow(message);
});

test('variables of its own reach it, and what it logs can be chosen', () => {
  const deployed = deploy({ env: [{ name: 'TZ', value: 'Europe/Berlin' }], extraIni: { log_connections: 1 } });
  expect(spec(deployed).containers[0].env).toEqual([{ name: 'TZ', value: 'Europe/Berlin' }]);
  expect(ini(deployed).match(/^log_connections = .*$/mg)).toEqual(['log_connections = 1']);
});
