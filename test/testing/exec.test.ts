import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { harness, Harness } from './harness';
import { ended, pod, running, runPod, sh, watchPod } from './scenarios';
import { AIRFLOW_SIDECAR_SCRIPT, airflowReadScript } from '../../src/pod/xcom';
import { processRuns } from '../../src/runtime/runner';

let stage: Harness;
beforeAll(async () => { stage = await harness(); });
afterAll(() => stage.cluster.stop());

const exec = (name: string, container: string, ...command: string[]) =>
  stage.client.exec(`${stage.path}/pods/${name}/exec?container=${container}&stdout=true&stderr=true&${command.map(word => `command=${encodeURIComponent(word)}`).join('&')}`);

test("the read of Airflow's sidecar gives the value, ends the sidecar, and signals no other process that looks like it", async () => {
  const foreign = spawn('sh', ['-c', AIRFLOW_SIDECAR_SCRIPT], { stdio: 'ignore' });
  const mount = { volumeMounts: [{ name: 'xcom', mountPath: '/airflow/xcom' }] };
  const started = await runPod(stage, pod('airflow', [
    { ...sh('echo \'{"a": 1}\' > /airflow/xcom/return.json'), ...mount },
    { name: 'airflow-xcom-sidecar', ...sh(AIRFLOW_SIDECAR_SCRIPT), ...mount },
  ], { volumes: [{ name: 'xcom', emptyDir: {} }] }), ({ object }) => object.status.containerStatuses?.some((s: any) => s.name === 'base' && s.state.terminated)
    && object.status.containerStatuses.some((s: any) => s.state.running));
  // Without the word that it has arrived, the value can be read again.
  for (const stdin of [undefined, 'arrived\n']) {
    const command = ['sh', '-c', airflowReadScript()].map(word => `command=${encodeURIComponent(word)}`).join('&');
    const read = await stage.client.exec(
      `${stage.path}/pods/airflow/exec?container=airflow-xcom-sidecar&stdin=${stdin !== undefined}&stdout=true&stderr=true&${command}`, undefined, undefined, stdin);
    expect(read).toMatchObject({ stderr: '', status: { status: 'Success' } });
    expect(read.stdout).toMatch(/^v1 json 9 [0-9a-f]{64}\n\{"a": 1\}\n$/);
  }
  const events = await watchPod(stage, 'airflow', ended, started.metadata.resourceVersion);
  const statuses = events[events.length - 1].object.status.containerStatuses;
  expect(statuses.map((status: any) => [status.name, status.state.terminated.exitCode])).toEqual([['airflow-xcom-sidecar', 0], ['base', 0]]);
  expect(processRuns(foreign.pid!)).toBe(true);
  foreign.kill('SIGKILL');
  await once(foreign, 'exit');
});

test('an exec has the variables, the mounts and the working directory of its container', async () => {
  await runPod(stage, pod('settings', { ...sh('sleep 600'), env: [{ name: 'A', value: '/v/x' }], workingDir: '/v', volumeMounts: [{ name: 'v', mountPath: '/v' }] }, {
    volumes: [{ name: 'v', emptyDir: {} }], terminationGracePeriodSeconds: 0,
  }), running);
  await exec('settings', 'base', 'sh', '-c', 'echo hello > $A');
  expect((await exec('settings', 'base', 'cat', 'x', '/v/x')).stdout).toBe('hello\nhello\n');
});

test('an exec ends with its container', async () => {
  // The container lives until the exec runs.
  await runPod(stage, pod('ends', sh('while [ ! -e go ]; do sleep 0.05; done')), running);
  expect(await exec('ends', 'base', 'sh', '-c', 'touch go; exec sleep 600')).toMatchObject({ status: { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '137' }] } } });
});

test('a megabyte of output arrives whole', async () => {
  await runPod(stage, pod('large', sh('sleep 600'), { terminationGracePeriodSeconds: 0 }), running);
  expect((await exec('large', 'base', 'sh', '-c', 'head -c 1048576 /dev/zero | tr "\\0" x')).stdout.length).toBe(1048576);
});
