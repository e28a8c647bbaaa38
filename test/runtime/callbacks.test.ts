import { CANCELLED, end, FakeCluster } from './fake-cluster';
import { taskManifest } from './pods';
import { Manifest } from '../../src/pod/manifest';
import { PodCallbacks } from '../../src/runtime/callbacks';
import { Engine } from '../../src/runtime/engine';
import { plan } from '../../src/runtime/plan';
import { RunResult, TaskResult } from '../../src/runtime/result';
import { run } from 'cdk8s-airflow/runtime';

const NAMES = ['onSyncClientCreation', 'onPodManifestCreated', 'onPodCreation', 'onPodStarting', 'progressCallback', 'onPodCompletion', 'onPodTeardown', 'onPodCleanup'] as const;

async function start(cluster: FakeCluster, callbacks: PodCallbacks[], options: object = {}, more: object = {}): Promise<TaskResult> {
  const result: RunResult = await new Engine({
    plan: plan([taskManifest('task', options)]), api: cluster.api, runId: 'r', namespaceOf: () => 'n', logs: true, concurrency: 1, emit: () => {}, callbacks, ...more,
  }).run();
  return result.tasks[0];
}

/** A callback of every name that writes down its calls. */
function told(calls: string[], mark = ''): PodCallbacks {
  return Object.fromEntries(NAMES.map(name => [name, ({ line, pod, podRequest, mode, context, task }: any) => {
    calls.push(`${mark}${name}${line === undefined ? '' : ` ${line}`}`);
    expect([mode, task.taskId, context.runId, context.tryNumber]).toEqual(['sync', 'task', 'r', expect.any(Number)]);
    if (!['onSyncClientCreation', 'onPodManifestCreated'].includes(name)) { expect(pod.metadata.uid).toBeDefined(); }
    if (name === 'onPodManifestCreated') { expect(podRequest.spec.containers[0].name).toBe('base'); }
  }]));
}

const withLog = (exitCode = 0) => new FakeCluster((pod, cluster) => {
  cluster.logs[pod.metadata.name!] = '2026-01-01T00:00:00.1Z one\n2026-01-01T00:00:00.2Z two\n';
  end(exitCode)(pod, cluster);
});

test('the callbacks are called in the order of KubernetesPodOperator, each of them for each list member', async () => {
  const calls: string[] = [];
  expect(await start(withLog(), [told(calls), told(calls, '2 ')])).toMatchObject({ state: 'success', warnings: [] });
  const once = ['onSyncClientCreation', 'onPodManifestCreated', 'onPodCreation', 'onPodStarting', 'progressCallback one', 'progressCallback two', 'onPodCompletion', 'onPodTeardown', 'onPodCleanup'];
  expect(calls).toEqual(once.flatMap(name => [name, `2 ${name}`]));
});

test('a program that fails is told of but for its clean-up, for each try', async () => {
  const calls: string[] = [];
  expect(await start(withLog(3), [told(calls)], { retries: 1 })).toMatchObject({ state: 'failed', exitCode: 3, attempts: 2 });
  const one = ['onSyncClientCreation', 'onPodManifestCreated', 'onPodCreation', 'onPodStarting', 'progressCallback one', 'progressCallback two', 'onPodCompletion', 'onPodTeardown'];
  expect(calls).toEqual([...one, ...one]);
});

test.each(NAMES.slice(0, 7))('what %s throws fails the try, and the pod is deleted', async name => {
  const cluster = withLog();
  const task = await start(cluster, [{ [name]: () => { throw new Error('no'); } }]);
  expect(task).toMatchObject({ state: 'failed', failure: 'app', reason: 'CallbackError', message: `the callback ${name} threw: no` });
  expect(cluster.pods.size).toBe(0);
});

test('what onPodCleanup throws, or rejects with, is a warning', async () => {
  expect(await start(withLog(), [{ onPodCleanup: async () => { throw new Error('no'); } }])).toMatchObject({ state: 'success', warnings: ['the callback onPodCleanup threw: no'] });
});

test('what onPodManifestCreated changes is made', async () => {
  const cluster = withLog();
  await start(cluster, [{ onPodManifestCreated: ({ podRequest }) => { podRequest.metadata.labels!.extra = 'yes'; } }]);
  expect(cluster.created[0].metadata.labels).toMatchObject({ extra: 'yes' });
});

test.each<[string, (pod: Manifest) => void]>([
  ['metadata.name', pod => { pod.metadata.name = 'other'; }],
  ['metadata.namespace', pod => { pod.metadata.namespace = 'other'; }],
  ["metadata.labels['cdk8s-airflow/run-id']", pod => { pod.metadata.labels = { mine: 'x' }; }],
  ["metadata.annotations['cdk8s-airflow/spec-hash']", pod => { delete pod.metadata.annotations; }],
  ['spec.containers', pod => { pod.spec.containers[0].name = 'other'; }],
])('a callback that changes %s, by which the pod is found, fails the try before there is a pod', async (path, change) => {
  const cluster = withLog();
  const task = await start(cluster, [{ onPodManifestCreated: ({ podRequest }) => change(podRequest) }]);
  expect(task).toMatchObject({ state: 'failed', reason: 'CallbackError', message: `the callback onPodManifestCreated changed '${path}' of the pod, by which the run finds it` });
  expect(cluster.created).toEqual([]);
});

test.each(NAMES.slice(0, 7))('a stop ends the wait for %s that never ends', async name => {
  const controller = new AbortController();
  const cluster = withLog();
  const hang = () => { setImmediate(() => controller.abort(CANCELLED)); return new Promise(() => {}); };
  const task = await start(cluster, [{ [name]: hang }], {}, { stop: controller.signal });
  expect(task).toMatchObject({ state: 'cancelled', failure: 'cancelled' });
  expect(cluster.pods.size).toBe(0);
});

test('what a callback does to its pod is nobody else\'s', async () => {
  const spoil = ({ pod }: any) => { pod.metadata.uid = 'x'; delete pod.spec; delete pod.status; };
  expect(await start(withLog(), [{ onPodCreation: spoil, onPodStarting: spoil, progressCallback: spoil, onPodTeardown: spoil }])).toMatchObject({ state: 'success', warnings: [] });
});

test('asynchronous callbacks are waited for: lines come after the start and before the end; a progressCallback that rejects fails the try', async () => {
  const lines: string[] = [];
  let completed: string[] = [];
  const onPodStarting = async () => { await new Promise(setImmediate); lines.push('started'); };
  const progressCallback = async ({ line }: any) => { await new Promise(setImmediate); lines.push(line); };
  const slow = { onPodStarting, progressCallback, onPodCompletion: () => { completed = [...lines]; } };
  expect(await start(withLog(), [slow])).toMatchObject({ state: 'success' });
  expect(completed).toEqual(['started', 'one', 'two']);
  expect(await start(withLog(), [{ progressCallback: async () => { throw new Error('no'); } }])).toMatchObject({ state: 'failed', message: 'the callback progressCallback threw: no' });
});

test('the client takes objects with a name alone', async () => {
  const errors: string[] = [];
  await start(withLog(), [{
    onPodCreation: async ({ client }) => {
      for (const object of [undefined, {}, { apiVersion: 'v1', kind: 'ConfigMap' }]) { await client.delete(object as any).catch(error => errors.push(error.message)); }
    },
  }]);
  expect(errors).toEqual(Array(3).fill("'client' needs an object with 'apiVersion', 'kind' and 'metadata'"));
});

test('the DAG of a run is in the labels and in the context', async () => {
  const cluster = withLog();
  const seen: (string | undefined)[] = [];
  await start(cluster, [{ onPodCreation: ({ context }) => { seen.push(context.dagId); } }], {}, { templates: { dagId: 'd' } });
  expect(cluster.created[0].metadata.labels).toMatchObject({ dag_id: 'd', task_id: 'task', run_id: 'r', kubernetes_pod_operator: 'True' });
  expect(seen).toEqual(['d']);
});

test.each([
  [{ onPodCreated: () => {} }, "'callbacks[0]' has 'onPodCreated', which is no callback; did you mean 'onPodCreation'"],
  [{ onOperatorResuming: () => {} }, 'the runner never defers'],
  [{ onPodCreation: 'x' }, "'callbacks[0].onPodCreation' must be a function, got \"x\""],
])('%j is refused', async (callbacks, message) => {
  await expect(run([taskManifest('task')], { callbacks: [callbacks as any] })).rejects.toThrow(message);
});
