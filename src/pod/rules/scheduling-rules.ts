import { hasJinja } from '../jinja';
import { ipAddress, named, needed, numberIn, repeated, Rules, shown } from './words';

const NEEDS_VALUES = ['In', 'NotIn'];
const NEEDS_NUMBER = ['Gt', 'Lt'];
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

export const SCHEDULING_RULES: Rules = {
  PodSpec: spec => [
    ...['serviceAccountName', 'priorityClassName', 'runtimeClassName'].flatMap(field => named(field, spec[field] || undefined, 'name')),
    ...['hostname', 'subdomain'].flatMap(field => named(field, spec[field] || undefined, 'label')),
    ...numberIn('activeDeadlineSeconds', spec.activeDeadlineSeconds, 1, 2 ** 31 - 1),
    ...numberIn('terminationGracePeriodSeconds', spec.terminationGracePeriodSeconds, 0),
    ...(spec.dnsPolicy === 'None' && (spec.dnsConfig?.nameservers ?? []).length === 0 ? ["'dnsPolicy' of 'None' needs 'dnsConfig' with 'nameservers', got none"] : []),
    ...(spec.hostUsers === false ? ['hostNetwork', 'hostPID', 'hostIPC'].filter(field => spec[field])
      .map(field => `'hostUsers: false' and '${field}' exclude each other; remove one`) : []),
    ...(spec.shareProcessNamespace && spec.hostPID ? ["'shareProcessNamespace' and 'hostPID' exclude each other; remove one"] : []),
    ...(spec.nodeName && (spec.schedulingGates ?? []).length > 0 ? ["'nodeName' and 'schedulingGates' exclude each other; remove one"] : []),
    ...repeated((spec.topologySpreadConstraints ?? []).map((c: any) => `${c.topologyKey}, ${c.whenUnsatisfiable}`))
      .map(pair => `'topologySpreadConstraints' has two for ${pair}; remove one`),
    ...repeated((spec.securityContext?.sysctls ?? []).map(({ name }: any) => name)).map(name => `'securityContext.sysctls' sets '${name}' twice; remove one`),
    ...repeatedHostPorts(spec).map(port => `'containers' take port ${port} of the node twice; give one of them another 'hostPort'`),
    ...(spec.hostNetwork ? (spec.securityContext?.sysctls ?? []).filter(({ name }: any) => name.startsWith('net.'))
      .map(({ name }: any) => `'securityContext.sysctls' must not set '${name}' in the network of the node; remove it, or 'hostNetwork'`) : []),
    ...(spec.initContainers ?? []).filter((c: any) => c.restartPolicy !== 'Always')
      .flatMap((c: any) => ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'].filter(field => c[field] !== undefined)
        .map(field => `'initContainers[${c.name}].${field}' is for one with restartPolicy 'Always', a sidecar, got none; remove it`)),
  ],
  LocalObjectReference: reference => needed('name', reference.name),
  Toleration: ({ key = '', operator = 'Equal', value = '', effect, tolerationSeconds }) => [
    ...(operator === 'Exists' && value !== '' ? [`'value' must be left out with operator 'Exists', got ${shown(value)}; write operator 'Equal' for that value alone`] : []),
    ...(operator === 'Equal' && key === '' ? [`needs 'key', or operator 'Exists' for every taint, got ${shown({ operator, value })}`] : []),
    ...(tolerationSeconds !== undefined && effect !== 'NoExecute' ? [`'tolerationSeconds' belongs to effect 'NoExecute', got ${shown(effect)}; remove one`] : []),
  ],
  NodeSelector: ({ nodeSelectorTerms }) => nodeSelectorTerms.length === 0 ? ["'nodeSelectorTerms' must have at least one term, got none"] : [],
  NodeSelectorRequirement: requirement => requirementProblems(requirement),
  LabelSelectorRequirement: requirement => requirementProblems(requirement),
  PreferredSchedulingTerm: term => numberIn('weight', term.weight, 1, 100),
  WeightedPodAffinityTerm: term => numberIn('weight', term.weight, 1, 100),
  PodAffinityTerm: term => term.topologyKey === '' ? ["'topologyKey' must be a label of nodes such as 'kubernetes.io/hostname', got ''"] : [],
  TopologySpreadConstraint: constraint => [
    ...numberIn('maxSkew', constraint.maxSkew, 1),
    ...numberIn('minDomains', constraint.minDomains, 1),
    ...(constraint.minDomains !== undefined && constraint.whenUnsatisfiable !== 'DoNotSchedule'
      ? [`'minDomains' belongs to whenUnsatisfiable 'DoNotSchedule', got ${shown(constraint.whenUnsatisfiable)}; remove one`] : []),
    ...(constraint.topologyKey === '' ? ["'topologyKey' must be a label of nodes such as 'topology.kubernetes.io/zone', got ''"] : []),
  ],
  Sysctl: ({ name }) => SYSCTL.test(name) || hasJinja(name) ? [] : [`'name' must be a parameter of the kernel such as 'net.core.somaxconn', got ${shown(name)}`],
  HostAlias: alias => [...ipAddress('ip', alias.ip), ...(alias.hostnames ?? []).flatMap((name: any) => named('hostnames', name, 'name'))],
  PodDNSConfig: ({ nameservers = [], searches = [] }) => [
    ...nameservers.flatMap((address: any) => ipAddress('nameservers', address)),
    ...(nameservers.length > 3 ? [`'nameservers' must be at most 3, got ${nameservers.length}`] : []),
    ...(searches.length > 32 ? [`'searches' must be at most 32, got ${searches.length}`] : []),
  ],
};

function repeatedHostPorts(spec: any): string[] {
  const taken = spec.containers.flatMap((c: any) => c.ports ?? [])
    .map((port: any) => ({ ...port, hostPort: port.hostPort ?? (spec.hostNetwork ? port.containerPort : undefined) }))
    .filter((port: any) => port.hostPort !== undefined)
    .map(({ hostPort, protocol = 'TCP', hostIP = '' }: any) => `${hostPort}/${protocol}${hostIP && ` at ${hostIP}`}`);
  return repeated(taken);
}

function requirementProblems({ operator, values = [] }: any): string[] {
  const got = `got ${shown(values)}`;
  if (NEEDS_VALUES.includes(operator)) { return values.length > 0 ? [] : [`'values' must not be empty with operator '${operator}', ${got}`]; }
  if (NEEDS_NUMBER.includes(operator)) {
    return values.length === 1 && /^-?\d+$/.test(values[0]) ? [] : [`'values' must be one whole number as text with operator '${operator}', ${got}`];
  }
  return values.length === 0 ? [] : [`'values' must be left out with operator '${operator}', ${got}; operator 'In' compares values`];
}
