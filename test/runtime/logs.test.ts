import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { LogOptions } from '../../src/runtime/api';
import { ApiError } from '../../src/runtime/errors';
import { followLog, LogSource, readLog } from '../../src/runtime/logs';

const stamp = (i: number) => `2026-01-01T00:00:${String(i % 60).padStart(2, '0')}.${String(i).padStart(9, '0').replace(/0+$/, '') || '0'}Z`;

/** A log that is cut after so many bytes of each answer, as the API server serves it: from whole seconds on. */
class CutLog implements LogSource {
  public requests = 0;

  constructor(private readonly lines: string[], private readonly cuts: number[]) {}

  public async podLog(_: string, __: string, options: { sinceTime?: string }): Promise<AsyncIterable<Buffer>> {
    const from = options.sinceTime?.slice(0, 19) ?? '';
    const bytes = Buffer.from(this.lines.filter(line => line.slice(0, 19) >= from).map(line => `${line}\n`).join(''));
    const cut = this.cuts[this.requests++];
    return (async function* () {
      if (cut === undefined) { yield bytes; return; }
      yield bytes.subarray(0, cut);
      throw new Error('cut');
    })();
  }
}

async function follow(source: LogSource, ended: Promise<unknown> = Promise.resolve()): Promise<{ lines: string[]; warning?: string }> {
  const lines: string[] = [];
  const warning = await followLog(source, {
    namespace: 'n', name: 'p', container: 'base', ended, signal: new AbortController().signal, onLine: (at, line) => lines.push(`${at} ${line}`),
  });
  return { lines, warning };
}

beforeEach(() => { jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }); });
afterEach(() => { jest.useRealTimers(); });
async function withTime<T>(work: Promise<T>): Promise<T> {
  let done = false;
  void work.finally(() => { done = true; }).catch(() => {});
  for (let second = 0; !done && second < 100_000; second++) { await jest.advanceTimersByTimeAsync(1000); }
  return work;
}

test('no line is lost and none comes twice, wherever the stream is cut', async () => {
  // Several lines may carry one stamp, and a line may be cut in the middle: then it is not whole until it comes again.
  const logs = fc.array(fc.nat(3), { minLength: 1, maxLength: 20 });
  await fc.assert(fc.asyncProperty(logs, fc.array(fc.nat(600), { maxLength: 3 }), async (steps, cuts) => {
    let time = 0;
    const lines = steps.map((step, i) => { time += step; return `${stamp(time)} line ${i}`; });
    const { lines: seen } = await withTime(follow(new CutLog(lines, cuts)));
    expect(seen).toEqual(lines);
  }), { numRuns: 100 });
});

test('one request is enough for a log that ends with its container', async () => {
  const source = new CutLog([`${stamp(1)} a`, `${stamp(2)} `], []);
  expect(await follow(source)).toEqual({ lines: [`${stamp(1)} a`, `${stamp(2)} `], warning: undefined });
  expect(source.requests).toBe(1);
});

test('the tail of a long line that a resumed stream begins with is not taken for a line', async () => {
  const answers = [[`${stamp(1)} long`, `${stamp(2)} b`], [`${stamp(1)}5 tail of long`, `${stamp(2)} b`, `${stamp(3)} c`]];
  let request = 0;
  const source: LogSource = {
    podLog: async () => (async function* () {
      const answer = answers[request++];
      yield Buffer.from(answer.map(line => `${line}\n`).join(''));
      if (request === 1) { throw new Error('cut'); }
    })(),
  };
  const { lines } = await withTime(follow(source));
  expect(lines).toEqual([`${stamp(1)} long`, `${stamp(2)} b`, `${stamp(3)} c`]);
});

test('lines that were rotated away are reported', async () => {
  let request = 0;
  const source: LogSource = {
    podLog: async () => (async function* () {
      yield Buffer.from(request++ === 0 ? `${stamp(1)} a\n` : `${stamp(9)} z\n`);
      if (request === 1) { throw new Error('cut'); }
    })(),
  };
  expect(await withTime(follow(source))).toEqual({ lines: [`${stamp(1)} a`, `${stamp(9)} z`], warning: `lines of the log are missing after ${stamp(1)}` });
});

test('a log that the node has no more is a warning, not a line', async () => {
  const source: LogSource = { podLog: async () => (async function* () { yield Buffer.from('unable to retrieve container logs for containerd://1'); })() };
  expect(await follow(source)).toEqual({ lines: [], warning: 'the log is lost: unable to retrieve container logs for containerd://1' });
});

test('a log that nobody may read is a warning, at once', async () => {
  const source: LogSource = {
    podLog: async () => { throw new ApiError({ verb: 'get', resource: 'pods/log', namespace: 'n' }, 403, 'Forbidden', 'User "x" cannot get resource "pods/log"'); },
  };
  expect((await follow(source, new Promise(() => {}))).warning).toMatch("the log is not complete: cannot get pods/log in namespace 'n'");
});

test('a server that falls silent within a log does not hold whoever reads it', async () => {
  jest.useFakeTimers();
  const controller = new AbortController();
  const podLog = async (_namespace: string, _name: string, { signal }: LogOptions) => (async function* () {
    yield Buffer.from('first');
    await new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));
  })();
  const read = readLog({ podLog }, 'n', 'p', { container: 'base', signal: controller.signal }).catch(error => error);
  await jest.advanceTimersByTimeAsync(60_000);
  jest.useRealTimers();
  const error = await read;
  expect([error.name, error.message]).toEqual(['UnreachableError', "the log of pod 'p' did not come to its end within 60 s"]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
