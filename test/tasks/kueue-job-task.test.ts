import { DagFile, DeleteJobTask, InstallKueueTask, KueueJobTask, KueueJobTaskProps, PatchJobTask, SparkTask } from '../../src';
import { chart, find, synth } from '../util';

const job = (props: Partial<KueueJobTaskProps> = {}) => {
  const scope = chart({ namespace: 'team' });
  new KueueJobTask(scope, 'train', { queueName: 'users', image: 'busybox:1', containerResources: { requests: { cpu: '1' } }, ...props });
  return find(synth(scope), 'Job');
};

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test('a Job that waits for Kueue, with the queue on it and on its pods', () => {
  const { metadata, spec } = job({ labels: { 'kueue.x-k8s.io/priority-class': 'high' } });
  const queue = { 'kueue.x-k8s.io/queue-name': 'users' };
  expect(spec.suspend).toBe(true);
  for (const { labels, annotations } of [metadata, spec.template.metadata]) {
    expect(labels).toEqual({ ...queue, 'kueue.x-k8s.io/priority-class': 'high' });
    expect(annotations).toMatchObject(queue);
  }
  expect(process.emitWarning).not.toHaveBeenCalled();
});

test('a Job without requests is warned about', () => {
  job({ containerResources: undefined });
  expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining("[chart/train] task 'train' asks for no resources"), expect.anything());
});

test.each<[string, any, string]>([
  ['no queue', { queueName: undefined }, "[chart/train] 'queueName' must be the name of a LocalQueue, got undefined"],
  ['a queue that is no label', { queueName: 'my queue' }, "[chart/train] 'queueName' must be lower-case letters, digits"],
  ['not suspended', { suspend: false }, "[chart/train] 'suspend' must not be false: Kueue starts the Job when it admits it; leave it out"],
])('bad input: %s', (_, props, message) => expect(() => job(props)).toThrow(message));

test('the release of Kueue', () => {
  expect(() => new InstallKueueTask(chart(), 'install', { kueueVersion: '0.14' })).toThrow("'kueueVersion' must be a release such as 'v0.14.1', got \"0.14\"");
});

test('a DAG with the operators of Kueue and Spark', () => {
  const scope = chart({ namespace: 'team' });
  const install = new InstallKueueTask(scope, 'install', { kueueVersion: 'v0.14.1', retries: 1 });
  const train = new KueueJobTask(scope, 'train', { queueName: 'users', image: 'busybox:1', dependsOn: [install], renderAs: 'none', hardening: false });
  const spec = { type: 'Python', sparkVersion: '3.5.3', image: 'spark:3', mainApplicationFile: 'local:///{{ ds }}.py', driver: {}, executor: { instances: 2 } };
  const count = new SparkTask(scope, 'count', {
    templateSpec: { spark: { spec }, kubernetes: { in_cluster: true } }, deleteOnTermination: false, dependsOn: [train], renderAs: 'none',
  });
  const text = new DagFile({ dagId: 'dag', tasks: [install, train, count], taskOptions: { reattachOnRestart: false } }).toPython();
  for (const part of [
    'KubernetesInstallKueueOperator(task_id="install", kueue_version="v0.14.1", retries=1)', 'KubernetesStartKueueJobOperator(', 'queue_name="users"',
    'SparkKubernetesOperator(', '"mainApplicationFile": "local:///{{ ds }}.py"', 'delete_on_termination=False', 'in_cluster=True',
    'reattach_on_restart=False', 'install >> train', 'train >> count',
  ]) { expect(text).toContain(part); }
  expect(text).not.toContain('KubernetesJobOperator');
});

test('a DAG refuses a task whose operator would take the namespace `default`, or none', () => {
  const scope = chart();
  const spec = { type: 'Python', sparkVersion: '3.5.3', image: 'spark:3', mainApplicationFile: 'local:///a.py', driver: {}, executor: {} };
  const renderAs = 'none';
  for (const task of [
    new SparkTask(scope, 'count', { templateSpec: { spark: { spec } }, renderAs }),
    new DeleteJobTask(scope, 'delete', { name: 'a', renderAs }),
    new PatchJobTask(scope, 'patch', { name: 'a', body: { spec: { suspend: false } }, renderAs }),
  ]) {
    expect(() => new DagFile({ dagId: 'dag', tasks: [task] }))
      .toThrow(`task '${task.taskId}': it has no namespace, and its operator does not take that of the connection; set 'namespace' of the task or of its chart`);
  }
});

test('a DAG keeps the operator of Spark from taking a text for a file', () => {
  const spec = {
    type: 'Python',
    sparkVersion: '3.5.3',
    image: 'spark:3',
    mainApplicationFile: 'local:///a.py',
    arguments: ['--conf', 's3://bucket/{{ ds }}/conf.yaml', 'a.json.gz'],
    driver: {},
    executor: {},
  };
  const text = new DagFile({ dagId: 'dag', tasks: [new SparkTask(chart({ namespace: 'team' }), 'count', { templateSpec: { spark: { spec } }, renderAs: 'none' })] }).toPython();
  expect(text.replace(/\s+/g, ' ')).toContain('"--conf", "s3://bucket/{{ ds }}/conf.yaml{{ \'\' }}", "a.json.gz"');
});
