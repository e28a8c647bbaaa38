import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PodTask, SparkTask, SparkTaskProps } from '../../src';
import { TASK_ANNOTATION } from '../../src/pod/task-annotation';
import { chart, find, synth } from '../util';

const SPEC = { type: 'Python', sparkVersion: '3.5.3', image: 'spark:3.5.3', mainApplicationFile: 'local:///app.py', driver: { serviceAccount: 'spark' }, executor: { instances: 2 } };

const application = (props: Partial<SparkTaskProps> = {}, namespace?: string) => {
  const scope = chart({ namespace });
  new SparkTask(scope, 'task', { ...(props.applicationFile ? {} : { templateSpec: { spec: SPEC } }), ...props });
  return find(synth(scope), 'SparkApplication');
};
const annotation = (object: any) => JSON.parse(object.metadata.annotations[TASK_ANNOTATION]);
const file = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'spark-')), 'application.yaml');
  writeFileSync(path, text);
  return path;
};

let warnings: jest.SpyInstance;
beforeEach(() => { warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test('a template alone gives an application that is ready to run', () => {
  expect(application()).toEqual({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name: 'task', annotations: { [TASK_ANNOTATION]: expect.any(String) } },
    spec: SPEC,
  });
  expect(annotation(application())).toEqual({
    version: 1, taskId: 'task', dependsOn: [], retries: 0, doXcomPush: false, xcomMode: 'airflow', startupTimeoutSeconds: 600, onFinishAction: 'delete_pod',
  });
});

test("null, Python's None, is not given", () => {
  const none: any = {
    image: null,
    codePath: null,
    name: null,
    namespace: null,
    doXcomPush: null,
    retries: null,
    dependsOn: null,
    applicationFile: null,
    startupTimeoutSeconds: null,
  };
  expect(application(none)).toEqual(application());
});

test('all props', () => {
  const scope = chart();
  const before = new PodTask(scope, 'before', { image: 'busybox:1', renderAs: 'none' });
  const props: Required<Omit<SparkTaskProps, 'applicationFile'>> = {
    templateSpec: { spark: { metadata: { labels: { a: 'b' } }, spec: SPEC }, kubernetes: { env_vars: { MODE: '{{ ds }}' } } },
    image: 'other:1',
    codePath: 's3a://bucket/{{ ds }}.py',
    name: 'My_Spark',
    taskId: 'spark.task',
    namespace: 'team',
    doXcomPush: true,
    xcomSidecarContainerImage: 'alpine:3',
    xcomSidecarContainerSecurityContext: { runAsUser: 1 },
    hardening: false,
    startupTimeoutSeconds: 30,
    deleteOnTermination: false,
    retries: 2,
    dependsOn: [before],
    renderAs: 'SparkApplication',
  };
  const task = new SparkTask(scope, 'task', props);
  const { metadata, spec } = find(synth(scope), 'SparkApplication');
  expect(metadata).toMatchObject({ name: 'my-spark', namespace: 'team', labels: { a: 'b' } });
  expect(spec).toMatchObject({
    image: 'other:1',
    mainApplicationFile: 's3a://bucket/{{ ds }}.py',
    volumes: [{ name: 'xcom', emptyDir: {} }],
    driver: {
      env: [{ name: 'MODE', value: '{{ ds }}' }],
      volumeMounts: [{ name: 'xcom', mountPath: '/airflow/xcom' }],
      sidecars: [{ name: 'airflow-xcom-sidecar', image: 'alpine:3', securityContext: { runAsUser: 1 }, volumeMounts: [{ name: 'xcom', mountPath: '/airflow/xcom' }] }],
    },
    executor: { env: [{ name: 'MODE', value: '{{ ds }}' }] },
  });
  expect(spec.executor.sidecars).toBeUndefined();
  expect(JSON.parse(metadata.annotations[TASK_ANNOTATION])).toEqual({
    version: 1, taskId: 'spark.task', dependsOn: ['before'], retries: 2, doXcomPush: true, xcomMode: 'airflow', startupTimeoutSeconds: 30, onFinishAction: 'keep_pod',
  });
  expect(`${task.output.get('rows')}`).toBe("{{ ti.xcom_pull(task_ids='spark.task')['rows'] }}");
  expect(() => task.output.get(0 as any)).toThrow("'key' of an XCom must be a text, got 0; an item of a list is 'at(0)'");
});

test('a task whose XCom stands in the template is waited for', () => {
  const scope = chart();
  const before = new PodTask(scope, 'before', { image: 'busybox:1', doXcomPush: true, renderAs: 'none' });
  const task = new SparkTask(scope, 'task', { templateSpec: { spec: { ...SPEC, arguments: [`--from=${before.output}`] } } });
  expect(task.dependsOn).toEqual(['before']);
  synth(scope);
  expect(warnings.mock.calls.join()).toContain("Jinja and dependsOn of task 'task' work only through a runner");
});

test('the namespace: of the task, of the template, of the chart', () => {
  const templateSpec = { metadata: { namespace: 'ds' }, spec: SPEC };
  expect(application({ templateSpec, namespace: 'own' }, 'charts').metadata.namespace).toBe('own');
  expect(application({ templateSpec }, 'charts').metadata.namespace).toBe('ds');
  expect(application({}, 'charts').metadata.namespace).toBe('charts');
});

test('a template in a file', () => {
  const text = 'spec:\n  type: Python\n  sparkVersion: 3.5.3\n  image: "{{ params.image }}"\n  mainApplicationFile: local:///app.py\n  restartPolicy: {type: Never}\n  driver: {cores: 1}\n  executor: {instances: 2}\n';
  expect(application({ applicationFile: `${file(text)} ` }).spec).toMatchObject({ image: '{{ params.image }}', driver: { cores: 1 } });
});

test('labels of the spec are those of driver and executor, which may have more', () => {
  const spec = { ...SPEC, labels: { team: 'a', tier: '1' }, driver: { labels: { tier: '2' } } };
  expect(application({ templateSpec: { spark: { spec }, kubernetes: {} } }).spec).toMatchObject({ driver: { labels: { team: 'a', tier: '2' } }, executor: { labels: { team: 'a', tier: '1' } } });
});

test('nothing is synthesised for a DAG alone', () => {
  const scope = chart();
  new SparkTask(scope, 'task', { templateSpec: { spec: SPEC }, renderAs: 'none' });
  expect(synth(scope)).toEqual([]);
});

describe('bad input', () => {
  const spec = (more: any) => ({ templateSpec: { spec: { ...SPEC, ...more } } });
  const section = (kubernetes: any, more: any = {}) => ({ templateSpec: { spark: { spec: { ...SPEC, ...more } }, kubernetes } });
  const resources = (container_resources: any) => spec({ driver: { container_resources } });
  test.each<[string, any, string]>([
    ['no template', { templateSpec: undefined }, "'templateSpec' and 'applicationFile' are both missing; give one of them"],
    ['two templates', { ...spec({}), applicationFile: 'x.yaml' }, "'templateSpec' and 'applicationFile' are both given, and the operator would ignore the first; give one"],
    ['no file', { applicationFile: '/nowhere.yaml' }, "'applicationFile' must be the path of a YAML or JSON file, got \"/nowhere.yaml\", where there is none"],
    ['bare Jinja', { applicationFile: file('spec:\n  executor:\n    instances: {{ params.n }} {{ ds }}\n') }, 'put Jinja in quotes: instances: {{ params.n }} {{ ds }}'],
    ['two documents', { applicationFile: file('a: 1\n---\nb: 1\n') }, "'applicationFile' must hold one template, got 2 documents"],
    ['a list', { templateSpec: [] }, "'templateSpec' must be an object, got []"],
    ['another kind', { templateSpec: { kind: 'Pod', spec: SPEC } }, "'templateSpec'.kind: expected 'SparkApplication', got \"Pod\""],
    ['another version', { templateSpec: { apiVersion: 'sparkoperator.k8s.io/v1beta1', spec: SPEC } }, "'templateSpec'.apiVersion: expected 'sparkoperator.k8s.io/v1beta2'"],
    ['unknown section', { templateSpec: { spark: { spec: SPEC }, kubernets: {} } }, "'templateSpec': unknown key 'kubernets'; did you mean 'kubernetes'?"],
    ['unknown key of the section', section({ env: {} }), "'templateSpec'.kubernetes: unknown key 'env'"],
    ['camel case in the section', section({ envVars: {} }), "'templateSpec'.kubernetes: unknown key 'envVars'; did you mean 'env_vars'?"],
    ['unknown key of the spec', spec({ drivers: {} }), "'templateSpec'.spec: unknown key 'drivers' of SparkApplicationSpec (Spark operator 2.3); did you mean 'driver'?"],
    ['a number for a text', spec({ sparkVersion: 3.5 }), "'templateSpec'.spec.sparkVersion: expected a string, got the number 3.5; quote it: '3.5'"],
    ['a text for a number', spec({ executor: { instances: '2' } }), "'templateSpec'.spec.executor.instances: expected a 32-bit integer, got '2'; write it without quotes"],
    ['another language', spec({ type: 'Ruby' }), "'templateSpec'.spec.type: expected one of 'Java', 'Python', 'Scala', 'R', got 'Ruby'"],
    ['no program', spec({ mainApplicationFile: undefined }), "'templateSpec'.spec: the program is missing; give 'codePath', or 'mainApplicationFile' in the template"],
    ['dynamic allocation without limits', spec({ dynamicAllocation: { enabled: true } }), "dynamicAllocation: with 'enabled' the operator wants 'minExecutors' and 'maxExecutors', at least 1"],
    ['dynamic allocation upside down', spec({ dynamicAllocation: { enabled: true, minExecutors: 3, maxExecutors: 2 } }), "'minExecutors' (3) is more than 'maxExecutors' (2)"],
    ['memory as a number', resources({ memory: { limit: 1024 } }), "driver.container_resources.memory.limit: expected a text such as '2Gi' or '512Mi', got 1024"],
    ['Jinja in resources', resources({ memory: { limit: '{{ params.memory }}' } }), "it is converted before Jinja is rendered: write 'cores', 'coreLimit' and 'memory'"],
    ['unknown resource', resources({ disk: {} }), "driver.container_resources: unknown key 'disk'; there are 'cpu' and 'memory' and 'gpu'"],
    ['cores', resources({ cpu: { request: 'two' } }), "driver.container_resources.cpu.request: expected a number of cores such as '2' or '500m', got \"two\""],
    ['two affinities', section({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } } }, { driver: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } } } }),
      "'driver' of the section 'spark' and the section 'kubernetes' of 'templateSpec' both give 'affinity'"],
    ['two volumes of a name', section({ volumes: [{ name: 'v', emptyDir: {} }] }, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
      "'spec' of the section 'spark' and the section 'kubernetes' of 'templateSpec' give two things for 'v'"],
    ['two values of a selector', section({ node_selector: { disk: 'ssd' } }, { executor: { nodeSelector: { disk: 'hdd' } } }), "give two values of 'nodeSelector' for 'disk'"],
    ['a parameter that the operator does not look at', { ...spec({}), envVars: { A: '1' } }, "unknown prop 'envVars'; write 'env_vars' into the section 'kubernetes' of the template"],
    ['mutations', { ...spec({}), podMutations: [] }, "unknown prop 'podMutations'; the Spark operator makes the pods, which no mutation reaches"],
    ["a key of the application's spec", { ...spec({}), main_class: 'x' }, "unknown prop 'main_class'; write 'mainClass' into 'spec' of the template"],
    ["a key of the application's spec that is an option of a DAG too", { ...spec({}), executor: {} }, "unknown prop 'executor'; write 'executor' into 'spec' of the template"],
    ['snake case', { ...spec({}), code_path: 'x' }, "unknown prop 'code_path'; write 'codePath'"],
    ['a parameter for Airflow', { ...spec({}), reattachOnRestart: false }, "unknown prop 'reattachOnRestart'; for a generated DAG write 'reattachOnRestart' into 'taskOptions' of DagFile"],
    ['a password', spec({ driver: { env: [{ name: 'DB_PASSWORD', value: 'x' }] } }), "the variable 'DB_PASSWORD' of the driver holds a credential, by its name"],
    ['a key in sparkConf', spec({ sparkConf: { 'spark.hadoop.fs.s3a.secret.key': 'AKIAABCDEFGHIJKLMNOP' } }), "'spec.sparkConf' at 'spark.hadoop.fs.s3a.secret.key' holds a credential, by its name"],
    ['its own XCom', { ...spec({ arguments: ["{{ ti.xcom_pull(task_ids='task') }}"] }) }, "task 'task' waits for itself"],
    ['no time', { ...spec({}), startupTimeoutSeconds: 0 }, "'startupTimeoutSeconds' must be a number of seconds greater than 0, got 0"],
    ['a name', { ...spec({}), name: 'a b' }, "'name' must be 1 to 220 letters, digits, '-', '_' or '.', got 'a b'"],
  ])('%s', (_, props, message) => {
    expect(() => application(props)).toThrow(message);
  });
  test('the XCom of a task that pushes none', () => {
    const task = new SparkTask(chart(), 'task', { templateSpec: { spec: SPEC } });
    expect(() => task.output).toThrow("[chart/task] 'output' of task 'task' is used, but it pushes no XCom; set 'doXcomPush: true'");
  });
});

test('fails in words without props', () => {
  expect(() => new SparkTask(chart(), 'task', undefined as any)).toThrow('[chart/task] expected an object with the members of SparkTaskProps, got undefined');
});
