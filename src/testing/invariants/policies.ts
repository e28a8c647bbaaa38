import { matches, selected } from './labels';
import { Manifests, namespaceOf, RenderedPod } from './manifests';

/** A port that somebody connects to. */
export interface Target {
  readonly port: number;
  readonly protocol: string;
}

/** What network policies say about connections. */
export class Policies {
  constructor(private readonly manifests: Manifests) {}

  /** True where the policies of both pods permit it. */
  public permit(from: RenderedPod, to: RenderedPod, target: Target): boolean {
    return this.side(from, 'Egress', 'egress', 'to', to, target) && this.side(to, 'Ingress', 'ingress', 'from', from, target);
  }

  /** True where a pod may open a port of something outside of the manifests. */
  public permitOutside(from: RenderedPod, target: Target): boolean {
    const policies = this.of(from, 'Egress');
    return policies.length === 0 || policies.some(policy => (policy.spec.egress ?? []).some((rule: any) => opens(rule, target, undefined)));
  }

  /** True where policies decide who may connect to the pod. */
  public guard(pod: RenderedPod): boolean {
    return this.of(pod, 'Ingress').length > 0;
  }

  /** True where any pod of some namespaces may open a port: it is there for others than Airflow, such as Prometheus. */
  public offersToNamespaces(pod: RenderedPod, target: Target): boolean {
    return this.of(pod, 'Ingress').some(policy => (policy.spec.ingress ?? []).some((rule: any) => opens(rule, target, pod)
      && (rule.from ?? []).some((peer: any) => peer.namespaceSelector !== undefined && peer.podSelector === undefined)));
  }

  private side(pod: RenderedPod, type: string, list: string, peers: string, other: RenderedPod, target: Target): boolean {
    const policies = this.of(pod, type);
    return policies.length === 0 || policies.some(policy => (policy.spec[list] ?? []).some((rule: any) => opens(rule, target, pod)
      && (rule[peers] === undefined || rule[peers].length === 0 || rule[peers].some((peer: any) => isPeer(peer, namespaceOf(policy), other)))));
  }

  private of(pod: RenderedPod, type: string): any[] {
    return this.manifests.all('NetworkPolicy').filter(({ spec, metadata }) => {
      const types = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])];
      return types.includes(type) && selected([pod], metadata.namespace ?? 'default', spec.podSelector).length > 0;
    });
  }
}

function opens({ ports }: any, { port, protocol }: Target, pod: RenderedPod | undefined): boolean {
  return ports === undefined || ports.length === 0 || ports.some((entry: any) => (entry.protocol ?? 'TCP') === protocol && (entry.port === undefined
    || (typeof entry.port === 'string' ? namedPort(pod, entry.port) === port : port >= entry.port && port <= (entry.endPort ?? entry.port))));
}

function namedPort(pod: RenderedPod | undefined, name: string): number | undefined {
  return pod?.spec.containers.flatMap((container: any) => container.ports ?? []).find((port: any) => port.name === name)?.containerPort;
}

/** Address ranges do not match pods on every network plug-in. */
function isPeer({ podSelector, namespaceSelector, ipBlock }: any, namespace: string, pod: RenderedPod): boolean {
  if (ipBlock) { return false; }
  const inNamespace = namespaceSelector ? matches(namespaceSelector, { 'kubernetes.io/metadata.name': pod.namespace }) : pod.namespace === namespace;
  return inNamespace && (podSelector === undefined || matches(podSelector, pod.metadata.labels));
}
