import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { AirflowOnCluster, timed } from './airflow';
import { kubectl, onCluster, removeNamespace } from './kubectl';
import { AirflowImage, AirflowKubernetesDeployment, ConfigMapDags, DagBundle, DagBundles, IDagSource, MetadataDatabase, SecretRef, TaskLogs } from 'cdk8s-airflow';

const namespace = 'af-logs-e2e';
/** Everything that a URL has to escape and JSON has not. */
const PASSWORD = "p@ s/1%+:?#&$(X)é'";
const LINE = 'the log of a pod that is gone';
const dag = (name: string) => `
import os
from datetime import datetime
from airflow.sdk import dag, task


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def ${name}():
    @task
    def greet():
        print("${LINE}")
        return [name for name in os.environ if name.startswith(("AIRFLOW_LOGS", "AIRFLOW_CONN_AIRFLOW_LOGS", "AIRFLOW_DAG_BUNDLE", "AIRFLOW_CONN_DAG_BUNDLE"))]

    greet()


${name}()
`;
/** Reads the log as the API does, in the container that serves it. */
const READ_LOG = `
from airflow.models.taskinstance import TaskInstance
from airflow.utils.log.log_reader import TaskLogReader
from airflow.utils.session import create_session

with create_session() as session:
    lines, _ = TaskLogReader().read_log_chunks(session.query(TaskInstance).filter_by(run_id="e2e").one(), 1, {})
    for line in lines:
        print(line)
`;

class WithDevelopmentPostgres extends AirflowOnCluster {
  public sql(query: string): string {
    return this.kubectl('exec', 'deploy/airflow-postgres', '--', 'psql', '-U', 'airflow', '-Atc', query).trim();
  }
}

function deploy(dags: IDagSource): void {
  const outdir = mkdtempSync(join(tmpdir(), 'airflow-'));
  const app = new App({ outdir });
  const secret = (name: string, key: string) => SecretRef.existing(name, key);
  new AirflowKubernetesDeployment(new Chart(app, 'airflow', { namespace }), 'airflow', {
    image: AirflowImage.of('localhost/airflow:3.3'),
    images: { postgres: 'localhost/postgres:15' },
    database: MetadataDatabase.developmentPostgres({ password: secret('airflow-database', 'password') }),
    dags,
    logs: TaskLogs.s3({
      bucket: 'airflow',
      prefix: 'e2e',
      endpoint: 'http://minio:9000',
      region: 'us-east-1',
      credentials: { accessKeyId: secret('minio', 'user'), secretAccessKey: secret('minio', 'password') },
    }),
  });
  app.synth();
  kubectl(['apply', '-f', outdir]);
  rmSync(outdir, { recursive: true });
}

onCluster('logs on MinIO, DAGs from a bundle and from a ConfigMap, a PostgreSQL for development', () => {
  const airflow = new WithDevelopmentPostgres(namespace);

  beforeAll(async () => {
    await airflow.prepare(PASSWORD, { 'bundled.py': dag('bundled') });
    airflow.kubectl('create', 'secret', 'generic', 'minio', '--from-literal=user=minio-user', `--from-literal=password=${PASSWORD}`);
    parseAllDocuments(readFileSync(join(__dirname, 'minio.yaml'), 'utf8')).forEach(document =>
      kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(document.toJSON())));
    deploy(new DagBundles(DagBundle.git({ name: 'git', repo: 'http://git-server:8080/dags.git', ref: 'main', refreshIntervalSeconds: 20 })));
    await airflow.booted();
  }, 900_000);

  afterAll(() => removeNamespace(namespace));

  test('a DAG of a bundle ends green, in a pod that holds no credential of logs or bundle', async () => {
    expect(await airflow.run('bundled', 240)).toBe('success');
    expect(airflow.xcoms()).toEqual(['greet|[]']);
    expect(airflow.sql("select bundle_name, length(bundle_version) from dag where dag_id = 'bundled'")).toBe('git|40');
  }, 400_000);

  test('its log is read from MinIO when its pod is gone', async () => {
    await airflow.until('the end of the pod', 60, () => (airflow.pods('app.kubernetes.io/component=worker').length === 0 ? 'gone' : ''));
    const log = await timed('log read', () =>
      airflow.kubectl('exec', 'deploy/airflow-api-server', '-c', 'api-server', '--', 'python', '-c', READ_LOG));
    expect(log).toContain('s3://airflow/e2e/dag_id=bundled/run_id=e2e/task_id=greet/attempt=1.log');
    expect(log).toContain(LINE);
  }, 200_000);

  test('DAGs of a ConfigMap take their place', async () => {
    deploy(new ConfigMapDags({ 'mounted.py': dag('mounted') }));
    await timed('DAG found', () => airflow.until('the DAG', 300, () => airflow.sql("select 1 from serialized_dag where dag_id = 'mounted'")));
  }, 400_000);
});
