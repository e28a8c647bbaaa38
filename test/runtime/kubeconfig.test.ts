import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'kubeconfig-')); });
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600, encoding: BufferEncoding = 'utf8'): string {
  const path = join(folder, name);
  writeFileSync(path, text, encoding);
  chmodSync(path, mode);
  return path;
}

function kubeconfig(name: string, user: any, cluster: any = {}): string {
  return file(name, JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'current-context': 'one',
    'clusters': [{ name: 'k', cluster: { 'server': 'https://k:6443', 'certificate-authority-data': Buffer.from('CA').toString('base64'), ...cluster } }],
    'users': [{ name: 'u', user }],
    'contexts': [{ name: 'one', context: { cluster: 'k', user: 'u' } }, { name: 'two', context: { cluster: 'k', user: 'u', namespace: 'mine' } }],
  }));
}

test('a kubeconfig becomes plain data, whatever way it gives the credentials', () => {
  const plugin = file('plugin', `#!/bin/sh
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"of-plugin","expirationTimestamp":"2999-01-01T00:00:00Z"}}'
`, 0o700);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' };
  // From a path beside the kubeconfig; what it is told comes back as the certificate.
  file('told', `#!/usr/bin/env node
const { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { clientCertificateData: JSON.stringify(spec), clientKeyData: 'KEY' } }));
`, 0o700);
  const extended = { extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }] };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const calls = [
    { kubeconfig: kubeconfig('token', { token: 'secret' }), context: 'two' },
    { kubeconfig: kubeconfig('token-file', { tokenFile: file('t', 'of-file\n') }) },
    { kubeconfig: kubeconfig('certificate', { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') }, { 'tls-server-name': 'name' }) },
    { kubeconfig: kubeconfig('plugin.yaml', { exec }) },
    { kubeconfig: kubeconfig('certificate-plugin', { exec: { ...exec, command: './told', provideClusterInfo: true } }, extended) },
    { kubeconfig: kubeconfig('no-plugin', { exec: { ...exec, command: '/no/plugin', installHint: 'install it from example.com' } }) },
    { kubeconfig: kubeconfig('proxy', { token: 'x' }, { 'proxy-url': 'http://proxy' }) },
    { kubeconfig: file('broken', '{') },
    { kubeconfig: file('empty', '') },
    { kubeconfig: file('indented', 'users:\n- user:\n    token: s3cret\n   client-key-data: s3cret\n') },
    { kubeconfig: file('utf-16', '\ufeffapiVersion: v1\n', 0o600, 'utf16le') },
  ];
  // Jest cannot import the ES module that reads kubeconfigs.
  const script = `
    require('${require.resolve('ts-node')}').register({ transpileOnly: true, project: '${join(root, 'tsconfig.json')}' });
    const { fromKubeconfig } = require('${join(root, 'src', 'runtime', 'kubeconfig')}');
    (async () => {
      const out = [];
      for (const call of ${JSON.stringify(calls)}) {
        out.push(await fromKubeconfig(call).catch(error => ({ [error.name]: error.message, nextStep: error.nextStep })));
      }
      console.log(JSON.stringify(out));
    })();`;
  expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', stdio: 'pipe' }))).toEqual([
    { server: 'https://k:6443', ca: 'CA', token: 'secret', namespace: 'mine' },
    { server: 'https://k:6443', ca: 'CA', token: 'of-file' },
    { server: 'https://k:6443', ca: 'CA', cert: 'CERT', key: 'KEY', tlsServerName: 'name' },
    { server: 'https://k:6443', ca: 'CA', token: 'of-plugin' },
    {
      server: 'https://k:6443',
      ca: 'CA',
      cert: JSON.stringify({ interactive: false, cluster: { 'server': 'https://k:6443', 'certificate-authority-data': base64('CA'), 'config': { audience: 'a' } } }),
      key: 'KEY',
    },
    { ConnectionError: "the credentials of user 'u' cannot be had: the plugin '/no/plugin' is not there", nextStep: 'install it from example.com' },
    { ConnectionError: "cluster 'k' says 'proxy-url', which is not supported", nextStep: expect.any(String) },
    { ConnectionError: expect.stringContaining('the kubeconfig cannot be read'), nextStep: expect.any(String) },
    { ConnectionError: 'the kubeconfig cannot be read: it is empty, or no object of YAML', nextStep: expect.any(String) },
    // Nothing of what stands there.
    { ConnectionError: 'the kubeconfig cannot be read: bad indentation of a mapping entry (4:4)', nextStep: expect.any(String) },
    { ConnectionError: 'the kubeconfig cannot be read: null byte is not allowed in input (1:4)', nextStep: expect.any(String) },
  ]);
});

test('a plugin that hangs does not hold a run that is cancelled, nor one whose time is up, nor the process', () => {
  const hang = `#!/bin/sh\ntouch ${folder}/hangs\nexec tail -f /dev/null\n`;
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: file('hang', hang, 0o700), interactiveMode: 'Never' };
  const script = `
    require('${require.resolve('ts-node')}').register({ transpileOnly: true, project: '${join(root, 'tsconfig.json')}' });
    const { run } = require('${join(root, 'src', 'runtime')}');
    const pod = [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'base', image: 'i' }] } }];
    const kubeconfig = ${JSON.stringify(kubeconfig('hanging', { exec }))};
    // A process that is held ends here, before the plugin does; how long the modules took to load is no matter.
    setTimeout(() => process.exit(1), 20_000).unref();
    const controller = new AbortController();
    const waiting = setInterval(() => {
      if (require('node:fs').existsSync('${folder}/hangs')) { clearInterval(waiting); controller.abort(); }
    }, 10);
    (async () => {
      const out = [];
      for (const options of [{ signal: controller.signal }, { signal: AbortSignal.abort() }, { timeoutSeconds: 0.2 }]) {
        out.push(await run(pod, { kubeconfig, ...options }).catch(error => error.name + ': ' + error.message));
      }
      console.log(JSON.stringify(out));
    })();`;
  expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', stdio: 'pipe' }))).toEqual([
    'CancelledError: cancelled while the credentials were read: nothing was started',
    'CancelledError: cancelled while the credentials were read: nothing was started',
    'CancelledError: the credentials of the kubeconfig were not there within 0.2 s',
  ]);
});
