import { ApiObject, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { DeploymentIdentity } from '../../airflow/deployment-identity';
import { didYouMean } from '../../pod/closest';
import { parseQuantity } from '../../pod/quantity';
import { checkPropNames } from '../../private/known-props';
import { shown } from '../../private/prop-types';
import type { AirflowComponent } from '../airflow-component';
import { LimitRangeProps, PriorityClassProps, ResourceQuotaProps } from '../resource-policies-props';

/** The props that this file reads. */
export interface ResourcePolicies {
  readonly resourceQuota?: ResourceQuotaProps;
  readonly limitRanges?: LimitRangeProps[];
  readonly priorityClasses?: { [name: string]: PriorityClassProps };
}

/** Resources without a '/' in a quota. */
const KNOWN = [
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap(resource => [resource, `requests.${resource}`, `limits.${resource}`]), 'requests.storage',
  'pods', 'services', 'services.nodeports', 'services.loadbalancers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'replicationcontrollers', 'resourcequotas',
];

/** Emits the quota and limits of the namespace, and the priority classes. */
export function resourcePolicies(scope: Construct, identity: DeploymentIdentity, props: ResourcePolicies): void {
  const { name, namespace, labels } = identity;
  if (props.resourceQuota) {
    checkPropNames(props.resourceQuota, { hard: 'an object' }, 'resourceQuota', 'ResourceQuotaProps');
    const hard = quantities(props.resourceQuota.hard, 'resourceQuota.hard');
    if (!hard) { throw new Error("'resourceQuota.hard' is empty; name a resource, such as { 'requests.cpu': '8' }, or leave 'resourceQuota' out"); }
    const odd = Object.keys(hard).find(resource => !resource.includes('/') && !KNOWN.includes(resource) && !/^(requests\.)?hugepages-/.test(resource));
    if (odd) {
      throw new Error(`'resourceQuota.hard' has '${odd}', which is no resource that Kubernetes counts${didYouMean(odd, KNOWN)}; `
        + "others have a '/', such as 'count/jobs.batch' or 'requests.nvidia.com/gpu'");
    }
    new ApiObject(scope, 'ResourceQuota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: `${name}-quota`, namespace, labels }, spec: { hard } });
  }
  if (props.limitRanges?.length) {
    const limits = props.limitRanges.map((range, i) => limit(range, `limitRanges[${i}]`));
    const twice = limits.findIndex(({ type }, i) => limits.findIndex(other => other.type === type) !== i);
    if (twice >= 0) { throw new Error(`'limitRanges[${twice}]' is the second of type '${limits[twice].type}', and there may be one of each; join them`); }
    new ApiObject(scope, 'LimitRange', { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: `${name}-limits`, namespace, labels }, spec: { limits } });
  }
  for (const [key, { value, description, preemptionPolicy = 'PreemptLowerPriority' }] of Object.entries(props.priorityClasses ?? {})) {
    const path = `priorityClasses.${key}`;
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(key)) { throw new Error(`'${path}': a name must be lower-case letters, digits and '-', got '${key}'`); }
    if (`${name}-${key}`.length > 253) { throw new Error(`'${path}': the name '${name}-${key}' must be at most 253 characters; shorten it`); }
    if (!Number.isInteger(value) || value < -2147483648 || value > 1_000_000_000) {
      throw new Error(`'${path}.value' must be a whole number from -2147483648 to 1000000000, got ${shown(value)}`);
    }
    if (!['PreemptLowerPriority', 'Never'].includes(preemptionPolicy)) {
      throw new Error(`'${path}.preemptionPolicy' must be 'PreemptLowerPriority' or 'Never', got '${preemptionPolicy}'`);
    }
    const object = new ApiObject(scope, `PriorityClass-${key}`, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: `${name}-${key}`, labels },
      value,
      ...(description === undefined ? {} : { description }),
      preemptionPolicy,
    });
    // It is of the cluster.
    if (object.metadata.namespace !== undefined) { object.addJsonPatch(JsonPatch.remove('/metadata/namespace')); }
  }
}

function limit(range: LimitRangeProps, path: string): { [key: string]: any } {
  checkPropNames(range, { type: 'a text', defaultLimit: 'an object', defaultRequest: 'an object', max: 'an object', min: 'an object' }, path, 'LimitRangeProps');
  const { type = 'Container' } = range;
  if (!['Container', 'Pod', 'PersistentVolumeClaim'].includes(type)) {
    throw new Error(`'${path}.type' must be 'Container', 'Pod' or 'PersistentVolumeClaim', got '${type}'`);
  }
  if (type !== 'Container' && (range.defaultLimit ?? range.defaultRequest)) {
    throw new Error(`'${path}.defaultLimit' and '${path}.defaultRequest' are of containers, and its type is '${type}'; remove them`);
  }
  const wire = Object.entries({ default: 'defaultLimit', defaultRequest: 'defaultRequest', max: 'max', min: 'min' } as const)
    .map(([field, prop]) => [field, quantities(range[prop], `${path}.${prop}`)] as const).filter(([, value]) => value);
  if (wire.length === 0) { throw new Error(`'${path}' limits nothing; give it one of 'defaultLimit', 'defaultRequest', 'max' and 'min'`); }
  const order = ['min', 'defaultRequest', 'default', 'max'].flatMap(field => wire.filter(([name]) => name === field));
  order.forEach(([lower, least], i) => order.slice(i + 1).forEach(([upper, most]) => {
    const more = (resource: string) => most![resource] !== undefined && parseQuantity(least![resource])! > parseQuantity(most![resource])!;
    const wrong = Object.keys(least!).find(more);
    if (wrong) { throw new Error(`'${path}' has ${lower} ${wrong} ${least![wrong]}, which is more than its ${upper} ${most![wrong]}; lower it`); }
  }));
  if (type === 'PersistentVolumeClaim' && !range.min?.storage && !range.max?.storage) {
    throw new Error(`'${path}' is of claims, which have 'storage' alone; give it 'min' or 'max' of it`);
  }
  return { type, ...Object.fromEntries(wire) };
}

function quantities(given: { [resource: string]: any } | undefined, path: string): { [resource: string]: string } | undefined {
  for (const [resource, value] of Object.entries(given ?? {})) {
    if (!/^([a-z0-9][-a-z0-9.]*\/)?[a-zA-Z0-9][-\w.]*(\/[-a-z0-9.]+)?$/.test(resource)) {
      throw new Error(`'${path}' must have names of resources such as 'requests.cpu', got '${resource}'`);
    }
    if ((typeof value !== 'string' && typeof value !== 'number') || parseQuantity(value) === undefined) {
      throw new Error(`'${path}.${resource}' must be a quantity such as '500m', '2Gi' or 10, got ${shown(value)}`);
    }
    const amount = parseQuantity(value)!;
    if (amount < 0n || (amount % 1_000_000_000n !== 0n && /^(pods|services.*|secrets|configmaps|persistentvolumeclaims|count\/.*)$/.test(resource))) {
      throw new Error(`'${path}.${resource}' must be ${amount < 0n ? 'at least 0' : 'a whole number'}, got ${value}`);
    }
  }
  const entries = Object.entries(given ?? {}).map(([resource, value]) => [resource, String(value)]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** What the API server would refuse of the pods of a deployment because of its own policies. */
export function refusedByPolicies(components: AirflowComponent[], task: any, props: ResourcePolicies): string[] {
  if (!props.resourceQuota && !props.limitRanges && !props.priorityClasses) { return []; }
  const pods = [
    ...components.map(({ workload, _podSpec }) => ({ name: workload.name, spec: _podSpec })),
    ...(task ? [{ name: task.metadata.name, spec: task.spec }] : []),
  ];
  return [refusedByQuota, refusedByLimits, wrongPriority].flatMap(refused => refused(pods, props));
}

interface NamedPod {
  /** That of what makes it. */
  readonly name: string;
  readonly spec: any;
}

/** What a LimitRange has the API server refuse: containers that ask for more than its most, or for less than its least. */
function refusedByLimits(pods: NamedPod[], props: ResourcePolicies): string[] {
  const containers = pods.flatMap(({ name, spec }) => [...spec.initContainers ?? [], ...spec.containers]
    .map(({ name: container, resources = {} }: any) => ({ who: `'${container}' of '${name}'`, resources })));
  return (props.limitRanges ?? []).flatMap(({ type = 'Container', max = {}, min = {} }, i) => (type !== 'Container' ? [] : [
    ...Object.entries(max).flatMap(([resource, most]) => found(i, 'max', resource, most, containers.filter(({ resources: { limits, requests } }) =>
      above(limits?.[resource] ?? requests?.[resource], most) || above(requests?.[resource], most)).map(({ who }) => who))),
    ...Object.entries(min).flatMap(([resource, least]) => found(i, 'min', resource, least, containers.filter(({ resources: { limits, requests } }) =>
      above(least, requests?.[resource] ?? limits?.[resource])).map(({ who }) => who))),
  ]));
}

/** A class of `priorityClasses` by its key, which is not its name. */
function wrongPriority(pods: NamedPod[], props: ResourcePolicies): string[] {
  return pods.filter(({ spec }) => Object.hasOwn(props.priorityClasses ?? {}, spec.priorityClassName ?? ''))
    .map(({ name, spec: { priorityClassName: key } }) => `'priorityClassName' of '${name}' is '${key}', but the class that 'priorityClasses' makes has the name of the `
      + `deployment before it, '<name>-${key}'; write that`);
}

function above(amount: string | number | undefined, other: string | number | undefined): boolean {
  return amount !== undefined && other !== undefined && parseQuantity(amount)! > parseQuantity(other)!;
}

function found(index: number, bound: string, resource: string, value: string | number, who: string[]): string[] {
  return who.length === 0 ? [] : [`'limitRanges[${index}].${bound}' has ${resource} ${value}, so that the API server refuses pods: ${who.join(', ')} asks for `
    + `${bound === 'max' ? 'more' : 'less'}; change their 'resources' ('podOverride' for containers beside the component), or the limit`];
}

/**
 * The resources of a quota that a pod must name for each container, but does not: the API server refuses it.
 *
 * @returns a problem for each resource
 */
function refusedByQuota(pods: NamedPod[], props: ResourcePolicies): string[] {
  return Object.keys(props.resourceQuota?.hard ?? {}).flatMap(name => {
    const [, kind = 'requests', resource] = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(name) ?? [];
    if (resource === undefined) { return []; }
    // Kubernetes takes 'max' for the default limit, and for the default request the limit or 'min'.
    const filled = (props.limitRanges ?? []).some(({ type = 'Container', defaultLimit, max, defaultRequest, min }) => type === 'Container'
      && [defaultLimit, max, ...(kind === 'requests' ? [defaultRequest, min] : [])].some(given => given?.[resource] !== undefined));
    const without = filled ? [] : pods.filter(({ spec }) => [...spec.initContainers ?? [], ...spec.containers]
      .some(({ resources }) => resources?.[kind]?.[resource] === undefined && (kind === 'limits' || resources?.limits?.[resource] === undefined)));
    return without.length === 0 ? [] : [`'resourceQuota.hard' has '${name}', so that the API server refuses pods without ${kind}.${resource}: `
      + `${without.map(pod => `'${pod.name}'`).join(', ')}; set it in their 'resources', or give 'limitRanges' a default for containers`];
  });
}
