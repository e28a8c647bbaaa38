import { TaskParameters } from './task-parameters';
import { TaskPodOptions } from './task-pod-options';

/** The parameters that a task may be mapped over, as KubernetesPodOperator's own names in camelCase: each is one argument of the operator. */
export const MAPPED_PARAMETERS = [
  'image', 'name', 'cmds', 'arguments', 'envVars', 'envFrom', 'labels', 'annotations', 'nodeSelector', 'containerResources', 'volumes', 'volumeMounts',
  'initContainers', 'affinity', 'tolerations', 'hostname', 'serviceAccountName', 'imagePullPolicy',
] as const;
export type MappedParameter = typeof MAPPED_PARAMETERS[number];

/** Those of them that a list in an XCom may hold, and what each item is then: what the operator takes as plain JSON. */
export const XCOM_PARAMETERS: { readonly [parameter in MappedParameter]?: 'text' | 'texts' | 'map' } = {
  image: 'text', name: 'text', hostname: 'text', cmds: 'texts', arguments: 'texts', envVars: 'map', labels: 'map', annotations: 'map', nodeSelector: 'map',
};

/** One list that a task is mapped over. */
export interface ExpansionFactor {
  /** What an item is; absent where it is an object of several parameters. */
  readonly parameter?: MappedParameter;
  /** The items, each as the parameters that it stands for. */
  readonly items?: readonly TaskParameters[];
  /** The task whose XCom is the list, in place of `items`. */
  readonly xcom?: string;
}

/** A mapped task: a pod for each combination of the items of its factors, of which the last one varies fastest. */
export interface Expansion {
  readonly factors: readonly ExpansionFactor[];
  /** What the pods have in common. */
  readonly pod: TaskPodOptions;
}

/** The key of {@link TaskParameters} that a parameter of the operator is. */
export function parameterKey(parameter: MappedParameter): keyof TaskParameters {
  return parameter === 'envVars' ? 'env' : parameter;
}

/** What the pod with these items is made of. */
export function withItems({ pod }: Expansion, items: readonly TaskParameters[]): TaskPodOptions {
  return { ...pod, parameters: Object.assign({}, pod.parameters, ...items) };
}

/**
 * What the pod of the manifest is made of: the first items, as far as they are known, but for its name. An image that only a run knows is Jinja.
 */
export function standingPod(expansion: Expansion): TaskPodOptions {
  const items = expansion.factors.map(({ parameter, items: known, xcom }): TaskParameters => {
    if (known) {
      const { name: _, ...first } = known[0] ?? {};
      return first;
    }
    const { layers, parameters } = expansion.pod;
    const image = parameter === 'image' ? '' : parameter === undefined && layers.length === 0 && !parameters.image ? "['image']" : undefined;
    return image === undefined ? {} : { image: `{{ ti.xcom_pull(task_ids='${xcom}')[ti.map_index]${image} }}` };
  });
  return withItems(expansion, items);
}

/** Airflow's `[core] max_map_length`: how long a list that a task pushes for others to be mapped over may be. */
export const MAX_MAP_LENGTH = 1024;

/** How many pods a task is mapped into at most; Airflow has no limit, and memory has one. */
const MAX_PODS = 100_000;

/** What is wrong with the number of pods that lists of these lengths make together; undefined where nothing is. */
export function tooManyIndexes(lengths: readonly number[]): string | undefined {
  const pods = lengths.reduce((product, length) => product * length, 1);
  return pods <= MAX_PODS ? undefined : `is mapped into ${lengths.length > 1 ? `${lengths.join(' × ')} = ` : ''}${pods} pods, and at most ${MAX_PODS} are made; `
    + 'let one pod work on several of the items';
}

/** The place of a map index in each of the factors. */
export function placesOf(mapIndex: number, lengths: readonly number[]): number[] {
  const places: number[] = [];
  let rest = mapIndex;
  for (const length of [...lengths].reverse()) {
    places.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return places;
}
