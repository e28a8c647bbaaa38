import { MutationData, POD_MAKERS } from '../pod/mutation';
import { mutationOps } from '../pod/mutation-ops';
import { podMutationHook } from '../pod/mutation-python';
import { safeLabelValue } from '../pod/names';
import { checkPropNames, PropNames } from '../private/known-props';
import * as kplus from '../private/kplus';
import { hasMember, shown } from '../private/prop-types';

/** Which pods of tasks are changed, and how. Without a selector it is all of them. */
export interface PodMutationProps {
  /** What it is called, in messages and in Airflow's Python: unique among the mutations that are given together. */
  readonly name: string;

  /**
   * Whose pods. Those of KubernetesJobOperator count as KubernetesPodOperator's.
   *
   * @default - both
   */
  readonly podsOf?: ('KubernetesExecutor' | 'KubernetesPodOperator')[];

  /**
   * Labels that the pod must have, with these values: the task's own, and those that Airflow adds, such as `try_number`.
   *
   * @default - any
   */
  readonly labels?: { [label: string]: string };

  /**
   * DAGs of which the task must be in one.
   *
   * @default - any
   */
  readonly dagIds?: string[];

  /**
   * Queues of which the task must be in one. Only pods of KubernetesExecutor on Airflow 3 tell theirs.
   *
   * @default - any
   */
  readonly queues?: string[];

  /**
   * A part of a pod in wire JSON that is merged over it: labels and annotations key by key; containers, volumes, variables, mounts and ports by name or
   * path; any other field whole. The container of the task is called `base`, whatever its name. Another container is merged where the pod has it, and
   * added where it has not and an `image` is given.
   *
   * @default - nothing
   */
  readonly merge?: kplus.k8s.KubePodProps | { [key: string]: any };

  /**
   * Path → value, after `merge`: `spec.nodeSelector[pool]` sets one key, `spec.tolerations[-]` adds an item unless it is there,
   * `spec.containers[*].imagePullPolicy` is of every container. What is missing on the way is made, but for items of lists.
   *
   * @default - nothing
   */
  readonly set?: { [path: string]: any };

  /**
   * Paths of what is taken out, after `set`, such as `spec.containers[base].resources.limits[cpu]`. What is not there is left alone.
   *
   * @default - nothing
   */
  readonly unset?: string[];
}

const PROPS: PropNames<PodMutationProps> = {
  name: 'a text', podsOf: 'a list of texts', labels: 'an object', dagIds: 'a list of texts', queues: 'a list of texts', merge: 'an object', set: 'an object', unset: 'a list of texts',
};

/**
 * A change to the pods of many tasks, as data: the last layer of a `PodTask`, and Airflow's `pod_mutation_hook`. Both give the same pod, and applying
 * it twice changes nothing more.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/kubernetes.html#pod-mutation-hook
 */
export class PodMutation {
  /**
   * The text of an `airflow_local_settings.py` with these mutations, for an Airflow that this package does not deploy. It may stand below another such
   * text, whose `pod_mutation_hook` is then called last.
   *
   * @param mutations one after the other: each sees what the ones before it made
   */
  public static toAirflowLocalSettings(mutations: PodMutation[]): string {
    if (Array.isArray(mutations) && mutations.length === 0) { throw new Error('local settings of no mutation; give at least one PodMutation'); }
    return `"""Made by cdk8s-airflow. What is done to the pods of tasks."""\n${podMutationHook(PodMutation._all(mutations, 'mutations'))}`;
  }

  /** The data of a list of mutations. @internal */
  public static _all(mutations: PodMutation[] | undefined, prop: string): MutationData[] {
    const list = mutations ?? [];
    const wrong = Array.isArray(list) ? list.findIndex(mutation => !hasMember(mutation, '_data')) : 0;
    if (wrong >= 0) { throw new Error(`'${prop}' must be a list of PodMutation, got ${shown(Array.isArray(list) ? list[wrong] : list)}`); }
    const twice = list.find(({ name }, i) => list.findIndex(other => other.name === name) !== i);
    if (twice) { throw new Error(`'${prop}' holds two mutations called '${twice.name}'; give one of them another 'name'`); }
    return list.map(({ _data }) => _data);
  }

  /** Its name. */
  public readonly name: string;

  /** @internal */
  public readonly _data: MutationData;

  constructor(props: PodMutationProps) {
    checkPropNames(props, PROPS, 'PodMutation', 'PodMutationProps');
    try {
      if (typeof props.name !== 'string' || !/^[\w][\w .-]{0,62}$/.test(props.name)) {
        throw new Error(`'name' must be 1 to 63 letters, digits, blanks, '-', '_' and '.', got ${shown(props.name)}`);
      }
      this.name = props.name;
      this._data = data(props);
    } catch (error) {
      throw new Error(`PodMutation '${props.name}': ${(error as Error).message}`, { cause: error });
    }
  }
}

function data({ name, podsOf, labels = {}, dagIds, queues, merge, set, unset }: PodMutationProps): MutationData {
  for (const [prop, list] of Object.entries({ podsOf, dagIds, queues, unset })) {
    if (list?.length === 0) { throw new Error(`'${prop}' is empty; leave it out${prop === 'unset' ? '' : ' for any'}`); }
  }
  const stranger = podsOf?.find(maker => !POD_MAKERS.includes(maker));
  if (stranger !== undefined) { throw new Error(`'podsOf' must be of ${POD_MAKERS.map(maker => `'${maker}'`).join(', ')}, got '${stranger}'`); }
  if (queues && podsOf?.includes('KubernetesPodOperator')) {
    throw new Error("'queues' and podsOf 'KubernetesPodOperator' do not go together: a pod of that operator does not tell the queue of its task; select by 'labels' or 'dagIds'");
  }
  for (const [label, value] of Object.entries(labels)) {
    if (typeof value !== 'string') { throw new Error(`'labels.${label}' must be a string, got ${shown(value)}; put it in quotes`); }
    const prop = ({ dag_id: 'dagIds', kubernetes_executor: 'podsOf', kubernetes_pod_operator: 'podsOf' } as { [label: string]: string })[label];
    if (prop) { throw new Error(`'labels.${label}' is for Airflow to set; select by '${prop}'`); }
  }
  const makers = queues ? ['KubernetesExecutor' as const] : podsOf;
  const wanted = {
    ...Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, [value]])),
    // Airflow's own label of an id without a single Latin letter begins with '-'.
    ...(dagIds ? { dag_id: dagIds.map(safeLabelValue).flatMap((value, i) => /^[0-9a-f]{9}$/.test(value) && value !== dagIds[i] ? [value, `-${value}`] : [value]) } : {}),
  };
  return {
    name,
    ...(makers ? { podsOf: [...makers] } : {}),
    ...(Object.keys(wanted).length > 0 ? { labels: wanted } : {}),
    ...(queues ? { queues: [...queues] } : {}),
    ops: mutationOps({ merge, set, unset }, makers === undefined || makers.includes('KubernetesExecutor')),
  };
}
