import { Testing } from 'cdk8s';
import { connection, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { SparkController } from './spark-controller';
import { PodTask, SparkTask, SparkTaskProps } from '../../src';
import { run, RunEvent, RunOptions, RunResult } from 'cdk8s-airflow/runtime';

const namespace = 'spark';
const image = 'localhost/busybox:1';

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
