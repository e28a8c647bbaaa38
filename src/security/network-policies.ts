import { assertRanges, isLoopback, overlap } from '../airflow/server-address';
import { didYouMean } from '../pod/closest';
import { toWire } from '../pod/schema';
import { Component, ComponentGraph, Flow, HostFlow, usesKubernetesApi, Wire } from '../private/component-graph';
import { selectorLabels } from '../private/identity';
import * as kplus from '../private/kplus';
import { shown } from '../private/prop-types';
import { metadata, Owner } from '../private/workload';

/** The Kubernetes API server, for pods that talk to it. */
export interface KubernetesApiPeer {
  /**
   * Address ranges that it is in.
   *
   * @default - any
   */
  readonly cidrs?: string[];

  /**
   * Its TCP ports: that of its Service, and that of the server behind it, because network plug-ins judge one or the other.
   *
   * @default [443, 6443]
   */
  readonly ports?: number[];
}

/** How pods of the deployment may be reached and what they may reach. */
export interface NetworkPoliciesProps {
  /**
   * False where the cluster's network is governed by other means.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Where the Kubernetes API server is.
   *
   * @default - port 443 or 6443 at any address
   */
  readonly kubernetesApi?: KubernetesApiPeer;

  /**
   * Whether the code of DAGs, in task pods and wherever else it runs (Celery workers, DAG processor, triggerer, scheduler under LocalExecutor), may open
   * connections of its own. With `deny` it reaches what its component declares, such as the API server and the store of logs, and what `extraEgress` adds.
   *
   * @default 'allow' - anything but instance metadata, components that do not expect it, and servers of the deployment by their `cidrs`
   */
  readonly taskEgress?: 'allow' | 'deny';

  /**
   * What components may reach beside what they declare: component → rules of a NetworkPolicy. Components are called as in the label
   * `app.kubernetes.io/component`: `scheduler`, `api-server`, `worker` …
   *
   * @default - nothing
   * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
   */
  readonly extraEgress?: { [component: string]: (kplus.k8s.NetworkPolicyEgressRule | { [key: string]: any })[] };

  /**
   * Who may reach components beside those that declare it, in the same way; `postgres` is the server of MetadataDatabase.developmentPostgres().
   *
   * @default - nobody
   */
  readonly extraIngress?: { [component: string]: (kplus.k8s.NetworkPolicyIngressRule | { [key: string]: any })[] };

  /**
   * From where what `exposure` opens is reached, such as the pods of the Ingress controller: `{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }`.
   *
   * @default - from anywhere
   * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
   */
  readonly exposedTo?: (kplus.k8s.NetworkPolicyPeer | { [key: string]: any })[];
}

const INSTANCE_METADATA_V4 = '169.254.169.254/32';
const INSTANCE_METADATA_V6 = 'fd00:ec2::254/128';
/** Where nodes offer identities of a cloud. */
const IDENTITIES = /^(169\.254\.|fd00:ec2:)/;

/**
 * One policy for each component: it is reached by those who declared a connection to it, and opens the connections that it declared.
 *
 * @param database the component of the metadata database, where that runs beside Airflow: it has a policy of its own
 */
export function networkPolicies(owner: Owner, graph: ComponentGraph, props: NetworkPoliciesProps, database?: string): { [component: string]: Wire } {
  const names = graph.components.map(({ name }) => name);
  assertComponents(names, props, 'extraEgress');
  assertComponents(database === undefined ? names : [...names, database], props, 'extraIngress');
  const { exposedTo, taskEgress } = props;
  if (exposedTo?.length === 0 || exposedTo?.some(peer => Object.keys(peer ?? {}).length === 0)) { throw new Error("'networkPolicies.exposedTo' must name who may come, or leave it out for anybody"); }
  if (exposedTo && !graph.components.some(({ exposed }) => exposed)) {
    throw new Error("'networkPolicies.exposedTo' says who reaches what 'exposure' opens, and there is none; give 'exposure', or write 'extraIngress'");
  }
  if (taskEgress !== undefined && taskEgress !== 'allow' && taskEgress !== 'deny') {
    throw new Error(`'networkPolicies.taskEgress' must be 'allow' or 'deny', got ${shown(taskEgress)}`);
  }
  const hosts = graph.components.flatMap(hostsOf);
  return Object.fromEntries(graph.components.map(component => [component.name, policy(owner, graph, component, props, owner.namespace, hosts)]));
}

/** The same for the pods of a component in other namespaces. */
export function networkPoliciesElsewhere(owner: Owner, graph: ComponentGraph, component: Component, props: NetworkPoliciesProps): Wire[] {
  const hosts = graph.components.flatMap(hostsOf);
  return (component.namespaces ?? []).map(namespace => policy(owner, graph, component, props, namespace, hosts));
}

/** `hosts` are the servers of all components. */
function policy(
  owner: Owner, graph: ComponentGraph, component: Component, props: NetworkPoliciesProps, namespace: string, hosts: HostFlow[],
): Wire {
  const path = (prop: string) => `networkPolicies.${prop}.${component.name}`;
  const moreIngress: Wire[] = toWire('[]NetworkPolicyIngressRule', props.extraIngress?.[component.name], path('extraIngress')) ?? [];
  const moreEgress: Wire[] = toWire('[]NetworkPolicyEgressRule', props.extraEgress?.[component.name], path('extraEgress')) ?? [];
  const reached = [...ingress(owner, graph, component, props), ...moreIngress];
  const reaches = egress(owner, component, props, hosts, namespace, moreEgress);
  const meta = metadata(owner, component.name);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...meta, namespace },
    spec: {
      podSelector: { matchLabels: selectorLabels(owner.name, component.name) },
      policyTypes: ['Ingress', 'Egress'],
      // The API server drops an empty list, and applying it again would be a change.
      ...(reached.length > 0 ? { ingress: reached } : {}),
      ...(reaches.length > 0 ? { egress: reaches } : {}),
    },
  };
}

function assertComponents(known: string[], props: NetworkPoliciesProps, prop: 'extraEgress' | 'extraIngress'): void {
  const unknown = Object.keys(props[prop] ?? {}).find(name => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`'networkPolicies.${prop}' names '${unknown}', which is no component of this deployment`
      + (didYouMean(unknown, known) || `; there are ${known.map(name => `'${name}'`).join(', ')}`));
  }
}

function ingress(owner: Owner, graph: ComponentGraph, component: Component, { exposedTo }: NetworkPoliciesProps): Wire[] {
  const exposed: Wire[] | undefined = component.exposed ? toWire('[]NetworkPolicyPeer', exposedTo, 'networkPolicies.exposedTo') : [];
  return (component.ports ?? []).map(({ port, protocol = 'TCP', from: outside = [] }) => {
    const ports = [{ protocol, port }];
    const callers = graph.callersOf(component.name).filter(caller => caller.port === port);
    const inside = callers.flatMap(({ from, namespaces }) => pods(owner, from, namespaces));
    return exposed ? { ports, from: [...inside, ...outside, ...exposed] } : { ports };
  }).filter(({ from }) => from === undefined || from.length > 0);
}

/** The connections of a component, and those that its identity takes. */
function flowsOf({ flows, settings }: Component): Flow[] {
  const all = [...flows, ...settings.identityFlows ?? []];
  all.forEach(flow => { if (flow.kind === 'host' && flow.cidrs) { assertRanges(flow.cidrs, `the 'cidrs' of host '${flow.host}'`); } });
  return all;
}

/** The servers that a component connects to. */
function hostsOf(component: Component): HostFlow[] {
  return flowsOf(component).filter(flow => flow.kind === 'host');
}

/** What is to be said where code of DAGs that may reach one server reaches another one, too, because it may be at the same addresses and has the same port. */
export function inseparableServers(graph: ComponentGraph): string[] {
  const known = graph.components.flatMap(hostsOf).filter(({ cidrs = [] }) => cidrs.some(cidr => !IDENTITIES.test(cidr)));
  return [...new Set(graph.components.filter(runsUserCode).map(hostsOf).flatMap(own => {
    const others = known.filter(({ host }) => own.every(mine => mine.host !== host));
    return others.flatMap(other => own.filter(mine => samePort(mine, other) && (!mine.cidrs || overlap(mine.cidrs, other.cidrs!))).map(mine => {
      const [one, two] = [mine.host, other.host].sort();
      return `network policies: '${one}' and '${two}' may be at the same addresses and have the same port, ${mine.port}, so that code of DAGs which may `
        + "reach one of them reaches both; give 'cidrs' that tell them apart";
    }));
  }))];
}

/** What is to be said where a server is in the pod itself: nobody has declared what the sidecar that stands for it connects to. */
export function closedSidecars(graph: ComponentGraph, { taskEgress, extraEgress }: NetworkPoliciesProps): string[] {
  const closed = graph.components.filter(component => !extraEgress?.[component.name] && (taskEgress === 'deny' || !runsUserCode(component)));
  const hosts = [...new Set(closed.flatMap(hostsOf).map(({ host }) => host).filter(isLoopback))];
  return hosts.map(host => {
    const names = closed.filter(component => hostsOf(component).some(flow => flow.host === host)).map(({ name }) => `'${name}'`);
    return `network policies: ${names.join(', ')} reach '${host}' in their own pod, and the sidecar that answers there has no way out; open it, such as `
      + `'networkPolicies.extraEgress: { ${names[0]}: [{ ports: [{ port: 443 }] }] }'`;
  });
}

/** What is to be said where code of DAGs that is closed in may still go anywhere at the ports of the Kubernetes API, or of what makes its pod an identity of a cloud. */
export function openPorts(graph: ComponentGraph, { taskEgress, kubernetesApi }: NetworkPoliciesProps): string[] {
  const asked = new Map<string, string[]>();
  const closed = taskEgress === 'deny' ? graph.components.filter(runsUserCode) : [];
  const api = kubernetesApi?.cidrs ? [] : closed.filter(usesKubernetesApi).map(({ name }) => `'${name}'`);
  for (const { name, settings } of closed) {
    for (const flow of settings.identityFlows ?? []) {
      if (flow.kind === 'host' && !flow.cidrs) { asked.set(flow.host, [...asked.get(flow.host) ?? [], `'${name}'`]); }
    }
  }
  return [
    ...[...asked].map(([host, names]) => `network policies: '${host}', which 'cloudIdentity' of ${names.join(', ')} asks, is known by its name only, so that `
      + "port 443 is open to any address; give its address ranges as 'cidrs' of the identity"),
    ...api.length === 0 ? [] : [`network policies: where the Kubernetes API is that ${api.join(', ')} may ask is not known, so that its ports are open to any address; `
      + "give its address ranges as 'networkPolicies.kubernetesApi.cidrs'"],
  ];
}

function runsUserCode({ flows }: Component): boolean {
  return flows.some(flow => flow.kind === 'anywhere');
}

function samePort(one: HostFlow, other: HostFlow): boolean {
  return one.port === other.port && (one.protocol ?? 'TCP') === (other.protocol ?? 'TCP');
}

/** The ranges of servers that are closed to a component which may go anywhere: all but those of its own connections, port by port. */
function closedTo(own: HostFlow[], all: HostFlow[]): string[] {
  const isOwn = (cidr: string, flow: HostFlow) => own.some(mine => samePort(mine, flow) && (mine.cidrs ?? []).includes(cidr));
  return [...new Set(all.flatMap(flow => (flow.cidrs ?? []).filter(cidr => !isOwn(cidr, flow))))];
}

function egress(
  owner: Owner, component: Component, props: NetworkPoliciesProps, hosts: HostFlow[], namespace: string, more: Wire[],
): Wire[] {
  const flows = flowsOf(component).filter(({ kind }) => kind !== 'anywhere' || props.taskEgress !== 'deny');
  const talks = flows.length > 0 || more.length > 0 || usesKubernetesApi(component);
  // OpenShift's DNS pods listen on 5353, and policies are judged there.
  const dns = talks ? [{ ports: ['UDP', 'TCP'].flatMap(protocol => [53, 5353].map(port => ({ protocol, port }))) }] : [];
  const { cidrs = undefined, ports = [443, 6443] } = props.kubernetesApi ?? {};
  if (cidrs) { assertRanges(cidrs, "'networkPolicies.kubernetesApi.cidrs'"); }
  if (!Array.isArray(ports) || ports.length === 0 || ports.some(port => !Number.isInteger(port) || port < 1 || port > 65535)) {
    throw new Error(`'networkPolicies.kubernetesApi.ports' must be a list of numbers from 1 to 65535, got ${shown(ports)}`);
  }
  const api = usesKubernetesApi(component)
    ? [{ ports: ports.map(port => ({ protocol: 'TCP', port })), ...(cidrs ? { to: blocks(cidrs) } : {}) }]
    : [];
  const closed = closedTo(hostsOf(component), hosts);
  return [...dns, ...api, ...unique(flows.map(flow => rule(owner, flow, closed, namespace))), ...more];
}

function rule(owner: Owner, flow: Flow, closed: string[], namespace: string): Wire {
  if (flow.kind === 'anywhere') { return { to: anywhere(closed) }; }
  const ports = [{ protocol: flow.protocol ?? 'TCP', port: flow.port }];
  if (flow.kind === 'component') { return { to: [namespace === owner.namespace ? podsHere(owner, flow.component) : podsIn(owner, flow.component, owner.namespace)], ports }; }
  if (flow.cidrs) { return { to: blocks(flow.cidrs), ports }; }
  // Instance metadata and identity agents answer on this port.
  return flow.port === 80 ? { to: anywhere(closed.filter(cidr => IDENTITIES.test(cidr))), ports } : { ports };
}

/** Any address but those of instance metadata and of what is closed. */
function anywhere(closed: string[]): Wire[] {
  // Kubernetes refuses an exception that leaves nothing.
  const exceptions = closed.filter(cidr => !cidr.endsWith('/0'));
  const except = (v6: boolean) => [...new Set([v6 ? INSTANCE_METADATA_V6 : INSTANCE_METADATA_V4, ...exceptions.filter(cidr => cidr.includes(':') === v6)])];
  return [
    { ipBlock: { cidr: '0.0.0.0/0', except: except(false) } },
    { ipBlock: { cidr: '::/0', except: except(true) } },
    // Address ranges do not match pods on every network plug-in.
    { namespaceSelector: {} },
  ];
}

/** The pods of a component: those of the deployment's namespace, and those of others. */
function pods(owner: Owner, component: string, namespaces: string[]): Wire[] {
  return [podsHere(owner, component), ...namespaces.map(namespace => podsIn(owner, component, namespace))];
}

function podsHere(owner: Owner, component: string): Wire {
  return { podSelector: { matchLabels: selectorLabels(owner.name, component) } };
}

function podsIn(owner: Owner, component: string, namespace: string): Wire {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, ...podsHere(owner, component) };
}

function blocks(cidrs: string[]): Wire[] {
  return cidrs.map(cidr => ({ ipBlock: { cidr } }));
}

function unique(rules: Wire[]): Wire[] {
  return [...new Map(rules.map(item => [JSON.stringify(item), item])).values()];
}
