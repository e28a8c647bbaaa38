import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execCredential, ExecPlugin } from '../../src/runtime/exec-plugin';
import { processRuns } from '../../src/runtime/runner';
import { until } from '../until';

const apiVersion = 'client.authentication.k8s.io/v1';
const folder = mkdtempSync(join(tmpdir(), 'exec-plugin-'));
afterAll(() => rmSync(folder, { recursive: true }));
// As where nobody can be asked, also when these tests run in a terminal.
beforeAll(() => { process.stdin.isTTY = false; process.stderr.isTTY = false; });

/** What comes of a plugin that is this shell script. */
function ask(script: string, plugin: Partial<ExecPlugin> = {}, limits?: Parameters<typeof execCredential>[3]) {
  const command = join(folder, 'plugin');
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o700);
  return execCredential({ apiVersion, command, ...plugin }, { server: 'https://k' }, join(folder, 'config'), limits);
}

function credential(status: any, more: any = {}): string {
  return `cat <<'END'\n${JSON.stringify({ apiVersion, kind: 'ExecCredential', status, ...more })}\nEND`;
}

test('a plugin has its arguments, its variables beside ours, and what kubectl tells it', async () => {
  process.env.EXEC_PLUGIN_TEST = 'ours';
  const told = await ask('printf \'{"apiVersion":"%s","kind":"ExecCredential","status":{"token":"%s"}}\' ' + apiVersion + ' "$1 $MINE $EXEC_PLUGIN_TEST $(echo "$KUBERNETES_EXEC_INFO" | tr -d \\")"',
    { args: ['get-token'], env: [{ name: 'MINE', value: 'its' }] });
  expect(told).toEqual({ token: `get-token its ours {kind:ExecCredential,apiVersion:${apiVersion},spec:{interactive:false}}` });
});

test.each<[string, string, string, Partial<ExecPlugin>?]>([
  ['ends badly', 'echo "refused: token=s3cr3t" >&2; exit 3', 'cannot be used: it ended with 3: refused: token=***'],
  ['shows a header', 'echo "> Authorization: Bearer eyJs3cr3t" >&2; exit 3', 'cannot be used: it ended with 3: > Authorization: Bearer ***'],
  ['shows an address', 'echo "curl https://me:s3cr3t@h/ failed" >&2; exit 3', 'cannot be used: it ended with 3: curl https://me:***@h/ failed'],
  ['ends badly without a word', 'exit 1', 'cannot be used: it ended with 1'],
  ['is killed', 'kill -9 $$', 'cannot be used: it was ended by SIGKILL'],
  ['waits for an answer', 'read answer || exit 7', 'cannot be used: it ended with 7'],
  ['prints more than the credential', 'echo "you are logged in"', 'gave no JSON'],
  ['prints something else', 'echo "{}"', 'gave no ExecCredential, but JSON without a kind'],
  ['prints a list', 'echo \'{"kind": "List"}\'', 'gave no ExecCredential, but a List'],
  ['speaks another version', credential({ token: 't' }, { apiVersion: 'client.authentication.k8s.io/v1beta1' }),
    `gave an ExecCredential of client.authentication.k8s.io/v1beta1, and the kubeconfig says ${apiVersion}`],
  ['has nothing', credential(undefined), 'gave neither a token nor a client certificate'],
  ['has half a certificate', credential({ clientCertificateData: 'CERT' }), 'gave a client certificate without its key'],
  ['wants a person', credential({ token: 't' }), "says 'interactiveMode: Always', and nobody can answer it here", { interactiveMode: 'Always' }],
])('a plugin that %s', async (_, script, message, plugin = {}) => {
  const error = await ask(script, plugin).catch(e => e);
  expect([error.name, error.message]).toEqual(['ConnectionError', `the plugin '${plugin.command ?? join(folder, 'plugin')}' ${message}`]);
});

test('a plugin that never ends is ended, also where what it started holds its output', async () => {
  await expect(ask('exec tail -f /dev/null', {}, { patienceMs: 100 })).rejects.toThrow('it did not end within 0.1 s');
  await expect(ask('timeout 20 tail -f /dev/null; true', {}, { patienceMs: 100 })).rejects.toThrow('it did not end within 0.1 s');
});

test('a plugin that nobody waits for any more is ended, with what it started', async () => {
  const controller = new AbortController();
  const pid = join(folder, 'pid');
  // What it started holds none of its output.
  const asked = ask(`tail -f /dev/null > /dev/null 2>&1 & echo $$ $! > ${pid}.new; mv ${pid}.new ${pid}; exec tail -f /dev/null`, {}, { signal: controller.signal }).catch(error => error.message);
  await until(() => existsSync(pid));
  controller.abort(new Error('the run was cancelled'));
  expect(await asked).toContain('cannot be used: the run was cancelled');
  await until(() => readFileSync(pid, 'utf8').split(' ').every(each => !processRuns(Number(each))));
  expect(await ask('exec tail -f /dev/null', {}, { signal: AbortSignal.abort(new Error('before')) }).catch(error => error.message)).toContain('cannot be used: before');
});

test('a plugin that floods us is ended', async () => {
  await expect(ask('yes token')).rejects.toThrow('it printed more than 1048576 bytes');
});

test.each<[object, string]>([
  [{ command: undefined }, "'command' must be a text"], [{ command: 5 }, "'command' must be a text"],
  [{ args: [1] }, "'args' must be a list of texts"], [{ args: 's3cr3t' }, "'args' must be a list of texts"],
  [{ env: { A: 's3cr3t' } }, "'env' must be a list of objects"], [{ env: [{ name: 'A' }] }, "'env' must be a list of objects with the texts 'name' and 'value'"],
])('a plugin that is %j is refused', async (plugin, message) => {
  const error = await ask('true', plugin as Partial<ExecPlugin>).catch(e => e);
  expect(error.message).toMatch(`of its plugin, ${message}`);
  expect(error.message).not.toMatch('s3cr3t');
});
