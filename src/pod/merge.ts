import { isDeepStrictEqual } from 'node:util';
import { filled } from './filled';
import { itemKey } from './pod-path';

/** A pod, or a part of one, in wire JSON, and where it comes from. */
export interface PodLayer {
  /** Names the layer in messages, such as `'fullPodSpec'`. */
  readonly source: string;
  readonly pod: any;
  /** True for a layer that may replace a volume or mount of a lower one. */
  readonly replaces?: boolean;
}

/**
 * The pod that layers make together; the last one wins.
 *
 * As in KubernetesPodOperator, labels and annotations merge key by key, environment, mounts and the like add up, any other field is replaced whole, and
 * what is empty counts as not given. Unlike there, containers, volumes, variables, mounts and ports are matched by their name or path, and `false` and
 * `0` are values.
 *
 * @throws Error for two volumes of one name, or two volumes at one path, which no pod can have; it names both layers. Error for one name twice in a layer.
 */
export function mergePods(layers: readonly PodLayer[]): any {
  // Who brought a volume or a mount, for messages.
  const origins = new Map<string, string>();
  return layers.reduce((lower, layer) => new Merge(layer, origins).pod(lower, layer.pod), {});
}

/** A container with the fields of another one of its name; the other one wins. */
export function mergeContainer(lower: any, upper: any, source: string): any {
  return new Merge({ source, pod: {}, replaces: true }, new Map()).container(lower, upper);
}

class Merge {
  constructor(private readonly layer: PodLayer, private readonly origins: Map<string, string>) {}

  public pod(lower: any, upper: any): any {
    return filled({
      ...lower,
      ...filled(upper),
      metadata: this.metadata(lower.metadata ?? {}, upper.metadata ?? {}),
      spec: this.spec(lower.spec ?? {}, upper.spec ?? {}),
    });
  }

  private metadata(lower: any, upper: any): any {
    return filled({
      ...lower,
      ...filled(upper),
      labels: { ...lower.labels, ...upper.labels },
      annotations: { ...lower.annotations, ...upper.annotations },
    });
  }

  private spec(lower: any, upper: any): any {
    const containers = (field: string) => this.inPlace(field, lower, upper, (theirs, ours) => this.container(theirs ?? {}, ours));
    return filled({
      ...lower,
      ...filled(upper),
      initContainers: containers('initContainers'),
      containers: containers('containers'),
      volumes: this.inPlace('volumes', lower, upper, (theirs, ours) => this.claim(`volume '${ours.name}'`, theirs, ours, isDeepStrictEqual(theirs, ours))),
    });
  }

  public container(lower: any, upper: any): any {
    return filled({
      ...lower,
      ...filled(upper),
      env: this.addUp('env', lower, upper),
      // Nothing names a source, and the last one wins in Kubernetes.
      envFrom: [...lower.envFrom ?? [], ...upper.envFrom ?? []],
      ports: this.addUp('ports', lower, upper),
      volumeDevices: this.addUp('volumeDevices', lower, upper),
      volumeMounts: this.inPlace('volumeMounts', lower, upper, (theirs, ours) =>
        this.claim(`mount '${ours.mountPath}' of container '${upper.name}'`, theirs, ours, theirs?.name === ours.name)),
    });
  }

  /** The upper volume or mount; an error where it is another thing than the lower one and may not replace it. */
  private claim(what: string, lower: any, upper: any, same: boolean): any {
    const { source, replaces } = this.layer;
    if (lower !== undefined && !same && !replaces) {
      throw new Error(`${what} is ${JSON.stringify(lower)} in ${this.origins.get(what)} and ${JSON.stringify(upper)} in ${source}; ` +
        "rename one of them, or write the one that counts into 'podOverride'");
    }
    this.origins.set(what, source);
    return upper;
  }

  /** The items of both lists: those of the lower one at their places, merged with their counterparts, then the new ones. */
  private inPlace(field: string, lowerOwner: any, upperOwner: any, merge: (lower: any, upper: any) => any): any[] {
    const merged: any[] = [...lowerOwner[field] ?? []];
    const upper = new Map<string, any>();
    for (const item of upperOwner[field] ?? []) {
      const key = itemKey(field, item);
      if (upper.has(key)) { throw new Error(`'${field}' holds '${key}' twice in ${this.layer.source}; rename or remove one`); }
      upper.set(key, item);
    }
    for (const [key, item] of upper) {
      const place = merged.findIndex(other => itemKey(field, other) === key);
      merged[place < 0 ? merged.length : place] = merge(place < 0 ? undefined : merged[place], item);
    }
    return merged;
  }

  /** The items of both lists; of those with one key the last one, which counts in Kubernetes. */
  private addUp(field: string, lower: any, upper: any): any[] {
    const own: any[] = upper[field] ?? [];
    const other = field === 'ports' ? own.find((item, i) => own.slice(0, i).some(before => itemKey(field, before) === itemKey(field, item) && !isDeepStrictEqual(before, item))) : undefined;
    if (other !== undefined) { throw new Error(`'${field}' holds '${itemKey(field, other)}' twice in ${this.layer.source}; rename or remove one`); }
    return lastOfEach([...lower[field] ?? [], ...upper[field] ?? []], item => itemKey(field, item));
  }
}

function lastOfEach(items: any[], keyOf: (item: any) => string): any[] {
  const keys = items.map(keyOf);
  return items.filter((_, i) => keys.lastIndexOf(keys[i]) === i);
}
