import { Store } from './store';
import { Manifest } from '../pod/manifest';
import { parseQuantity } from '../pod/quantity';

/** The kubelet cannot make the container from its spec, as things are: it tries again. */
export class ConfigError extends Error {}

/** Replaces `$(NAME)` as Kubernetes does: `$$` is a dollar, an unknown name stays as it is. */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (match, name?: string) => name === undefined ? '$' : variables.get(name) ?? match);
}

/** A container's variables: `envFrom` first, then `env`, which may use what was named before. */
export function environment(store: Store, pod: Manifest, container: any): Map<string, string> {
  const variables = new Map<string, string>([['HOSTNAME', pod.metadata.name!]]);
  for (const source of container.envFrom ?? []) {
    const [resource, ref] = source.secretRef ? ['secrets', source.secretRef] as const : ['configmaps', source.configMapRef] as const;
    for (const [key, value] of Object.entries(dataOf(store, pod, resource, ref.name, ref.optional) ?? {})) {
      variables.set(`${source.prefix ?? ''}${key}`, value.toString());
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom ? referenced(store, pod, container, valueFrom) : expand(value ?? '', variables);
    if (found !== undefined) { variables.set(name, found); }
  }
  return variables;
}

function referenced(store: Store, pod: Manifest, container: any, from: any): string | undefined {
  if (from.fieldRef) { return fieldValue(pod, from.fieldRef.fieldPath); }
  if (from.resourceFieldRef) { return resourceValue(pod, container, from.resourceFieldRef); }
  const [resource, kind, ref] = from.secretKeyRef ? ['secrets', 'Secret', from.secretKeyRef] as const : ['configmaps', 'ConfigMap', from.configMapKeyRef] as const;
  const value = dataOf(store, pod, resource, ref.name, ref.optional)?.[ref.key];
  if (value === undefined && !ref.optional) { throw new ConfigError(`couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace}/${ref.name}`); }
  return value?.toString();
}

/**
 * The content of a Secret or ConfigMap in the pod's namespace; undefined where it is missing and may be.
 *
 * @throws ConfigError where it is missing and may not be
 */
export function dataOf(store: Store, pod: Manifest, resource: 'secrets' | 'configmaps', name: string, optional?: boolean): { [key: string]: Buffer } | undefined {
  const object = store.find(resource, pod.metadata.namespace, name);
  if (!object) {
    if (optional) { return undefined; }
    throw new ConfigError(`${resource === 'secrets' ? 'secret' : 'configmap'} "${name}" not found`);
  }
  const decode = (data: any, encoding: BufferEncoding) => Object.entries<string>(data ?? {})
    .map(([key, text]) => [key, Buffer.from(text, encoding)] as const);
  return Object.fromEntries(resource === 'secrets'
    ? decode(object.data, 'base64')
    : [...decode(object.data, 'utf8'), ...decode(object.binaryData, 'base64')]);
}

/** What the downward API gives for a field of the pod. */
export function fieldValue(pod: Manifest, path: string): string {
  const entry = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (entry) { return pod.metadata[entry[1]]?.[entry[2]] ?? ''; }
  const lines = /^metadata\.(labels|annotations)$/.exec(path);
  if (lines) { return Object.entries(pod.metadata[lines[1]] ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort().join('\n'); }
  const value = path.split('.').reduce((object: any, key) => object?.[key], pod);
  return value === undefined ? '' : String(value);
}

/** What the downward API gives for a container's resource, rounded up to whole divisors. */
export function resourceValue(pod: Manifest, container: any, ref: any): string {
  const from = ref.containerName ? pod.spec.containers.find((other: any) => other.name === ref.containerName) : container;
  const [list, name] = String(ref.resource).split('.');
  const value = parseQuantity(from?.resources?.[list]?.[name] ?? 0) ?? 0n;
  const divisor = parseQuantity(ref.divisor ?? 1) || parseQuantity(1)!;
  return String((value + divisor - 1n) / divisor);
}
