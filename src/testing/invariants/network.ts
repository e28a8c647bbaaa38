import { behind, Flow, flowsOf } from './flows';
import { Manifests, nameOf, namespaceOf, RenderedPod } from './manifests';
import { Policies } from './policies';
import { Check, Finding } from './violation';

/** Policies permit what Airflow needs, and between pods of the manifests nothing else to a pod that they guard. */
export const networkFlows: Check = manifests => {
  if (manifests.all('NetworkPolicy').length === 0) { return []; }
  const policies = new Policies(manifests);
  const flows = flowsOf(manifests);
  return [...closed(policies, flows), ...open(manifests, policies, flows)];
};

function closed(policies: Policies, flows: Flow[]): Finding[] {
  return flows.filter(flow => !(flow.to ? policies.permit(flow.from, flow.to, flow) : policies.permitOutside(flow.from, flow)
    // Of the two ports of the Kubernetes API one is enough.
    || (flow.what === 'the Kubernetes API' && [443, 6443].some(port => policies.permitOutside(flow.from, { ...flow, port })))))
    .map(({ from, to, port, protocol, what }) => ({
      object: nameOf(from.object),
      path: from.path,
      reason: `it needs ${what} at ${to ? `${nameOf(to.object)}, ` : ''}port ${port}/${protocol}, which the network policies do not permit`,
      repair: 'permit it by egress of the one and ingress of the other',
    }));
}

function open(manifests: Manifests, policies: Policies, flows: Flow[]): Finding[] {
  const exposed = new Set(exposedPorts(manifests).map(({ pod, port }) => id(pod, port)));
  const needed = new Set(flows.flatMap(flow => (flow.to ? [`${nameOf(flow.from.object)}→${id(flow.to, flow.port)}`] : [])));
  const hidden = (to: RenderedPod) => portsOf(to).filter(target => !exposed.has(id(to, target.port)) && !policies.offersToNamespaces(to, target));
  return manifests.pods.filter(to => policies.guard(to)).flatMap(to => hidden(to).flatMap(target =>
    manifests.pods.filter(from => from.object !== to.object && !needed.has(`${nameOf(from.object)}→${id(to, target.port)}`) && policies.permit(from, to, target))
      .map((from): Finding => ({
        object: nameOf(to.object),
        path: to.path,
        reason: `${nameOf(from.object)} may open its port ${target.port}/${target.protocol}, which it does not need`,
        repair: 'name the pods that need it in the ingress rule of its network policy',
      }))));
}

/** Ports that are there for others: of a Service to the outside, or behind a route. */
function exposedPorts(manifests: Manifests): { pod: RenderedPod; port: number }[] {
  const named = (namespace: string, name: string, port: number | string) => {
    const service = manifests.find('Service', namespace, name);
    return service ? behind(manifests, service, port) : [];
  };
  return manifests.objects.flatMap(object => {
    const namespace = namespaceOf(object);
    switch (object.kind) {
      case 'Service': return object.spec.type === 'LoadBalancer' || object.spec.type === 'NodePort'
        ? object.spec.ports.flatMap(({ port }: any) => behind(manifests, object, port)) : [];
      case 'Ingress': return (object.spec.rules ?? []).flatMap((rule: any) => rule.http?.paths ?? [])
        .flatMap(({ backend: { service } }: any) => named(namespace, service.name, service.port.number ?? service.port.name));
      case 'HTTPRoute': return (object.spec.rules ?? []).flatMap((rule: any) => rule.backendRefs ?? []).flatMap(({ name, port }: any) => named(namespace, name, port));
      case 'Route': return named(namespace, object.spec.to.name, object.spec.port.targetPort);
      default: return [];
    }
  });
}

function portsOf(pod: RenderedPod): { port: number; protocol: string }[] {
  return pod.spec.containers.flatMap((container: any) => (container.ports ?? []).map(({ containerPort, protocol = 'TCP' }: any) => ({ port: containerPort, protocol })));
}

function id(pod: RenderedPod, port: number): string {
  return `${nameOf(pod.object)}:${port}`;
}
