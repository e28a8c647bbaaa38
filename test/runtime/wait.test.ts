import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pod, running } from './pods';
import { PodTracker } from '../../src/runtime/tracker';
import { linked, unlessAborted } from '../../src/runtime/wait';

const within = (ms: number, signal?: AbortSignal) => linked(signal, { ms }).controller.signal;

/** Garbage is collected while nobody but its listener knows of the signal. */
async function collected(make: () => AbortSignal): Promise<AbortSignal> {
  setFlagsFromString('--expose_gc');
  const ended = (() => {
    const signal = make();
    return new Promise<AbortSignal>(resolve => signal.addEventListener('abort', () => resolve(signal)));
  })();
  await new Promise(resolve => setImmediate(resolve));
  runInNewContext('gc')();
  return ended;
}

test('a limit of time ends what waits for it, however much garbage is collected meanwhile', async () => {
  const other = new AbortController();
  expect((await collected(() => within(100, other.signal))).reason.name).toBe('TimeoutError');
  expect((await collected(() => within(100))).reason.name).toBe('TimeoutError');
});

test('a signal that aborts before its limit of time gives its reason', async () => {
  const other = new AbortController();
  const before = linked(other.signal, { ms: 60_000 });
  other.abort(new Error('stop'));
  const after = linked(other.signal, { ms: 60_000 });
  for (const { controller: { signal }, dispose } of [before, after]) { dispose(); expect(signal.reason.message).toBe('stop'); }
});

test('what never ends is given up with the signal', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  await expect(unlessAborted(1, controller.signal)).resolves.toBe(1);
  await expect(unlessAborted(Promise.reject(new Error('own')), new AbortController().signal)).rejects.toThrow('own');
});

describe('what waits', () => {
  const never = new Promise<never>(() => {});
  const tracker = () => {
    const made = new PodTracker({ base: 'base', startupTimeoutSeconds: 60 });
    made.begin(pod(running()));
    made.stop();
    return made;
  };

  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['for work that is done', signal => unlessAborted(1, signal)],
    ['for work that fails', signal => unlessAborted(Promise.reject(new Error('own')), signal)],
    ['for work that is too slow', signal => unlessAborted(never, signal, { ms: 1 })],
    ['for a state that is there', signal => tracker().until(({ started }) => started, signal)],
    ['for a state that comes', signal => { const one = tracker(); const seen = one.until(({ gone }) => gone, signal); one.gone('u', Infinity); return seen; }],
    ['for a state that comes too late', signal => tracker().until(() => false, signal, { ms: 1 })],
  ])('%s leaves nothing on the signal', async (_, wait) => {
    const { signal } = new AbortController();
    const waiting = wait(signal);
    await waiting.catch(() => {});
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('says its own reason when it is too late', async () => {
    await expect(unlessAborted(never, undefined, { ms: 1, reason: () => new Error('own') })).rejects.toThrow('own');
    await expect(tracker().until(() => false, undefined, { ms: 1 })).rejects.toThrow('the time is up');
  });

  test('without an end has no timer', () => {
    const timer = jest.spyOn(global, 'setTimeout');
    linked(undefined, { ms: Infinity }).dispose();
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
  });
});
