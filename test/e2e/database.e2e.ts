// npx jest --runInBand --testMatch '**/test/e2e/database.e2e.ts' --testPathIgnorePatterns /node_modules/
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { AirflowOnCluster, timed } from './airflow';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { AirflowImage, AirflowKubernetesDeployment, ConfigMapDags, Executor, MetadataDatabase, PgBouncerProps, SecretRef } from 'cdk8s-airflow';

const namespace = 'db-e2e';
/** What a URL, a shell, PgBouncer's file of users and JSON have to quote. */
const PASSWORD = "p@ s/1%+:?#&$(X)é'\"";
const DAG = `
from datetime import datetime
from airflow.sdk import dag, task


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def pooled():
    @task
    def extract() -> int:
        return 21

    @task
    def load(rows: int) -> int:
        return rows * 2

    load(extract())


pooled()
`;
/** Opens the database by both drivers, as the API server does; eight transactions at a time. */
const BOTH_DRIVERS = `
import asyncio
from sqlalchemy import text
from airflow import settings
from airflow.utils.session import create_session, create_session_async

async def ask(i):
    async with create_session_async() as session:
        return (await session.execute(text("select :i + count(*) from connection"), {"i": i})).scalar()

async def main():
    for _ in range(5):
        await asyncio.gather(*(ask(i) for i in range(8)))
    await settings.async_engine.dispose()

asyncio.run(main())
with create_session() as session:
    print("sync", session.execute(text("select 1")).scalar())
print("async")
`;

const resources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '2Gi' } };
const small = { resources };
/** A pod with the small init container too, of which it would ask for the CPU. */
const waiting = { ...small, podOverride: { spec: { initContainers: [{ name: 'wait-for-airflow-migrations', resources }] } } };
const secret = (key: string) => SecretRef.existing('tls', key);

/** With the API server alone, or with all that runs a DAG. */
function deploy(pgbouncer?: PgBouncerProps): void {
  const replicas = pgbouncer ? 1 : 0;
  const outdir = mkdtempSync(join(tmpdir(), 'airflow-'));
  const app = new App({ outdir });
  new AirflowKubernetesDeployment(new Chart(app, 'airflow', { namespace }), 'airflow', {
    image: AirflowImage.of('localhost/airflow:3.3'),
    images: { pgbouncer: 'localhost/pgbouncer:1' },
    executor: Executor.local(),
    database: MetadataDatabase.postgres({
      host: 'postgres',
      password: SecretRef.existing('airflow-database', 'password'),
      sslMode: 'verify-full',
      sslRootCert: secret('ca.crt'),
      sslCert: secret('client.crt'),
      sslKey: secret('client.key'),
    }),
    dags: new ConfigMapDags({ 'pooled.py': DAG }),
    pgbouncer,
    parallelism: 2,
    scheduler: { ...waiting, replicas },
    apiServer: waiting,
    dagProcessor: { ...waiting, replicas },
    triggerer: { ...waiting, replicas: 0 },
    migration: small,
  });
  app.synth();
  kubectl(['apply', '-f', outdir]);
  rmSync(outdir, { recursive: true });
}

/** Keys and certificates of one authority, as a Secret. */
function certificates(names: { [file: string]: string }): void {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=authority');
  for (const [file, name] of Object.entries(names)) {
    writeFileSync(join(folder, 'ext'), `subjectAltName=DNS:${name}`);
    openssl('req', ...key, '-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', `/CN=${name}`);
    openssl('x509', '-req', '-in', `${file}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'ext', '-out', `${file}.crt`);
  }
  kubectl(['-n', namespace, 'create', 'secret', 'generic', 'tls', ...['ca.crt', ...Object.keys(names).flatMap(file => [`${file}.crt`, `${file}.key`])]
    .map(file => `--from-file=${join(folder, file)}`)]);
  rmSync(folder, { recursive: true });
}

onCluster('a PostgreSQL that demands TLS and a certificate, and PgBouncer before it', () => {
  const airflow = new AirflowOnCluster(namespace);
  const sessions = () => airflow.sql("select distinct host(client_addr) || ' ' || ssl || ' ' || coalesce(client_dn, '') from pg_stat_activity "
    + 'join pg_stat_ssl using (pid) where client_addr is not null').split('\n').filter(line => line !== '');
  const address = (component: string) => airflow.pods(`app.kubernetes.io/component=${component}`)[0].status.podIP as string;
  const bothDrivers = () => airflow.kubectl('exec', 'deploy/airflow-api-server', '-c', 'api-server', '--', 'python', '-c', BOTH_DRIVERS);

  beforeAll(async () => {
    restrictedNamespace(namespace);
    airflow.kubectl('create', 'secret', 'generic', 'airflow-database', `--from-literal=password=${PASSWORD}`);
    certificates({ postgres: 'postgres', client: 'airflow', pgbouncer: 'airflow-pgbouncer' });
    parseAllDocuments(readFileSync(join(__dirname, 'postgres-tls.yaml'), 'utf8')).forEach(document =>
      kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(document.toJSON())));
    deploy();
    await airflow.booted(900);
  }, 1_800_000);

  afterAll(() => removeNamespace(namespace));

  test('Airflow verifies the server and is known to it, by both drivers', () => {
    expect(bothDrivers()).toContain('sync 1\nasync');
    const found = sessions();
    expect(found).toContain(`${address('api-server')} true /CN=airflow`);
    expect(found.filter(line => !line.endsWith(' true /CN=airflow'))).toEqual([]);
  }, 300_000);

  test('with PgBouncer all of Airflow goes through it, over TLS on both sides', async () => {
    deploy({ sslCert: secret('pgbouncer.crt'), sslKey: secret('pgbouncer.key'), sslRootCert: secret('ca.crt'), maxClientConn: 300, ...small });
    await airflow.booted(900);
    await timed('no other session', () => airflow.until('the end of the others', 120, () =>
      (JSON.stringify(sessions()) === JSON.stringify([`${address('pgbouncer')} true /CN=airflow`]) ? 'yes' : '')));
    expect(bothDrivers()).toContain('sync 1\nasync');
    expect(await airflow.run('pooled', 600)).toBe('success');
    expect(airflow.xcoms()).toEqual(['extract|21', 'load|42']);
    expect(sessions()).toEqual([`${address('pgbouncer')} true /CN=airflow`]);
    expect(airflow.kubectl('logs', 'deploy/airflow-pgbouncer', '-c', 'pgbouncer')).not.toMatch(/ERROR|WARNING/);
  }, 1_800_000);

  test('a task, and any other pod, finds it closed', () => {
    const policy = JSON.parse(airflow.kubectl('get', 'networkpolicy', 'airflow-pgbouncer', '-o', 'json'));
    const callers = policy.spec.ingress[0].from.map((peer: any) => peer.podSelector.matchLabels['app.kubernetes.io/component']).sort();
    expect(callers).toEqual(['api-server', 'dag-processor', 'migration', 'scheduler', 'triggerer']);
  });

  test('its end loses no query', async () => {
    const before = airflow.pods('app.kubernetes.io/component=pgbouncer')[0].metadata.name;
    airflow.kubectl('rollout', 'restart', 'deploy/airflow-pgbouncer');
    airflow.kubectl('rollout', 'status', 'deploy/airflow-pgbouncer', '--timeout=120s');
    await airflow.until('the end of the old pod', 90, () =>
      (airflow.pods('app.kubernetes.io/component=pgbouncer').every(pod => pod.metadata.name !== before) ? 'gone' : ''));
    expect(bothDrivers()).toContain('sync 1\nasync');
    const restarts = airflow.pods('app.kubernetes.io/instance=airflow').flatMap(pod =>
      pod.status.containerStatuses.filter((status: any) => status.restartCount > 0).map((status: any) => status.name));
    expect(restarts).toEqual([]);
  }, 300_000);
});
