import { ApiObject, Chart } from 'cdk8s';
import { database, Deployed } from './deploy';
import { AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, Executor, JobTask, PodTask } from '../../src';
import { chart, synth } from '../util';

test('the props are entries of airflow.cfg', () => {
  for (const version of [AirflowVersion.V3_3, AirflowVersion.V2_11]) {
    const { config } = new Deployed({ version, parallelism: 64, maxActiveTasksPerDag: 24, maxActiveRunsPerDag: 4, workerPodsCreationBatchSize: 8 });
    expect(config).toMatchObject({
      'core.parallelism': '64',
      'core.max_active_tasks_per_dag': '24',
      'core.max_active_runs_per_dag': '4',
      'kubernetes_executor.worker_pods_creation_batch_size': '8',
    });
  }
  expect(Object.keys(new Deployed().config).join()).not.toMatch(/parallelism|max_active|batch_size/);
});

test.each<[string, Partial<AirflowKubernetesDeploymentProps>, string]>([
  ['none', { parallelism: 0 }, "[chart/airflow] 'parallelism' must be a whole number of at least 1, got 0"],
  ['half a run', { maxActiveRunsPerDag: 1.5 }, "'maxActiveRunsPerDag' must be a whole number of at least 1, got 1.5"],
  ['another value in config', { parallelism: 8, config: { core: { parallelism: 9 } } },
    "'config.core.parallelism' is '9', but 'parallelism' makes it '8'; remove it from 'config'"],
  ['another value in a variable', { maxActiveTasksPerDag: 8, scheduler: { env: [{ name: 'AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG', value: '9' }] } },
    "but 'maxActiveTasksPerDag' makes it '8'; remove it"],
  ['pods without pods', { executor: Executor.local(), workerPodsCreationBatchSize: 8 },
    "'workerPodsCreationBatchSize' is for the pods of KubernetesExecutor, the executor is LocalExecutor; remove it"],
])('fails for %s', (_, props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});

describe('a ResourceQuota of the namespace', () => {
  type Props = Partial<AirflowKubernetesDeploymentProps>;
  const warnings = (hard: { [name: string]: string | number }, props: Props = {}, more: object = {}, namespace?: string) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const scope = chart({ namespace: 'ns' });
    new AirflowKubernetesDeployment(scope, 'airflow', { database, ...props });
    new ApiObject(scope, 'quota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team', namespace }, spec: { hard, ...more } } as any);
    synth(scope);
    const messages = warn.mock.calls.map(([message]) => String(message));
    warn.mockRestore();
    return messages;
  };

  /** What the components ask for, as the warning of a quota that they alone exceed tells it. */
  const components = (resource: string) => /alone ask for (\S+?);/.exec(warnings({ [resource]: '1m' })[0])![1];
  const memory = Number(/^(\d+)Mi$/.exec(components('requests.memory'))![1]);

  test('that has room says nothing', () => {
    expect(memory).toBeGreaterThanOrEqual(512 + 768 + 512 + 512);
    expect(warnings({ 'requests.memory': `${memory + 32 * 512}Mi`, 'pods': 36, 'requests.cpu': '4', 'services': 1 })).toEqual([]);
  });

  test('that has none for the task pods says how many fit', () => {
    const hard = memory + 32 * 512 - 1;
    expect(warnings({ 'requests.memory': `${hard}Mi` })).toEqual([
      `[chart/airflow] ResourceQuota 'team' allows requests.memory ${hard}Mi: ${memory}Mi for the components leaves too little for 32 task pods ('parallelism') `
      + "with 512Mi each, which fail when they cannot be made; set 'parallelism' to at most 31, raise the quota, or lower 'workers.resources'",
    ]);
    expect(warnings({ pods: 35 })[0]).toContain("allows pods 35: 4 for the components leaves too little for 32 task pods ('parallelism') with 1 each");
    const limits = warnings({ 'limits.memory': components('limits.memory') })[0];
    expect(limits).toContain('for the components leaves too little for 32 task pods');
    expect(limits).not.toContain('at most');
  });

  test('counts what config says, each scheduler, and the resources of the task pods', () => {
    expect(warnings({ pods: 36 }, { config: { core: { parallelism: 33 } } })[0]).toContain('33 task pods');
    expect(warnings({ pods: 36 }, { scheduler: { replicas: 2 } })[0])
      .toContain("32 task pods in each of 2 schedulers ('parallelism') with 1 each, which fail when they cannot be made; set 'parallelism' to at most 15");
    const resources = { requests: { cpu: '2', memory: '1Gi' } };
    expect(warnings({ cpu: '10' }, { parallelism: 5, workers: { resources } })[0]).toMatch(/allows cpu 10: \d+m for .* 5 task pods \('parallelism'\) with 2 each.* at most 4,/);
  });

  test('that is too small for the components says that', () => {
    expect(warnings({ 'requests.cpu': '500m' })).toEqual([
      `[chart/airflow] ResourceQuota 'team' allows requests.cpu 500m, and the components alone ask for ${components('requests.cpu')}; raise the quota, or lower their 'resources'`,
    ]);
    expect(warnings({ pods: 4 }, { executor: Executor.local() })).toEqual([]);
    expect(warnings({ pods: 4 }, { executor: Executor.local(), triggerer: { replicas: 2 } })).toHaveLength(1);
  });

  describe('and the pods that tasks launch', () => {
    const launched = (hard: object, tasks: (scope: Chart) => void, props: Props = {}) => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const scope = chart({ namespace: 'ns' });
      new AirflowKubernetesDeployment(scope, 'airflow', { database, podLaunching: {}, ...props });
      new ApiObject(scope, 'quota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team' }, spec: { hard } } as any);
      tasks(scope);
      synth(scope);
      const messages = warn.mock.calls.map(([message]) => String(message)).filter(message => message.includes('ResourceQuota'));
      warn.mockRestore();
      return messages;
    };
    const pod = (size: string, id = 'train', namespace?: string) => (scope: Chart) =>
      new PodTask(scope, id, { image: 'a:1', renderAs: 'none', namespace, containerResources: { requests: { memory: size }, limits: { memory: size } } });

    test('which find room, or never any', () => {
      const hard = { 'requests.memory': `${memory + 2048}Mi` };
      expect(launched(hard, pod('1Gi'), { parallelism: 2 })).toEqual([]);
      expect(launched(hard, pod('2Gi'), { parallelism: 2 })).toEqual([
        `[chart/airflow] ResourceQuota 'team' allows requests.memory ${memory + 2048}Mi: beside ${memory}Mi for the components and 512Mi for a pod of 'workers' there is never room for `
        + "task 'train', which asks for 2Gi; raise the quota, or lower its 'containerResources'",
      ]);
      expect(launched(hard, pod('2Gi', 'train', 'other'), { parallelism: 2 })).toEqual([]);
      expect(launched({ 'requests.cpu': '100' }, pod('2Gi'))).toEqual([]);
    });

    test('which find none when all run', () => {
      const two = (scope: Chart) => [pod('1Gi')(scope), pod('1Gi', 'score')(scope)];
      expect(launched({ 'requests.memory': `${memory + 3072}Mi` }, two, { parallelism: 2 })).toEqual([]);
      expect(launched({ 'requests.memory': `${memory + 3071}Mi` }, two, { parallelism: 2 })[0])
        .toContain(`${memory}Mi for the components and 1Gi for the pods of 'workers' leave too little for the pods that 2 tasks of the app launch, 2Gi together`);
    });

    test('a Job counts with all its pods, and under LocalExecutor there are no others', () => {
      const job = (scope: Chart) => new JobTask(scope, 'batch', { image: 'a:1', renderAs: 'none', parallelism: 40 });
      expect(launched({ pods: 40 }, job, { executor: Executor.local() })[0]).toContain("for the components there is never room for task 'batch', which asks for 40");
      expect(launched({ pods: 60 }, job, { executor: Executor.local() })).toEqual([]);
    });
  });

  test('of a scope, or of another namespace, is not ours', () => {
    expect(warnings({ pods: 1 }, {}, { scopes: ['BestEffort'] })).toEqual([]);
    expect(warnings({ pods: 1 }, {}, {}, 'other')).toEqual([]);
  });
});
