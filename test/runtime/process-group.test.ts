import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { processRuns } from '../../src/runtime/runner';
import { until } from '../until';

const folder = mkdtempSync(join(tmpdir(), 'process-group-'));
afterAll(() => rmSync(folder, { recursive: true }));

// The signals are for another process than that of the tests.
const source = readFileSync(join(__dirname, '..', '..', 'src', 'runtime', 'process-group.ts'), 'utf8');
writeFileSync(join(folder, 'group.js'), transpileModule(source, { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } }).outputText);

/** A process that starts a command which starts another one, and then does something. */
async function start(then: string, seen: (pid: number) => void) {
  const child = spawn(process.execPath, ['-e', `
    const { spawnGroup, endGroup } = require('${join(folder, 'group.js')}');
    const started = spawnGroup('/bin/sh', ['-c', 'tail -f /dev/null > /dev/null 2>&1 & echo $!; wait'], process.env);
    started.stdout.once('data', pid => { ${then}; console.log(String(pid)); });`], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  let pid = 0;
  child.stdout.once('data', text => { pid = Number(text); seen.call(child, pid); });
  const [code, signal] = await new Promise<any[]>(resolve => child.once('close', (...how) => resolve(how)));
  return { how: signal ?? code, pid };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends this process, as it does without a command, and the command with all that it started', async name => {
  const { how, pid } = await start('', function (this: any) { this.kill(name); });
  expect(how).toBe(name);
  await until(() => !processRuns(pid));
});

test('who listens to a signal decides, and the end of this process ends the command', async () => {
  let survived = false;
  const { how, pid } = await start("process.once('SIGTERM', () => console.log('heard')); process.once('SIGINT', () => process.exit(7))", function (this: any, id: number) {
    this.stdout.once('data', () => { survived = processRuns(id); this.kill('SIGINT'); });
    this.kill('SIGTERM');
  });
  expect([how, survived]).toEqual([7, true]);
  await until(() => !processRuns(pid));
});

test('what has ended leaves no listener, what could not be started either', async () => {
  const { how } = await start(`
    const missing = spawnGroup('/no/such/file', [], {});
    missing.on('error', () => endGroup(missing));
    const closed = [missing, started].map(child => new Promise(resolve => child.once('close', resolve)));
    endGroup(started);
    Promise.all(closed).then(() => { process.exitCode = process.listenerCount('SIGINT') + process.listenerCount('exit'); })`, () => {});
  expect(how).toBe(0);
});
