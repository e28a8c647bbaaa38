import { Testing } from 'cdk8s';
import { SparkTask } from '../../src';
import { PodIdentity, renderPod } from '../../src/runtime';
import { SPARK_APPLICATION } from '../../src/runtime/spark-kind';

const identity: PodIdentity = { dagId: 'dag', taskId: 'task', runId: 'run', airflowVersion: '3.3.2', inCluster: false, logicalDate: '2026-01-02T00:00:00Z' };
const application = (spec: any = {}) => {
  const chart = Testing.chart();
  new SparkTask(chart, 'task', {
    templateSpec: { spec: { type: 'Python', sparkVersion: '3.5.3', image: 'spark:3', mainApplicationFile: 'local:///app.py', executor: {}, ...spec } }, hardening: false,
  });
  return Testing.synth(chart)[0];
};
const reading = (status?: any) => SPARK_APPLICATION.reading({ ...application(), status });

test('it is rendered whole, with the labels and the variable of the operator', () => {
  const given = application({ arguments: ['--day={{ ds }}'], sparkConf: { 'spark.x': '{{ params.x }}' }, driver: { labels: { team: 'a' }, env: [{ name: 'A', value: '1' }] } });
  const { metadata, spec } = renderPod(given, identity, { params: { x: 'y' } });
  expect(spec).toMatchObject({ arguments: ['--day=2026-01-02'], sparkConf: { 'spark.x': 'y' } });
  // As SparkKubernetesOperator 10.25.0 sends them.
  const labels = { dag_id: 'dag', task_id: 'task', run_id: 'run', try_number: '1', spark_kubernetes_operator: 'True' };
  const name = { name: 'SPARK_APPLICATION_NAME', value: metadata.name };
  expect(spec.driver).toEqual({ labels: { team: 'a', ...labels }, env: [{ name: 'A', value: '1' }, name] });
  expect(spec.executor).toEqual({ labels, env: [name] });
  expect(metadata.name).toMatch(/^task-[a-z0-9]{8}$/);
});

test('a name of the application that the author gives stays', () => {
  const env = [{ name: 'SPARK_APPLICATION_NAME', value: 'mine' }];
  expect(renderPod(application({ driver: { env } }), { ...identity, dagId: undefined }).spec.driver).toEqual({ env });
});

test.each([undefined, {}, { applicationState: { state: '' } }, { applicationState: { state: 'NEW' } }])('not taken up: %j', status => {
  expect(reading(status)).toEqual({ accepted: false, idle: null, end: null });
});

test.each(['SUBMITTED', 'RUNNING', 'SUBMISSION_FAILED', 'PENDING_RERUN', 'INVALIDATING', 'SUCCEEDING', 'FAILING', 'UNKNOWN'])('not at its end: %s', state => {
  expect(reading({ applicationState: { state } })).toEqual({ accepted: true, idle: null, end: null });
});

test.each([
  ['COMPLETED', undefined, { failure: null, reason: null, message: null }],
  ['FAILED', 'driver container failed', { failure: 'unknown', reason: 'SparkApplicationFailed', message: 'driver container failed' }],
  ['FAILED', '', { failure: 'unknown', reason: 'SparkApplicationFailed', message: 'the Spark operator gives no reason' }],
  ['FAILED', 'failed to run spark-submit', { failure: 'config', reason: 'SparkApplicationFailed', message: 'failed to run spark-submit' }],
])('at its end: %s, %s', (state, errorMessage, end) => expect(reading({ applicationState: { state, errorMessage } }).end).toEqual(end));

test.each<[string, any, boolean]>([
  ['the driver of the operator', { labels: { 'spark-role': 'driver', 'sparkoperator.k8s.io/app-name': 'task' }, name: 'x' }, true],
  ['the driver by its name', { labels: { 'spark-role': 'driver' }, name: 'task-driver' }, true],
  ['the driver by its owner', { labels: { 'spark-role': 'driver' }, name: 'x', ownerReferences: [{ uid: 'u' }] }, true],
  ['the driver of another try', { labels: { 'spark-role': 'driver' }, name: 'task2-driver', ownerReferences: [{ uid: 'v' }] }, false],
  ['an executor', { labels: { 'spark-role': 'executor', 'sparkoperator.k8s.io/app-name': 'task' }, name: 'task-exec-1' }, false],
])('whose pod it is: %s', (_, metadata, expected) => {
  const made = application();
  expect(SPARK_APPLICATION.isTaskPod({ metadata } as any, { ...made, metadata: { ...made.metadata, uid: 'u' } })).toBe(expected);
});

test.each([
  [{ spec: {} }, "has no 'driver' or no 'executor' in 'spec'"],
  [{ spec: { driver: {}, executor: {} } }, "has no 'mainApplicationFile'"],
  [application(), undefined],
])('what is wrong with a manifest', (manifest: any, problem) => expect(SPARK_APPLICATION.problem(manifest)).toBe(problem));
