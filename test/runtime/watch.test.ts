import { pod } from './pods';
import { ObjectList, Pod } from '../../src/runtime/api';
import { ApiError } from '../../src/runtime/errors';
import { ObjectWatch, WatchSource } from '../../src/runtime/watch';

/** One answer to a watch: events, then its end, or a silence until it is aborted. */
type Script = { events?: any[]; chunks?: Buffer[]; error?: Error; hang?: boolean };

function named(name: string, uid = name, resourceVersion = '1'): Pod {
  return pod({}, { name, uid, resourceVersion });
}

class ScriptedSource implements WatchSource<Pod> {
  public readonly resource = 'pods';
  public readonly watchedFrom: string[] = [];
  public lists = 0;
  private readonly reached = new Map<number, () => void>();

  constructor(private readonly pages: ObjectList<Pod>[][], private readonly scripts: Script[]) {}

  public async list(_: string, __: string, query: { continue?: string }): Promise<ObjectList<Pod>> {
    const pages = this.pages[Math.min(query.continue ? this.lists - 1 : this.lists++, this.pages.length - 1)];
    return pages[query.continue ? Number(query.continue) : 0];
  }

  public async watch(_: string, __: string, query: { resourceVersion: string }, options?: { signal?: AbortSignal }):
  Promise<AsyncIterable<Buffer>> {
    this.watchedFrom.push(query.resourceVersion);
    const script = this.scripts[this.watchedFrom.length - 1] ?? { hang: true };
    if (script.error) { throw script.error; }
    this.reached.get(this.watchedFrom.length)?.();
    return (async function* () {
      if (script.chunks) { yield* script.chunks; }
      for (const event of script.events ?? []) { yield Buffer.from(`${JSON.stringify(event)}\n`); }
      if (script.hang) { await new Promise((__reject, reject) => options!.signal!.addEventListener('abort', () => reject(options!.signal!.reason))); }
    })();
  }

  /** Resolves when the watch has been opened so many times. */
  public opened(times: number): Promise<void> {
    return this.watchedFrom.length >= times ? Promise.resolve() : new Promise(resolve => this.reached.set(times, resolve));
  }
}

const list = (items: Pod[], resourceVersion = '10', next?: string): ObjectList<Pod> => ({ items, metadata: { resourceVersion, continue: next } });

function setUp(pages: ObjectList<Pod>[][], scripts: Script[]) {
  const source = new ScriptedSource(pages, scripts);
  const seen: string[] = [];
  const watch = new ObjectWatch(source, 'n', 'l', {
    seen: p => seen.push(`${p.metadata.name}@${p.metadata.resourceVersion}`),
    gone: (name, uid) => seen.push(`-${name}/${uid}`),
    trouble: error => seen.push(`!${(error as Error).message}`),
  });
  return { source, seen, watch };
}

beforeEach(() => { jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }); });
afterEach(() => { jest.useRealTimers(); });
const settle = async (ms: number) => jest.advanceTimersByTimeAsync(ms);

test('all pages of the list come first, then events', async () => {
  const { source, seen, watch } = setUp([[list([named('a')], '9', '1'), list([named('b')])]], [
    { events: [{ type: 'ADDED', object: named('c', 'c', '11') }, { type: 'DELETED', object: named('a', 'a', '12') }], hang: true },
  ]);
  await watch.start();
  expect(seen).toEqual(['a@1', 'b@1']);
  await source.opened(1);
  await settle(1);
  expect(seen.slice(2)).toEqual(['c@11', 'a@12', '-a/a']);
  expect(source.watchedFrom).toEqual(['10']);
  await watch.stop();
});

test('an event may be cut anywhere', async () => {
  const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: named('ü', 'u', '11') })}\n`);
  const { seen, watch } = setUp([[list([])]], [{ chunks: [...bytes].map(byte => Buffer.from([byte])), hang: true }]);
  await watch.start();
  await settle(1);
  expect(seen).toEqual(['ü@11']);
  await watch.stop();
});

test('a watch that the server ends goes on from the last bookmark, without a list', async () => {
  const { source, watch } = setUp([[list([])]], [{ events: [{ type: 'BOOKMARK', object: { metadata: { resourceVersion: '77' } } }] }]);
  await watch.start();
  await settle(31_000);
  expect(source.watchedFrom).toEqual(['10', '77']);
  expect(source.lists).toBe(1);
  await watch.stop();
});

test.each([
  ['as an event', { events: [{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }] }],
  ['as a status', { error: new ApiError({ verb: 'watch', resource: 'pods' }, 410, 'Expired', 'too old') }],
])('410 %s brings a new list, and what is missing in it is gone', async (_, script) => {
  const { source, seen, watch } = setUp([[list([named('a'), named('b')])], [list([named('b')], '20')]], [script]);
  await watch.start();
  await settle(1);
  expect(seen).toEqual(['a@1', 'b@1', 'b@1', '-a/a']);
  expect(source.watchedFrom).toEqual(['10', '20']);
  await watch.stop();
});

test('a silent watch is given up after 75 s and opened again', async () => {
  const { source, seen, watch } = setUp([[list([])]], [{ hang: true }]);
  await watch.start();
  await settle(74_000);
  expect(source.watchedFrom).toHaveLength(1);
  await settle(3_000);
  expect(source.watchedFrom).toHaveLength(2);
  expect(seen).toEqual(['!nothing heard from the watch for 75 s']);
  await watch.stop();
});

test('garbage is trouble, and the watch goes on', async () => {
  const { source, seen, watch } = setUp([[list([])]], [{ chunks: [Buffer.from('<html>\n')] }]);
  await watch.start();
  await settle(31_000);
  expect(seen[0]).toMatch(/^!Unexpected token/);
  expect(source.watchedFrom).toHaveLength(2);
  await watch.stop();
});

test('a list every two minutes finds what the watch did not say', async () => {
  const { seen, watch } = setUp([[list([named('a')])], [list([])]], [{ hang: true }]);
  await watch.start();
  await settle(121_000);
  expect(seen).toContain('-a/a');
  await watch.stop();
});

test('a server that refuses the first list is an error of the start', async () => {
  const { source, watch } = setUp([[list([])]], []);
  source.list = async () => { throw new ApiError({ verb: 'list', resource: 'pods', namespace: 'n' }, 403, 'Forbidden', 'no'); };
  await expect(watch.start()).rejects.toThrow("cannot list pods in namespace 'n': no");
  await watch.stop();
});

test('a namespace that can be listed is not given up, though it cannot be watched', async () => {
  const since: number[] = [];
  const source: WatchSource = { resource: 'pods', list: async () => list([]), watch: async () => { throw new Error('no watch'); } };
  const watch = new ObjectWatch(source, 'n', 'l', { seen: () => {}, gone: () => {}, trouble: (_, at) => since.push(at) });
  await watch.start();
  await settle(200_000);
  expect(since.at(-1)! - since[0]).toBeGreaterThan(100_000);
  await watch.stop();
});
