import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirflowTask, DagFile, DagTaskOptions, JobTask, JobTaskProps, PodTask, TaskPodProps } from '../../src';
import { TASK_ANNOTATION } from '../../src/pod/task-annotation';
import { WARNING_METADATA } from '../../src/private/warnings';
import { chart, synth } from '../util';

const IMAGE = { image: 'busybox:1' };
const job = (props: JobTaskProps, id = 'build', c = chart({ namespace: 'n' })) => { new JobTask(c, id, props); return synth(c)[0]; };
const annotation = (object: any) => JSON.parse(object.metadata.annotations[TASK_ANNOTATION]);
const file = (text: string, work: (path: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'job-'));
  try {
    writeFileSync(join(folder, 'job.yaml'), text);
    work(join(folder, 'job.yaml'));
  } finally { rmSync(folder, { recursive: true }); }
};

test('the smallest Job is one hardened pod, and the task ends with its making', () => {
  const { kind, apiVersion, metadata, spec } = job(IMAGE);
  expect([apiVersion, kind, metadata.name, metadata.namespace]).toEqual(['batch/v1', 'Job', 'job-build', 'n']);
  expect(spec).toMatchObject({
    parallelism: 1, template: { spec: { restartPolicy: 'Never', automountServiceAccountToken: false, containers: [{ name: 'base', image: 'busybox:1' }] } },
  });
  expect(Object.keys(spec).sort()).toEqual(['parallelism', 'template']);
  expect(annotation({ metadata })).toMatchObject({ taskId: 'build', wait: false, doXcomPush: false });
});

test('all parameters of its own', () => {
  const props: Required<Omit<JobTaskProps, keyof TaskPodProps | 'jobTemplateFile'>> = {
    backoffLimit: 0,
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 2,
    manualSelector: true,
    selector: { matchLabels: { a: 'b' } },
    suspend: false,
    ttlSecondsAfterFinished: 0,
    waitUntilJobComplete: true,
    jobPollInterval: 5,
    onKillPropagationPolicy: 'Background',
    discoverPodsRetryNumber: 7,
    unwrapSingle: false,
    renderAs: 'Job',
    fullJobSpec: { spec: { backoffLimit: 9, podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } } },
  };
  const object = job({ ...IMAGE, ...props, labels: { a: 'b' }, annotations: { c: 'd' }, activeDeadlineSeconds: 60 });
  const { template, ...spec } = object.spec;
  expect(spec).toEqual({
    backoffLimit: 0,
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 2,
    manualSelector: true,
    selector: { matchLabels: { a: 'b' } },
    suspend: false,
    ttlSecondsAfterFinished: 0,
    activeDeadlineSeconds: 60,
    podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] },
  });
  expect(template).toMatchObject({ metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { activeDeadlineSeconds: 60 } });
  expect(object.metadata).toMatchObject({ labels: { a: 'b' }, annotations: { c: 'd' } });
  expect(annotation(object)).toMatchObject({ onKillPropagationPolicy: 'Background', unwrapSingle: false });
  expect(annotation(object)).not.toHaveProperty('wait');
});

test('layers: a file, a full spec, the parameters; the first container of a template is the task', () => {
  const text = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: From.File, labels: {file: yes, both: file}}\nspec:\n  parallelism: 4\n  backoffLimit: 5\n'
    + '  template:\n    metadata: {name: dropped, labels: {pod: file}}\n    spec:\n      containers: [{name: main, image: from-file, env: [{name: A, value: 1}]}]\n';
  file(text, path => {
    const fullJobSpec = { metadata: { labels: { both: 'full' } }, spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } };
    const { metadata, spec } = job({ jobTemplateFile: path, fullJobSpec, backoffLimit: 0, envVars: { B: '2' } });
    expect(metadata).toMatchObject({ name: 'job-from-file', labels: { file: 'True', both: 'full' } });
    expect(spec).toMatchObject({ parallelism: 4, backoffLimit: 0 });
    expect(spec.template.metadata).toEqual({ labels: { pod: 'file' } });
    expect(spec.template.spec).toMatchObject({
      nodeSelector: { disk: 'ssd' }, containers: [{ name: 'base', image: 'from-file', env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }],
    });
  });
});

test.each<[string, any, string]>([
  ['a number', { backoffLimit: '3' }, "'backoffLimit' must be a whole number of at least 0, got \"3\""],
  ['below 0', { completions: -1 }, "'completions' must be a whole number of at least 0, got -1"],
  ['Indexed', { completionMode: 'Indexed' }, "completionMode 'Indexed' needs 'completions': that many indexes there are"],
  ['a mode', { completionMode: 'indexed' }, "'completionMode' must be one of 'Indexed', 'NonIndexed', got \"indexed\""],
  ['a selector', { selector: { matchLabels: { a: 'b' } } }, "'selector' is refused by Kubernetes without 'manualSelector: true'"],
  ['no selector', { manualSelector: true }, "'manualSelector: true' needs 'selector'"],
  ['nothing to wait for', { parallelism: 0, waitUntilJobComplete: true }, "'parallelism' of 0 starts no pod"],
  ['an XCom of nobody', { doXcomPush: true }, "'doXcomPush: true' needs 'waitUntilJobComplete: true'"],
  ['snake case', { backoff_limit: 3 }, "unknown prop 'backoff_limit'; write 'backoffLimit'"],
  ['a key', { fullJobSpec: { spec: { podFailurePolicies: {} } } }, "fullJobSpec.spec: unknown key 'podFailurePolicies' of JobSpec"],
  ['Jinja in a spec', { fullJobSpec: { metadata: { labels: { a: '{{ ds }}' } } } }, "'fullJobSpec' holds Jinja at 'metadata.labels.a', where KubernetesJobOperator does not"],
  ['another restartPolicy', { fullJobSpec: { spec: { template: { spec: { restartPolicy: 'OnFailure' } } } } }, "'fullJobSpec' sets 'restartPolicy' to 'OnFailure'"],
  ['no such file', { jobTemplateFile: '/no/such.yaml' }, "'jobTemplateFile' must be the path of a YAML file, got \"/no/such.yaml\""],
  ['a credential', { envVars: { DB_PASSWORD: 'hunter2' } }, "the variable 'DB_PASSWORD' holds"],
  ['a policy', { onKillPropagationPolicy: 'Delete' }, "'onKillPropagationPolicy' must be one of 'Foreground', 'Background', 'Orphan'"],
])('refused: %s', (_, props, message) => {
  expect(() => job({ ...IMAGE, ...props })).toThrow(`[chart/build] ${message}`);
});

test('a name is made a label that leaves room for its begin and its end', () => {
  expect(job({ ...IMAGE, name: 'My.Job_x' }).metadata.name).toBe('job-my-job-x');
  expect(job({ ...IMAGE, name: 'x'.repeat(80) }).metadata.name).toBe(`job-${'x'.repeat(50)}`);
});

test('its outputs are the value and the dependency', () => {
  const c = chart({ namespace: 'n' });
  const build = new JobTask(c, 'build', { ...IMAGE, waitUntilJobComplete: true, doXcomPush: true });
  const after = new PodTask(c, 'after', { ...IMAGE, envVars: { NAME: build.jobName, N: build.jobNamespace, OK: build.job.get('status').get('succeeded'), X: build.output } });
  expect(after.dependsOn).toEqual(['build']);
  expect(synth(c).find(({ kind }) => kind === 'Pod').spec.containers[0].env.map(({ value }: any) => value)).toEqual([
    "{{ ti.xcom_pull(task_ids='build', key='job_name') }}", "{{ ti.xcom_pull(task_ids='build', key='job_namespace') }}",
    "{{ ti.xcom_pull(task_ids='build', key='job')['status']['succeeded'] }}", "{{ ti.xcom_pull(task_ids='build') }}",
  ]);
  expect(() => new JobTask(c, 'other', IMAGE).output).toThrow("'output' of task 'other' is used, but it pushes no XCom");
  expect([build, after].every(AirflowTask.isAirflowTask)).toBe(true);
});

test('what its author can hardly have meant is told, as of a pod', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const c = chart();
  const silent = new JobTask(c, 'silent', IMAGE);
  const build = new JobTask(c, 'build', {
    ...IMAGE, cmds: ['echo', 'a', '>', 'b'], envVars: { A: "{{ ti.xcom_pull('silent') }}", B: "{{ ti.xcom_pull('none') }}" },
  });
  const named = new PodTask(c, 'named', { ...IMAGE, envVars: { NAME: silent.jobName } });
  synth(c);
  warn.mockRestore();
  const warnings = (task: AirflowTask) => task.node.metadata.filter(({ type }) => type === WARNING_METADATA).map(({ data }) => data);
  expect(warnings(build)).toEqual(expect.arrayContaining([
    expect.stringContaining("'>'"),
    "the XCom of task 'silent' is pulled, but it pushes none; set 'doXcomPush: true' there",
    expect.stringContaining("task 'build' waits for 'none', which is no task of this app"),
  ]));
  // The name of a Job is there without an XCom of its pods.
  expect(warnings(named).filter(text => text.includes('pushes none'))).toEqual([]);
});

test('two tasks of one id, or two Jobs of one name, are refused', () => {
  const c = chart();
  new JobTask(c, 'a', { ...IMAGE, taskId: 'same' });
  new PodTask(c, 'b', { ...IMAGE, taskId: 'same' });
  expect(() => synth(c)).toThrow("task id 'same' is also that of");
});

test('in a DAG it is KubernetesJobOperator', () => {
  const c = chart({ namespace: 'n' });
  const build = new JobTask(c, 'build', {
    ...IMAGE,
    cmds: ['true'],
    labels: { a: 'b' },
    backoffLimit: 0,
    completions: 2,
    completionMode: 'Indexed',
    parallelism: 2,
    waitUntilJobComplete: true,
    doXcomPush: true,
    jobPollInterval: 2,
    renderAs: 'none',
    hardening: false,
    fullJobSpec: { metadata: { labels: { only: 'job' } }, spec: { podReplacementPolicy: 'Failed' } },
  });
  const text = new DagFile({ dagId: 'd', tasks: [build] }).toPython();
  expect(text).toContain('from airflow.providers.cncf.kubernetes.operators.job import KubernetesJobOperator\n');
  expect(text).toContain(`    build = KubernetesJobOperator(
        task_id="build",
        name="build",
        namespace="n",`);
  const ofOne = (parallelism?: number) => new DagFile({ dagId: 'd', tasks: [new JobTask(chart(), 'one', { ...IMAGE, parallelism, renderAs: 'none' })] }).toPython();
  expect([ofOne(), ofOne(1)].map(dag => dag.includes('parallelism=1'))).toEqual([false, true]);
  for (const line of ['completions=2', 'parallelism=2', 'completion_mode="Indexed"', 'backoff_limit=0', 'wait_until_job_complete=True', 'do_xcom_push=True', 'job_poll_interval=2']) {
    expect(text).toContain(`        ${line},\n`);
  }
  expect(text).toMatch(/full_job_spec=k8s\.V1Job\(/);
  expect(text).toContain('pod_replacement_policy="Failed"');
});

test.each<[string, Partial<JobTaskProps>, DagTaskOptions, string]>([
  ['more pods than run at once', { completions: 4, parallelism: 2 }, {}, "task 'build': it has 4 pods of which 2 run at once: KubernetesJobOperator reads the XComs of the first 2 alone, and "
    + "the sidecars of the others run for ever; set 'parallelism' to 4, or remove 'doXcomPush'"],
  ['a deferrable task', {}, { deferrable: true }, "task 'build': it is deferrable and pushes an XCom, which the triggerer may not read; "
    + "write 'taskOptionsByTaskId: { build: { deferrable: false } }'"],
  ['pods that nobody starts yet', { suspend: true, doXcomPush: false }, {}, "task 'build': it is suspended when it is made, and KubernetesJobOperator looks for its "
    + "pods at once and fails where there are none; leave out 'waitUntilJobComplete', and let a DeleteJobTask with 'waitForCompletion: true' wait"],
])('of a Job that is waited for a DAG refuses %s', (_, props, taskOptions, message) => {
  const build = new JobTask(chart({ namespace: 'n' }), 'build', { ...IMAGE, cmds: ['true'], waitUntilJobComplete: true, doXcomPush: true, renderAs: 'none', ...props });
  expect(() => new DagFile({ dagId: 'd', tasks: [build], taskOptions })).toThrow(message);
});
