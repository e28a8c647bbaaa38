import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { enter, leave, processRuns, runnerIsDead } from '../../src/runtime/runner';
import { until } from '../until';

test('a runner of this process is dead when it has left', () => {
  const name = enter();
  expect(runnerIsDead(name)).toBe(false);
  leave(name);
  expect(runnerIsDead(name)).toBe(true);
});

test('of a runner on another machine, or of none, nobody can tell', () => {
  expect(runnerIsDead('elsewhere 1 x')).toBe(false);
  expect(runnerIsDead(undefined)).toBe(false);
});

test('a runner whose process ended is dead, also where nobody waits for the process', async () => {
  // The sleep that takes the shell's place never waits for the child that the shell had: it stays a zombie.
  const parent = spawn('sh', ['-c', 'sh -c "read line" <&3 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  const pid = Number(String((await once(parent.stdout!, 'data'))[0]));
  expect(processRuns(pid)).toBe(true);
  expect(runnerIsDead(`${hostname()} ${pid} x`)).toBe(false);
  (parent.stdio[3] as any).destroy();
  await until(() => !processRuns(pid));
  expect(runnerIsDead(`${hostname()} ${pid} x`)).toBe(true);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});
