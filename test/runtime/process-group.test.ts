import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { processRuns } from '../../src/runtime/runner';
import { until } from '../until';

const folder = mkdtempSync(join(tmpdir(), 'process-group-'));
afterAll(() => rmSync(folder, { recursive: true }));

// A process of its own, without the terminal of the tests.
const source = readFileSync(join(__dirname, '..', '..', 'src', 'runtime', 'process-group.ts'), 'utf8');
writeFileSync(join(folder, 'group.js'), transpileModule(source, { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } }).outputText);

/** A process that starts a command which starts another one, and then does something. */
async function start(then: string, seen: (pid: number) => void) {
  const child = spawn(process.execPath, ['-e', `
    const { spawnGroup, endGroup } = require('${join(folder, 'group.js')}');
    const started = spawnGroup('/bin/sh', ['-c', 'tail -f /dev/null > /dev/null 2>&1 & echo $!; wait'], process.env);
    started.stdout.once('data', pid => { ${then}; console.log(String(pid)); });`], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8');
  let pid = 0;
  child.stdout.once('data', text => { pid = Number(text); seen.call(child, pid); });
  const [code, signal] = await new Promise<any[]>(resolve => child.once('close', (...how) => resolve(how)));
  return { how: signal ?? code, pid };
}

test('the end of this process ends the command with all that it started; a signal ends this process as it does without a command', async () => {
  let survived = false;
  const { how, pid } = await start("process.once('SIGTERM', () => console.log('heard')); process.once('SIGINT', () => process.exit(7))", function (this: any, id: number) {
    this.stdout.once('data', () => { survived = processRuns(id); this.kill('SIGINT'); });
    this.kill('SIGTERM');
  });
  expect([how, survived]).toEqual([7, true]);
  await until(() => !processRuns(pid));
  const { how: signal, pid: left } = await start('', function (this: any) { this.kill('SIGTERM'); });
  expect(signal).toBe('SIGTERM');
  process.kill(left);
});

test('a command stays with the terminal, where there is one', () => {
  const group = (terminal: string) => execFileSync(process.execPath, ['-e', `
    const { spawnGroup, endGroup } = require('${join(folder, 'group.js')}');
    ${terminal}
    const started = spawnGroup('/bin/sh', ['-c', 'exec tail -f /dev/null'], process.env);
    started.once('spawn', () => {
      try { process.kill(-started.pid, 0); console.log('of its own'); } catch { console.log('ours'); }
      endGroup(started);
    });`], { encoding: 'utf8', stdio: 'pipe' }).trim();
  expect(['', 'process.stdin.isTTY = true;', 'process.stderr.isTTY = true;'].map(group)).toEqual(['of its own', 'ours', 'ours']);
});

test('what has ended leaves no listener, what could not be started either', async () => {
  const { how } = await start(`
    const missing = spawnGroup('/no/such/file', [], {});
    missing.on('error', () => endGroup(missing));
    const closed = [missing, started].map(child => new Promise(resolve => child.once('close', resolve)));
    endGroup(started);
    Promise.all(closed).then(() => { process.exitCode = process.listenerCount('exit'); })`, () => {});
  expect(how).toBe(0);
});
