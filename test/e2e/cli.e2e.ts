import { ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing, Yaml } from 'cdk8s';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { Quickstart } from '../../examples/quickstart/main';
import { PodTask, PodTaskProps } from '../../src';
import { processRuns } from '../../src/runtime/runner';
import { until } from '../until';

const bin = join(__dirname, '..', '..', 'bin', 'cdk8s-airflow');
const image = 'localhost/busybox:1';
const namespace = 'e2e-cli';

// The built package (lib/): the bin as users start it.
onCluster('the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  beforeAll(() => restrictedNamespace(namespace), 150_000);
  const begun: ChildProcessWithoutNullStreams[] = [];
  afterAll(() => {
    begun.forEach(child => child.kill('SIGKILL')); // one that a failed test left would hold jest
    removeNamespace(namespace);
    rmSync(folder, { recursive: true });
  });

  const file = (objects: any[]) => {
    const path = join(folder, `${objects[0].metadata.name}.yaml`);
    Yaml.save(path, objects);
    return path;
  };
  const task = (props: Partial<PodTaskProps>) => {
    const chart = Testing.chart();
    new PodTask(chart, 'task', { image, ...props });
    return file(Testing.synth(chart));
  };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(bin, ['run', ...args], { encoding: 'utf8', cwd: folder });
    return { status, stdout, stderr };
  };
  const begin = (...args: string[]) => {
    const child = spawn(bin, ['run', ...args], { cwd: folder });
    begun.push(child);
    return child;
  };
  const what = (stdout: string) => {
    const { state, tasks } = JSON.parse(stdout);
    return { state, tasks: tasks.map(({ pod, ...rest }: any) => rest) };
  };

  test.each(['native', 'airflow'] as const)('the quickstart has one result on both clusters, XCom mode %s', xcomMode => {
    const quickstart = file(Testing.synth(new Quickstart(Testing.app(), 'quickstart', { image, xcomMode })));
    const real = run(quickstart, '-n', namespace, '-o', 'json');
    const embedded = run(quickstart, '--embedded', '-o', 'json');
    expect(what(real.stdout)).toMatchObject({ state: 'success', tasks: [{ xcom: { rows: 21, source: 'orders' } }, { xcom: { loaded: 42 } }] });
    expect(what(embedded.stdout)).toEqual(what(real.stdout));
    expect([real.status, embedded.status]).toEqual([0, 0]);
  });

  test('a failed task ends with 1', () => {
    const { status, stdout } = run(task({ cmds: ['sh', '-c', 'exit 5'] }), '-n', namespace, '-o', 'json');
    expect([status, JSON.parse(stdout).tasks[0].exitCode]).toEqual([1, 5]);
  });

  test('a cluster that cannot be reached ends with 3', () => {
    const config = JSON.parse(kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']));
    config.clusters[0].cluster.server = 'https://127.0.0.1:1';
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    expect(run(task({ cmds: ['true'] }), '-n', namespace, '--kubeconfig', kubeconfig).status).toBe(3);
  });

  test('a timeout ends with 124', () => {
    expect(run(task({ cmds: ['sleep', '600'] }), '-n', namespace, '--timeout', '4s').status).toBe(124);
  });

  test('Ctrl-C ends with 130 and leaves no pod', async () => {
    const child = begin(task({ cmds: ['sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait'] }), '-n', namespace, '--run-id', 'interrupted');
    let said = '';
    child.stderr.on('data', chunk => {
      // A second Ctrl-C would leave at once.
      if (!/\brunning\b/.test(said) && /\brunning\b/.test(said += chunk)) { child.kill('SIGINT'); }
    });
    const status = await new Promise(resolve => child.once('close', resolve));
    expect(status).toBe(130);
    kubectl(['wait', '-n', namespace, '--for=delete', 'pod', '-l', 'cdk8s-airflow/run-id=interrupted', '--timeout=60s']);
  });

  test('the same run id does nothing a second time', () => {
    const manifests = task({ cmds: ['sh', '-c', 'echo "\\"$HOSTNAME\\"" > /airflow/xcom/return.json'], doXcomPush: true, xcomSidecarContainerImage: image });
    const [first, second] = [1, 2].map(() => run(manifests, '-n', namespace, '-o', 'json', '--run-id', 'twice'));
    expect([first.status, second.status]).toEqual([0, 0]);
    expect(second.stdout).toBe(first.stdout);
    expect(readFileSync(join(folder, '.cdk8s-airflow', 'twice.jsonl'), 'utf8').match(/"started"/g)).toHaveLength(1);
  });

  describe('credentials of a plugin', () => {
    const admin = () => JSON.parse(kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']));

    /** A kubeconfig whose current context leads nowhere and whose other one has a plugin: this shell script, which prints the `status` of its credential. */
    const kubeconfig = (name: string, script: string) => {
      const { clusters: [{ cluster }] } = admin();
      const apiVersion = 'client.authentication.k8s.io/v1';
      const command = join(folder, `${name}-plugin`);
      writeFileSync(command, [
        '#!/bin/sh', 'set -e', `echo asked >> ${command}.calls`, 'status() {', script, '}', 'found=$(status)',
        `printf '{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":%s}' "$found"`,
      ].join('\n'));
      chmodSync(command, 0o700);
      const path = join(folder, name);
      writeFileSync(path, JSON.stringify({
        'apiVersion': 'v1',
        'kind': 'Config',
        'current-context': 'nowhere',
        'clusters': [{ name: 'nowhere', cluster: { ...cluster, server: 'https://127.0.0.1:1' } }, { name: 'cluster', cluster }],
        'users': [{ name: 'nobody', user: { token: 'x' } }, { name: 'person', user: { exec: { apiVersion, command: `./${name}-plugin`, interactiveMode: 'IfAvailable' } } }],
        'contexts': [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'nobody' } }, { name: 'there', context: { cluster: 'cluster', user: 'person', namespace } }],
      }), { mode: 0o600 });
      return { path, calls: () => readFileSync(`${command}.calls`, 'utf8').split('\n').length - 1 };
    };

    test('a token that is no longer accepted while the task runs is asked for anew, for the exec of an XCom, too', async () => {
      kubectl(['create', 'serviceaccount', 'person', '-n', namespace]);
      kubectl(['create', 'rolebinding', 'person', '-n', namespace, '--clusterrole=edit', `--serviceaccount=${namespace}:person`]);
      // Each token is bound to a Secret of its own, without which it is worth nothing.
      const { path, calls } = kubeconfig('token', `
        secret=login-$(wc -l < "$0.calls")
        kubectl create secret generic $secret -n ${namespace} > /dev/null
        token=$(kubectl create token person -n ${namespace} --bound-object-kind=Secret --bound-object-name=$secret)
        echo "$token" > "$0.$secret"
        echo "{\\"token\\":\\"$token\\",\\"expirationTimestamp\\":\\"$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)\\"}"`);
      const manifests = task({
        cmds: ['sh', '-c', 'until [ -e /airflow/xcom/go ]; do sleep 1; done; echo 42 > /airflow/xcom/return.json'],
        doXcomPush: true,
        xcomMode: 'airflow',
        xcomSidecarContainerImage: image,
      });
      const child = begin(manifests, '--kubeconfig', path, '--context', 'there', '--run-id', 'person', '-o', 'json');
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', chunk => { stdout += chunk; });
      const running = new Promise<void>((resolve, reject) => {
        child.stderr.on('data', chunk => {
          stderr += chunk;
          if (/\brunning\b/.test(stderr)) { resolve(); }
        });
        child.once('close', () => reject(new Error(stderr)));
      });
      const closed = new Promise(resolve => child.once('close', resolve));
      await running;
      expect(calls()).toBe(1);
      kubectl(['delete', 'secret', 'login-1', '-n', namespace]);
      const token = readFileSync(join(folder, 'token-plugin.login-1'), 'utf8').trim();
      const { clusters: [{ cluster }] } = admin();
      const ca = join(folder, 'ca.pem');
      writeFileSync(ca, Buffer.from(cluster['certificate-authority-data'], 'base64'));
      // The API server remembers for some seconds whose token it was.
      const accepted = () => spawnSync('kubectl', ['--kubeconfig', '/dev/null', '--server', cluster.server, '--certificate-authority', ca, '--token', token, 'auth', 'whoami']).status === 0;
      const deadline = performance.now() + 60_000;
      while (accepted()) { expect(performance.now()).toBeLessThan(deadline); }
      const [pod] = kubectl(['get', 'pods', '-n', namespace, '-l', 'cdk8s-airflow/run-id=person', '-o', 'name']).trim().split('\n');
      kubectl(['exec', pod, '-n', namespace, '-c', 'base', '--', 'touch', '/airflow/xcom/go']);
      expect([await closed, what(stdout)]).toEqual([0, expect.objectContaining({ state: 'success', tasks: [expect.objectContaining({ xcom: 42 })] })]);
      expect(calls()).toBe(2);
    });

    test('a client certificate', () => {
      const { users: [{ user }] } = admin();
      const pem = (key: string) => Buffer.from(user[key], 'base64').toString();
      const status = join(folder, 'certificate.json');
      writeFileSync(status, JSON.stringify({ clientCertificateData: pem('client-certificate-data'), clientKeyData: pem('client-key-data') }), { mode: 0o600 });
      const { path } = kubeconfig('certificate', `cat ${status}`);
      expect(run(task({ cmds: ['true'] }), '--kubeconfig', path, '--context', 'there').status).toBe(0);
    });

    test('a plugin that hangs ends with the time of the run, with what it started', async () => {
      const { path } = kubeconfig('hanging', 'tail -f /dev/null > /dev/null 2>&1 & echo $! > "$0.pid"; wait');
      const { status, stdout, stderr } = run(task({ cmds: ['true'] }), '--kubeconfig', path, '--context', 'there', '--timeout', '10s', '-o', 'json');
      expect([status, stderr]).toEqual([124, expect.stringContaining('the credentials of the kubeconfig were not there within 10 s\n  check that the plugin')]);
      expect(what(stdout)).toMatchObject({ state: 'timeout', tasks: [{ state: 'cancelled', failure: 'timeout', attempts: 0 }] });
      const started = Number(readFileSync(join(folder, 'hanging-plugin.pid'), 'utf8'));
      await until(() => !processRuns(started));
    });

    test('a plugin that fails, and a context that is not there, end with 3 and a reason', () => {
      const { path } = kubeconfig('failing', 'echo "you are logged out: token=abc" >&2; exit 4');
      const failing = run(task({ cmds: ['true'] }), '--kubeconfig', path, '--context', 'there');
      expect([failing.status, failing.stderr]).toEqual([3, expect.stringContaining("the credentials of user 'person' cannot be had: the plugin './failing-plugin' cannot be used: it ended with 4: you are logged out: token=***")]);
      const missing = run(task({ cmds: ['true'] }), '--kubeconfig', path, '--context', 'their');
      expect([missing.status, missing.stderr]).toEqual([3, expect.stringContaining("the kubeconfig has no context 'their'")]);
    });
  });
});
