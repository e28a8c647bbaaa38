import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { DerivedEntry } from './configuration';
import { taskJob } from '../../pod/job';
import { Amounts, podResources } from '../../pod/pod-resources';
import { formatQuantity, parseQuantity } from '../../pod/quantity';
import { taskPod } from '../../pod/task-pod';
import { constructsOf } from '../../private/complete-app';
import { shown } from '../../private/prop-types';
import { JobTask } from '../../tasks/job-task';
import { PodTask } from '../../tasks/pod-task';
import type { AirflowKubernetesDeploymentProps } from '../airflow-kubernetes-deployment-props';
import { Executor } from '../executor';

/** Airflow's own `[core] parallelism`. */
export const DEFAULT_PARALLELISM = 32;

/** The entries of airflow.cfg that the props of capacity stand for. */
export function capacityEntries(props: AirflowKubernetesDeploymentProps, executor: Executor): DerivedEntry[] {
  if (props.workerPodsCreationBatchSize !== undefined && !executor._runs('KubernetesExecutor')) {
    throw new Error(`'workerPodsCreationBatchSize' is for the pods of KubernetesExecutor, the executor is ${executor.name}; remove it`);
  }
  const entry = (prop: 'parallelism' | 'maxActiveTasksPerDag' | 'maxActiveRunsPerDag' | 'workerPodsCreationBatchSize', section: string, key: string) => {
    const value = props[prop];
    if (value === undefined) { return []; }
    if (!Number.isSafeInteger(value) || value < 1) { throw new Error(`'${prop}' must be a whole number of at least 1, got ${shown(value)}`); }
    return [{ section, key, value, from: `'${prop}'` }];
  };
  return [
    ...entry('parallelism', 'core', 'parallelism'),
    ...entry('maxActiveTasksPerDag', 'core', 'max_active_tasks_per_dag'),
    ...entry('maxActiveRunsPerDag', 'core', 'max_active_runs_per_dag'),
    ...entry('workerPodsCreationBatchSize', 'kubernetes_executor', 'worker_pods_creation_batch_size'),
  ];
}

/** What a deployment asks of its namespace. */
export interface Demand {
  /** Pod specs of the components that stay, each as often as it has pods. */
  readonly components: { readonly spec: any; readonly pods: number }[];
  /** The pods of tasks that run at the same time; absent where tasks have none of their own. */
  readonly tasks?: { readonly spec: any; readonly parallelism: number; readonly schedulers: number };
  /** The pods of the app's tasks that a task of Airflow launches beside its own. */
  readonly launched: readonly Launched[];
}

/** The pods of one task. */
export interface Launched {
  readonly task: string;
  readonly spec: any;
  readonly pods: number;
}

/** The pods of an app's tasks in a namespace. */
export function launchedPods(scope: Construct, namespace: string): Launched[] {
  const here = (task: PodTask | JobTask) => (task.namespace ?? namespace) === namespace;
  return [
    ...constructsOf(scope, PodTask.isPodTask).filter(here).map(({ taskId, _options }) => ({ task: taskId, spec: taskPod(_options).spec, pods: 1 })),
    ...constructsOf(scope, JobTask.isJobTask).filter(here).map(({ taskId, _options }) => {
      const { spec } = taskJob(_options);
      return { task: taskId, spec: spec.template.spec, pods: Number(spec.parallelism) };
    }),
  ];
}

/** Where the ResourceQuotas of an app leave less room in a namespace than a deployment may come to ask for. */
export function quotaWarnings(objects: ApiObject[], namespace: string, demand: () => Demand): string[] {
  const quotas = objects.filter(node => node.kind === 'ResourceQuota'
    && (node.metadata.namespace ?? Chart.of(node).namespace ?? 'default') === namespace);
  let asked: Demand | undefined;
  return quotas.flatMap(quota => {
    const { hard = {}, scopes, scopeSelector } = quota.toJson().spec ?? {};
    // A quota of a scope is for some of the pods only.
    if (scopes || scopeSelector) { return []; }
    return Object.entries<string | number>(hard).flatMap(([name, limit]) => exceeded(quota.name, name, limit, asked ??= demand()));
  });
}

function exceeded(quota: string, name: string, hard: string | number, { components, tasks, launched }: Demand): string[] {
  const limit = parseQuantity(hard);
  const one = amountOf(name);
  if (limit === undefined || one === undefined) { return []; }
  const text = (amount: bigint) => formatQuantity(amount, /memory|storage/.test(name));
  const fixed = components.reduce((sum, { spec, pods }) => sum + one(spec) * BigInt(pods), 0n);
  const head = `ResourceQuota '${quota}' allows ${name} ${hard}`;
  if (fixed > limit) { return [`${head}, and the components alone ask for ${text(fixed)}; raise the quota, or lower their 'resources'`]; }
  const task = tasks ? one(tasks.spec) : 0n;
  const schedulers = BigInt(tasks?.schedulers ?? 1);
  const wanted = tasks ? task * BigInt(tasks.parallelism) * schedulers : 0n;
  if (!tasks || fixed + wanted <= limit) {
    const asked = launched.map(({ task: who, spec, pods }) => ({ who, amount: one(spec) * BigInt(pods) }))
      .sort((a, b) => Number(b.amount - a.amount));
    // As many as run at the same time, each once.
    return withoutRoom(head, text, limit, { fixed, task, wanted, asked: asked.slice(0, tasks ? tasks.parallelism * tasks.schedulers : undefined) });
  }
  const each = tasks.schedulers > 1 ? ` in each of ${tasks.schedulers} schedulers` : '';
  const fits = (limit - fixed) / (task * schedulers);
  return [`${head}: ${components.length > 0 ? `${text(fixed)} for the components leaves` : 'that is'} too little for ${tasks.parallelism} task pods${each} ('parallelism') with ${text(task)} each, `
    + `which fail when they cannot be made; ${fits > 0n ? `set 'parallelism' to at most ${fits}, ` : ''}raise the quota, or lower 'workers.resources'`];
}

/** What is to be said where the pods that tasks launch find no room beside the components and the pods of the tasks. */
function withoutRoom(head: string, text: (amount: bigint) => string, limit: bigint, { fixed, task, wanted, asked }: {
  readonly fixed: bigint; readonly task: bigint; readonly wanted: bigint; readonly asked: { readonly who: string; readonly amount: bigint }[];
}): string[] {
  const together = asked.reduce((sum, { amount }) => sum + amount, 0n);
  if (fixed + wanted + together <= limit || asked.length === 0) { return []; }
  const beside = (amount: bigint, what: string) => `${text(fixed)} for the components${amount > 0n ? ` and ${text(amount)} for ${what} of 'workers'` : ''}`;
  const [{ who, amount: most }] = asked;
  return [fixed + task + most > limit
    ? `${head}: beside ${beside(task, 'a pod')} there is never room for task '${who}', which asks for ${text(most)}; raise the quota, or lower its 'containerResources'`
    : `${head}: ${beside(wanted, 'the pods')} leave too little for the pods that ${asked.length} tasks of the app launch, ${text(together)} together, `
      + "which fail when they cannot be made; raise the quota, or lower 'parallelism'"];
}

/** How much of a quota's resource a pod takes; undefined for what is not of pods. */
function amountOf(name: string): ((spec: any) => bigint) | undefined {
  if (name === 'pods' || name === 'count/pods') { return () => parseQuantity(1)!; }
  const [, kind = 'requests', resource] = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(name) ?? [];
  if (resource === undefined) { return undefined; }
  return spec => (podResources(spec, kind as 'requests' | 'limits') as Amounts)[resource] ?? 0n;
}
