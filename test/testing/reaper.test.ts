import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { processRuns } from '../../src/runtime/runner';
import { Reaper } from '../../src/testing/reaper';
import { until } from '../until';

test('it kills the groups that are left, not those that ended, and removes the folder', async () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-airflow-reaper-'));
  const reaper = new Reaper(root);
  const [left, ended] = [1, 2].map(() => spawn('sh', ['-c', 'sleep 600 & wait'], { detached: true, stdio: 'ignore' }));
  reaper.add(left.pid!);
  reaper.add(ended.pid!);
  reaper.remove(ended.pid!);
  fs.mkdirSync(path.join(root, 'pods/deep'), { recursive: true });
  const dead = once(left, 'exit');
  await reaper.finish();
  expect(await dead).toEqual([null, 'SIGKILL']);
  expect(fs.existsSync(root)).toBe(false);
  expect(processRuns(ended.pid!)).toBe(true);
  process.kill(-ended.pid!, 'SIGKILL');
  await once(ended, 'exit');
});

test('it works when the process of the cluster is killed', async () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-airflow-reaper-'));
  const group = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  const dead = once(group, 'exit');
  // The reaper of another Node process, which is killed without a chance to clean up.
  const script = `const { Reaper } = require('ts-node').register({ transpileOnly: true }) && require(${JSON.stringify(require.resolve('../../src/testing/reaper.ts'))});
    new Reaper(${JSON.stringify(root)}).add(${group.pid}); console.log('ready'); setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout!, 'data');
  owner.kill('SIGKILL');
  expect(await dead).toEqual([null, 'SIGKILL']);
  await until(() => !fs.existsSync(root));
});
