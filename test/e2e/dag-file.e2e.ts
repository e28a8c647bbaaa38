// npx jest --runInBand --testMatch '**/test/e2e/dag-file.e2e.ts' --testPathIgnorePatterns /node_modules/
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { AirflowOnCluster } from './airflow';
import { jobTasks, MADE, OLD, SUMMARY } from './dag-jobs';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { KueueController } from './kueue-controller';
import { SparkController } from './spark-controller';
import { DevPostgres } from '../../examples/airflow/database';
import {
  AirflowImage, AirflowKubernetesDeployment, AirflowVersion, ConfigMapDags, DagFile, DagNotifier, MetadataDatabase, PodTask, SecretRef,
  WorkerPodOverride,
} from 'cdk8s-airflow';

const RESTRICTED = {
  runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' }, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] },
};
const { allowPrivilegeEscalation, capabilities, ...podContext } = RESTRICTED;

/** A mail server that prints what it gets. */
const MAIL_SERVER = [
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'mail' }, spec: { selector: { app: 'mail' }, ports: [{ port: 2525 }] } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'mail', labels: { app: 'mail' } },
    spec: {
      securityContext: podContext,
      containers: [{
        name: 'mail',
        image: 'localhost/python:3.11',
        command: ['python3', '-W', 'ignore', '-u', '-m', 'smtpd', '-n', '-c', 'DebuggingServer', '0.0.0.0:2525'],
        securityContext: { allowPrivilegeEscalation, capabilities },
      }],
    },
  },
];
const CONNECTION = JSON.stringify({
  conn_type: 'smtp', host: 'mail', port: 2525, extra: { disable_ssl: true, disable_tls: true, from_email: 'airflow@example.com' },
});

const byHand = (module: string) => `
import os
from datetime import datetime, timedelta

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from ${module} import dag, task
from pod_overrides import wa


@dag(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
def by_hand():
    @task(executor_config=wa)
    def by_module():
        return os.environ["STATE"]

    @task(executor_config={"pod_template_file": "/opt/airflow/pod_templates/wa.yaml"})
    def by_file():
        return os.environ["STATE"]

    KubernetesPodOperator(
        task_id="template", pod_template_file="/opt/airflow/pod_templates/template.yaml", do_xcom_push=True, retries=5, retry_delay=timedelta(seconds=1))
    by_module(), by_file()


by_hand()
`;

const RETRIES = 1;

onCluster.each([['3.3', AirflowVersion.V3_3, 'airflow.sdk'], ['2.11', AirflowVersion.V2_11, 'airflow.decorators']])('DAGs made from tasks, Airflow %s', (
  image, version, decorators,
) => {
  const cluster = new AirflowOnCluster(`dag-file-${image.replace('.', '-')}`);

  beforeAll(async () => {
    const { namespace } = cluster;
    restrictedNamespace(namespace);
    cluster.kubectl('create', 'secret', 'generic', 'airflow-database', '--from-literal=password=secret');
    cluster.kubectl('create', 'secret', 'generic', 'mail', `--from-literal=connection=${CONNECTION}`);
    cluster.kubectl('create', 'configmap', OLD);
    MAIL_SERVER.forEach(object => kubectl(['-n', namespace, 'apply', '-f', '-'], JSON.stringify(object)));

    const app = new App();
    const tasks = new Chart(app, 'tasks');
    const task = (id: string, script: string, doXcomPush = false, envVars = {}) => new PodTask(tasks, id, {
      image: 'localhost/busybox:1', cmds: ['sh', '-c', script], envVars, doXcomPush, retries: doXcomPush ? RETRIES : 0, renderAs: 'none',
    });
    const options = { taskOptions: { retryDelaySeconds: 1 }, version, startDate: '2026-01-31', isPausedUponCreation: false };
    const extract = task('extract', 'echo "{\\"rows\\": $ROWS, \\"quote\\": \\"it\'s\\"}" > /airflow/xcom/return.json', true, { ROWS: '{{ params.rows }}' });
    const load = task('load', 'echo "$((ROWS * 2))" > /airflow/xcom/return.json', true, { ROWS: extract.output.get('rows') });
    const items = task('items', 'echo "[[\\"a\\"], [\\"b\\"]]" > /airflow/xcom/return.json', true);
    const mapped = new PodTask(tasks, 'mapped', {
      image: 'localhost/busybox:1',
      cmds: ['sh', '-c', 'echo "\\"$0 $N\\"" > /airflow/xcom/return.json'],
      doXcomPush: true,
      retries: RETRIES,
      renderAs: 'none',
      expand: { arguments: items.output, envVars: [{ N: '1' }, { N: '{{ ti.map_index }}' }] },
    });
    const sum = task('sum', 'printf "%s" "$ALL" > /airflow/xcom/return.json', true, { ALL: "{{ ti.xcom_pull(task_ids='mapped') | list | tojson }}" });
    const etl = new DagFile({ dagId: 'etl', tasks: [extract, load, items, mapped, sum], params: { rows: 21 }, maxActiveRuns: 1, ...options });
    const failing = new DagFile({
      dagId: 'failing',
      tasks: [task('fail', 'echo "the quota of team A is used up" > /dev/termination-log; exit 3', false, { SETTING: 'only-for-the-pod' })],
      onFailure: [DagNotifier.email({ to: ['team@example.com'] })],
      ...options,
    });
    const jobs = new DagFile({ dagId: 'jobs', tasks: jobTasks(app, namespace, `localhost/airflow:${image}`), params: { rows: 21 }, ...options });
    const wa = new WorkerPodOverride({ name: 'wa', pod: { spec: { containers: [{ name: 'base', env: [{ name: 'STATE', value: 'wa' }] }] } } });

    const resources = { requests: { cpu: '20m', memory: '256Mi' }, limits: { memory: '2Gi' } };
    const airflow = new AirflowKubernetesDeployment(new Chart(app, 'airflow', { namespace }), 'airflow', {
      version,
      image: AirflowImage.of(`localhost/airflow:${image}`),
      // It has procps, without which the operator cannot be sure to end it.
      images: { xcomSidecar: `localhost/airflow:${image}` },
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('airflow-database', 'password') }),
      dags: new ConfigMapDags({ ...etl.files, ...failing.files, ...jobs.files, 'by_hand.py': byHand(decorators), 'pod_overrides.py': WorkerPodOverride.toPythonModule([wa]) }),
      podLaunching: { jobs: true, spark: true, extraRules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'delete'] }] },
      scheduler: { resources },
      triggerer: { resources },
      ...(version.major === 3 ? { apiServer: { resources }, dagProcessor: { resources } } : { webserver: { resources } }),
      workers: {
        resources,
        env: [{ name: 'AIRFLOW_CONN_SMTP_DEFAULT', valueFrom: { secretKeyRef: { name: 'mail', key: 'connection' } } }],
      },
    });
    airflow.addPodTemplate(task('template', 'echo 42 > /airflow/xcom/return.json', true));
    airflow.addWorkerPodTemplate(wa);
    new DevPostgres(app, 'postgres', { namespace, image: 'localhost/postgres:15', secretName: 'airflow-database', clients: 'airflow', taskPods: version.major === 2 });
    kubectl(['apply', '-f', '-'], app.synthYaml());
    await cluster.booted();
  }, 700_000);

  afterAll(() => {
    removeNamespace(cluster.namespace);
    kubectl(['delete', 'clusterqueue,resourceflavor', `${cluster.namespace}-queue`, `${cluster.namespace}-flavor`, '--ignore-not-found', '--wait=false']);
  });

  test('the files are read without errors and warnings', async () => {
    await cluster.until('the DAGs', 180, () => cluster.sql('select 1 where (select count(*) from serialized_dag) = 4'));
    expect(cluster.sql('select filename, stacktrace from import_error')).toBe('');
    const script = 'import glob, runpy, sys; sys.path.append("/opt/airflow/dags"); [runpy.run_path(path) for path in sorted(glob.glob("/opt/airflow/dags/*.py"))]';
    const reader = version.major === 3 ? ['deploy/airflow-dag-processor', '-c', 'dag-processor'] : ['deploy/airflow-scheduler', '-c', 'scheduler'];
    // Of our files alone: what the provider itself brings with it is not ours.
    const output = cluster.kubectl('exec', ...reader, '--', 'bash', '-c', `python -W default -c '${script}' 2>&1 | grep -E "/opt/airflow/dags/.*Warning" || true`);
    expect(output).toBe('');
  }, 300_000);

  test('a run passes the XCom from task to task, with params, and from and to a mapped one', async () => {
    // The first run waits longest: the scheduler of Airflow 2 may come to a standstill at its start, until its probe has it restarted.
    expect(await cluster.run('etl', 700)).toBe('success');
    expect(cluster.xcoms('etl')).toEqual([
      'extract|{"rows": 21, "quote": "it\'s"}', 'items|[["a"], ["b"]]', 'load|42', 'mapped|"a 1"', 'mapped|"a 1"', 'mapped|"b 1"', 'mapped|"b 3"', 'sum|["a 1", "a 1", "b 1", "b 3"]',
    ]);
  }, 800_000);

  test('template files and overrides by name serve a DAG written by hand', async () => {
    expect(await cluster.run('by_hand', 400)).toBe('success');
    expect(cluster.xcoms('by_hand')).toEqual(['by_file|"wa"', 'by_module|"wa"', 'template|42']);
  }, 500_000);

  test('Jobs, what changes them, objects, Spark and Kueue serve a DAG made from tasks', async () => {
    const controllers = [new SparkController(cluster.namespace), new KueueController(cluster.namespace)];
    await Promise.all(controllers.map(controller => controller.start()));
    const state = await cluster.run('jobs', 900).finally(() => Promise.all(controllers.map(controller => controller.stop())));
    expect(state).toBe('success');
    expect(cluster.xcoms('jobs')).toEqual(expect.arrayContaining(['check|' + JSON.stringify(SUMMARY), 'indexed|[0, 1]', 'spark|"spark"']));
    expect(cluster.kubectl('get', 'configmap', MADE, '-o', 'jsonpath={.data.rows}')).toBe('21');
    expect(cluster.kubectl('get', 'configmap', OLD, '--ignore-not-found')).toBe('');
    // Those that a task deletes, and the application, which its operator deletes.
    const left = cluster.kubectl('get', 'jobs,sparkapplications', '-o', 'name').split('\n').filter(name => /job-(asleep|queued)|sparkapplication/.test(name));
    expect(left).toEqual([]);
  }, 1_000_000);

  test('a failed task sends a mail with its termination message, without the environment of its pod', async () => {
    expect(await cluster.run('failing', 300)).toBe('failed');
    const mail = await cluster.until('the mail', 60, () => {
      const log = cluster.kubectl('logs', 'mail');
      return log.includes('END MESSAGE') ? log : '';
    });
    const text = mail.split('\n').map(line => /b'(.*)'$/.exec(line)?.[1] ?? '').join('\n');
    const body = /\n\n([A-Za-z0-9+/=\n]{60,}?)\n(?:\n|--)/.exec(text);
    const all = text + (body ? Buffer.from(body[1], 'base64').toString() : '');
    expect(all).toContain('To: team@example.com');
    expect(all).toContain('the quota of team A is used up');
    expect(all).not.toContain('only-for-the-pod');
  }, 500_000);
});

onCluster('pods that the operator made of template files', () => {
  const namespace = 'dag-templates';
  beforeAll(() => { kubectl(['create', 'namespace', namespace]); });
  afterAll(() => removeNamespace(namespace));

  test('the API server takes each of them', () => {
    const recorded = JSON.parse(readFileSync(join(__dirname, '../tasks/kpo-templates.json'), 'utf8'));
    const refused = recorded.map(({ asked, pod }: any) => {
      const { namespace: _, ...metadata } = pod.metadata;
      try {
        kubectl(['create', '--dry-run=server', '-n', namespace, '-f', '-'], JSON.stringify({ ...pod, metadata }));
        return '';
      } catch (error) {
        return `${asked.id}: ${(error as any).stderr}`;
      }
    }).filter((message: string) => message !== '' && !message.includes('no PriorityClass'));
    expect(refused).toEqual([]);
  }, 300_000);
});
