import { parseQuantity } from './quantity';

/** Resource → amount in billionths. */
export interface Amounts { [resource: string]: bigint }

/**
 * What a pod takes of a node and of a ResourceQuota: its containers and sidecars together, or more where an init container, beside the sidecars that were
 * started before it, takes more.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podResources(spec: any, kind: 'requests' | 'limits'): Amounts {
  const of = (container: any): Amounts => Object.fromEntries(Object.entries<string | number>(container.resources?.[kind] ?? {})
    .map(([name, quantity]) => [name, parseQuantity(quantity) ?? 0n]));
  let sidecars: Amounts = {};
  let most: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const start = combined(sidecars, of(container), (a, b) => a + b);
    most = combined(most, start, larger);
    if (container.restartPolicy === 'Always') { sidecars = start; }
  }
  return combined(most, spec.containers.map(of).reduce((sum: Amounts, one: Amounts) => combined(sum, one, (a, b) => a + b), sidecars), larger);
}

function combined(first: Amounts, second: Amounts, how: (a: bigint, b: bigint) => bigint): Amounts {
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return Object.fromEntries(names.map(name => [name, how(first[name] ?? 0n, second[name] ?? 0n)]));
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
