import { LabelSelector, matches, selected } from './labels';
import { at, Manifests, nameOf, namespaceOf, RenderedPod } from './manifests';
import { Check, Finding } from './violation';

/** Kinds whose selector means the pods of one workload. */
const OF_ONE = ['Service', 'PodDisruptionBudget', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

/** A selector finds pods, and where it means one workload, those of no other; a scaler finds its workload. */
export const selectorsMatch: Check = manifests => [
  ...manifests.objects.flatMap(object => {
    const found = selectorOf(object);
    // An empty selector of a policy means the namespace.
    if (!found || (object.kind === 'NetworkPolicy' && Object.keys(found.selector).length === 0)) { return []; }
    return judge(nameOf(object), found.path, selected(manifests.pods, namespaceOf(object), found.selector), OF_ONE.includes(object.kind));
  }),
  ...manifests.pods.flatMap(pod => spreading(manifests, pod)),
  ...manifests.objects.flatMap(object => [...scaler(manifests, object), ...monitor(manifests, object)]),
];

function selectorOf({ kind, spec }: any): { path: string; selector: LabelSelector } | undefined {
  if (kind === 'Service') { return spec?.selector && { path: 'spec.selector', selector: { matchLabels: spec.selector } }; }
  if (kind === 'NetworkPolicy') { return { path: 'spec.podSelector', selector: spec.podSelector }; }
  if (OF_ONE.includes(kind)) { return spec?.selector && { path: 'spec.selector', selector: spec.selector }; }
  return undefined;
}

function judge(object: string, path: string, pods: RenderedPod[], ofOne: boolean): Finding[] {
  const workloads = [...new Set(pods.map(pod => nameOf(pod.object)))];
  if (workloads.length === 0) {
    return [{ object, path, reason: 'it selects no pod of the manifests', repair: 'select labels that a pod has, or remove the object' }];
  }
  if (ofOne && workloads.length > 1) {
    return [{ object, path, reason: `it selects the pods of ${workloads.join(' and ')}`, repair: 'add a label that only one of them has' }];
  }
  return [];
}

/** Pods keep away from their like, not from those of another deployment. */
function spreading({ pods }: Manifests, pod: RenderedPod): Finding[] {
  const { podAntiAffinity = {} } = pod.spec.affinity ?? {};
  const terms = [
    ...(podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term: any) => term.podAffinityTerm),
    ...podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? [],
  ].map((term: any) => ({ path: at(pod.path, 'spec.affinity.podAntiAffinity'), selector: term.labelSelector }));
  return terms.filter(({ selector }) => selector && matches(selector, pod.metadata.labels)).flatMap(({ path, selector }) =>
    judge(nameOf(pod.object), path, selected(pods, pod.namespace, selector), true));
}

function scaler(manifests: Manifests, object: any): Finding[] {
  if (object.kind !== 'HorizontalPodAutoscaler' && object.kind !== 'ScaledObject') { return []; }
  const { kind = 'Deployment', name } = object.spec.scaleTargetRef;
  const target = manifests.find(kind, namespaceOf(object), name);
  if (target && target.spec.replicas === undefined) { return []; }
  return [target ? {
    object: nameOf(target), path: 'spec.replicas', reason: `it sets the number of pods, which ${nameOf(object)} chooses`, repair: 'leave it out',
  } : {
    object: nameOf(object), path: 'spec.scaleTargetRef', reason: `${kind} '${name}' is not among the manifests`, repair: 'name a workload of the manifests',
  }];
}

/** What the Prometheus operator is told to scrape. */
function monitor({ objects, pods }: Manifests, object: any): Finding[] {
  if (object.kind !== 'ServiceMonitor' && object.kind !== 'PodMonitor') { return []; }
  const { namespaceSelector, selector } = object.spec;
  const namespaces = namespaceSelector?.matchNames ?? [namespaceOf(object)];
  const inScope = (namespace: string) => namespaceSelector?.any === true || namespaces.includes(namespace);
  const found = object.kind === 'PodMonitor'
    ? pods.some(pod => inScope(pod.namespace) && matches(selector, pod.metadata.labels))
    : objects.some(other => other.kind === 'Service' && inScope(namespaceOf(other)) && matches(selector, other.metadata.labels));
  return found ? [] : [{
    object: nameOf(object),
    path: 'spec.selector',
    reason: `it selects no ${object.kind === 'PodMonitor' ? 'pod' : 'Service'} of the manifests`,
    repair: 'select labels that one has, or remove the object',
  }];
}
