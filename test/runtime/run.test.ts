import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { taskManifest } from './pods';
import { run, RunOptions } from '../../src/runtime';
import { fromKubeconfig } from '../../src/runtime/kubeconfig';

jest.mock('../../src/runtime/kubeconfig');

/** Nobody listens there. */
const connection = { server: 'https://127.0.0.1:1' };

describe('the journal', () => {
  let folder: string;
  let before: string;
  beforeEach(() => { before = process.cwd(); folder = mkdtempSync(join(tmpdir(), 'run-')); process.chdir(folder); });
  afterEach(() => { process.chdir(before); rmSync(folder, { recursive: true }); });
  const written = async (options: RunOptions) => {
    await run([taskManifest('t')], { connection, signal: AbortSignal.abort(), ...options });
    return existsSync(join(folder, '.cdk8s-airflow'));
  };

  test('is written for a run that can be taken up again, and for no other', async () => {
    expect(await written({})).toBe(false);
    expect(await written({ runId: 'mine', journal: false })).toBe(false);
    expect(await written({ journal: join(folder, 'j.jsonl') })).toBe(false);
    expect(existsSync(join(folder, 'j.jsonl'))).toBe(true);
    expect(await written({ runId: 'mine' })).toBe(true);
    expect(existsSync(join(folder, '.cdk8s-airflow', 'mine.jsonl'))).toBe(true);
  });
});

test.each<[any, string]>([
  [{ timeoutSecond: 5 }, "run() has no option 'timeoutSecond'; did you mean 'timeoutSeconds'?"],
  [{ task: ['a'] }, "run() has no option 'task'; did you mean 'tasks'?"],
  [{ timeoutSeconds: '5' }, '\'timeoutSeconds\' must be a number above 0, got "5"'],
  [{ timeoutSeconds: NaN }, "'timeoutSeconds' must be a number above 0"],
  [{ concurrency: 0.5 }, "'concurrency' must be a whole number above 0, got 0.5"],
  [{ tasks: 'a' }, '\'tasks\' must be a list of task ids, got "a"'],
  [{ runId: ' ' }, "'runId' must be a string that is not empty"],
  [{ connection: 'https://x' }, "'connection' must be an object with 'server', got a string"],
  [{ templateContext: '{"conn": {"db": "postgres://u:s3cret@h"}}' }, "'templateContext' must be an object, got a string"],
  [{ connection: { token: 't' } }, "'connection' must be an object with 'server', got one without it"],
  [{ onEvent: {} }, "'onEvent' must be a function, got {}"],
  [{ logs: 'no' }, "'logs' must be true or false"],
  [{ journal: true }, "'journal' must be a path or false, got true"],
])('the options %j are refused', async (options, message) => {
  await expect(run([taskManifest('t')], options)).rejects.toThrow(message);
});

test('what an asynchronous onEvent rejects with is a warning of the process', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const onEvent = async () => { throw new Error('no'); };
  await run([taskManifest('t')], { connection: { server: 'https://127.0.0.1:1' }, signal: AbortSignal.abort(), onEvent });
  expect(warned).toHaveBeenCalledWith(new Error('no'));
  warned.mockRestore();
});

describe("the caller's signal", () => {
  const connect = jest.mocked(fromKubeconfig);
  test.each<[string, () => Promise<any>, RunOptions]>([
    ['a kubeconfig that is good', async () => connection, {}],
    ['a kubeconfig that is bad', async () => { throw new Error('bad'); }, {}],
    ['a plugin that hangs', () => new Promise(() => {}), { timeoutSeconds: 0.01 }],
    ['a connection that is given', async () => { throw new Error('bad'); }, { connection }],
  ])('has no listener left after a run with %s', async (_, kubeconfig, options) => {
    connect.mockImplementation(kubeconfig);
    const controller = new AbortController();
    // Ended by its time: nobody answers there.
    const ended = run([taskManifest('t')], { timeoutSeconds: 0.05, ...options, signal: controller.signal });
    await ended.catch(() => {});
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('and the limit of time end what runs', async () => {
    const result = await run([taskManifest('t')], { connection, timeoutSeconds: 0.05 });
    expect(result).toMatchObject({ state: 'timeout', tasks: [{ state: 'cancelled', failure: 'timeout', reason: 'RunTimeout', message: 'the run took longer than its 0.05 s' }] });
    expect((await run([taskManifest('t')], { connection, signal: AbortSignal.abort() })).tasks).toMatchObject([{ failure: 'cancelled', message: 'the run was cancelled' }]);
  });

  test('and the limit of time end what waits for a plugin', async () => {
    connect.mockImplementation(() => new Promise(() => {}));
    await expect(run([taskManifest('t')], { timeoutSeconds: 0.01 })).rejects.toMatchObject({
      name: 'CancelledError', why: 'timeout', message: 'the credentials of the kubeconfig were not there within 0.01 s', nextStep: expect.stringContaining('plugin'),
    });
    const controller = new AbortController();
    const ended = run([taskManifest('t')], { signal: controller.signal });
    controller.abort();
    await expect(ended).rejects.toMatchObject({ name: 'CancelledError', why: 'cancelled', message: expect.stringContaining('cancelled while the credentials were read') });
  });
});
