import { App, Chart } from 'cdk8s';
import { AirflowOnCluster, timed } from './airflow';
import { kubectl, onCluster, removeNamespace } from './kubectl';
import { DevPostgres } from '../../examples/airflow/database';
import { AirflowAuth, AirflowImage, AirflowKubernetesDeployment, GitSyncDags, MetadataDatabase, SecretRef } from 'cdk8s-airflow';

const cluster = new AirflowOnCluster('w2c-auth');

const DAG = `
from datetime import datetime, timedelta

from airflow.sdk import BaseHook, Variable, dag, task


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def objects():
    @task(pool="narrow", retries=3, retry_delay=timedelta(seconds=1))
    def read() -> str:
        connection = BaseHook.get_connection("warehouse")
        return "|".join([connection.login, connection.password, connection.extra_dejson["mode"], Variable.get("team"), Variable.get("token")])

    read()


objects()
`;

/** Asks the REST API from inside the scheduler's pod, which has Python and may not be told apart from another client. */
function api(method: string, path: string, body: unknown, token?: string): any {
  const script = 'import json, sys, urllib.request as u\n'
    + 'method, path, body, token = sys.argv[1:]\n'
    + 'headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + token} if token else {})}\n'
    + 'print(u.urlopen(u.Request("http://localhost:8080" + path, body.encode(), headers, method=method), timeout=60).read().decode())\n';
  return JSON.parse(cluster.kubectl('exec', 'deploy/airflow-api-server', '-c', 'api-server', '--', 'python', '-c', script, method, path, JSON.stringify(body), token ?? ''));
}

onCluster('an Airflow with a user, objects and cleaning', () => {
  beforeAll(async () => {
    await cluster.prepare('secret', { 'objects.py': DAG });
    cluster.kubectl('create', 'secret', 'generic', 'mine', '--from-literal=password=it\'s "quoted" $(HOME) %s', '--from-literal=token=t0ken');
    const app = new App();
    const { namespace } = cluster;
    const chart = new Chart(app, 'airflow', { namespace });
    new AirflowKubernetesDeployment(chart, 'airflow', {
      image: AirflowImage.of('localhost/airflow:3.3'),
      images: { gitSync: 'localhost/git-sync:v4' },
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') }),
      dags: new GitSyncDags({ repo: 'http://git-server:8080/dags.git', ref: 'main', periodSeconds: 10 }),
      auth: AirflowAuth.fab({ users: [{ username: 'ada', email: 'ada@example.com', password: SecretRef.existing('mine', 'password') }] }),
      objects: {
        connections: { warehouse: { connType: 'postgres', host: 'db', login: 'etl', password: SecretRef.existing('mine', 'password'), extra: { mode: 'ro' } } },
        variables: { team: '$(HOME) $$ data', token: SecretRef.existing('mine', 'token') },
        pools: { narrow: { slots: 1 } },
      },
      // By hand, below.
      podCleanup: { schedule: '0 0 1 1 *' },
      databaseCleanup: { tables: ['log', 'job'], batchSize: 100 },
      scheduler: {
        hostAliases: [{ ip: '10.0.0.1', hostnames: ['alias'] }],
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }],
        lifecycle: { preStop: { exec: { command: ['sleep', '1'] } } },
        podDisruptionBudget: { maxUnavailable: 1 },
        containers: [{
          name: 'beside', image: 'localhost/busybox:1', command: ['sleep', '100000'], resources: { limits: { memory: '16Mi' } },
        }],
        volumes: [{ name: 'scratch', emptyDir: {} }],
        volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
        podOverride: { spec: { dnsConfig: { options: [{ name: 'ndots', value: '2' }] } } },
        unset: ['spec.containers[scheduler].startupProbe.timeoutSeconds'],
      },
      apiServer: { autoscaling: { maxReplicas: 2 } },
      // Airflow keeps ended pods, so that there is something to clean.
      config: { kubernetes_executor: { delete_worker_pods: false } },
    });
    new DevPostgres(app, 'postgres', { namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow' });
    kubectl(['apply', '-f', '-'], app.synthYaml());
    await cluster.booted();
    for (const job of ['create-user', 'objects']) {
      await timed(`Job ${job}`, () => cluster.kubectl('wait', 'job', '-l', `app.kubernetes.io/component=${job}`, '--for=condition=Complete', '--timeout=300s'));
    }
  }, 1_200_000);

  afterAll(() => { removeNamespace(cluster.namespace); });

  test('the user logs in at /auth/token and triggers a DAG, whose task reads the objects', async () => {
    const { access_token: token } = api('POST', '/auth/token', { username: 'ada', password: 'it\'s "quoted" $(HOME) %s' });
    await timed('DAG delivered', () => cluster.until('the DAG', 120, () => cluster.sql("select 1 from serialized_dag where dag_id = 'objects'")));
    expect(api('POST', '/api/v2/dags/objects/dagRuns', { dag_run_id: 'e2e', logical_date: null }, token)).toMatchObject({ state: 'queued' });
    await timed('DAG run', () => cluster.until('the DAG run', 240, () =>
      cluster.sql("select state from dag_run where run_id = 'e2e' and state in ('success', 'failed')")));
    expect(cluster.xcoms()).toEqual(['read|"etl|it\'s \\"quoted\\" $(HOME) %s|ro|$(HOME) $$ data|t0ken"']);
    expect(cluster.sql("select pool from task_instance where run_id = 'e2e'")).toBe('narrow');
    expect(() => api('POST', '/auth/token', { username: 'ada', password: 'wrong' })).toThrow('401');
  }, 600_000);

  test.each([['pod-cleanup'], ['database-cleanup']])('%s runs to its end', async component => {
    // Airflow's command leaves alone what ended less than a minute ago.
    const ended = ({ status }: any) => (/^(Succeeded|Failed)$/.test(status.phase)
      ? Math.max(...status.containerStatuses.map(({ state }: any) => Date.parse(state.terminated?.finishedAt ?? status.startTime)))
      : Infinity);
    await cluster.until('a minute', 120, () =>
      (cluster.pods('app.kubernetes.io/component=worker').every(pod => Date.now() - ended(pod) > 65_000) ? 'over' : ''));
    cluster.kubectl('create', 'job', `${component}-now`, '--from', `cronjob/airflow-${component}`);
    await timed(component, () => cluster.kubectl('wait', `job/${component}-now`, '--for=condition=Complete', '--timeout=300s'));
  }, 400_000);

  test('the ended task pods are gone, and old rows would be', async () => {
    expect(cluster.kubectl('logs', 'job/pod-cleanup-now')).toContain('Deleting pod "objects-read-');
    await cluster.until('the end of the task pods', 60, () => (cluster.pods('app.kubernetes.io/component=worker').length === 0 ? 'gone' : ''));
    expect(cluster.kubectl('logs', 'job/database-cleanup-now')).toMatch(/Performing Delete|Found 0 rows/);
  });

  test('what was set on the scheduler reached its pod', () => {
    const [{ spec }] = cluster.pods('app.kubernetes.io/component=scheduler');
    expect(spec).toMatchObject({ hostAliases: [{ ip: '10.0.0.1', hostnames: ['alias'] }], dnsConfig: { options: [{ name: 'ndots', value: '2' }] } });
    expect(spec.containers.map(({ name }: any) => name)).toEqual(['scheduler', 'beside']);
  });
});
