// By hand, on a cluster with the Prometheus operator's custom resources:
//   npx jest --maxWorkers=1 --testMatch '**/test/e2e/monitoring.e2e.ts' --testPathIgnorePatterns /node_modules/
import { App, Chart, Testing } from 'cdk8s';
import { AirflowOnCluster } from './airflow';
import { kubectl, onCluster, removeNamespace } from './kubectl';
import { DevPostgres } from '../../examples/airflow/database';
import { AirflowImage, AirflowKubernetesDeployment, CeleryBroker, Executor, GitSyncDags, MetadataDatabase, SecretRef } from 'cdk8s-airflow';

const cluster = new AirflowOnCluster(process.env.E2E_NAMESPACE ?? 'monitoring-e2e');
const { namespace } = cluster;
/** Everything that a command line would trip over. */
const FLOWER = 'ada:p $1 #x';
const SMALL = { resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { memory: '2Gi' } } };

const DAG = `
import time
from datetime import datetime
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task

@dag(schedule=None, is_paused_upon_creation=False)
def watched():
    @task
    def works():
        # Longer than the exporter is read for.
        time.sleep(2)

    @task(trigger_rule='all_done')
    def fails():
        raise ValueError('as it should')

    works() >> fails()

@dag(schedule='* * * * *', start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def every_minute():
    EmptyOperator(task_id='nothing')

watched()
every_minute()
`;

function manifests(): any[] {
  const app = new App();
  const chart = new Chart(app, 'chart', { namespace });
  new AirflowKubernetesDeployment(chart, 'airflow', {
    database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') }),
    image: AirflowImage.of('localhost/airflow:3.3'),
    images: { gitSync: 'localhost/git-sync:v4', statsdExporter: 'localhost/statsd-exporter:0.28', redis: 'localhost/redis:7' },
    executor: Executor.multiple([
      Executor.kubernetes(),
      Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ ...SMALL, concurrency: 1 }] }),
    ]),
    flower: { basicAuth: SecretRef.existing('airflow-flower', 'basicAuth'), ...SMALL },
    dags: new GitSyncDags({ repo: 'http://git-server:8080/dags.git', ref: 'main', periodSeconds: 5 }),
    // At once, so that the test need not wait for the metrics that come seldom, and a task is seen as queued while its pod starts.
    config: { scheduler: { pool_metrics_interval: 5, ti_metrics_interval: 1 }, dag_processor: { print_stats_interval: 5 } },
    scheduler: SMALL,
    apiServer: SMALL,
    dagProcessor: SMALL,
    triggerer: SMALL,
    workers: SMALL,
    monitoring: {
      statsd: { scrapedFrom: [{ podSelector: { matchLabels: { app: 'prometheus' } } }] },
      serviceMonitor: { labels: { release: 'prometheus' }, scrapeTimeout: '10s' },
      prometheusRule: { labels: { release: 'prometheus' } },
      grafanaDashboard: {},
    },
  });
  const postgres = new DevPostgres(app, 'postgres', { namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow' });
  return [...Testing.synth(chart), ...Testing.synth(postgres)];
}

/** `metric{label,…}` of every series that rules and dashboard select. */
function selected(objects: any[]): { metric: string; labels: string[] }[] {
  const rules = objects.filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => spec.groups[0].rules.map(({ expr }: any) => expr));
  const board = JSON.parse(Object.values<string>(objects.find(({ metadata }) => metadata.name === 'airflow-dashboard').data)[0]);
  const queries: string[] = [...rules, ...board.panels.flatMap(({ targets = [] }: any) => targets.map(({ expr }: any) => expr))];
  return queries.flatMap(query => [...query.matchAll(/(airflow_\w+)\{([^}]*)\}/g)].map(([, metric, matchers]) => ({
    metric, labels: [...matchers.matchAll(/(\w+)!?=/g)].map(match => match[1]).filter(label => !['namespace', 'job'].includes(label)),
  })));
}

onCluster('an Airflow with a StatsD exporter and Flower', () => {
  const objects = manifests();

  /** What a pod with such a label reads at the exporter. */
  const scrape = (app: string): string => {
    const name = `scrape-${app}`;
    cluster.kubectl('delete', 'pod', name, '--ignore-not-found', '--wait=true');
    const read = "import urllib.request as r; print(r.urlopen('http://airflow-statsd:9102/metrics', timeout=5).read().decode())";
    kubectl(['apply', '-f', '-'], JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { app } },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [{
          name: 'scrape',
          image: 'localhost/airflow:3.3',
          imagePullPolicy: 'IfNotPresent',
          command: ['python', '-c', read],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        }],
      },
    }));
    cluster.kubectl('wait', `pod/${name}`, '--for=jsonpath={.status.containerStatuses[0].state.terminated}', '--timeout=60s');
    return cluster.kubectl('logs', name);
  };

  beforeAll(async () => {
    await cluster.prepare('p@ss', { 'watched.py': DAG });
    cluster.kubectl('create', 'secret', 'generic', 'airflow-flower', `--from-literal=basicAuth=${FLOWER}`);
    objects.forEach(object => kubectl(['apply', '-f', '-'], JSON.stringify(object)));
    await cluster.booted();
  }, 600_000);

  afterAll(() => { if (!process.env.E2E_KEEP) { removeNamespace(namespace); } });

  test('the API server takes monitor and rules, and applying them again changes nothing', () => {
    const again = objects.map(object => kubectl(['apply', '-f', '-'], JSON.stringify(object)).trim());
    expect(again.filter(line => !line.endsWith(' unchanged'))).toEqual([]);
    expect(again.filter(line => line.includes('monitoring.coreos.com'))).toHaveLength(2);
  }, 240_000);

  test('every series of rules and dashboard is there after a DAG run', async () => {
    await cluster.run('watched', 240);
    // Prometheus reads it with the labels that its policy lets in.
    const text = await cluster.until('metrics of tasks', 120, () => {
      const found = scrape('prometheus');
      return /airflow_ti_finish\{.*state="failed"/.test(found) && found.includes('airflow_dagrun_schedule_delay{') ? found : '';
    });
    const series = text.split('\n').filter(line => line.startsWith('airflow_'));
    // Only where a pool has no room for a task.
    const seldom = new Set(['airflow_pool_starving_tasks']);
    const missing = selected(objects).filter(({ metric }) => !seldom.has(metric))
      .filter(({ metric, labels }) => !series.some(line => new RegExp(`^${metric}[{ ]`).test(line) && labels.every(label => line.includes(`${label}="`))));
    expect(missing).toEqual([]);
    // Task pods send theirs, too.
    expect(series.find(line => line.startsWith('airflow_ti_start{dag_id="watched",task_id="works"}'))).toBe('airflow_ti_start{dag_id="watched",task_id="works"} 1');
    expect(series.filter(line => /^airflow_\w*(watched|works|every_minute|default_pool)/.test(line))).toEqual([]);
  }, 400_000);

  test('Flower lets in who knows the password, which no process shows', () => {
    const inFlower = (code: string) => cluster.kubectl('exec', 'deploy/airflow-flower', '-c', 'flower', '--', 'python', '-c', code).trim();
    const get = (headers: string) => inFlower(
      'import base64, urllib.request as r, urllib.error as e\n'
      + `try: print(r.urlopen(r.Request('http://127.0.0.1:5555/workers', headers=${headers})).status)\n`
      + 'except e.HTTPError as error: print(error.code)');
    expect(get('{}')).toBe('401');
    expect(get(`{'Authorization': 'Basic ' + base64.b64encode(b'${FLOWER}').decode()}`)).toBe('200');
    const argv = "import glob; print([open(f, 'rb').read() for f in glob.glob('/proc/[0-9]*/cmdline')])";
    expect(inFlower(argv)).toContain('flower');
    expect(inFlower(argv)).not.toMatch(/basic|redis:/i);
  }, 120_000);

  test('nobody else reads the metrics', () => {
    expect(scrape('somebody')).toContain('timed out');
  }, 60_000);
});
