import { parseQuantity } from './quantity';

/**
 * The class by which Kubernetes orders pods when a node runs out of memory: `BestEffort` ones end first, `Guaranteed` ones last.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClass(spec: any): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const all: any[] = [...spec.initContainers ?? [], ...spec.containers];
  const amount = (container: any, kind: 'limits' | 'requests', name: string) => {
    const quantity = container.resources?.[kind]?.[name];
    return quantity === undefined ? undefined : parseQuantity(quantity) ?? 0n;
  };
  const guaranteed = (container: any, name: string) => {
    const limit = amount(container, 'limits', name);
    // A limit alone is also the request.
    return limit !== undefined && limit !== 0n && (amount(container, 'requests', name) ?? limit) === limit;
  };
  const asked = (container: any) => ['cpu', 'memory'].some(name => (amount(container, 'limits', name) ?? 0n) !== 0n || (amount(container, 'requests', name) ?? 0n) !== 0n);
  if (!all.some(asked)) { return 'BestEffort'; }
  return all.every(container => guaranteed(container, 'cpu') && guaranteed(container, 'memory')) ? 'Guaranteed' : 'Burstable';
}
