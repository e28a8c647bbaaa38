import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirflowVersion, DagFile, DagFileProps, DagNotifier, DagTaskOptions, PodTask, PodTaskProps } from '../../src';
import { chart } from '../util';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

function tasks(): { extract: PodTask; load: PodTask; task: (id: string, props?: Partial<PodTaskProps>) => PodTask } {
  const scope = chart();
  const task = (id: string, props: Partial<PodTaskProps> = {}) => new PodTask(scope, id, { image: 'busybox:1', hardening: false, renderAs: 'none', ...props });
  const extract = task('extract', { cmds: ['sh', '-c', 'echo "$DAY" > /airflow/xcom/return.json'], envVars: { DAY: '{{ ds }}' }, doXcomPush: true });
  const load = task('load', { arguments: [extract.output], retries: 2, containerResources: { limits: { memory: '64Mi' } } });
  return { extract, load, task };
}

test('Jinja in names is left to Airflow, and what it pulls is waited for', () => {
  const { extract, task } = tasks();
  const named = task('named', { name: `Load_${extract.output}`, baseContainerName: '{{ params.c }}', fullPodSpec: { spec: { containers: [{ name: 'x', stdin: true }] } } });
  const mapped = task('mapped', { expand: { name: ['a_{{ ds }}', 'b_c'] } });
  const python = new DagFile({ dagId: 'd', tasks: [extract, named, mapped] }).toPython();
  expect(python).toContain('name="Load_{{ ti.xcom_pull(task_ids=\'extract\') }}"');
  expect(python).toContain('base_container_name="{{ params.c }}"');
  expect(python).toContain('extract >> named');
  expect(python).toContain('name=["a_{{ ds }}", "b-c"]');
  expect(() => new DagFile({ dagId: 'd', tasks: [task('old', { name: '{{ execution_date }}' })] }).toPython()).toThrow('execution_date');
});

test('a pull with the id of the own DAG is waited for, and one with that of another DAG is not', () => {
  const { extract, task } = tasks();
  const work = task('work', { arguments: ["{{ ti.xcom_pull('extract', dag_id='etl') }}"] });
  const later = task('later', { dependsOn: [work] });
  const before = task('before', { arguments: ["{{ ti.xcom_pull('last', dag_id='etl', include_prior_dates=True) }}"] });
  const last = task('last', { dependsOn: [before] });
  const other = task('other', { arguments: ["{{ ti.xcom_pull('extract', dag_id='another') }}"] });
  const python = new DagFile({ dagId: 'etl', tasks: [extract, work, later, before, last, other] }).toPython();
  expect(python).toContain('extract >> work');
  expect(python).not.toContain('extract >> other');
  // An earlier run pushed it.
  expect(python).toContain('before >> last');
  expect(python).not.toContain('last >> before');
});

test('a DAG with the tasks in their order, Jinja left to Airflow', () => {
  const { extract, load } = tasks();
  const dag = new DagFile({ dagId: 'etl', schedule: '@daily', startDate: '2026-01-31', timezone: 'Europe/Berlin', tasks: [extract, load] });
  expect(dag.toPython()).toBe(`\
"""Made by cdk8s-airflow: what is changed here is lost."""

import pendulum
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG
from kubernetes.client import models as k8s

with DAG(
    dag_id="etl",
    schedule="@daily",
    start_date=pendulum.datetime(2026, 1, 31, tz="Europe/Berlin"),
    catchup=False,
):
    extract = KubernetesPodOperator(
        task_id="extract",
        name="extract",
        image="busybox:1",
        cmds=["sh", "-c", "echo \\"$DAY\\" > /airflow/xcom/return.json"],
        env_vars=[k8s.V1EnvVar(name="DAY", value="{{ ds }}")],
        do_xcom_push=True,
    )

    load = KubernetesPodOperator(
        task_id="load",
        name="load",
        image="busybox:1",
        arguments=["{{ ti.xcom_pull(task_ids='extract') }}"],
        container_resources=k8s.V1ResourceRequirements(limits={"memory": "64Mi"}),
        retries=2,
    )

    extract >> load
`);
  expect(dag.files).toEqual({ 'etl.py': dag.toPython() });
  const folder = join(mkdtempSync(join(tmpdir(), 'dag-')), 'dags');
  dag.writeTo(folder);
  expect(readFileSync(join(folder, 'etl.py'), 'utf8')).toBe(dag.toPython());
});

test('all props and options reach the file', () => {
  const { extract, load } = tasks();
  const options: Required<DagTaskOptions> = {
    kubernetesConnId: 'k8s_etl',
    inCluster: false,
    configFile: '/kube/config',
    clusterContext: 'etl',
    deferrable: true,
    reattachOnRestart: false,
    scheduleTimeoutSeconds: 60,
    startupCheckIntervalSeconds: 2,
    baseContainerStatusPollingInterval: 0.5,
    pollInterval: 3,
    loggingInterval: 4,
    triggerKwargs: { a: [1] },
    logs: false,
    containerLogs: ['base'],
    initContainerLogs: ['init'],
    containerNameLogPrefixEnabled: false,
    logFormatter: 'my.logs.line',
    logEventsOnFailure: true,
    logEventsOnStartup: false,
    logPodSpecOnFailure: true,
    skipOnExitCode: [99],
    callbacks: ['my.callbacks.Service', 'other.callbacks.Service'],
    onKillAction: 'keep_pod',
    retryDelaySeconds: 5,
    retryExponentialBackoff: true,
    executionTimeoutSeconds: 600,
    pool: 'p',
    poolSlots: 2,
    queue: 'q',
    priorityWeight: 3,
    triggerRule: 'all_done',
    dependsOnPast: true,
    maxActiveTisPerDag: 1,
    executor: 'KubernetesExecutor',
  };
  // A cluster goes with no connection.
  const props: Required<Omit<DagFileProps, 'cluster'>> = {
    dagId: 'all',
    tasks: [extract, load],
    fileName: 'every.py',
    version: AirflowVersion.V3_3,
    kubernetesProvider: '10.25.0',
    schedule: '0 6 * * 1-5',
    startDate: '2026-01-31T06:30',
    timezone: 'UTC',
    catchup: true,
    description: 'd "quoted"',
    tags: ['a'],
    params: { rows: 10, deep: { x: null, yes: true } },
    maxActiveRuns: 1,
    maxActiveTasks: 2,
    maxConsecutiveFailedDagRuns: 3,
    dagrunTimeoutSeconds: 3600,
    isPausedUponCreation: false,
    onFailure: [DagNotifier.email({ to: ['a@example.com'], from: 'b@example.com', subject: 's', smtpConnId: 'mail' }), DagNotifier.of('my.Pager', { key: 'k' })],
    taskOptions: { pool: 'other', deferrable: false },
    taskOptionsByTaskId: { load: options },
  };
  const dag = new DagFile(props);
  expect(Object.keys(dag.files)).toEqual(['every.py']);
  const [head, first, second] = dag.toPython().split('KubernetesPodOperator(\n');
  [
    'from datetime import timedelta\n', 'from my import Pager\n', 'from my.callbacks import Service\n', 'from my.logs import line\n',
    'from other.callbacks import Service as Service_2\n', 'schedule="0 6 * * 1-5"', 'start_date=pendulum.datetime(2026, 1, 31, 6, 30, tz="UTC")', 'catchup=True',
    'description="d \\"quoted\\""', 'tags=["a"]', 'params={"rows": 10, "deep": {"x": None, "yes": True}}', 'max_active_runs=1', 'max_active_tasks=2',
    'max_consecutive_failed_dag_runs=3', 'dagrun_timeout=timedelta(seconds=3600)', 'is_paused_upon_creation=False', 'SmtpNotifier(\n',
    'smtp_conn_id="mail"', 'from_email="b@example.com"', 'to=["a@example.com"]', 'subject="s"', '{{ exception | string | e }}', 'Pager(key="k")',
  ].forEach(text => expect(head).toContain(text));
  // The error goes into an e-mail, so that the pod's environment stays out of it.
  expect(first).toMatch(/log_pod_spec_on_failure=False,\n\s+pool="other",\n\s+deferrable=False,\n/);
  [
    'kubernetes_conn_id="k8s_etl"', 'in_cluster=False', 'config_file="/kube/config"', 'cluster_context="etl"', 'deferrable=True', 'durable=False',
    'schedule_timeout_seconds=60', 'startup_check_interval_seconds=2', 'base_container_status_polling_interval=0.5', 'poll_interval=3', 'logging_interval=4',
    'trigger_kwargs={"a": [1]}', 'get_logs=False', 'container_logs=["base"]', 'init_container_logs=["init"]', 'container_name_log_prefix_enabled=False',
    'log_formatter=line', 'log_events_on_failure=True', 'log_pod_spec_on_failure=True', 'skip_on_exit_code=[99]', 'callbacks=[Service, Service_2]',
    'on_kill_action="keep_pod"', 'retry_delay=timedelta(seconds=5)', 'retry_exponential_backoff=True', 'execution_timeout=timedelta(seconds=600)', 'pool="p"',
    'pool_slots=2', 'queue="q"', 'priority_weight=3', 'trigger_rule="all_done"', 'depends_on_past=True', 'max_active_tis_per_dag=1', 'executor="KubernetesExecutor"',
  ].forEach(text => expect(second).toContain(`        ${text},\n`));
});

test('Airflow 2 imports from where it has them', () => {
  const text = new DagFile({
    dagId: 'old', startDate: '2026-01-31', version: AirflowVersion.V2_11, tasks: [tasks().extract], taskOptions: { reattachOnRestart: false },
  }).toPython();
  expect(text).toContain('from airflow.models.dag import DAG\n');
  // The provider warns of the argument.
  expect(text).not.toContain('reattach_on_restart=');
  expect(text).toMatch(/^    \)\n    extract\.reattach_on_restart = False\n/m);
});

test('what the provider in the image knows is given to it, and its own default is not', () => {
  const ofAirflow2 = (onKillAction: 'delete_pod' | 'keep_pod', kubernetesProvider?: string) => new DagFile({
    dagId: 'old', startDate: '2026-01-31', version: AirflowVersion.V2_11, kubernetesProvider, tasks: [tasks().extract], taskOptions: { onKillAction },
  }).toPython();
  expect(ofAirflow2('keep_pod', '10.15.0')).toContain('on_kill_action="keep_pod"');
  expect(ofAirflow2('keep_pod', '11.0.0')).toContain('on_kill_action="keep_pod"');
  expect(ofAirflow2('delete_pod')).not.toContain('on_kill_action');
});

test('what no parameter says is in full_pod_spec; what a dictionary\'s Jinja says is rendered there and nothing else', () => {
  const { task } = tasks();
  const rest = new DagFile({ dagId: 'a', tasks: [task('t', { podOverride: { spec: { shareProcessNamespace: true, containers: [{ name: 'side', image: 's' }] } } })] });
  expect(rest.toPython().replace(/\s+/g, ' ')).toContain('full_pod_spec=k8s.V1Pod( metadata=k8s.V1ObjectMeta(), spec=k8s.V1PodSpec( '
    + 'share_process_namespace=True, containers=[k8s.V1Container(name="base"), k8s.V1Container(name="side", image="s")], ), ), ');

  const dict = new DagFile({
    dagId: 'b',
    tasks: [task('d', {
      podTemplateDict: { spec: { serviceAccountName: '{{ params.account }}', containers: [{ name: 'base', image: 'i' }] } },
      initContainers: [{ name: 'init', image: 'i', args: ['{{ text }}'] }],
    })],
  }).toPython();
  expect(dict).toContain('"serviceAccountName": "{{ params.account }}"');
  expect(dict).toContain('"args": ["{% raw %}{{ text }}{% endraw %}"]');
});

test('a name with Jinja is written where it keeps what it has', () => {
  const podTemplateDict = { metadata: { name: 'of.{{ ds }}' }, spec: { containers: [{ name: 'base', image: 'i' }] } };
  const python = (props: object) => new DagFile({ dagId: 'a', tasks: [tasks().task('t', props)] }).toPython();
  expect(python({ podTemplateDict })).toMatch(/"metadata": \{\s*"name": "of\.\{\{ ds \}\}",?\s*\}/);
  expect(python({ podTemplateDict })).not.toMatch(/\bname=/);
  expect(python({ podTemplateDict, name: 'by.{{ ds }}' })).toContain('name="by.{{ ds }}"');
  expect(python({ podTemplateDict, name: 'by.{{ ds }}' })).not.toContain('of.{{');
});

test('variables are names in Python, each its own', () => {
  const { task } = tasks();
  const text = new DagFile({ dagId: 'a', tasks: ['DAG', 'class', '1st', 'a-b', 'a.b', '任务'].map(id => task(id)) }).toPython();
  expect([...text.matchAll(/^ {4}(\w+) = /gmu)].map(([, name]) => name)).toEqual(['DAG_2', 'class_2', 'task_1st', 'a_b', 'a_b_2', 'task__']);
});

const message = (action: () => unknown) => {
  try { action(); } catch (error) { return (error as Error).message; }
  return 'no error';
};

test('names that Airflow 3 has taken from templates are refused for Airflow 3', () => {
  const { task } = tasks();
  let made = 0;
  const dag = (props: Partial<PodTaskProps>, version = AirflowVersion.V3_3) =>
    () => new DagFile({ dagId: 'etl', startDate: '2026-01-31', version, tasks: [task(`t${(made += 1)}`, props)] });
  expect(dag({ arguments: ['{{ execution_date }}'] })).toThrow("'arguments': Airflow 3 has no 'execution_date' any more; write 'logical_date'");
  expect(dag({ envVars: { A: '{% if tomorrow_ds > ds %}x{% endif %}' } })).toThrow("'env_vars': Airflow 3 has no 'tomorrow_ds' any more; write 'macros.ds_add(ds, 1)'");
  expect(dag({ labels: { core: "{{ conf.get('core', 'x') }}" } })).toThrow("Airflow 3 has no 'conf' any more");
  expect(dag({ podTemplateDict: { spec: { containers: [{ name: 'base', image: 'x' }, { name: 'side', image: 'x', args: ['{{ prev_ds }}'] }] } } }))
    .toThrow("'pod_template_dict': Airflow 3 has no 'prev_ds' any more");
  expect(dag({ arguments: ['{{ execution_date }}', '{{ conf }}'] }, AirflowVersion.V2_11)).not.toThrow();
  // Attributes, texts, names of the template's own, and a question whether there is one.
  for (const text of ['{{ dag_run.conf.x }}', "{{ 'conf' }}", '{{ params.next_ds }}', '{% set next_ds = ds %}', '{{ conf | default(1) }}', 'execution_date',
    '{% if execution_date is defined %}x{% endif %}', '{# conf #}', '{% raw %}{{ conf }}{% endraw %}']) {
    expect(dag({ arguments: [text] })).not.toThrow();
  }
});

test('a name without random characters', () => {
  const { task } = tasks();
  const long = 'x'.repeat(80);
  const made = [task('whole', { name: long, randomNameSuffix: false }), task('cut', { name: long }), task('y'.repeat(70), { randomNameSuffix: false })];
  expect(made.map(({ name }) => name.length)).toEqual([80, 54, 63]);
  expect(new DagFile({ dagId: 'etl', tasks: made.slice(0, 1) }).toPython()).toContain(`name="${long}",\n        random_name_suffix=False,`);
  expect(() => task('bad', { randomNameSuffix: 'no' as any })).toThrow("'randomNameSuffix'");
});

test('refused: no props', () => {
  expect(() => new DagFile(undefined as any)).toThrow('DagFile: expected an object with the members of DagFileProps, got undefined');
});

test.each<[string, (t: ReturnType<typeof tasks>) => any, string]>([
  ['an id that Airflow refuses', () => ({ dagId: 'my dag' }), "DagFile 'my dag': 'dagId' must be 1 to 250 letters, digits, '-', '_' or '.', got \"my dag\""],
  ['an id that is no file name', () => ({ dagId: '任务' }), "'fileName' must be letters, digits, '-', '_' and '.', with '.py' at its end, got '任务.py' from 'dagId'; set it"],
  ['no tasks', () => ({ tasks: [] }), "'tasks' is empty; give at least one task"],
  ['something else', () => ({ tasks: [{}] }), "'tasks[0]' is no task, such as a PodTask"],
  ['an unknown prop', () => ({ scheduleInterval: '@daily' }), "unknown prop 'scheduleInterval'; did you mean 'schedule'?"],
  ["the callback by Airflow's name", () => ({ on_failure_callback: 'x' }), "unknown prop 'on_failure_callback'; did you mean 'onFailure'?"],
  ["the arguments of all tasks by Airflow's name", () => ({ default_args: {} }), "unknown prop 'default_args'; write 'taskOptions'"],
  ['no id', () => ({ dagId: undefined }), "DagFile: 'dagId' must be"],
  ['a task twice', t => ({ tasks: [t.load, t.extract, t.load] }), "two tasks are called 'load'; give one of them another 'taskId'"],
  ['a task without what it waits for', t => ({ tasks: [t.load] }), "task 'load' waits for 'extract', which is not in 'tasks'; add it"],
  ['a circle', t => ({ tasks: [t.task('a', { cmds: ["{{ ti.xcom_pull('b') }}"] }), t.task('b', { cmds: ["{{ ti.xcom_pull('a') }}"] })] }),
    "tasks wait for each other: 'a', 'b'; take one 'dependsOn' or XCom out"],
  ['a schedule that is none', () => ({ schedule: 'daily', startDate: '2026-01-01' }), "'schedule' must be a cron expression such as '0 6 * * *', or '@daily' and the like, got 'daily'"],
  ...['0 25 * * *', '*/0 * * * *', 'run every day at six', 'H 6 * * *', '0 6 * january *', '0 6 * * 8', '0 6 * * mon#6', 'jan * * * *',
    '? * * * *', '0 6 ?,1 * *', '0 L * * *', '0 0 31 2 *', '0 0 31 sep,4/5 ?', '0 0 30-31 feb *', '0 6 * * 2,1#2', '0 6 40 1 mon#1', '0 6 1 * * 0 2200', '0 6 1 * mon#2',
    '0 6 1 * L5', '0 6 15W * L5', '0 0 29 2 * 0 2026,2027', '0 6 1W,3 * *',
    '0 0 31 9-3/6 *', '0 6 * * *,0-6,L7', 'R(5-5) * * * *', 'R/0 * * * *', 'R,5 * * * *', '0 0 R(0-10) * *', '0 0 R(30-31) 2 *', '@Once', '@Quarterly', '@daily '].map(schedule =>
    [schedule, () => ({ schedule, startDate: '2026-01-01' }), `'schedule' must be a cron expression such as '0 6 * * *', or '@daily' and the like, got '${schedule}'`] as any),
  ['a time zone with a slip', () => ({ timezone: 'Europe/Berln' }), "'timezone' must be the name of a time zone such as 'Europe/Berlin' or 'Etc/UTC', got \"Europe/Berln\""],
  ['a time zone in small letters', () => ({ timezone: 'europe/berlin' }), "got \"europe/berlin\"; write 'Europe/Berlin'"],
  ['@continuous', () => ({ schedule: '@continuous', startDate: '2026-01-01' }), "'schedule' of '@continuous' needs 'maxActiveRuns: 1'"],
  ['a schedule without a date', () => ({ schedule: '@daily' }), "'startDate' is missing: with 'schedule' it says from when on; give a date such as '2026-01-31'"],
  ['Airflow 2 without a date', () => ({ version: AirflowVersion.V2_11 }), "'startDate' is missing: Airflow 2.11.2 wants one in every DAG"],
  ['a day that is none', () => ({ startDate: '2026-02-30' }), "'startDate' must be a date from 1900 to 2999 such as '2026-01-31' or '2026-01-31T06:00', got '2026-02-30'"],
  ['a time zone', () => ({ timezone: 'UTC")' }), "'timezone' must be the name of a time zone such as 'Europe/Berlin' or 'Etc/UTC', got \"UTC\\\")\""],
  ['a limit', () => ({ maxActiveRuns: 0 }), "'maxActiveRuns' must be a whole number from 1 to 2147483647, got 0"],
  ['a limit that the database does not hold', () => ({ maxActiveTasks: 1e300 }), "'maxActiveTasks' must be a whole number from 1 to 2147483647, got 1e+300"],
  ['a time that Python does not hold', () => ({ dagrunTimeoutSeconds: 1e15 }), "'dagrunTimeoutSeconds' must be a whole number from 1 to 2147483647, got 1000000000000000"],
  ['a delay that Python does not hold', () => ({ taskOptions: { retryDelaySeconds: 1e300 } }), "'retryDelaySeconds' must be a number from 0 to 2147483647, got 1e+300"],
  ...['2026-01-31T24:00', '0000-01-01', '9999-12-31', '2026-01-31T06:60'].map(startDate => [startDate, () => ({ startDate }), `or '2026-01-31T06:00', got '${startDate}'`] as any),
  ...['SystemV/AST4', 'us/pacific', 'PST', 'US/Pacific-New'].map(timezone => [timezone, () => ({ timezone }), `'timezone' must be the name of a time zone such as 'Europe/Berlin' or 'Etc/UTC', got "${timezone}"`] as any),
  ['options in a Map', () => ({ taskOptions: new Map([['pool', 'x']]) }), "'taskOptions' must be an object, got a Map"],
  ['options of tasks in a Map', () => ({ taskOptionsByTaskId: new Map() }), "'taskOptionsByTaskId' must be an object, got a Map"],
  ['a mail to one text', () => ({ onFailure: [DagNotifier.email({ to: 'a@b.c' } as any)] }), "DagNotifier.email: 'to' must be a list of addresses such as ['team@example.com'], got \"a@b.c\""],
  ['a mail without props', () => ({ onFailure: [(DagNotifier as any).email()] }), 'DagNotifier.email: expected an object with the members of EmailNotification, got undefined'],
  ['a mail with a slip', () => ({ onFailure: [DagNotifier.email({ to: ['a@b.c'], fro: 'x' } as any)] }), "DagNotifier.email: unknown prop 'fro'"],
  ['a mail by a number', () => ({ onFailure: [DagNotifier.email({ to: ['a@b.c'], smtpConnId: 5 } as any)] }), "'smtpConnId' must be a text, got 5"],
  ['options of another task', () => ({ taskOptionsByTaskId: { nope: {} } }), "'taskOptionsByTaskId' names 'nope', which is not in 'tasks'"],
  ['options that are null', () => ({ taskOptionsByTaskId: { extract: null as any } }), "'taskOptionsByTaskId.extract' must be an object, got null"],
  ['an unknown option', () => ({ taskOptions: { retry_delay: 5 } }), "task 'extract': 'taskOptions': unknown prop 'retry_delay'; did you mean 'retryDelaySeconds'?"],
  ['a trigger rule', () => ({ taskOptions: { triggerRule: 'any' } }), "'triggerRule' must be one of 'all_success'"],
  ['a number', () => ({ taskOptions: { retryDelaySeconds: -1 } }), "'retryDelaySeconds' must be a number from 0 to 2147483647, got -1"],
  ['a callback that is code', () => ({ taskOptions: { callbacks: ['print()'] } }), "'callbacks[0]' must be where Python imports it, such as 'my_package.callbacks.MyCallback', got \"print()\""],
  ['a mail to nobody', () => ({ onFailure: [DagNotifier.email({ to: [] })] }), "DagNotifier.email: 'to' must be a list of addresses such as ['team@example.com'], got []"],
  ['a notifier that is none', () => ({ onFailure: [DagNotifier.of('Pager')] }), "DagNotifier.of: 'classpath' must be where Python imports it"],
  ['an argument that is code', () => ({ onFailure: [DagNotifier.of('a.Pager', { 'x=1, y': 1 })] }), "'args' must have names of Python's arguments, got 'x=1, y'"],
  ['a notifier that Python cannot import', () => ({ onFailure: [DagNotifier.of('my.import.Pager')] }), "'classpath' must be where Python imports it"],
  ['an argument that is a word of Python', () => ({ onFailure: [DagNotifier.of('a.Pager', { from: 'x' })] }), "'args' must have names of Python's arguments, got 'from'"],
  ['a notifier with a credential', () => ({ onFailure: [DagNotifier.of('a.Pager', { token: 'xoxb-1' })] }),
    "DagNotifier.of: 'args.token' holds a credential, by its name, which everybody sees who may read the DAG; let the notifier read it from a connection of Airflow, by its id"],
  ['a notifier with a credential in a list', () => ({ onFailure: [DagNotifier.of('a.Pager', { to: [{ 'url': 'x', 'api-key': 'hunter2' }] })] }),
    "'args.to[0].api-key' holds a credential, by its name"],
  ['a notifier with a credential beside Jinja', () => ({ onFailure: [DagNotifier.of('a.Pager', { url: 'https://u:hunter2@host/{{ ds }}' })] }),
    "'args.url' holds a URL with a password"],
  ['an argument that is no JSON', () => ({ onFailure: [DagNotifier.of('a.Pager', { text: [() => 1] })] }), 'args.text[0]: expected a JSON value'],
  ['a date among the parameters', () => ({ params: { since: new Date(0) } }), 'params.since: expected a JSON value'],
  ['an output among the parameters', t => ({ params: { rows: t.extract.output } }), 'params.rows: expected a JSON value'],
  ['an argument of the trigger that is no JSON', () => ({ taskOptions: { triggerKwargs: { f: () => 1 } } }), 'triggerKwargs.f: expected a JSON value'],
  ['a long tag', () => ({ tags: ['x'.repeat(101)] }), "'tags' must be texts of at most 100 characters, got 'xxxxxxxxxxxxxxxxxxxx…' of 101"],
  ['an end that there is not', () => ({ taskOptions: { onKillAction: 'keep' } }), "'onKillAction' must be 'delete_pod' or 'keep_pod', got \"keep\""],
  ['what the provider of Airflow 2.11 does not know', () => ({ version: AirflowVersion.V2_11, startDate: '2026-01-01', taskOptions: { onKillAction: 'keep_pod' } }),
    "task 'extract': 'onKillAction' needs version 10.15.0 or newer of the provider of Kubernetes, and Airflow 2.11.2 is taken to have 10.14.0; "
    + "remove it, or set 'kubernetesProvider' to the version in your image"],
  ['what an old provider does not know', t => ({ kubernetesProvider: '10.19.1', tasks: [t.task('x', { doXcomPush: true, xcomSidecarContainerSecurityContext: { runAsUser: 1 } })] }),
    "task 'x': 'xcomSidecarContainerSecurityContext' needs version 10.20.0 or newer of the provider of Kubernetes, and 'kubernetesProvider' says 10.19.1; remove it"],
  ['an old provider in Airflow 3.3', () => ({ kubernetesProvider: '10.14.0', taskOptions: { reattachOnRestart: false } }), "'reattachOnRestart' needs version 10.20.0 or newer"],
  ['half a version', () => ({ kubernetesProvider: '10.25' }), "'kubernetesProvider' must be three numbers such as '10.25.0', got '10.25'"],
  ['half a weight', () => ({ taskOptions: { priorityWeight: 1.5 } }), "'priorityWeight' must be a whole number from 0 to 2147483647, got 1.5"],
  ['an exit code as text', () => ({ taskOptions: { skipOnExitCode: ['7'] } }), "'skipOnExitCode' must be a list of exit codes from 0 to 255, got [\"7\"]"],
  ['a version as text', () => ({ version: '3.3' }), "'version' must be an AirflowVersion, such as AirflowVersion.V3_3, got \"3.3\""],
  ['one tag where a list is meant', () => ({ tags: 'etl' }), "'tags' must be a list of texts, got \"etl\""],
  ['a truth as text', () => ({ catchup: 'no' }), "'catchup' must be true or false, got \"no\""],
  ['parameters that are a list', () => ({ params: ['x'] }), "'params' must be an object, got [\"x\"]"],
  ['a notifier as text', () => ({ onFailure: ['team@example.com'] }), "'onFailure[0]' must be a DagNotifier, got \"team@example.com\""],
  ['options that are a number', () => ({ taskOptions: 5 }), "'taskOptions' must be an object, got 5"],
  ['a number as text in an option', () => ({ taskOptions: { retryDelaySeconds: '60' } }), "'retryDelaySeconds' must be a number, got \"60\""],
  ['a truth as text in an option', () => ({ taskOptions: { deferrable: 'yes' } }), "'deferrable' must be true or false, got \"yes\""],
  ['half a slot', () => ({ taskOptions: { poolSlots: 1.5 } }), "'poolSlots' must be a whole number from 1 to 2147483647, got 1.5"],
  ['an own volume for the XCom', t => ({ tasks: [t.task('x', { doXcomPush: true, volumes: [{ name: 'xcom', emptyDir: {} }] })] }), "task 'x': the task has the volume 'xcom' of its own"],
])('refused: %s', (_, wrong, expected) => {
  const t = tasks();
  expect(message(() => new DagFile({ dagId: 'etl', tasks: [t.extract], ...wrong(t) }))).toContain(expected);
});

test.each(['0 6 ? * *', '0 0 31 2 mon', '0 0 29 2 *', '0 0 31 4,5 *', '0 0 31 11-2/2 *', '0 22-2 * * fri-mon', '0 6 L * *', '0 0 1-5,L * *', '0 0 1,L,15 * *', '0 0 28-L * *', '0 6 W15 * *', '0 6 8 * mon#2', '0 6 31 * L5', '0 6 15W * mon#3', '0 6 * * mon-wed#1', '0 6 * * *,L3', '0 0 29 2 * 0 2028',
  '0 0 31-31 feb *', '0 6 * * 5#2,fri#1', '0 6 * jan 7', '0 6 * * * 30', '0 6 * * * 30 2026', '5/15 * * * *', '@midnight', ' 0 6 * * MON ',
  '@Daily', '@YEARLY', 'R/5 * * * *', 'R(0-10) R R(1-10)/3 * R(1-7)', '0 0 31 11-3/3 *', '* 10 10-0 * *', '0 0 * 0-0 *', '0 0 1 1 * 0 1990', '0 6 * * 0-4,L5,L6'])(
  'Airflow takes the schedule %s', schedule => {
    expect(new DagFile({ dagId: 'etl', tasks: [tasks().extract], startDate: '2026-01-01', timezone: 'UTC', schedule }).toPython()).toContain(`schedule="${schedule}"`);
  });

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'undefined'],
  ['a file', 'dags/etl.py', '"dags/etl.py"'],
])('writes to a folder, not to %s', (_, folder, got) => {
  const dag = new DagFile({ dagId: 'etl', tasks: [tasks().extract] });
  expect(() => dag.writeTo(folder as string)).toThrow(`DagFile 'etl': 'folder' must be the path of a folder such as 'dags', got ${got}; the name of the file is 'fileName'`);
});

test('a notifier may have a credential that Jinja takes from elsewhere', () => {
  const dag = new DagFile({ dagId: 'etl', tasks: [tasks().extract], onFailure: [DagNotifier.of('a.Pager', { token: '{{ conn.pager.password }}', credentials: 'my_conn' })] });
  expect(dag.toPython()).toContain('Pager(token="{{ conn.pager.password }}", credentials="my_conn")');
});
