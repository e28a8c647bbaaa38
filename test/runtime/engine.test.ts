import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import { CANCELLED, end, FakeCluster } from './fake-cluster';
import { running, SCHEDULED, taskManifest } from './pods';
import { JobTask } from '../../src';
import { Engine, EngineOptions } from '../../src/runtime/engine';
import { ApiError, Stopped, UnreachableError } from '../../src/runtime/errors';
import { RunEvent } from '../../src/runtime/events';
import { Journal } from '../../src/runtime/journal';
import { plan } from '../../src/runtime/plan';
import { podName, runLabels, taskLabels } from '../../src/runtime/render';
import { RunResult, taskResult } from '../../src/runtime/result';
import { NamespaceScope, ownerName } from '../../src/runtime/scope';
import { chart, synth } from '../util';

const valid = new Ajv2020().compile(JSON.parse(readFileSync(join(__dirname, '..', '..', 'schema', 'run-result.schema.json'), 'utf8')));
const SIDECAR = { initContainers: [{ name: 'airflow-xcom-sidecar', restartPolicy: 'Always' }] };
const XCOM = 'v1 json 2 73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049\n42';

let folder: string;
let events: RunEvent[];
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'engine-')); events = []; });
afterEach(() => rmSync(folder, { recursive: true }));

const journal = () => new Journal(join(folder, 'run.jsonl'));

async function start(cluster: FakeCluster, manifests: any[], options: Partial<EngineOptions> = {}): Promise<RunResult> {
  const result = await new Engine({
    plan: plan(manifests),
    api: cluster.api,
    runId: 'r',
    namespaceOf: () => 'n',
    journal: journal(),
    logs: false,
    concurrency: 16,
    emit: event => events.push(event),
    ...options,
  }).run();
  valid(result);
  expect(valid.errors).toBeNull();
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  return result;
}
const short = (result: RunResult) => result.tasks.map(({ name, state, attempts }) => `${name} ${state} ${attempts}`);
const nameOf = (manifest: any, tryNumber = 1) => podName(plan([manifest]).tasks[0], 'r', tryNumber);

test('tasks run in their order, XComs reach the tasks that wait for them, and nothing is left', async () => {
  const cluster = new FakeCluster(end(0, XCOM));
  const result = await start(cluster, [
    taskManifest('load', {}, { base: { args: ["{{ ti.xcom_pull(task_ids='extract') }}"] } }), taskManifest('extract', { doXcomPush: true }, SIDECAR),
  ]);
  expect(result).toMatchObject({ runId: 'r', state: 'success' });
  expect(result.tasks.map(task => [task.name, task.xcom, task.exitCode])).toEqual([['extract', 42, 0], ['load', null, 0]]);
  expect(cluster.created.map(pod => pod.spec.containers[0].args)).toEqual([undefined, ['42']]);
  expect(cluster.created[0].metadata.ownerReferences).toMatchObject([{ uid: expect.stringMatching(/^owner-/) }]);
  expect([cluster.pods.size, cluster.configMaps]).toEqual([0, 0]);
});

test('a number that the result cannot show exactly is said, and another task has it exactly', async () => {
  const xcom = '[9007199254740993]';
  const cluster = new FakeCluster(end(0, `v1 json ${xcom.length} ${createHash('sha256').update(xcom).digest('hex')}\n${xcom}`));
  const { tasks } = await start(cluster, [
    taskManifest('extract', { doXcomPush: true }, SIDECAR), taskManifest('load', {}, { base: { args: ["{{ ti.xcom_pull(task_ids='extract') }}"] } }),
  ]);
  expect(tasks[0].warnings).toEqual([expect.stringContaining('the XCom holds 9007199254740993, which the result shows as 9007199254740992')]);
  expect(cluster.created[1].spec.containers[0].args).toEqual(['[9007199254740993]']);
});

test('a task costs two requests, three with its log', async () => {
  const manifests = Array.from({ length: 10 }, (_, i) => taskManifest(`t${i}`, { doXcomPush: true }, SIDECAR));
  for (const logs of [false, true]) {
    const cluster = new FakeCluster(end(0, XCOM));
    await start(cluster, manifests, { logs, journal: undefined });
    const counts: { [request: string]: number } = {};
    cluster.requests.forEach(request => { counts[request] = (counts[request] ?? 0) + 1; });
    expect(counts).toEqual({
      'create pods': 10, 'delete pods': 10, 'list pods': 1, 'watch pods': 1, 'create configmaps': 1, 'delete configmaps': 1, ...logs ? { 'get pods/log': 10 } : {},
    });
  }
});

test('a journal on a full disk stops nothing, and is closed', async () => {
  const full = journal();
  const close = jest.spyOn(full, 'close');
  jest.spyOn(full, 'append').mockRejectedValue(new Error('no space left on device'));
  expect((await start(new FakeCluster(), [taskManifest('t')], { journal: full })).state).toBe('success');
  expect(events).toContainEqual({ type: 'note', task: null, message: expect.stringContaining('there is no journal') });
  expect(close).toHaveBeenCalledTimes(1);
});

test('a failure stops what waits for it and nothing else', async () => {
  const cluster = new FakeCluster((pod, c) => end(pod.metadata.name!.startsWith('bad') ? 3 : 0)(pod, c));
  const manifests = [taskManifest('bad'), taskManifest('after', { dependsOn: ['bad'] }), taskManifest('later', { dependsOn: ['after'] }), taskManifest('other')];
  const result = await start(cluster, manifests);
  expect(result.state).toBe('failed');
  expect(short(result)).toEqual(['bad failed 1', 'other success 1', 'after upstream_failed 0', 'later upstream_failed 0']);
  expect(result.tasks[0]).toMatchObject({ failure: 'app', exitCode: 3, evidence: { events: ['Failed: because'] } });
});

test('each try is a pod of its own, and the last one counts', async () => {
  const manifest = taskManifest('t', { retries: 2 });
  let tries = 0;
  const cluster = new FakeCluster((pod, c) => end(++tries < 3 ? 1 : 0)(pod, c));
  const result = await start(cluster, [manifest]);
  expect(short(result)).toEqual(['t success 3']);
  expect(cluster.created.map(pod => pod.metadata.name)).toEqual([1, 2, 3].map(n => nameOf(manifest, n)));
});

test('what another try would not change is not tried again', async () => {
  const cluster = new FakeCluster((pod, c) => setImmediate(() => c.set(pod.metadata.name!, {
    conditions: [SCHEDULED], containerStatuses: [{ name: 'base', state: { terminated: { exitCode: 128, reason: 'StartError' } } }],
  })));
  expect(short(await start(cluster, [taskManifest('t', { retries: 5 })]))).toEqual(['t failed 1']);
});

test('a grace period of many years is not over at once', async () => {
  const cluster = new FakeCluster(({ metadata: { name } }, c) => setImmediate(() => {
    c.set(name!, { phase: 'Running', conditions: [SCHEDULED], containerStatuses: [{ name: 'base', state: { terminated: { exitCode: 0 } } }] });
    // Timers of one millisecond have fired by then.
    setTimeout(() => c.set(name!, { initContainerStatuses: [{ name: 'airflow-xcom-sidecar', state: { terminated: { exitCode: 0, message: XCOM } } }] }), 20);
  }));
  const { tasks } = await start(cluster, [taskManifest('t', { doXcomPush: true }, { ...SIDECAR, terminationGracePeriodSeconds: 2 ** 40 })]);
  expect(tasks[0]).toMatchObject({ state: 'success', xcom: 42 });
});

test('XC-12 what a failed task wrote as its XCom is in its result', async () => {
  const { tasks } = await start(new FakeCluster(end(3, XCOM)), [taskManifest('t', { doXcomPush: true }, SIDECAR)]);
  expect(tasks[0]).toMatchObject({ state: 'failed', failure: 'app', exitCode: 3, xcom: 42, warnings: [] });
});

test('an XCom that is not valid fails a task that ended well, and a bad log does not', async () => {
  const cluster = new FakeCluster(end(0, 'v1 not-a-file'));
  cluster.refuse = { 'get pods/log': new ApiError({ verb: 'get', resource: 'pods/log', namespace: 'n' }, 403, 'Forbidden', 'u cannot get resource x') };
  const result = await start(cluster, [taskManifest('x', { doXcomPush: true }, SIDECAR), taskManifest('l')], { logs: true });
  expect(result.tasks[0]).toMatchObject({ state: 'failed', failure: 'xcom', reason: 'XComNotAFile', exitCode: 0 });
  expect(result.tasks[1]).toMatchObject({ state: 'success', warnings: [expect.stringContaining('the log is not complete')] });
});

test('no more tasks run at once than are allowed', async () => {
  let most = 0;
  const cluster = new FakeCluster((pod, c) => { most = Math.max(most, c.pods.size); end(0)(pod, c); });
  await start(cluster, Array.from({ length: 9 }, (_, i) => taskManifest(`t${i}`)), { concurrency: 3 });
  expect(most).toBe(3);
});

describe('a pod that is there already', () => {
  const manifest = taskManifest('t');

  /** The pod as this run makes it. */
  async function made(): Promise<any> {
    const cluster = new FakeCluster();
    await start(cluster, [manifest], { journal: undefined });
    return cluster.created[0];
  }
  const hidden = (cluster: FakeCluster) => { cluster.listPods = async () => ({ items: [], metadata: { resourceVersion: '100' } }); };

  test('and was made by this run is taken up, whether the list shows it or the create says so', async () => {
    for (const hide of [false, true]) {
      const cluster = new FakeCluster();
      const pod = cluster.place(await made());
      if (hide) { hidden(cluster); }
      end(0)(pod, cluster);
      expect(short(await start(cluster, [manifest], { journal: undefined }))).toEqual(['t success 1']);
      expect(cluster.created).toEqual([]);
    }
  });

  test.each([
    ['of somebody else', { labels: {} }, 'belongs to no such run (NameCollision)'],
    ['of a changed manifest', { annotations: {} }, 'was made from another manifest (NameCollision)'],
  ])('and is %s is left alone', async (_, metadata, message) => {
    const cluster = new FakeCluster();
    const pod = await made();
    cluster.place({ ...pod, metadata: { ...pod.metadata, ...metadata } });
    hidden(cluster);
    const result = await start(cluster, [manifest], { journal: undefined });
    expect(result.tasks[0]).toMatchObject({ state: 'failed', failure: 'config', attempts: 0, message: expect.stringContaining(message) });
    expect(cluster.pods.size).toBe(1);
  });
});

describe('a run that goes on after its runner died', () => {
  test('does not repeat what is done, and knows its XCom', async () => {
    const manifests = [taskManifest('extract', { doXcomPush: true }, SIDECAR), taskManifest('load', {}, { base: { args: ["{{ ti.xcom_pull(task_ids='extract') }}"] } })];
    await start(new FakeCluster(end(0, XCOM)), [manifests[0]]);
    const cluster = new FakeCluster();
    expect(short(await start(cluster, manifests))).toEqual(['extract success 1', 'load success 1']);
    expect(cluster.created.map(pod => pod.spec.containers[0].args)).toEqual([['42']]);
  });

  test('does not start again what was started and is gone', async () => {
    const written = journal();
    await written.open('r', 'https://fake');
    await written.append({ type: 'started', task: 't', try: 1, namespace: 'n', pod: 'p', uid: 'u' });
    await written.close();
    const cluster = new FakeCluster();
    expect((await start(cluster, [taskManifest('t')])).tasks[0]).toMatchObject({ state: 'failed', failure: 'infra-after-start', reason: 'PodDeleted' });
    expect(cluster.created).toEqual([]);
  });

  test('goes on with the next try where one had failed', async () => {
    const written = journal();
    await written.open('r', 'https://fake');
    await written.append({ type: 'started', task: 't', try: 1, namespace: 'n', pod: 'p', uid: 'u' });
    await written.append({ type: 'ended', task: 't', try: 1, outcome: 'retry' });
    await written.close();
    const manifest = taskManifest('t', { retries: 1 });
    const cluster = new FakeCluster();
    expect(short(await start(cluster, [manifest]))).toEqual(['t success 2']);
    expect(cluster.created.map(pod => pod.metadata.name)).toEqual([nameOf(manifest, 2)]);
  });

  test('takes over what a quicker runner of the same run has done meanwhile', async () => {
    const other = journal();
    const result = await start(new FakeCluster(), [taskManifest('t')], { journal: undefined });
    const { fingerprint } = plan([taskManifest('t')]).tasks[0];
    const cluster = new FakeCluster((pod, c) => setImmediate(() => {
      void other.open('r', 'https://fake')
        .then(() => other.append({ type: 'result', task: 't', spec: fingerprint, result: { ...result.tasks[0], xcom: 'of the other' }, xcom: '"of the other"' }))
        .then(() => other.close())
        .then(() => { c.set(pod.metadata.name!, running()); c.remove(pod.metadata.name!); });
    }));
    expect((await start(cluster, [taskManifest('t')])).tasks[0]).toMatchObject({ state: 'success', attempts: 1, xcom: 'of the other' });
    expect(cluster.created).toHaveLength(1);
  });

  test('does not start again what was cancelled, started once more and is gone', async () => {
    const written = journal();
    await written.open('r', 'https://fake');
    const began = { type: 'started', task: 't', try: 1, namespace: 'n', pod: 'p', uid: 'u' } as const;
    for (const entry of [began, { type: 'ended', task: 't', try: 1, outcome: 'cancelled' } as const, { ...began, uid: 'v' }]) { await written.append(entry); }
    await written.close();
    const cluster = new FakeCluster();
    expect((await start(cluster, [taskManifest('t')])).tasks[0]).toMatchObject({ state: 'failed', reason: 'PodDeleted' });
    expect(cluster.created).toEqual([]);
  });

  test.each([
    ['delete_pod', 0], ['keep_pod', 1], ['delete_succeeded_pod', 0], ['delete_active_pod', 1],
  ] as const)('cleans up what a runner left that died after the result: onFinishAction %s leaves %d pods', async (onFinishAction, left) => {
    const manifest = taskManifest('t', { onFinishAction });
    let died: any;
    // The first runner: its pod and its owner as they were just before the clean-up.
    const first = new FakeCluster((pod, c) => { end(0)(pod, c); died = pod; });
    await start(first, [manifest]);
    const cluster = new FakeCluster();
    cluster.owners.set(ownerName('r'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ownerName('r') }, data: { runner: `${hostname()} 99999999 x` } });
    cluster.place(died);
    cluster.set(died.metadata.name, { phase: 'Succeeded' });
    expect(short(await start(cluster, [manifest]))).toEqual(['t success 1']);
    expect([cluster.pods.size, cluster.configMaps, cluster.created.length]).toEqual([left, left, 0]);
  });

  test('deletes the Job of a task that was done before when the tasks that may ask for it have ended', async () => {
    const c = chart();
    new JobTask(c, 'a', { image: 'busybox:1', waitUntilJobComplete: true });
    const manifests = [...synth(c), taskManifest('b')];
    const [planned] = plan(manifests).tasks;
    const written = journal();
    await written.open('r', 'https://fake');
    const result = taskResult(planned, null, { object: { kind: 'Job', name: 'job-a', namespace: 'n' } });
    await written.append({ type: 'result', task: 'a', spec: planned.fingerprint, result, xcom: null });
    await written.close();
    const cluster = new FakeCluster();
    const deleted: string[] = [];
    const labels = { ...runLabels('r'), ...taskLabels(planned) };
    const job = { metadata: { name: 'job-a', uid: 'j', labels }, spec: {}, status: { conditions: [{ type: 'Complete', status: 'True' }] } };
    const deleteObject = async (_: unknown, __: string, name: string) => { deleted.push(`${name} after ${cluster.created.length} pod`); };
    Object.assign(cluster, { listObjects: async () => ({ items: [job], metadata: {} }), deleteObject });
    expect(short(await start(cluster, manifests))).toEqual(['a success 0', 'b success 1']);
    expect(deleted).toEqual(['job-a after 1 pod']);
  });

  test('has its results although the cluster is away', async () => {
    await start(new FakeCluster(), [taskManifest('t')]);
    const cluster = new FakeCluster();
    cluster.refuse = { 'list pods': new UnreachableError('away') };
    expect(short(await start(cluster, [taskManifest('t')]))).toEqual(['t success 1']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', message: expect.stringContaining('could not be deleted: away') }));
  });

  test('does not keep the refusal of a pod that was never made', async () => {
    const cluster = new FakeCluster();
    cluster.refuse = { 'create pods': new ApiError({ verb: 'create', resource: 'pods', namespace: 'n' }, 403, 'Forbidden', 'error looking up service account n/x: serviceaccount "x" not found') };
    expect((await start(cluster, [taskManifest('t')])).tasks[0]).toMatchObject({ state: 'failed', reason: 'ServiceAccountNotFound' });
    cluster.refuse = {};
    expect(short(await start(cluster, [taskManifest('t')]))).toEqual(['t success 1']);
  });

  test('is not disturbed by one with an edited manifest, neither later nor while it runs', async () => {
    const manifest = taskManifest('t', {}, { base: { args: ['1'] } });
    const edited = taskManifest('t', {}, { base: { args: ['2'] } });
    const cluster = new FakeCluster(pod => setImmediate(() => {
      void start(cluster, [edited]).then(result => {
        expect(result.tasks[0]).toMatchObject({ state: 'failed', message: expect.stringContaining('NameCollision') });
        end(0)(pod, cluster);
      });
    }));
    expect(short(await start(cluster, [manifest]))).toEqual(['t success 1']);
    expect(short(await start(cluster, [manifest]))).toEqual(['t success 1']);
    expect(cluster.created).toHaveLength(1);
  });

  test('takes no result of another manifest that was written down while it ran', async () => {
    const other = journal();
    const { tasks: [result] } = await start(new FakeCluster(), [taskManifest('t')], { journal: undefined });
    const cluster = new FakeCluster((pod, c) => setImmediate(() => {
      void other.open('r', 'https://fake')
        .then(() => other.append({ type: 'result', task: 't', spec: 'another', result: { ...result, xcom: 'of the other' }, xcom: '"of the other"' }))
        .then(() => other.close())
        .then(() => end(0)(pod, c));
    }));
    expect((await start(cluster, [taskManifest('t')])).tasks[0]).toMatchObject({ state: 'success', xcom: null });
  });

  test('is refused where the manifest is another one now', async () => {
    await start(new FakeCluster(), [taskManifest('t')]);
    await expect(start(new FakeCluster(), [taskManifest('t', { retries: 1 })])).rejects.toThrow("task 't' was done in run 'r', but with another manifest");
  });
});

describe('a second runner of the same run', () => {
  const slow = taskManifest('slow');
  const next = taskManifest('next', { dependsOn: ['slow'] });

  test('ends without the owner of the first one\'s pods', async () => {
    const cluster = new FakeCluster();
    let owner: string | undefined;
    cluster.fate = (pod, c) => {
      if (c.created.length > 1) { return end(0)(pod, c); }
      [{ uid: owner }] = pod.metadata.ownerReferences as any;
      void start(cluster, [taskManifest('quick')], { journal: undefined }).then(() => {
        expect(cluster.configMaps).toBe(1);
        end(0)(pod, c);
      });
    };
    expect(short(await start(cluster, [slow, next]))).toEqual(['slow success 1', 'next success 1']);
    expect(cluster.created.map(pod => (pod.metadata.ownerReferences as any)[0].uid)).toEqual([owner, owner, owner]);
    expect(cluster.configMaps).toBe(0);
  });

  test('makes an owner of its own once that of the first one is gone', async () => {
    const cluster = new FakeCluster();
    let other: Promise<RunResult> | undefined;
    cluster.fate = (pod, c) => {
      if (c.created.length === 1) { other = start(cluster, [taskManifest('a'), taskManifest('b', { dependsOn: ['a'] })], { journal: undefined }); return; }
      if (c.created.length === 2) { cluster.owners.clear(); }
      end(0)(pod, c);
      if (c.created.length === 3) { end(0)(c.created[0], c); }
    };
    await start(cluster, [slow], { journal: undefined });
    await other;
    const [first, second, third] = cluster.created.map(pod => (pod.metadata.ownerReferences as any)[0].uid);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('that is cancelled leaves the first one\'s pods, and says so', async () => {
    const cluster = new FakeCluster();
    const controller = new AbortController();
    cluster.fate = pod => {
      setImmediate(() => cluster.set(pod.metadata.name!, running()));
      void start(cluster, [slow], {
        stop: controller.signal, emit: event => { events.push(event); if (event.type === 'task' && event.state === 'running') { controller.abort(CANCELLED); } },
      }).then(result => {
        expect(result.state).toBe('cancelled');
        end(0)(pod, cluster);
      });
    };
    expect(short(await start(cluster, [slow]))).toEqual(['slow success 1']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', message: expect.stringContaining('to the runner that started it') }));
    expect(readFileSync(join(folder, 'run.jsonl'), 'utf8')).not.toContain('cancelled');
  });

  test('takes over the owner of one that died', async () => {
    const cluster = new FakeCluster();
    await cluster.createConfigMap('n', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: new NamespaceScope(cluster.api, 'n', 'r').ownerName }, data: { runner: `${hostname()} 99999999 x` } });
    expect((await start(cluster, [slow])).state).toBe('success');
    expect(cluster.configMaps).toBe(0);
  });
});

test('a namespace that cannot be watched any more keeps its owner, and the pods with it, for the next runner', async () => {
  const cluster = new FakeCluster(() => {});
  const scope = new NamespaceScope(cluster.api, 'n', 'r');
  await scope.open(new AbortController().signal);
  scope.broken.abort(new UnreachableError('away'));
  await scope.close();
  expect(cluster.configMaps).toBe(1);
});

test('a pod that the watch has not brought yet keeps its owner', async () => {
  const cluster = new FakeCluster();
  // Its pods are made without a word to the watch.
  cluster.watchPods = (async (_namespace: string, _selector: string, _query: any, { signal }: any) =>
    (async function* () { await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))); yield Buffer.alloc(0); })()) as any;
  cluster.fate = () => setImmediate(() => controller.abort(CANCELLED));
  cluster.refuse = { 'delete pods': new UnreachableError('away') };
  const controller = new AbortController();
  await start(cluster, [taskManifest('t')], { stop: controller.signal });
  expect([cluster.pods.size, cluster.configMaps]).toEqual([1, 1]);
});

test('a result is on the disk before the pod is deleted', async () => {
  const cluster = new FakeCluster();
  const remove = cluster.deletePod.bind(cluster);
  const entries: string[] = [];
  cluster.deletePod = async (...args) => { entries.push(readFileSync(join(folder, 'run.jsonl'), 'utf8')); await remove(...args); };
  await start(cluster, [taskManifest('t')]);
  expect(entries).toEqual([expect.stringContaining('"type":"result","task":"t"')]);
});

test.each([
  ['delete_pod', 0, 0], ['delete_pod', 1, 0], ['keep_pod', 0, 1], ['keep_pod', 1, 1], ['delete_succeeded_pod', 0, 0], ['delete_succeeded_pod', 1, 1],
  ['delete_active_pod', 0, 1], ['delete_active_pod', 1, 1],
] as const)('onFinishAction %s after exit code %d leaves %d pods, and their owner with them', async (onFinishAction, exitCode, left) => {
  const cluster = new FakeCluster(end(exitCode));
  const { tasks } = await start(cluster, [taskManifest('t', { onFinishAction })]);
  expect([cluster.pods.size, cluster.configMaps, tasks[0].warnings]).toEqual([left, left, []]);
});

describe('a run that is stopped', () => {
  const sleeping = () => new FakeCluster((pod, c) => setImmediate(() => c.set(pod.metadata.name!, running())));

  test('by a signal deletes what runs, starts nothing more, and may go on later', async () => {
    const cluster = sleeping();
    const controller = new AbortController();
    const manifests = [taskManifest('t'), taskManifest('after', { dependsOn: ['t'] })];
    const emit = (event: RunEvent) => { if (event.type === 'task' && event.state === 'running') { controller.abort(CANCELLED); } };
    const result = await start(cluster, manifests, { stop: controller.signal, emit });
    expect(result.state).toBe('cancelled');
    expect(result.tasks).toMatchObject([{ state: 'cancelled', failure: 'cancelled', attempts: 1 }, { state: 'cancelled', attempts: 0 }]);
    expect([cluster.pods.size, cluster.configMaps]).toEqual([0, 0]);
    expect(short(await start(new FakeCluster(), manifests))).toEqual(['t success 1', 'after success 1']);
  });

  test('while the answer to a create is awaited does not leave the pod behind', async () => {
    const cluster = sleeping();
    const controller = new AbortController();
    const create = cluster.createPod.bind(cluster);
    cluster.createPod = async (...args) => {
      await create(...args);
      controller.abort(CANCELLED);
      throw new Error('aborted');
    };
    expect((await start(cluster, [taskManifest('t')], { stop: controller.signal })).state).toBe('cancelled');
    expect(cluster.pods.size).toBe(0);
  });

  test('by its own deadline says so', async () => {
    const controller = new AbortController();
    const emit = (event: RunEvent) => { if (event.type === 'task' && event.state === 'running') { controller.abort(new Stopped('timeout', 'too long')); } };
    const result = await start(sleeping(), [taskManifest('t')], { stop: controller.signal, emit });
    expect(result).toMatchObject({ state: 'timeout', tasks: [{ state: 'cancelled', failure: 'timeout', reason: 'RunTimeout', message: 'too long' }] });
  });
});

describe('a cluster that cannot be worked with fails every task with the reason', () => {
  const forbidden = (verb: string, resource: string) => new ApiError({ verb, resource, namespace: 'n' }, 403, 'Forbidden', `User "u" cannot ${verb} resource "${resource}" in`);

  test.each([
    ['pods may not be listed', { 'list pods': forbidden('list', 'pods') }, 'forbidden', "verb 'list' on 'pods' in namespace 'n'"],
    ['pods may not be created', { 'create pods': forbidden('create', 'pods') }, 'forbidden', "verb 'create' on 'pods'"],
    ['nobody answers', { 'list pods': new UnreachableError('https://fake cannot be reached', 'check') }, 'unreachable', 'check'],
  ])('%s', async (_, refuse, failure, nextStep) => {
    const cluster = new FakeCluster();
    cluster.refuse = refuse;
    const result = await start(cluster, [taskManifest('t')]);
    expect(result.tasks[0]).toMatchObject({ state: 'failed', failure, attempts: 0, nextStep: expect.stringContaining(nextStep) });
    // With the rights, or the server, back the same run goes on.
    cluster.refuse = {};
    expect(short(await start(cluster, [taskManifest('t')]))).toEqual(['t success 1']);
  });

  test('no right to create a ConfigMap is no reason to stop', async () => {
    const cluster = new FakeCluster();
    cluster.refuse = { 'create configmaps': forbidden('create', 'configmaps') };
    expect((await start(cluster, [taskManifest('t')])).state).toBe('success');
    expect(cluster.created[0].metadata.ownerReferences).toBeUndefined();
    expect(events).toContainEqual(expect.objectContaining({ type: 'note', message: expect.stringContaining('have no owner object') }));
  });

  test('a Kubernetes without native sidecars is told before anything is made', async () => {
    const cluster = new FakeCluster();
    cluster.minor = '28+';
    const result = await start(cluster, [taskManifest('t', { doXcomPush: true }, SIDECAR)]);
    expect(result.tasks[0]).toMatchObject({ failure: 'config', message: expect.stringContaining('needs Kubernetes 1.29; this cluster is v1.28+'), nextStep: expect.stringContaining("'airflow'") });
    expect(cluster.created).toEqual([]);
  });

  test('a version that nobody may read is no reason to stop', async () => {
    const cluster = new FakeCluster();
    cluster.version = async () => { throw new ApiError({ verb: 'get', resource: '/version' }, 403, 'Forbidden', 'forbidden: User "u" cannot get path "/version"'); };
    expect((await start(cluster, [taskManifest('t')])).state).toBe('success');
  });

  test('a webhook that drops the sidecar\'s restartPolicy is noticed, and the pod deleted', async () => {
    const cluster = new FakeCluster(() => {});
    const place = cluster.place.bind(cluster);
    cluster.place = manifest => place({ ...manifest, spec: { ...manifest.spec, initContainers: [{ name: 'airflow-xcom-sidecar' }] } });
    const result = await start(cluster, [taskManifest('t', { doXcomPush: true }, SIDECAR)]);
    expect(result.tasks[0]).toMatchObject({ failure: 'config', message: expect.stringContaining("dropped 'restartPolicy: Always'") });
    expect(cluster.pods.size).toBe(0);
  });
});

test('a pod that somebody deletes is a failure of the infrastructure, and is tried again', async () => {
  let tries = 0;
  const cluster = new FakeCluster((pod, c) => {
    if (++tries > 1) { return end(0)(pod, c); }
    setImmediate(() => { c.set(pod.metadata.name!, running()); c.remove(pod.metadata.name!); });
  });
  expect(short(await start(cluster, [taskManifest('t', { retries: 1 })]))).toEqual(['t success 2']);
  expect(events).toContainEqual(expect.objectContaining({ state: 'up_for_retry', message: 'PodDeleted: the pod was deleted while the task ran' }));
});

test('a mutation of the pods of a DAG is done where the run is of that DAG', async () => {
  const mutations = [{ name: 'dear', labels: { dag_id: ['etl'] }, ops: [['set', ['spec', 'priorityClassName'], 'dear']] as any }];
  const priorities = await Promise.all(['etl', 'other', undefined].map(async dagId => {
    const cluster = new FakeCluster();
    expect((await start(cluster, [taskManifest('t', { mutations })], { templates: { dagId }, journal: undefined })).state).toBe('success');
    return cluster.created[0].spec.priorityClassName;
  }));
  expect(priorities).toEqual(['dear', undefined, undefined]);
});

test('a template that cannot be rendered fails its task, not the run', async () => {
  const cluster = new FakeCluster();
  const result = await start(cluster, [taskManifest('t', {}, { base: { args: ['{{ nope }}'] } }), taskManifest('u')]);
  expect(short(result)).toEqual(['t failed 0', 'u success 1']);
  expect(result.tasks[0]).toMatchObject({ failure: 'config', reason: 'InvalidManifest' });
});

test('a task that wrote no XCom succeeds, with a note', async () => {
  const { tasks } = await start(new FakeCluster(), [taskManifest('t', { doXcomPush: true }, SIDECAR)]);
  expect(tasks[0]).toMatchObject({ state: 'success', xcom: null, warnings: [] });
  expect(events).toContainEqual({ type: 'note', task: 't', message: 'the task wrote no /airflow/xcom/return.json, or an empty one: its XCom is null' });
});

test('a failure of an earlier runner stands, and how to run it again is said', async () => {
  await start(new FakeCluster(end(1)), [taskManifest('t'), taskManifest('u')]);
  events = [];
  const cluster = new FakeCluster();
  const { tasks } = await start(cluster, [taskManifest('t'), taskManifest('u')]);
  expect(tasks[0]).toMatchObject({ state: 'failed', nextStep: expect.stringContaining("another '--run-id'") });
  expect(events).toContainEqual({ type: 'note', task: null, message: "'t', 'u' failed then and will not be run again in this run: another '--run-id' runs all tasks again" });
  expect(cluster.created).toEqual([]);
});

test('a run of which pods are there and no journal was begun elsewhere, which is said', async () => {
  const cluster = new FakeCluster();
  await start(cluster, [taskManifest('t', { onFinishAction: 'keep_pod' })], { journal: new Journal(join(folder, 'elsewhere.jsonl')) });
  const begun = expect.objectContaining({ message: expect.stringContaining('this run was begun elsewhere: journal') });
  expect(events).not.toContainEqual(begun);
  await start(cluster, [taskManifest('t', { onFinishAction: 'keep_pod' })]);
  expect(events).toContainEqual(begun);
});
