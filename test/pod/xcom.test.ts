import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { airflowReadScript, inlineXcomBytes, nativeSidecarScript, parseXcomMessage, terminationCommand, XCOM_MAX_BYTES } from '../../src/pod/xcom';

let folder: string;
const sidecars: ChildProcess[] = [];
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'xcom-')); });
afterEach(() => {
  sidecars.splice(0).forEach(killGroup); // one that a failed test left would hold jest
  rmSync(folder, { recursive: true, force: true });
});

/** Ends a process with what it started: the sleep, which the pod's end takes with it. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') { throw error; } // it has ended, and never slept
  }
}

const file = () => join(folder, 'return.json');
const termination = () => join(folder, 'termination-log');
/** The script with the pod's paths in a folder of the test's own; /proc is empty, so that nothing is signalled. */
const here = (script: string) => script
  .replaceAll('/airflow/xcom/return.json', file()).replaceAll('/dev/termination-log', termination()).replaceAll('/proc/', `${folder}/proc/`);
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** Runs the native sidecar, ends it as the kubelet does and gives its termination message and its log. */
async function nativeSidecar(containers = 2): Promise<{ message: Buffer; log: string }> {
  // The marker says that the trap is set: a TERM before it would end the shell at once.
  const script = here(nativeSidecarScript(containers)).replace('while :;', 'echo ready; while :;');
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  sidecars.push(child);
  let log = '';
  const closed = new Promise(resolve => child.once('close', resolve));
  child.stdout.on('data', chunk => {
    if (log === '') { child.kill('SIGTERM'); }
    log += chunk;
  });
  await new Promise(resolve => child.once('exit', resolve));
  killGroup(child);
  await closed;
  return { message: readFileSync(termination()), log: log.replace('ready\n', '') };
}

describe('the native sidecar', () => {
  test('writes a small result to its termination message, with length and hash', async () => {
    const content = '{"a": "ü"}\n';
    writeFileSync(file(), content);
    const { message, log } = await nativeSidecar();
    expect(parseXcomMessage(message)).toEqual({ kind: 'json', bytes: Buffer.byteLength(content), sha256: sha256(content), payload: Buffer.from(content) });
    expect(log).toBe('');
  });

  test('writes a long result to its log in numbered chunks that join to the file', async () => {
    const content = JSON.stringify(Array.from({ length: 10000 }, (_, i) => sha256(`${i}`)));
    writeFileSync(file(), content);
    const { message, log } = await nativeSidecar();
    expect(parseXcomMessage(message)).toEqual({ kind: 'log', bytes: content.length, sha256: sha256(content) });
    const lines = log.trimEnd().split('\n').map(line => line.split(' '));
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.map(line => line.slice(0, 2))).toEqual(lines.map((_, i) => ['v1', `${i + 1}`]));
    expect(gunzipSync(Buffer.from(lines.map(line => line[2]).join(''), 'base64')).toString()).toBe(content);
  });

  test.each([1, 2, 3, 4, 10])('of a pod with %i containers never writes more than its share of the termination messages', async containers => {
    const share = Math.min(4096, 12288 / containers);
    writeFileSync(file(), 'x'.repeat(inlineXcomBytes(containers)));
    const { message } = await nativeSidecar(containers);
    expect(parseXcomMessage(message)?.kind).toBe('json');
    expect(message.length).toBeLessThanOrEqual(share);
    expect(message.length).toBeGreaterThan(share - 40);
  });

  test.each<[string, () => void, any]>([
    ['no file', () => undefined, { kind: 'empty' }],
    ['an empty file', () => writeFileSync(file(), ''), { kind: 'empty' }],
    ['a folder', () => mkdirSync(file()), { kind: 'not-a-file' }],
    ['a link', () => symlinkSync('/etc/hosts', file()), { kind: 'not-a-file' }],
    ['a pipe', () => { spawnSync('mkfifo', [file()]); }, { kind: 'not-a-file' }],
    ['a file over the limit', () => writeFileSync(file(), Buffer.alloc(XCOM_MAX_BYTES + 1, 'x')), { kind: 'too-large', bytes: XCOM_MAX_BYTES + 1 }],
  ])('says what it found: %s', async (_, make, expected) => {
    make();
    const { message, log } = await nativeSidecar();
    expect(parseXcomMessage(message)).toEqual(expected);
    expect(log).toBe('');
  });
});

describe('the exec into the airflow sidecar', () => {
  test('gives a file of any allowed length after one header line', () => {
    const content = 'y'.repeat(XCOM_MAX_BYTES);
    writeFileSync(file(), content);
    const { stdout, status } = spawnSync('sh', ['-c', here(airflowReadScript())], { maxBuffer: 2 ** 24 });
    expect(status).toBe(0);
    expect(parseXcomMessage(stdout)).toEqual({ kind: 'json', bytes: content.length, sha256: sha256(content), payload: Buffer.from(content) });
  });

  test('succeeds without a file', () => {
    const { stdout, status } = spawnSync('sh', ['-c', here(airflowReadScript())]);
    expect([status, stdout.toString()]).toEqual([0, 'v1 empty\n']);
  });
});

describe('the termination command', () => {
  const run = (script: string) => {
    const [sh, ...args] = terminationCommand(1, ['sh', '-c', here(script)]).map(here);
    return spawnSync(sh, args);
  };

  test('keeps the exit code and writes the result', () => {
    const { status, stdout } = run('echo out; echo 5 > /airflow/xcom/return.json; exit 3');
    expect([status, stdout.toString()]).toEqual([3, 'out\n']);
    expect(parseXcomMessage(readFileSync(termination()))).toMatchObject({ kind: 'json', payload: Buffer.from('5\n') });
  });

  test("leaves the task's own termination message alone", () => {
    run('echo "no such table" > /dev/termination-log; echo 5 > /airflow/xcom/return.json; exit 1');
    expect(readFileSync(termination(), 'utf8')).toBe('no such table\n');
  });

  test('calls a result that does not fit too large', () => {
    run('head -c 5000 /dev/zero > /airflow/xcom/return.json');
    expect(parseXcomMessage(readFileSync(termination()))).toEqual({ kind: 'too-large', bytes: 5000 });
  });

  test('passes TERM on to the command, also one that comes as soon as the command runs', async () => {
    const script = 'trap "sleep 0.1; echo bye; exit 7" TERM; kill -TERM $PPID; for i in $(seq 200); do sleep 0.1; done';
    const [sh, ...args] = terminationCommand(1, ['sh', '-c', here(script)]).map(here);
    const ended = await Promise.all(Array.from({ length: 40 }, async () => {
      const child = spawn(sh, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.on('data', chunk => { out += chunk; });
      const code = await new Promise(resolve => child.once('close', resolve));
      return [code, out];
    }));
    expect(ended).toEqual(ended.map(() => [7, 'bye\n']));
    expect(existsSync(termination())).toBe(true);
  });
});

test.each(['', 'v2 empty', 'v1', 'v1 json 5', 'v1 json x y', 'out of memory', 'v1 empty '])('%p is no message of ours', text => {
  expect(parseXcomMessage(Buffer.from(text))).toBeUndefined();
});
