import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KubernetesApi } from '../../src/runtime/api';
import { TryLog } from '../../src/runtime/try-log';

/** The log of a container that has ended. */
function logOf(chunks: () => Iterable<Buffer> | AsyncIterable<Buffer>) {
  const warnings: string[] = [];
  const lines: number[] = [];
  const podLog = async () => (async function* () { yield* chunks(); })();
  const log = new TryLog({
    api: { podLog } as unknown as KubernetesApi,
    namespace: 'n',
    name: 'p',
    container: 'base',
    signal: new AbortController().signal,
    onLine: (_, line) => lines.push(line.length),
    onWarning: warning => warnings.push(warning),
  });
  return { log, lines, warnings };
}

const MB = 1024 * 1024;

test('a flood without a line end is not held in memory, though the last lines are kept', async () => {
  setFlagsFromString('--expose_gc');
  const gc = runInNewContext('gc');
  const chunk = Buffer.alloc(MB / 16, 'x');
  const { log, lines } = logOf(function* () {
    yield Buffer.from('2026-01-31T00:00:00Z ');
    for (let i = 0; i < 60 * 16; i++) { yield chunk; }
  });
  gc();
  const before = process.memoryUsage().heapUsed;
  log.follow();
  log.containerEnded();
  await log.finish();
  gc();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * MB);
  expect(lines.length).toBeGreaterThan(59);
  expect((await log.lastLines('base')).map(line => line.length)).toEqual([...Array(49).fill(2000), 21]);
});
