import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { unlessAborted, within } from '../../src/runtime/wait';

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
  const signal = within(60_000, other.signal);
  other.abort(new Error('stop'));
  expect(signal.reason.message).toBe('stop');
  expect(within(60_000, other.signal).aborted).toBe(true);
});

test('what never ends is given up with the signal', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow('stop');
  await expect(unlessAborted(1, controller.signal)).resolves.toBe(1);
  await expect(unlessAborted(Promise.reject(new Error('own')), new AbortController().signal)).rejects.toThrow('own');
});
