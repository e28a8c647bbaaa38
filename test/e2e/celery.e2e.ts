import { App, Chart } from 'cdk8s';
import { AirflowOnCluster, timed } from './airflow';
import { kubectl, onCluster, removeNamespace } from './kubectl';
import { DevPostgres } from '../../examples/airflow/database';
import { AirflowImage, AirflowKubernetesDeployment, CeleryBroker, CeleryResultBackend, Executor, GitSyncDags, MetadataDatabase, SecretRef } from 'cdk8s-airflow';

const cluster = new AirflowOnCluster('af-celery');

const DAGS = {
  'queues.py': `
import os
from datetime import datetime

from airflow.sdk import dag, task

SECRETS = ("METADATA_DB_", "FERNET_KEY", "JWT_SECRET")


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def queues():
    @task
    def extract() -> dict:
        found = [name for name in os.environ if any(word in name for word in SECRETS)]
        assert not found, f"secrets in the environment: {found}"
        return {"rows": 21, "host": os.environ["HOSTNAME"]}

    @task(queue="slow")
    def load(extracted: dict) -> list:
        return [extracted["rows"] * 2, extracted["host"], os.environ["HOSTNAME"]]

    load(extract())


queues()
`,
  'draining.py': `
import time
from datetime import datetime

from airflow.sdk import dag, task


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def draining():
    @task(queue="slow")
    def sleep() -> str:
        time.sleep(45)
        return "rested"

    sleep()


draining()
`,
};

onCluster('an Airflow with CeleryExecutor, two pools of workers and a Redis of its own', () => {
  beforeAll(async () => {
    await cluster.prepare('secret', DAGS);
    const app = new App();
    const { namespace } = cluster;
    const chart = new Chart(app, 'airflow', { namespace });
    new AirflowKubernetesDeployment(chart, 'airflow', {
      image: AirflowImage.of('localhost/airflow:3.3'),
      images: { gitSync: 'localhost/git-sync:v4', redis: 'localhost/redis:7' },
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') }),
      dags: new GitSyncDags({ repo: 'http://git-server:8080/dags.git', ref: 'main', periodSeconds: 10 }),
      executor: Executor.celery({
        broker: CeleryBroker.developmentRedis(),
        resultBackend: CeleryResultBackend.redis({ host: 'airflow-redis', database: 1, password: SecretRef.existing('airflow-broker-password', 'broker-password') }),
        workers: [{ concurrency: 2 }, { name: 'slow', queues: ['slow'], concurrency: 1, terminationGracePeriodSeconds: 120 }],
      }),
    });
    new DevPostgres(app, 'postgres', { namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow' });
    kubectl(['apply', '-f', '-'], app.synthYaml());
    await cluster.booted();
  }, 900_000);

  afterAll(() => { removeNamespace(cluster.namespace); });

  test('tasks run in the pool of their queue, in workers without any secret of the control plane', async () => {
    expect(await cluster.run('queues', 240)).toBe('success');
    expect(cluster.xcoms()).toEqual([
      'extract|{"host": "airflow-celery-worker-0", "rows": 21}', 'load|[42, "airflow-celery-worker-0", "airflow-celery-worker-slow-0"]',
    ]);
    const [worker] = cluster.pods('app.kubernetes.io/component=celery-worker');
    expect(JSON.stringify(worker.spec)).not.toMatch(/METADATA_DB|FERNET|JWT|serviceAccountToken/);
  }, 400_000);

  test('a worker answers its probe, and the API server reads the log of a task from it', () => {
    const { livenessProbe } = cluster.pods('app.kubernetes.io/component=celery-worker')[0].spec.containers[0];
    expect(cluster.kubectl('exec', 'airflow-celery-worker-0', '-c', 'celery-worker', '--', ...livenessProbe.exec.command)).toContain('pong');
    const read = `from airflow.utils.log.file_task_handler import FileTaskHandler
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
with create_session() as session:
    ti = session.query(TaskInstance).filter_by(dag_id="queues", task_id="extract").one()
    ti.trigger
    lines, meta = FileTaskHandler("/opt/airflow/logs").read(ti, 1)
    print(str([getattr(line, "event", line) for line in lines]))`;
    const log = cluster.kubectl('exec', 'deploy/airflow-api-server', '-c', 'api-server', '--', 'python', '-c', read);
    expect(log).toContain('http://airflow-celery-worker-0.airflow-celery-worker.');
    expect(log).toContain("Returned value was: {'rows': 21");
  }, 120_000);

  test('a worker that is told to end finishes its task first', async () => {
    let deleted: number | undefined;
    const running = () => cluster.sql("select 1 from task_instance where task_id = 'sleep' and state = 'running'") === '1';
    const uid = cluster.pods('app.kubernetes.io/component=celery-worker-slow')[0].metadata.uid;
    const state = await cluster.run('draining', 240, () => {
      if (deleted === undefined && running()) {
        cluster.kubectl('delete', 'pod', 'airflow-celery-worker-slow-0', '--wait=false');
        deleted = Date.now();
      }
    });
    expect(state).toBe('success');
    expect(Date.now() - deleted!).toBeGreaterThan(20_000);
    expect(cluster.sql("select try_number from task_instance where task_id = 'sleep'")).toBe('1');
    await timed('another worker', () => cluster.until('the worker to be replaced', 120, () =>
      cluster.pods('app.kubernetes.io/component=celery-worker-slow').some(pod => pod.metadata.uid !== uid) ? 'yes' : ''));
  }, 500_000);
});
