import { isDeepStrictEqual } from 'node:util';
import { isKeyed, itemKey } from './pod-path';
import { BASE_CONTAINER } from './task-parameters';
import { XCOM_SIDECAR_NAME } from './xcom';

/** Whose pods Airflow's `pod_mutation_hook` sees. KubernetesJobOperator is a KubernetesPodOperator. */
export const POD_MAKERS = ['KubernetesExecutor', 'KubernetesPodOperator'] as const;
export type PodMaker = typeof POD_MAKERS[number];

/** Labels by which Airflow knows whose pod it is; annotations of the same names say so for KubernetesExecutor. */
export const IDENTITY_LABELS = ['dag_id', 'task_id', 'run_id', 'try_number', 'map_index', 'logical_date', 'execution_date', 'airflow-worker',
  'kubernetes_executor', 'kubernetes_pod_operator', 'airflow_version', 'airflow_kpo_in_cluster'];

/** A step of a path: the key of an object, or of a list its field and what tells an item: its name or path, `*` for all, `-` for a new one. */
export type MutationStep = string | readonly [field: string, item: string];

/**
 * What is done to a pod: `set` puts a value at a path and makes what is missing on the way, but for items of lists, without which it does nothing;
 * `add` appends an item where there is none of its name; `unset` takes out what is there. Done twice, each does no more than done once.
 */
export type MutationOp = readonly ['set' | 'add', readonly MutationStep[], any] | readonly ['unset', readonly MutationStep[]];

/** A mutation as data: what the synth, the runtime and `pod_mutation_hook` apply alike. */
export interface MutationData {
  /** What it is called, for people. */
  readonly name: string;
  /** Whose pods; those of any maker where it is not given. */
  readonly podsOf?: readonly PodMaker[];
  /** The values of which a label must have one. */
  readonly labels?: { readonly [label: string]: readonly string[] };
  /** The queues of which a worker pod's task must be in one. */
  readonly queues?: readonly string[];
  readonly ops: readonly MutationOp[];
}

/** What Airflow knows of a pod beside what stands in it. */
export interface MutationSubject {
  readonly maker: PodMaker;
  /** Further labels by which mutations may select. */
  readonly labels?: { readonly [label: string]: string };
  readonly queue?: string;
}

/**
 * Mutations of the pods of KubernetesPodOperator, parted where the first one asks for a label of Airflow, or names a container, that nobody knows yet:
 * what later ones see depends on it.
 *
 * @param known labels of Airflow whose values are known
 * @param lateBase the base container has another name in a run
 */
export function partMutations(
  mutations: readonly MutationData[], lateBase = false, known: readonly string[] = [],
): { now: MutationData[]; later: MutationData[] } {
  const unknown = IDENTITY_LABELS.filter(label => !known.includes(label));
  const all = mutations.filter(({ podsOf = POD_MAKERS }) => podsOf.includes('KubernetesPodOperator'));
  const first = all.findIndex(({ labels = {}, ops }) =>
    Object.keys(labels).some(label => unknown.includes(label)) || (lateBase && ops.some(namesContainer)));
  const parted = first < 0 ? all.length : first;
  return { now: all.slice(0, parted), later: all.slice(parted) };
}

function namesContainer([, path]: MutationOp): boolean {
  return path.some(step => typeof step !== 'string' && step[0] === 'containers' && !['*', BASE_CONTAINER].includes(step[1]));
}

/** A pod after mutations, one after the other: each sees what the ones before it made. */
export function mutatePod(pod: any, mutations: readonly MutationData[], { maker, labels: further = {}, queue }: MutationSubject): any {
  return mutations.reduce((before, { podsOf = POD_MAKERS, labels = {}, queues, ops }) => {
    const all = { ...before.metadata?.labels, ...further };
    const selected = podsOf.includes(maker) && (queues === undefined || (queue !== undefined && queues.includes(queue)))
      && Object.entries(labels).every(([label, values]) => values.includes(all[label]));
    return selected ? applyOps(before, ops) : before;
  }, pod);
}

/** A copy of a pod with operations done to it, in their order. */
function applyOps(pod: any, ops: readonly MutationOp[]): any {
  const result = copy(pod);
  for (const [op, path, value] of ops) { walk(result, op, path, 0, value); }
  return result;
}

/** A copy in which nothing is in two places, so that a change of one part is of no other. */
function copy(value: any): any {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function walk(parent: any, op: MutationOp[0], path: readonly MutationStep[], depth: number, value: any, owner?: any): void {
  const step = path[depth];
  const last = depth === path.length - 1;
  if (typeof step !== 'string') { return inList(parent, op, path, depth, value, owner); }
  if (last) {
    if (op === 'unset') { delete parent[step]; } else { parent[step] = copy(value); }
    return;
  }
  const inner = parent[step] ?? (inItem(path, depth + 1) ? [] : undefined);
  if (inner === undefined) {
    if (op !== 'unset') { fill(parent, step, path.slice(depth + 1), value); }
    return;
  }
  walk(inner, op, path, depth + 1, value, parent);
  if (op === 'unset' && Array.isArray(parent[step]) && parent[step].length === 0) { delete parent[step]; }
}

/** Items of a list; `owner` is the object that holds it. */
function inList(list: any[], op: MutationOp[0], path: readonly MutationStep[], depth: number, value: any, owner: any): void {
  const [field, item] = path[depth] as [string, string];
  const last = depth === path.length - 1;
  const found = indices(list, field, item);
  if (!last) {
    const [at, where] = found.length === 0 ? elsewhere(owner, field, item) : [list, found];
    where.forEach(i => walk(at[i], op, path, depth + 1, value));
  } else if (op === 'unset') {
    found.reverse().forEach(i => list.splice(i, 1));
  } else if (item === '-') {
    if (!list.some(other => isDeepStrictEqual(other, value))) { list.push(copy(value)); }
  } else if (found.length === 0) {
    list.push(copy(value));
  } else if (op === 'set') {
    // The last one is that which counts.
    list[found.at(-1)!] = copy(value);
    found.slice(0, -1).reverse().forEach(i => list.splice(i, 1));
  }
}

/** The container that runs the task is `base`, whatever it is called, and the first one. */
function indices(list: any[], field: string, item: string): number[] {
  if (item === '*') { return list.map((_, i) => i); }
  if (!isKeyed(field) || item === '-') { return []; }
  const found = list.flatMap((other, i) => itemKey(field, other) === item ? [i] : []);
  return found.length === 0 && field === 'containers' && item === BASE_CONTAINER && list.length > 0 ? [0] : found;
}

/** The XCom sidecar is a container or an init container, as the pod's maker likes. */
function elsewhere(owner: any, field: string, item: string): [any[], number[]] {
  const other = field === 'containers' ? 'initContainers' : 'containers';
  const list = owner?.[other] ?? [];
  return item === XCOM_SIDECAR_NAME ? [list, indices(list, other, item)] : [[], []];
}

/** True where a step names an item of which a part is meant. */
function inItem(path: readonly MutationStep[], depth: number): boolean {
  return depth < path.length - 1 && typeof path[depth] !== 'string';
}

/** Makes what is missing; an item of a list that is not there cannot be made from a part of it. */
function fill(parent: any, key: string, rest: readonly MutationStep[], value: any): void {
  if (rest.some((_, i) => inItem(rest, i))) { return; }
  parent[key] = rest.reduceRight((inner, step) => typeof step === 'string' ? { [step]: inner } : [inner], copy(value));
}
