import { execFileSync } from 'node:child_process';
import { connection, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { CreateResourceTask, DeleteJobTask, DeleteResourceTask, JobTask, JobTaskProps, PatchJobTask, PodTask } from '../../src';
import { chart, synth } from '../util';
import { run, RunOptions, RunResult } from 'cdk8s-airflow/runtime';

const namespace = 'jobs';
const IMAGE = { image: 'localhost/busybox:1', xcomSidecarContainerImage: 'localhost/busybox:1' };
const sh = (script: string): Pick<JobTaskProps, 'cmds'> => ({ cmds: ['sh', '-c', script] });
const wait = { waitUntilJobComplete: true };

onCluster('Jobs and their siblings', () => {
  jest.setTimeout(180_000);
  beforeAll(() => restrictedNamespace(namespace), 150_000);
  afterAll(() => removeNamespace(namespace));

  let lines: string[];
  const execute = (make: (c: ReturnType<typeof chart>) => void, options: Partial<RunOptions> = {}): Promise<RunResult> => {
    lines = [];
    const c = chart({ namespace });
    make(c);
    return run(synth(c), { connection: connection(), journal: false, onEvent: event => { if (event.type === 'log') { lines.push(event.line); } }, ...options });
  };
  const names = (kind: string) => kubectl(['get', kind, '-n', namespace, '-o', 'name']).trim().split('\n').filter(name => name !== '' && !name.includes('kube-root-ca'));
  const nothingLeft = async () => {
    for (let i = 0; names('jobs').length + names('pods').length > 0; i++) {
      if (i > 60) { throw new Error(`left: ${[...names('jobs'), ...names('pods')].join(', ')}`); }
      execFileSync('sleep', ['1']);
    }
    expect(names('configmaps')).toEqual([]);
  };

  test('a Job that succeeds: log, XCom of its one pod, outputs for a pod after it, and nothing is left', async () => {
    const { state, tasks } = await execute(c => {
      const job = new JobTask(c, 'build', { ...IMAGE, ...wait, ...sh('echo built; echo \'{"rows": 3}\' > /airflow/xcom/return.json'), doXcomPush: true });
      new PodTask(c, 'after', {
        ...IMAGE,
        ...sh('echo "$NAME in $N: $OK, $ROWS"'),
        envVars: { NAME: job.jobName, N: job.jobNamespace, OK: job.job.get('status').get('succeeded'), ROWS: job.output.get('rows') },
      });
    });
    expect([state, tasks.map(task => [task.name, task.xcom, task.exitCode])]).toEqual(['success', [['build', { rows: 3 }, 0], ['after', null, 0]]]);
    expect(tasks[0].object).toEqual({ kind: 'Job', name: expect.stringMatching(/^job-build-[a-z0-9]{8}$/), namespace });
    expect(lines).toEqual(['built', `${tasks[0].object!.name} in ${namespace}: 1, 3`]);
    await nothingLeft();
  });

  test('the XComs of an Indexed Job are a list in the order of the indexes; airflow mode reads them too', async () => {
    for (const xcomMode of ['native', 'airflow'] as const) {
      const { tasks } = await execute(c => {
        new JobTask(c, 'each', {
          ...IMAGE,
          ...wait,
          ...sh('sleep $((2 - JOB_COMPLETION_INDEX)); echo $JOB_COMPLETION_INDEX > /airflow/xcom/return.json; echo I am $JOB_COMPLETION_INDEX'),
          doXcomPush: true,
          xcomMode,
          completionMode: 'Indexed',
          completions: 3,
          parallelism: 3,
        });
      });
      expect(tasks[0]).toMatchObject({ state: 'success', xcom: [0, 1, 2], warnings: [] });
      expect(lines.sort()).toEqual(['[0] I am 0', '[1] I am 1', '[2] I am 2']);
    }
  });

  test('a Job that fails ends in airflow mode, too, although its sidecar waits to be asked', async () => {
    const { tasks } = await execute(c => {
      new JobTask(c, 'bad', { ...IMAGE, ...wait, ...sh('exit 3'), doXcomPush: true, xcomMode: 'airflow', backoffLimit: 0 });
    }, { timeoutSeconds: 120 });
    expect(tasks[0]).toMatchObject({ state: 'failed', failure: 'app', reason: 'BackoffLimitExceeded', exitCode: 3 });
    await nothingLeft();
  });

  test.each(['native', 'airflow'] as const)('an XCom that is no JSON is the reason, and the number that no result can show is told: XCom mode %s', async xcomMode => {
    const { tasks } = await execute(c => {
      for (const [id, json] of [['bad', '{1}'], ['large', '12345678901234567890']]) {
        new JobTask(c, id, { ...IMAGE, ...wait, ...sh(`printf '%s' '${json}' > /airflow/xcom/return.json`), doXcomPush: true, xcomMode, backoffLimit: 0 });
      }
    });
    expect(tasks[0]).toMatchObject({ state: 'failed', failure: 'xcom', reason: 'InvalidJSON' });
    expect(tasks[1]).toMatchObject({ state: 'success', warnings: [expect.stringContaining('the XCom holds 12345678901234567890')] });
    await nothingLeft();
  });

  test('a Job that fails says why its last pod did', async () => {
    const { state, tasks } = await execute(c => { new JobTask(c, 'bad', { ...IMAGE, ...wait, ...sh('echo oh no; echo broken > /dev/termination-log; exit 3'), backoffLimit: 0 }); });
    expect(state).toBe('failed');
    expect(tasks[0]).toMatchObject({
      failure: 'app',
      reason: 'BackoffLimitExceeded',
      exitCode: 3,
      evidence: { terminationMessage: 'broken\n', logTail: ['oh no'] },
      message: expect.stringMatching(/^Job 'job-bad-\w+' failed: .* \(BackoffLimitExceeded\); pod '[^']+': the container ended with exit code 3: broken$/),
    });
    await nothingLeft();
  });

  test('what keeps its pods from starting, or from being made, ends the task with the reason', async () => {
    kubectl(['create', 'quota', 'none', '-n', namespace, '--hard=count/jobs.batch=10,pods=1']);
    try {
      const { tasks } = await execute(c => {
        new JobTask(c, 'image', { ...IMAGE, ...wait, image: 'localhost/missing:1', imagePullPolicy: 'Never' });
        new JobTask(c, 'unsafe', { ...IMAGE, ...wait, hardening: false, startupTimeoutSeconds: 5 });
      });
      expect(tasks.map(({ name, failure, reason }) => [name, failure, reason])).toEqual([['image', 'image', 'ErrImageNeverPull'], ['unsafe', 'config', 'PodSecurity']]);
    } finally {
      kubectl(['delete', 'quota', 'none', '-n', namespace]);
    }
    await nothingLeft();
  });

  test('a suspended Job nobody waits for is resumed by a patch, awaited and deleted', async () => {
    const { state, tasks } = await execute(c => {
      const job = new JobTask(c, 'job', { ...IMAGE, ...sh('true'), suspend: true });
      const patch = new PatchJobTask(c, 'resume', { name: job.jobName, namespace: job.jobNamespace, body: { spec: { suspend: false } } });
      new DeleteJobTask(c, 'delete', { name: job.jobName, namespace: job.jobNamespace, deleteOnStatus: 'Complete', waitForCompletion: true, dependsOn: [patch] });
    });
    expect(state).toBe('success');
    expect(tasks[1].xcom).toMatchObject({ metadata: { name: tasks[0].object!.name }, spec: { suspend: false, backoff_limit: 6 } });
    await nothingLeft();
  });

  test('a suspended Job that the task waits for begins when somebody resumes it', async () => {
    const resumed = new Promise<void>(resolve => setTimeout(() => {
      const [name] = names('jobs');
      kubectl(['patch', name, '-n', namespace, '--type=merge', '-p', '{"spec":{"suspend":false}}']);
      resolve();
    }, 16_000));
    const { tasks } = await execute(c => { new JobTask(c, 'later', { ...IMAGE, ...wait, ...sh('true'), suspend: true, startupTimeoutSeconds: 15 }); });
    await resumed;
    expect(tasks[0].state).toBe('success');
  });

  test('a Job with a time to live is left to Kubernetes, and nothing of the run keeps it', async () => {
    const { tasks } = await execute(c => { new JobTask(c, 'ttl', { ...IMAGE, ...wait, ...sh('true'), ttlSecondsAfterFinished: 5 }); });
    const name = tasks[0].object!.name;
    const kept = JSON.parse(kubectl(['get', 'job', name, '-n', namespace, '-o', 'json']));
    expect(kept.metadata.ownerReferences).toBeUndefined();
    await nothingLeft();
  });

  test('a Job that is there no more, a body that the server refuses, a missing Job', async () => {
    const { tasks } = await execute(c => {
      new DeleteJobTask(c, 'delete', { name: 'no-such-job' });
      new PatchJobTask(c, 'patch', { name: 'no-such-job', body: { spec: { suspend: true } } });
    });
    expect(tasks.map(({ state, failure, reason }) => [state, failure, reason])).toEqual([['success', null, null], ['failed', 'config', 'NotFound']]);
    expect(tasks[1].nextStep).toBe('check its name and namespace: it must be there when the task runs');
  });

  test('objects are created and deleted; a second create of others is refused; kinds are asked of the cluster', async () => {
    const yamlConf = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {day: '{{ ds }}'}\n---\n"
      + 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: made}\nspec: {podSelector: {}}\n';
    const created = await execute(c => { new CreateResourceTask(c, 'create', { yamlConf }); }, { logicalDate: '2026-01-31T00:00:00Z' });
    expect(created.tasks[0]).toMatchObject({ state: 'success', object: { kind: 'ConfigMap', name: 'made', namespace } });
    expect(kubectl(['get', 'configmap', 'made', '-n', namespace, '-o', 'jsonpath={.data.day}'])).toBe('2026-01-31');
    const again = await execute(c => { new CreateResourceTask(c, 'create', { yamlConf }); }, { logicalDate: '2026-01-31T00:00:00Z' });
    expect(again.tasks[0]).toMatchObject({ state: 'failed', failure: 'config', reason: 'AlreadyExists' });
    const removed = await execute(c => { new DeleteResourceTask(c, 'delete', { yamlConf: yamlConf.replace('{{ ds }}', '') }); });
    expect(removed.state).toBe('success');
    expect([...names('configmaps'), ...names('networkpolicies')]).toEqual([]);
    const unknown = await execute(c => { new CreateResourceTask(c, 'create', { yamlConf: 'apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: a}\n' }); });
    expect(unknown.tasks[0]).toMatchObject({ failure: 'config', message: "the cluster has no kind 'Deploymnet' in apps/v1; did you mean 'Deployment'?" });
  });

  test('a run that is cancelled leaves no Job, waited for or not', async () => {
    const controller = new AbortController();
    const { state, tasks } = await execute(c => {
      new JobTask(c, 'asleep', { ...IMAGE, suspend: true });
      new JobTask(c, 'runs', { ...IMAGE, ...wait, ...sh('echo up; sleep 600'), terminationGracePeriod: 1 });
    }, { signal: controller.signal, onEvent: event => { if (event.type === 'log') { controller.abort(); } } });
    expect([state, tasks.map(task => task.state)]).toEqual(['cancelled', ['success', 'cancelled']]);
    await nothingLeft();
  });
});
