import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerProcess } from '../../src/testing/container-process';
import { Reaper } from '../../src/testing/reaper';
import { timeout } from '../../src/testing/timeout';

test('a time longer than timers hold is not over at once', async () => {
  let over = false;
  void timeout(2 ** 40).then(() => { over = true; });
  await timeout(20);
  expect(over).toBe(false);
});

test('a process that is stopped has its whole grace period, however long', async () => {
  const root = mkdtempSync(join(tmpdir(), 'timeout-'));
  let said = '';
  let ready = (): void => {};
  const listening = new Promise<void>(resolve => { ready = resolve; });
  const container = await ContainerProcess.start({
    command: ['sh', '-c', "trap 'sleep 0.1; exit 7' TERM; echo ready; while :; do sleep 0.05; done"],
    env: { PATH: process.env.PATH! },
    cwd: '/',
    reaper: new Reaper(root),
    onOutput: (_, chunk) => { said += chunk; if (said.includes('ready')) { ready(); } },
  });
  await listening;
  await container.stop(2 ** 40);
  expect(await container.exited).toBe(7);
  rmSync(root, { recursive: true, force: true });
});
