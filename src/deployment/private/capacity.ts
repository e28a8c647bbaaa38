import { ApiObject, Chart } from 'cdk8s';
import { DerivedEntry } from './configuration';
import { Amounts, podResources } from '../../pod/pod-resources';
import { formatQuantity, parseQuantity } from '../../pod/quantity';
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
    if (!Number.isSafeInteger(value) || value < 1) { throw new Error(`'${prop}' must be a whole number of at least 1, got ${value}`); }
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
  /** Its name, for the messages. */
  readonly namespace: string;
  /** Pod specs of the components that stay, each as often as it has pods. */
  readonly components: { readonly spec: any; readonly pods: number }[];
  /** The pods of tasks that run at the same time; absent where tasks have none of their own. */
  readonly tasks?: { readonly spec: any; readonly parallelism: number; readonly schedulers: number };
}

/** Where the ResourceQuotas of an app leave less room in a namespace than a deployment may come to ask for. */
export function quotaWarnings(objects: ApiObject[], demand: Demand): string[] {
  const quotas = objects.filter(node => node.kind === 'ResourceQuota'
    && (node.metadata.namespace ?? Chart.of(node).namespace ?? 'default') === demand.namespace);
  return quotas.flatMap(quota => {
    const { hard = {}, scopes, scopeSelector } = quota.toJson().spec ?? {};
    // A quota of a scope is for some of the pods only.
    if (scopes || scopeSelector) { return []; }
    return Object.entries<string | number>(hard).flatMap(([name, limit]) => exceeded(quota.name, name, limit, demand));
  });
}

function exceeded(quota: string, name: string, hard: string | number, { components, tasks }: Demand): string[] {
  const limit = parseQuantity(hard);
  const one = amountOf(name);
  if (limit === undefined || one === undefined) { return []; }
  const text = (amount: bigint) => formatQuantity(amount, /memory|storage/.test(name));
  const fixed = components.reduce((sum, { spec, pods }) => sum + one(spec) * BigInt(pods), 0n);
  const head = `ResourceQuota '${quota}' allows ${name} ${hard}`;
  if (fixed > limit) { return [`${head}, and the components alone ask for ${text(fixed)}; raise the quota, or lower their 'resources'`]; }
  if (!tasks) { return []; }
  const task = one(tasks.spec);
  const schedulers = BigInt(tasks.schedulers);
  const wanted = task * BigInt(tasks.parallelism) * schedulers;
  if (fixed + wanted <= limit) { return []; }
  const each = tasks.schedulers > 1 ? ` in each of ${tasks.schedulers} schedulers` : '';
  const fits = (limit - fixed) / (task * schedulers);
  return [`${head}: ${text(fixed)} for the components leaves too little for ${tasks.parallelism} task pods${each} ('parallelism') with ${text(task)} each, `
    + `which fail when they cannot be made; ${fits > 0n ? `set 'parallelism' to at most ${fits}, ` : ''}raise the quota, or lower 'workers.resources'`];
}

/** How much of a quota's resource a pod takes; undefined for what is not of pods. */
function amountOf(name: string): ((spec: any) => bigint) | undefined {
  if (name === 'pods' || name === 'count/pods') { return () => parseQuantity(1)!; }
  const [, kind = 'requests', resource] = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(name) ?? [];
  if (resource === undefined) { return undefined; }
  return spec => (podResources(spec, kind as 'requests' | 'limits') as Amounts)[resource] ?? 0n;
}
