import * as fc from 'fast-check';
import { ended, pod, running, SCHEDULED, waiting } from './pods';
import { deadline, Observation, PodState, reduce } from '../../src/runtime/reducer';

const settings = { base: 'base', startupTimeoutSeconds: 120 };

/** The state after these observations; a number is a moment at which nothing is seen. */
function after(...seen: (Observation | number)[]): PodState {
  let state: PodState | undefined;
  for (const item of seen) { state = reduce(state, typeof item === 'number' ? { now: item } : item, settings); }
  return state!;
}
const at = (now: number, status: any, metadata: any = {}): Observation => ({ now, pod: pod(status, metadata) });

describe('the base container decides', () => {
  test.each([
    ['exit 0', ended(0), { failure: null, exitCode: 0 }],
    ['exit 3', ended(3), { failure: 'app', reason: 'Error', exitCode: 3 }],
    ['exit 0 beside a sidecar that failed', { ...ended(0), phase: 'Running' }, { failure: null, exitCode: 0 }],
    ['OOMKilled', ended(137, { reason: 'OOMKilled' }), { failure: 'app', reason: 'OOMKilled', exitCode: 137 }],
    ['a command that does not exist', ended(128, { reason: 'StartError' }), { failure: 'config', reason: 'StartError' }],
    ['deadline of the pod', ended(137, { reason: 'ContainerStatusUnknown' }, { reason: 'DeadlineExceeded' }), { failure: 'timeout', reason: 'DeadlineExceeded', exitCode: null }],
    ['deadline of the pod, which the program answers with exit 0', ended(0, {}, { phase: 'Failed', reason: 'DeadlineExceeded' }), { failure: 'timeout', reason: 'DeadlineExceeded', exitCode: 0 }],
    ['eviction by the kubelet, answered with exit 0', ended(0, {}, { phase: 'Failed', reason: 'Evicted', message: 'low on memory' }), { failure: 'infra-after-start', reason: 'Evicted' }],
    ['shutdown of the node, answered with exit 0', ended(0, {}, { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }] }),
      { failure: 'infra-after-start', reason: 'TerminationByKubelet' }],
    ['exit 0 in a pod that failed for another container', ended(0, {}, { phase: 'Failed' }), { failure: null, exitCode: 0 }],
    ['deadline while the status still says running', { ...running(), phase: 'Failed', reason: 'DeadlineExceeded' }, { failure: 'timeout', reason: 'DeadlineExceeded' }],
    ['eviction', ended(137, {}, { reason: 'Evicted', message: 'low on memory' }), { failure: 'infra-after-start', reason: 'Evicted' }],
    ['exit 3 of a pod that was evicted then', ended(3, {}, { reason: 'Evicted' }), { failure: 'app', exitCode: 3 }],
    ['preemption', ended(143, {}, { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] }), { failure: 'infra-after-start', reason: 'PreemptionByScheduler' }],
    ['rejected by the kubelet', { phase: 'Failed', reason: 'OutOfcpu', message: 'no cpu' }, { failure: 'infra-before-start', reason: 'OutOfcpu' }],
    ['a node that lost track', ended(137, { reason: 'ContainerStatusUnknown' }), { failure: 'infra-after-start', reason: 'ContainerStatusUnknown', exitCode: null }],
    ['an init container that failed', { phase: 'Failed', initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 2, reason: 'Error' } } }] }, { failure: 'app', container: 'init' }],
  ])('%s', (_, status, end) => {
    expect(after(at(0, status)).end).toMatchObject(end);
  });
});

describe('a pod that goes away', () => {
  test('while it runs', () => {
    expect(after(at(0, running()), { now: 1, gone: true }).end).toMatchObject({ failure: 'infra-after-start', reason: 'PodDeleted' });
  });
  test('before it ran', () => {
    expect(after(at(0, {}), { now: 1, gone: true }).end).toMatchObject({ failure: 'infra-before-start', reason: 'PodDeleted' });
  });
  test('after it ended changes nothing', () => {
    expect(after(at(0, ended(0)), { now: 1, gone: true }).end).toMatchObject({ failure: null });
  });
  test('and whose program then says 0 is no success: an abort never is', () => {
    expect(after(at(0, running(), { deletionTimestamp: 't' }), at(1, ended(0), { deletionTimestamp: 't' })).end).toMatchObject({ failure: 'infra-after-start', reason: 'PodDeleted' });
  });
});

test('a pod that is deleted while its node is lost ends, its grace period and two minutes later', () => {
  const deleting = at(0, running(), { deletionTimestamp: '2026-11-24T12:00:30Z', deletionGracePeriodSeconds: 30 });
  expect(after(deleting, 149_999).end).toBeNull();
  expect(deadline(after(deleting), settings)).toBe(150_000);
  expect(after(deleting, 150_000).end).toMatchObject({ failure: 'infra-after-start', reason: 'NodeLost' });
});

describe('a pod that is first seen deleting and ended', () => {
  // Asked for at 12:00:00, with 30 s of grace.
  const deleting = { deletionTimestamp: '2026-11-24T12:00:30Z', deletionGracePeriodSeconds: 30 };
  const finalized = { deletionTimestamp: '2026-11-24T12:00:05Z', deletionGracePeriodSeconds: 0 };

  test('by the kubelet\'s own last deletion, the grace period before it may have been the time of the first', () => {
    expect(after(at(0, ended(0, { finishedAt: '2026-11-24T12:00:03Z' }), finalized)).end).toMatchObject({ reason: 'PodDeleted' });
    expect(after(at(0, ended(0, { finishedAt: '2026-11-24T11:59:24Z' }), finalized)).end).toMatchObject({ failure: null });
  });
  test.each([
    ['2026-11-24T11:59:59Z', 0, null, null],
    ['2026-11-24T11:59:59Z', 3, 'app', 'Error'],
    ['2026-11-24T12:00:00Z', 0, 'infra-after-start', 'PodDeleted'],
    ['2026-11-24T12:00:20Z', 0, 'infra-after-start', 'PodDeleted'],
    [undefined, 0, 'infra-after-start', 'PodDeleted'],
  ])('the base container having finished at %s with %d', (finishedAt, exitCode, failure, reason) => {
    expect(after(at(0, ended(exitCode, { finishedAt }), deleting)).end).toMatchObject({ failure, reason });
  });
});

describe('a pod that does not start', () => {
  test('no node: it is given the start-up timeout, and the scheduler\'s words are kept', () => {
    const unschedulable = { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }] };
    expect(after(at(0, unschedulable), 119_999).end).toBeNull();
    expect(after(at(0, unschedulable), 120_000).end).toMatchObject({ failure: 'capacity', reason: 'Unschedulable', message: expect.stringContaining('0/1 nodes') });
  });
  test('the clock begins again when it is scheduled', () => {
    const scheduled = { conditions: [SCHEDULED] };
    expect(after(at(0, {}), at(100_000, scheduled), 219_999).end).toBeNull();
    expect(after(at(0, {}), at(100_000, scheduled), 220_000).end).toMatchObject({ failure: 'timeout', reason: 'StartupTimeout' });
  });
  test.each([
    ['InvalidImageName', 'bad', 0, 'image'],
    ['ErrImageNeverPull', 'not there', 0, 'image'],
    ['ErrImagePull', 'manifest unknown', 15_000, 'image'],
    ['ErrImagePull', 'connection refused', 60_000, 'image'],
    ['CreateContainerConfigError', 'secret "x" not found', 10_000, 'config'],
    ['CreateContainerError', 'no', 60_000, 'config'],
  ])('%s (%s) is given %d ms', (reason, message, grace, failure) => {
    if (grace > 0) { expect(after(at(0, waiting(reason, message)), grace - 1).end).toBeNull(); }
    expect(after(at(0, waiting(reason, message)), grace).end).toMatchObject({ failure, reason, message });
  });
  test('a back-off does not begin the grace anew and keeps the better message', () => {
    const state = after(at(0, waiting('ErrImagePull', 'connection refused')), at(59_000, waiting('ImagePullBackOff', 'Back-off')), 60_000);
    expect(state.end).toMatchObject({ reason: 'ErrImagePull', message: 'connection refused' });
  });
  test('a problem that passes is forgotten', () => {
    expect(after(at(0, waiting('CreateContainerConfigError', 'x')), at(9_000, running()), 500_000).end).toBeNull();
  });
});

const STATUSES = [{}, { conditions: [SCHEDULED] }, waiting('ErrImagePull', 'x'), waiting('ContainerCreating'), running(), ended(0), ended(1),
  ended(137, { reason: 'OOMKilled' }), { phase: 'Failed', reason: 'Evicted' }, { phase: 'Unknown' }];
const observations = fc.array(fc.record({
  step: fc.nat(60_000), status: fc.option(fc.constantFrom(...STATUSES), { freq: 4 }), gone: fc.boolean(), deleting: fc.boolean(), version: fc.nat(20),
}), { minLength: 1, maxLength: 30 });

function states(list: any[]): PodState[] {
  let now = 0;
  let state: PodState | undefined = reduce(undefined, at(0, {}), settings);
  return list.map(({ step, status, gone, deleting, version }) => {
    now += step;
    const seen = status ? pod(status, { resourceVersion: String(version), ...deleting ? { deletionTimestamp: 't' } : {} }) : undefined;
    state = reduce(state, { now, pod: seen, gone: gone && step % 5 === 0 }, settings);
    return state;
  });
}

test('an end never un-happens, and what has started or gone stays so, whatever comes late, twice or out of order', () => {
  fc.assert(fc.property(observations, list => {
    const all = states(list);
    for (let i = 1; i < all.length; i++) {
      if (all[i - 1].end) { expect(all[i].end).toBe(all[i - 1].end); }
      for (const flag of ['started', 'gone', 'scheduled', 'interrupted'] as const) { expect(all[i][flag]).toBe(all[i][flag] || all[i - 1][flag]); }
    }
  }));
});

test('the announced deadline is the first moment at which time alone ends the task', () => {
  fc.assert(fc.property(observations, list => {
    const state = states(list).at(-1)!;
    const due = deadline(state, settings);
    if (due === undefined) {
      expect(reduce(state, { now: 1e12 }, settings).end).toBe(state.end);
    } else {
      expect(reduce(state, { now: Math.max(due, 0) }, settings).end).not.toBeNull();
      expect(reduce(state, { now: due - 1 }, settings).end).toBeNull();
    }
  }));
});

test('a gone pod always has an end', () => {
  fc.assert(fc.property(observations, list => { expect(states(list).every(state => !state.gone || state.end !== null)).toBe(true); }));
});

test('a start-up timeout tells the last problem there was, and else what the container waits for', () => {
  const pulling = { now: 100_000, pod: pod(waiting('ErrImagePull', 'dial tcp: timeout')) };
  const again = { now: 110_000, pod: pod(waiting('ContainerCreating')) };
  const first = { now: 0, pod: pod(waiting('ContainerCreating')) };
  expect(after(first, pulling, again, 200_000).end).toMatchObject({ failure: 'image', reason: 'ErrImagePull', message: 'dial tcp: timeout' });
  expect(after(first, 200_000).end).toMatchObject({ failure: 'timeout', message: expect.stringContaining("; container 'base' waits: ContainerCreating") });
});
