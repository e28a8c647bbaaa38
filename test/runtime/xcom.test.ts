import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pod } from './pods';
import { TaskAnnotation } from '../../src/pod/task-annotation';
import { KubernetesApi, Pod } from '../../src/runtime/api';
import { UnreachableError } from '../../src/runtime/errors';
import { readXcom, xcomIsReady } from '../../src/runtime/xcom';

const task = (xcomMode: TaskAnnotation['xcomMode']) => ({ xcomMode, doXcomPush: true }) as TaskAnnotation;
const header = (kind: string, data: Buffer) => `v1 ${kind} ${data.length} ${createHash('sha256').update(data).digest('hex')}`;
const sidecar = (state: any, native = true): Pod =>
  pod({ phase: 'Running', [native ? 'initContainerStatuses' : 'containerStatuses']: [{ name: 'airflow-xcom-sidecar', state }] });
const handed = (message: string | undefined, exitCode = 0) => sidecar({ terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', message } });
const noApi = {} as KubernetesApi;

/** An API whose pod log is this, cut off after so many bytes the first times. */
function logApi(text: string, cuts: number[] = []): KubernetesApi & { requests: number } {
  const api = {
    requests: 0,
    podLog: async () => {
      const cut = cuts[api.requests++] ?? text.length;
      return (async function* () { yield Buffer.from(text.slice(0, cut)); })();
    },
  };
  return api as any;
}
function execApi(...answers: (string | Buffer | Error)[]): KubernetesApi & { requests: number } {
  const api = {
    requests: 0,
    exec: async () => {
      const answer = answers[Math.min(api.requests++, answers.length - 1)];
      if (answer instanceof Error) { throw answer; }
      return { stdout: Buffer.from(answer), stderr: Buffer.from(''), status: { status: 'Success' } };
    },
  };
  return api as any;
}
const framed = (data: Buffer) => gzipSync(data).toString('base64').match(/.{1,80}/g)!.map((chunk, i) => `v1 ${i + 1} ${chunk}\n`).join('');

beforeEach(() => { jest.spyOn(Math, 'random').mockReturnValue(0); });
afterEach(() => jest.restoreAllMocks());

test('a small result is in the termination message', async () => {
  const data = Buffer.from('{"b": 1.0, "a": "ü"}\n');
  const xcom = await readXcom(noApi, handed(`${header('json', data)}\n${data}`), task('native'), 'base');
  expect(xcom).toMatchObject({ value: { b: 1, a: 'ü' }, text: '{"b": 1.0, "a": "ü"}\n' });
});

test.each([['v1 empty'], [`${header('json', Buffer.from('  \n'))}\n  \n`]])('%j is no XCom', async message => {
  expect(await readXcom(noApi, handed(message), task('native'), 'base')).toBeNull();
});

test.each([
  ['no message at all', undefined, 'XComLost', 'ended with exit code 0'],
  ['a message cut short', `${header('json', Buffer.from('[1, 2]'))}\n[1,`, 'XComIncomplete', '3 of 6 bytes'],
  ['other bytes than were written', `${header('json', Buffer.from('[1, 2]'))}\n[1, 3]`, 'XComIncomplete', 'damaged'],
  ['bytes that are no text', `${header('json', Buffer.from('"\xff"', 'latin1'))}\n"\ufffd"`, 'InvalidJSON', 'no UTF-8'],
  ['what is no JSON', `${header('json', Buffer.from('hello'))}\nhello`, 'InvalidJSON', 'at offset 0'],
  ['a directory', 'v1 not-a-file', 'XComNotAFile', 'no regular file'],
  ['a file without the right to read it', 'v1 unreadable', 'XComUnreadable', 'may not read'],
  ['too much', 'v1 too-large 2000000', 'XComTooLarge', 'has 2000000 bytes'],
])('%s is an error, never a value', async (_, message, reason, text) => {
  await expect(readXcom(noApi, handed(message), task('native'), 'base')).rejects.toMatchObject({ reason, message: expect.stringContaining(text) });
});

test('a sidecar that was killed lost the result', async () => {
  await expect(readXcom(noApi, handed(undefined, 137), task('native'), 'base')).rejects.toMatchObject({ reason: 'XComLost', message: expect.stringContaining('137') });
});

describe('a large result in the sidecar\'s log', () => {
  const data = Buffer.from(JSON.stringify({ text: 'ü'.repeat(5000), list: Array.from({ length: 2000 }, (_, i) => i * 7919 % 1000) }));
  const message = header('log', data);

  test('comes whole, between other lines and in any order', async () => {
    const lines = framed(data).split('\n').reverse().join('\nnoise v1 1 x\n');
    expect((await readXcom(logApi(lines), handed(message), task('native'), 'base'))!.value).toEqual(JSON.parse(data.toString()));
  });
  test('is read again when it was cut', async () => {
    const api = logApi(framed(data), [100, 500]);
    expect((await readXcom(api, handed(message), task('native'), 'base'))!.value).toEqual(JSON.parse(data.toString()));
    expect(api.requests).toBe(3);
  });
  test('is an error when it stays cut', async () => {
    await expect(readXcom(logApi(framed(data), [100, 100, 100]), handed(message), task('native'), 'base')).rejects.toMatchObject({ reason: 'XComIncomplete' });
  });
  test('does not fill the memory when it is a bomb', async () => {
    const bomb = framed(Buffer.alloc(64 * 1024 * 1024));
    await expect(readXcom(logApi(bomb), handed(message), task('native'), 'base')).rejects.toThrow('larger than 1048576 bytes');
  });
});

describe('airflow mode', () => {
  const data = Buffer.from('[1]');
  const answer = `${header('json', data)}\n[1]`;
  const running = sidecar({ running: {} }, false);

  test('one exec brings the result', async () => {
    const api = execApi(answer);
    expect((await readXcom(api, running, task('airflow'), 'base'))!.value).toEqual([1]);
    expect(api.requests).toBe(1);
  });
  test('a cut is tried again', async () => {
    const api = execApi(new UnreachableError('cut'), answer.slice(0, -1), answer);
    expect((await readXcom(api, running, task('airflow'), 'base'))!.value).toEqual([1]);
    expect(api.requests).toBe(3);
  });
  test('the sidecar is told to end when all has arrived, and not before', async () => {
    const seen: boolean[] = [];
    const api = {
      exec: async (...[, , , , { complete }]: Parameters<KubernetesApi['exec']>) => {
        seen.push(...['', 'v1 empty', answer.slice(0, 20), answer.slice(0, -1), answer, 'v1 empty\n', 'sh: no\n'].map(text => complete!(Buffer.from(text))));
        return { stdout: Buffer.from(answer), stderr: Buffer.alloc(0), status: {} };
      },
    };
    await readXcom(api as any, running, task('airflow'), 'base');
    expect(seen).toEqual([false, false, false, false, true, true, false]);
  });
  test('three cuts are an error', async () => {
    const api = execApi(new UnreachableError('cut'));
    await expect(readXcom(api, running, task('airflow'), 'base')).rejects.toMatchObject({ reason: 'XComLost', message: expect.stringContaining('cut') });
    expect(api.requests).toBe(3);
  });
  test('a log that falls silent loses the XCom: another run would not find the pod', async () => {
    const announced = handed(header('log', Buffer.from('[1]')));
    const api = { podLog: () => Promise.reject(new UnreachableError('silent')) };
    await expect(readXcom(api as any, announced, task('native'), 'base')).rejects.toMatchObject({ reason: 'XComLost', nextStep: 'run the task again' });
  });
  test('invalid JSON is not asked for again', async () => {
    const api = execApi(`${header('json', Buffer.from('x'))}\nx`);
    await expect(readXcom(api, running, task('airflow'), 'base')).rejects.toMatchObject({ reason: 'InvalidJSON' });
    expect(api.requests).toBe(1);
  });
  test('a sidecar that does not run cannot be asked', async () => {
    await expect(readXcom(execApi(answer), sidecar({ terminated: { exitCode: 137 } }, false), task('airflow'), 'base')).rejects.toMatchObject({ reason: 'XComLost' });
  });
});

test('the result can be read from a running sidecar in airflow mode only, and from one that ended', () => {
  const states = [sidecar({ running: {} }), handed('v1 empty')];
  expect(states.map(state => xcomIsReady(state, task('native'), 'base'))).toEqual([false, true]);
  expect(states.map(state => xcomIsReady(state, task('airflow'), 'base'))).toEqual([true, true]);
});
