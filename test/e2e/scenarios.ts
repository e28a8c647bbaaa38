import { Testing } from 'cdk8s';
import { Quickstart } from '../../examples/quickstart/main';
import { PodTask, PodTaskProps } from '../../src';
import { Connection, run, RunOptions, RunResult, TaskResult } from 'cdk8s-airflow/runtime';

/** A cluster that the scenarios run on. */
export interface Target {
  /** The image of every task; it needs a shell. */
  readonly image: string;
  /** An image that cannot be had. */
  readonly missingImage: string;
  readonly namespace: () => string;
  readonly connection: () => Promise<Connection>;
  /** Makes the namespace refuse further pods by a quota. */
  readonly exhaustQuota: () => Promise<void>;
  /** A connection that may do nothing but read pods. */
  readonly reader: () => Promise<Connection>;
  /** The seconds within which a node has tried to pull an image, however busy it is. */
  readonly pullSeconds: number;
  /** Whether a memory limit is enforced. */
  readonly memoryLimits: boolean;
}

/** What a user of a failed task reads, with what differs from run to run left out. */
function told(task: TaskResult): Partial<TaskResult> {
  const { state, failure, reason, exitCode, message, nextStep } = task;
  return { state, failure, reason, exitCode, message, nextStep };
}

/** The same scenarios for every cluster. */
export function scenarios(target: Target): void {
  const tasks = (props: Partial<PodTaskProps> = {}): any[] => {
    const chart = Testing.chart();
    new PodTask(chart, 'task', { image: target.image, xcomSidecarContainerImage: target.image, ...props });
    return Testing.synth(chart);
  };
  const start = async (manifests: any[], options: RunOptions = {}): Promise<RunResult> => run(manifests, {
    connection: await target.connection(), namespace: target.namespace(), runId: expect.getState().currentTestName!, journal: false, ...options,
  });
  const only = async (props: Partial<PodTaskProps>, options: RunOptions = {}): Promise<TaskResult> => (await start(tasks(props), options)).tasks[0];

  describe.each(['native', 'airflow'] as const)('XCom mode %s', xcomMode => {
    test('the quickstart gives both XComs', async () => {
      const chart = new Quickstart(Testing.app(), 'quickstart', { image: target.image, xcomMode });
      const result = await start(Testing.synth(chart));
      expect(result).toMatchObject({
        state: 'success',
        tasks: [
          { name: 'extract', state: 'success', attempts: 1, exitCode: 0, xcom: { rows: 21, source: 'orders' }, reason: null, warnings: [] },
          { name: 'load', state: 'success', attempts: 1, exitCode: 0, xcom: { loaded: 42 }, reason: null, warnings: [] },
        ],
      });
    });

    test('a result of 500 KB arrives whole', async () => {
      const program = 'i=0; { printf "["; while [ $i -lt 10000 ]; do printf "\\"%048d\\"," $i; i=$((i + 1)); done; printf "0]"; } > /airflow/xcom/return.json';
      const task = await only({ xcomMode, doXcomPush: true, cmds: ['sh', '-c', program] });
      expect(told(task)).toMatchObject({ state: 'success', reason: null });
      expect(task.xcom).toHaveLength(10001);
      expect((task.xcom as string[])[9999]).toBe('9999'.padStart(48, '0'));
    });

    test('a task that writes nothing has no XCom', async () => {
      expect(await only({ xcomMode, doXcomPush: true, cmds: ['true'] })).toMatchObject({ state: 'success', xcom: null });
    });

    test('invalid JSON fails the task and says where', async () => {
      expect(told(await only({ xcomMode, doXcomPush: true, cmds: ['sh', '-c', 'echo "{\\"a\\": hello}" > /airflow/xcom/return.json'] }))).toMatchSnapshot();
    });
  });

  test('xcomMode termination gives the XCom without a sidecar', async () => {
    const task = await only({ xcomMode: 'termination', doXcomPush: true, cmds: ['sh', '-c', 'echo \'{"a": [1]}\' > /airflow/xcom/return.json'] });
    expect(task).toMatchObject({ state: 'success', xcom: { a: [1] } });
  });

  test('a mapped task runs for each item of an XCom, and the next one has the list of its XComs', async () => {
    const chart = Testing.chart();
    const common = { image: target.image, xcomSidecarContainerImage: target.image, doXcomPush: true };
    const write = (text: string) => ['sh', '-c', `printf '%s' "${text}" > /airflow/xcom/return.json`];
    const list = new PodTask(chart, 'list', { ...common, cmds: write('[[\\"a {% raw %}{{ x }}{% endraw %}\\"], [\\"b\\"]]') });
    new PodTask(chart, 'work', { ...common, cmds: write('\\"$0 $N {{ ti.map_index }}\\"'), expand: { arguments: list.output, envVars: [{ N: 'x' }, { N: 'y' }] } });
    new PodTask(chart, 'all', { ...common, cmds: write('$ALL'), envVars: { ALL: "{{ ti.xcom_pull(task_ids='work') | tojson }}" } });
    const none = new PodTask(chart, 'none', { ...common, cmds: write('[]') });
    new PodTask(chart, 'never', { ...common, expand: { cmds: none.output } });
    const result = await start(Testing.synth(chart));
    const all = ['a {{ x }} x 0', 'a {{ x }} y 1', 'b x 2', 'b y 3'];
    expect(result.state).toBe('success');
    expect(result.tasks.filter(({ name }) => name === 'work').map(({ xcom }) => xcom)).toEqual(all);
    expect(result.tasks.find(({ name }) => name === 'all')!.xcom).toEqual(all);
    expect(result.tasks.find(({ name }) => name === 'never')).toMatchObject({ state: 'skipped', attempts: 0 });
  });

  test('a PodTemplate runs like a Pod', async () => {
    expect(await only({ renderAs: 'PodTemplate', cmds: ['true'] })).toMatchObject({ state: 'success', exitCode: 0 });
  });

  test('a non-zero exit fails with code, termination message and the last log lines', async () => {
    const task = await only({ cmds: ['sh', '-c', 'echo working; echo "no such table" > /dev/termination-log; exit 3'] });
    expect({ ...told(task), evidence: task.evidence }).toMatchSnapshot();
  });

  test('a line without an end comes in pieces', async () => {
    const lengths: number[] = [];
    const task = await only({ cmds: ['sh', '-c', "head -c 4000000 /dev/zero | tr '\\0' x; exit 3"] }, { onEvent: event => event.type === 'log' && lengths.push(event.line.length) });
    expect([lengths.length, Math.max(...lengths), lengths.reduce((sum, length) => sum + length)]).toEqual([4, 1024 * 1024, 4_000_000]);
    expect([task.exitCode, task.evidence?.logTail.map(line => line.length)]).toEqual([3, [2000, 2000, 2000, 2000]]);
  });

  test('an init container that fails is shown by its own log and exit code', async () => {
    const initContainers = [{ name: 'fetch', image: target.image, command: ['sh', '-c', 'echo no route; exit 5'] }];
    for (const logs of [true, false]) {
      const lines: string[] = [];
      const task = await only({ cmds: ['true'], doXcomPush: true, initContainers }, { logs, runId: `init-${logs}`, onEvent: event => event.type === 'log' && lines.push(event.line) });
      expect(task).toMatchObject({
        state: 'failed', failure: 'app', exitCode: 5, xcom: null, message: "init container 'fetch' ended with exit code 5", evidence: { logTail: ['no route'] },
      });
      expect(lines).toEqual(logs ? ['no route'] : []);
    }
  });

  test('a retry is a new pod, and its success counts', async () => {
    // The name of the second try's pod differs, so that the first one fails and the second does not.
    const result = await start(tasks({ retries: 1, cmds: ['sh', '-c', 'exit 4'] }));
    expect(result.tasks[0]).toMatchObject({ state: 'failed', attempts: 2, exitCode: 4 });
  });

  test('what waits for a failed task does not start', async () => {
    const chart = Testing.chart();
    const first = new PodTask(chart, 'first', { image: target.image, cmds: ['false'] });
    new PodTask(chart, 'second', { image: target.image, cmds: ['true'], dependsOn: [first] });
    const result = await start(Testing.synth(chart));
    expect(result.state).toBe('failed');
    expect(result.tasks.map(({ name, state, attempts }) => [name, state, attempts])).toEqual([['first', 'failed', 1], ['second', 'upstream_failed', 0]]);
  });

  test('an image that cannot be had', async () => {
    const task = await only({ image: target.missingImage, imagePullPolicy: 'Never', cmds: ['true'] });
    expect(told(task)).toMatchSnapshot();
  });

  test('an image that cannot be pulled', async () => {
    expect(await only({ image: target.missingImage, cmds: ['true'], startupTimeoutSeconds: target.pullSeconds }))
      .toMatchObject({ state: 'failed', failure: 'image', exitCode: null, reason: expect.stringMatching(/^(ErrImagePull|ImagePullBackOff)$/) });
  });

  test('a Secret that is missing', async () => {
    const task = await only({ cmds: ['true'], secrets: [{ deployType: 'env', deployTarget: 'X', secret: 'absent', key: 'k' }] });
    expect(told(task)).toMatchSnapshot();
  });

  test('a pod that fits no node until the start-up timeout', async () => {
    const task = await only({ cmds: ['true'], nodeSelector: { disk: 'floppy' }, startupTimeoutSeconds: 3 });
    expect(told(task)).toMatchSnapshot();
  });

  if (target.memoryLimits) {
    test('a container that takes too much memory', async () => {
      const task = await only({ cmds: ['sh', '-c', 'head -c 200m /dev/zero | tail'], containerResources: { limits: { memory: '24Mi' } } });
      expect(told(task)).toMatchSnapshot();
    });
  }

  test('an API server that cannot be reached', async () => {
    const connection = { ...await target.connection(), server: 'https://127.0.0.1:1' };
    const { tasks: [task], state } = await start(tasks({ cmds: ['true'] }), { connection });
    expect({ run: state, ...told(task) }).toMatchSnapshot();
  });

  test('a right that is missing is named', async () => {
    expect(told(await only({ cmds: ['true'] }, { connection: await target.reader() }))).toMatchSnapshot();
  });

  test('an abort cancels what was started and leaves no pod', async () => {
    const controller = new AbortController();
    const result = await start(tasks({ cmds: ['sleep', '600'] }), {
      signal: controller.signal,
      onEvent: (event: any) => { if (event.type === 'task' && event.state === 'running') { controller.abort(); } },
    });
    expect(result).toMatchObject({ state: 'cancelled', tasks: [{ state: 'cancelled' }] });
  });

  test('a run longer than its timeout ends with it', async () => {
    const result = await start(tasks({ cmds: ['sleep', '600'] }), { timeoutSeconds: 3 });
    expect(result).toMatchObject({ state: 'timeout', tasks: [{ failure: 'timeout' }] });
  });

  test('a second runner with the same run id adopts instead of starting again', async () => {
    const manifests = tasks({ doXcomPush: true, cmds: ['sh', '-c', 'sleep 2; echo "\\"$HOSTNAME$RANDOM\\"" > /airflow/xcom/return.json'], onFinishAction: 'keep_pod' });
    const both = await Promise.all([start(manifests, { runId: 'adopted' }), start(manifests, { runId: 'adopted' })]);
    expect(both.map(result => [result.state, result.tasks[0].warnings])).toEqual([['success', []], ['success', []]]);
    expect(both[0].tasks[0].xcom).toEqual(both[1].tasks[0].xcom);
    expect(both[0].tasks[0].pod).toEqual(both[1].tasks[0].pod);
  });

  // The last one: nothing starts in this namespace afterwards.
  test('a quota that is used up', async () => {
    await target.exhaustQuota();
    const task = told(await only({ cmds: ['true'], startupTimeoutSeconds: 3 }));
    // How many pods are just being deleted differs.
    expect({ ...task, message: task.message!.replace(/used: pods=\d+/, 'used: pods=N') }).toMatchSnapshot();
  });
}
