import { getEventListeners } from 'node:events';
import { ended, pod, running, taskManifest } from './pods';
import { Pod } from '../../src/runtime/api';
import { JOB } from '../../src/runtime/job-kind';
import { ObjectPods } from '../../src/runtime/object-pods';
import { plan } from '../../src/runtime/plan';
import { Listener } from '../../src/runtime/scope';

const JOB_OF_ONE = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', uid: 'job' }, spec: { template: { spec: { containers: [{ name: 'base', image: 'busybox:1' }] } } } };
const SIDECAR = (state: any) => ({ initContainerStatuses: [{ name: 'airflow-xcom-sidecar', state }] });
const EMPTY = SIDECAR({ terminated: { exitCode: 0, message: 'v1 empty' } });

/** The pods of a Job whose cluster says what the test makes it say. */
function follow(controller: AbortController, xcomMode: 'native' | 'airflow' = 'native') {
  let tell!: Listener<Pod>;
  const warnings: string[] = [];
  const { tasks: [planned] } = plan([taskManifest('t', { doXcomPush: true, xcomMode })]);
  const pods = new ObjectPods({
    api: { deletePod: async () => {} } as any,
    scope: { namespace: 'n', listen: (listener: Listener<Pod>) => { tell = listener; return () => {}; } } as any,
    planned,
    tryNumber: 1,
    logs: false,
    emit: () => {},
    kind: JOB,
    signal: controller.signal,
    onNews: () => {},
    onWarning: warning => warnings.push(warning),
  });
  pods.begin(JOB_OF_ONE);
  let version = 0;
  const seen = (status: any) => tell.seen(pod(status, { ownerReferences: [{ uid: 'job' }], resourceVersion: String(++version) }));
  return { pods, seen, gone: () => tell.gone('p', 'u', Infinity), warnings };
}

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

test.each<[string, (one: ReturnType<typeof follow>) => void, string | null]>([
  ['go on running', () => {}, 'went away before their XCom was read'],
  ['have handed over their XCom', ({ seen }) => seen(ended(0, {}, EMPTY)), null],
  ['have failed', ({ seen }) => seen(ended(1)), 'went away before their XCom was read'],
  ['go away while they run', ({ gone }) => gone(), 'went away before their XCom was read'],
  ['end without a word of the sidecar', ({ seen }) => seen({ ...ended(0), phase: 'Running' }), 'handed over the XCom'],
])('nothing is left on the signal, nor any timer, by pods that %s', async (_, happens, problem) => {
  const controller = new AbortController();
  const one = follow(controller);
  one.seen(running());
  const finished = one.pods.finish(1);
  happens(one);
  await jest.advanceTimersByTimeAsync(120_000);
  await finished;
  if (problem === null) { expect(one.pods.xcoms()).toEqual([null]); } else { expect(() => one.pods.xcoms()).toThrow(problem); }
  one.pods.close();
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test('a run that is stopped is not finished, though no pod is left to be read', async () => {
  const controller = new AbortController();
  const { pods } = follow(controller);
  const finished = pods.finish(1);
  controller.abort(new Error('stopped'));
  await expect(finished).rejects.toThrow('stopped');
});

test('pods that are left while their XCom is awaited are not awaited any more', async () => {
  const controller = new AbortController();
  const { pods, seen, warnings } = follow(controller);
  seen({ ...ended(0), phase: 'Running' });
  await jest.advanceTimersByTimeAsync(0);
  expect(jest.getTimerCount()).toBeGreaterThan(0);
  pods.close();
  await jest.advanceTimersByTimeAsync(0);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
  expect(warnings).toEqual([]);
});
