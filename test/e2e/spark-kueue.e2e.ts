import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Chart, Testing, Yaml } from 'cdk8s';
import { connection, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { KueueController } from './kueue-controller';
import { SparkController } from './spark-controller';
import { ClusterQueue, KueueJobTask, KueueJobTaskProps, LocalQueue, PodTask, ResourceFlavor, SparkTask, SparkTaskProps } from '../../src';
import { run, RunEvent, RunOptions, RunResult } from 'cdk8s-airflow/runtime';

const namespace = 'spark';
const image = 'localhost/busybox:1';
const bin = join(__dirname, '..', '..', 'bin', 'cdk8s-airflow');

onCluster('SparkTask', () => {
  jest.setTimeout(180_000);
  let controller: SparkController;
  beforeAll(async () => {
    restrictedNamespace(namespace);
    controller = new SparkController(namespace);
    await controller.start();
  }, 150_000);
  afterAll(async () => {
    await controller.stop();
    removeNamespace(namespace);
  });
  beforeEach(() => { controller.states.length = 0; });

  const template = (program: string, more: any = {}) => ({
    spark: {
      ...more,
      spec: {
        type: 'Python',
        sparkVersion: '3.5.3',
        image,
        mainApplicationFile: 'local:///app.py',
        arguments: [program],
        labels: { team: 'data' },
        driver: { container_resources: { cpu: { request: 1 }, memory: { limit: '1Gi' } } },
        executor: { instances: 2 },
      },
    },
    kubernetes: { env_vars: { GREETING: 'hello {{ params.who }}' } },
  });
  const manifests = (program: string, props: Partial<SparkTaskProps> = {}, more: any = {}): any[] => {
    const chart = Testing.chart();
    const task = new SparkTask(chart, 'count', { templateSpec: template(program, more), xcomSidecarContainerImage: image, ...props });
    if (props.doXcomPush) {
      const program2 = 'test "$ROWS" = 21 && echo \'"seen"\' > /airflow/xcom/return.json';
      new PodTask(chart, 'after', {
        image, cmds: ['sh', '-c', program2], envVars: { ROWS: task.output.get('rows') }, doXcomPush: true, xcomSidecarContainerImage: image, renderAs: 'PodTemplate',
      });
    }
    return Testing.synth(chart);
  };
  const events: RunEvent[] = [];
  const start = (objects: any[], options: RunOptions = {}): Promise<RunResult> => {
    events.length = 0;
    return run(objects, {
      connection: connection(),
      namespace,
      runId: expect.getState().currentTestName!,
      journal: false,
      templateContext: { params: { who: 'world' } },
      onEvent: event => { events.push(event); },
      ...options,
    });
  };
  const applications = () => kubectl(['get', 'sparkapplications', '-n', namespace, '-o', 'name']);
  const log = () => events.flatMap(event => event.type === 'log' ? [event.line] : []);

  test('runs an application, follows the driver\'s log and deletes it', async () => {
    const result = await start(manifests('echo "$GREETING from $SPARK_APPLICATION_NAME"'));
    const name = result.tasks[0].object!.name;
    expect(result).toMatchObject({ state: 'success', tasks: [{ name: 'count', state: 'success', exitCode: 0, object: { kind: 'SparkApplication', namespace }, warnings: [] }] });
    expect(log()).toEqual([`hello world from ${name}`]);
    expect([controller.states[0], controller.states.at(-1)]).toEqual(['SUBMITTED', 'COMPLETED']);
    expect(applications()).toBe('');
  });

  test('hands the XCom of the driver to the next task', async () => {
    const result = await start(manifests("echo '{\"rows\": 21}' > /airflow/xcom/return.json", { doXcomPush: true }));
    expect(result).toMatchObject({ state: 'success', tasks: [{ name: 'count', state: 'success', xcom: { rows: 21 } }, { name: 'after', xcom: 'seen' }] });
  });

  test('tells why the driver failed', async () => {
    const { state, tasks: [task] } = await start(manifests('echo no such table; exit 3'));
    expect(state).toBe('failed');
    expect(task).toMatchObject({ state: 'failed', failure: 'app', reason: 'SparkApplicationFailed', exitCode: 3, evidence: { logTail: ['no such table'] } });
    expect(task.message).toContain('driver container failed with ExitCode: 3, Reason: Error');
  });

  test('tells why the operator could not submit', async () => {
    const { tasks: [task] } = await start(manifests('true', {}, { metadata: { labels: { refuse: 'yes' } } }));
    expect(task).toMatchObject({ state: 'failed', failure: 'config', reason: 'SparkApplicationFailed', message: expect.stringContaining('failed to run spark-submit') });
  });

  test('keeps what is to be kept', async () => {
    const { tasks: [task] } = await start(manifests('true', { deleteOnTermination: false }));
    expect(applications().trim()).toBe(`sparkapplication.sparkoperator.k8s.io/${task.object!.name}`);
    const { metadata, spec } = JSON.parse(kubectl(['get', 'sparkapplication', task.object!.name, '-n', namespace, '-o', 'json']));
    expect([metadata.ownerReferences, spec.driver.cores, spec.driver.memory]).toEqual([undefined, 1, '731m']);
    expect(spec.driver.labels).toMatchObject({ 'team': 'data', 'cdk8s-airflow/task-id': 'count' });
    kubectl(['delete', 'sparkapplication', task.object!.name, '-n', namespace]);
  });

  test('a run that is cancelled leaves nothing', async () => {
    const stop = new AbortController();
    const result = await start(manifests('echo begun; sleep 600'), {
      signal: stop.signal,
      onEvent: event => { if (event.type === 'log') { stop.abort(); } },
    });
    expect(result).toMatchObject({ state: 'cancelled', tasks: [{ state: 'cancelled' }] });
    expect(applications()).toBe('');
  });
});

onCluster('KueueJobTask', () => {
  jest.setTimeout(180_000);
  const team = 'kueue';
  const requests = { requests: { cpu: '100m' }, limits: { cpu: '100m' } };
  const inNamespace = (make: (c: Chart) => void): any[] => {
    const chart = new Chart(Testing.app(), 'chart', { namespace: team });
    make(chart);
    return Testing.synth(chart);
  };
  const job = (chart: Chart, id: string, program: string, props: Partial<KueueJobTaskProps> = {}) => new KueueJobTask(chart, id, {
    image,
    xcomSidecarContainerImage: image,
    queueName: 'users',
    waitUntilJobComplete: true,
    containerResources: requests,
    cmds: ['sh', '-c', program],
    ...props,
  });
  const queues = (): any[] => inNamespace(chart => {
    const flavor = new ResourceFlavor(chart, 'kueue-e2e', { nodeLabels: { 'kubernetes.io/os': 'linux' } });
    const flavors = [{ name: flavor.name, resources: [{ name: 'cpu', nominalQuota: '150m' }] }];
    const queue = new ClusterQueue(chart, 'kueue-e2e-team', { resourceGroups: [{ coveredResources: ['cpu'], flavors }] });
    new LocalQueue(chart, 'users', { clusterQueue: queue.name });
  });
  const messages: string[] = [];
  const start = (objects: any[], options: RunOptions = {}): Promise<RunResult> => {
    messages.length = 0;
    const onEvent = (event: RunEvent) => { if (event.type === 'task' && event.message) { messages.push(event.message); } };
    const runId = expect.getState().currentTestName!;
    return run(objects, { connection: connection(), runId, journal: false, timeoutSeconds: 120, onEvent, ...options });
  };
  let controller: KueueController;
  beforeAll(async () => {
    restrictedNamespace(team);
    kubectl(['apply', '-f', '-'], queues().map(object => JSON.stringify(object)).join('\n'));
    controller = new KueueController(team);
    await controller.start();
  }, 150_000);
  afterAll(async () => {
    await controller.stop();
    kubectl(['delete', 'clusterqueue/kueue-e2e-team', 'resourceflavor/kueue-e2e']);
    removeNamespace(team);
  });
  beforeEach(() => { controller.admitted.length = 0; });

  test('the command line runs a Job through its queue and hands on its XCom', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kueue-'));
    const file = join(folder, 'train.yaml');
    Yaml.save(file, inNamespace(chart => {
      const train = job(chart, 'train', "echo trained; echo '{\"loss\": 0.5}' > /airflow/xcom/return.json", { doXcomPush: true });
      job(chart, 'test', 'test "$LOSS" = 0.5', { envVars: { LOSS: train.output.get('loss') } });
    }));
    const { stdout, stderr } = await promisify(execFile)(bin, ['run', file, '-o', 'json', '--timeout', '120s'], { cwd: folder });
    rmSync(folder, { recursive: true });
    const tasks = [{ name: 'train', xcom: { loss: 0.5 } }, { name: 'test', state: 'success' }];
    expect(JSON.parse(stdout)).toMatchObject({ state: 'success', tasks });
    expect(stderr).toContain("Suspended: in queue 'users' of Kueue");
  });

  test('a Job that finds no quota waits until another has ended, however long that takes', async () => {
    const { state, tasks } = await start(inNamespace(chart => {
      job(chart, 'first', 'sleep 20', { startupTimeoutSeconds: 10 });
      job(chart, 'second', 'true', { startupTimeoutSeconds: 10 });
    }));
    expect([state, tasks.map(task => task.state)]).toEqual(['success', ['success', 'success']]);
    expect([...controller.admitted].sort()).toEqual(tasks.map(task => task.object!.name).sort());
    expect(messages).toContain("Suspended: in queue 'users' of Kueue: Pending: couldn't assign flavors to pod set main: "
      + 'insufficient unused quota for cpu in flavor kueue-e2e, 50m more needed');
  });

  test.each<[string, Partial<KueueJobTaskProps>, string, string]>([
    ['for which there is never quota', { containerResources: { requests: { cpu: 2 } } }, 'users', "Pending: couldn't assign flavors to pod set main: "
      + 'insufficient unused quota for cpu in flavor kueue-e2e, 1850m more needed'],
    ['whose queue does not exist', { queueName: 'usres' }, 'usres', "Inadmissible: LocalQueue usres doesn't exist"],
  ])('a Job %s ends with the run, and the result says why', async (_, props, queue, why) => {
    const { state, tasks: [task] } = await start(inNamespace(chart => { job(chart, 'never', 'true', props); }), { timeoutSeconds: 15 });
    const { name } = task.object!;
    expect([state, task]).toMatchObject(['timeout', {
      state: 'cancelled',
      failure: 'timeout',
      reason: 'RunTimeout',
      message: `the run took longer than its 15 s; Job '${name}' was not admitted from queue '${queue}' of Kueue: ${why}`,
      nextStep: `kubectl describe localqueue ${queue} -n ${team} says what its quota is and who has it`,
      evidence: { events: [why] },
    }]);
    expect(kubectl(['get', 'jobs', '-n', team, '-o', 'name'])).not.toContain(name);
  });
});
