import { Manifest } from '../pod/manifest';
import { operatorHolds } from '../pod/placement';
import { podResources } from '../pod/pod-resources';
import { parseQuantity } from '../pod/quantity';

/** The one node of the embedded cluster. */
export interface ClusterNode {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly capacity: { readonly cpu: string; readonly memory: string };
}

/** Why the pod fits on no node, in the scheduler's words; undefined where it fits beside the running ones. */
export function unschedulable(pod: Manifest, node: ClusterNode, running: Manifest[]): string | undefined {
  if (!matches(pod, node.labels)) { return explain("node(s) didn't match Pod's node affinity/selector", false); }
  const wanted = podResources(pod.spec, 'requests');
  for (const name of ['cpu', 'memory'] as const) {
    const capacity = parseQuantity(node.capacity[name])!;
    const used = running.reduce((sum, other) => sum + (podResources(other.spec, 'requests')[name] ?? 0n), 0n);
    const want = wanted[name] ?? 0n;
    if (want > 0n && want + used > capacity) { return explain(`Insufficient ${name}`, want <= capacity); }
  }
  return undefined;
}

function explain(why: string, preemptible: boolean): string {
  const preemption = preemptible ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling';
  return `0/1 nodes are available: 1 ${why}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${preemption}.`;
}

function matches(pod: Manifest, labels: ClusterNode['labels']): boolean {
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  const terms: any[] | undefined = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const holds = ({ key, operator, values = [] }: any) => operatorHolds(operator, values, labels[key]) ?? false;
  const term = ({ matchExpressions = [] }: any) => matchExpressions.every(holds);
  return selector.every(([key, value]) => labels[key] === value) && (terms === undefined || terms.some(term));
}
