import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing, Yaml } from 'cdk8s';
import { kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { Quickstart } from '../../examples/quickstart/main';
import { PodTask, PodTaskProps } from '../../src';

const bin = join(__dirname, '..', '..', 'bin', 'cdk8s-airflow');
const image = 'localhost/busybox:1';
const namespace = 'e2e-cli';

// The built package (lib/): the bin as users start it.
onCluster('the command line', () => {
  jest.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  beforeAll(() => restrictedNamespace(namespace), 150_000);
  afterAll(() => {
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
    const child = spawn(bin, ['run', task({ cmds: ['sh', '-c', 'trap "exit 0" TERM; sleep 600 & wait'] }), '-n', namespace, '--run-id', 'interrupted'], { cwd: folder });
    child.stderr.on('data', chunk => { if (/\brunning\b/.test(`${chunk}`)) { child.kill('SIGINT'); } });
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
});
