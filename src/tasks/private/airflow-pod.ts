import { checkConfig } from '../../airflow/config';
import { AirflowVersion } from '../../airflow/version';
import { refuseLiteral } from '../../pod/credentials';
import { assertMetadataMap } from '../../pod/metadata-maps';
import { brokenAt } from '../../pod/pod-rules';
import { problemsOf, throwProblems } from '../../pod/problems';
import { toWire } from '../../pod/schema';
import { PodSettings, Wire } from '../../private/component-graph';
import { shown } from '../../private/prop-types';
import { AirflowPodProps } from '../airflow-pod-props';

/** A user's settings of a pod as wire JSON. `prefix` stands before the name of a prop in messages: `scheduler.`. */
export function podSettings(props: AirflowPodProps, prefix: string): PodSettings {
  const own = Object.keys(props.labels ?? {}).filter(isOurs);
  if (own.length > 0) { throw new Error(`'${prefix}labels' must not set '${own[0]}': labels app.kubernetes.io/… say whose pod it is; use another key`); }
  const wire = (type: string, prop: keyof AirflowPodProps) => {
    const value = toWire(type, props[prop], `${prefix}${prop}`);
    throwProblems(value === undefined ? [] : brokenAt(type, value, [`${prefix}${prop}`]));
    return value;
  };
  for (const map of ['labels', 'nodeSelector', 'annotations', 'serviceAccountAnnotations'] as const) {
    assertMetadataMap(wire('{}string', map), `${prefix}${map}`, map === 'labels' || map === 'nodeSelector');
  }
  const grace = props.terminationGracePeriodSeconds;
  if (typeof grace === 'number' && grace < 0) { throw new Error(`'${prefix}terminationGracePeriodSeconds' must be at least 0, got ${grace}`); }
  const identity = props.cloudIdentity;
  if (identity !== undefined && !(identity?._flows)) {
    throw new Error(`'${prefix}cloudIdentity' must be a CloudIdentity, such as CloudIdentity.irsa('arn:…'), got ${shown(identity)}`);
  }
  for (const prop of ['priorityClassName', 'runtimeClassName', 'serviceAccountName'] as const) {
    const name = props[prop];
    if (typeof name === 'string' && (name.length > 253 || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name))) {
      throw new Error(`'${prefix}${prop}' must be a name of lower-case letters, digits, '-' and '.', got '${name}'`);
    }
  }
  const annotations = { ...identity?._accountAnnotations, ...wire('{}string', 'serviceAccountAnnotations') };
  const annotated = Object.keys(annotations).length > 0;
  if (props.serviceAccountName !== undefined && annotated) {
    const what = props.serviceAccountAnnotations ? "serviceAccountAnnotations' are" : "cloudIdentity' is";
    throw new Error(`'${prefix}${what} for an account that the deployment makes, and '${prefix}serviceAccountName' names `
      + `'${props.serviceAccountName}', which exists; annotate it there`);
  }
  return {
    source: prefix.replace(/\.$/, '') || 'props',
    labels: identity ? { ...identity._podLabels, ...wire('{}string', 'labels') } : wire('{}string', 'labels'),
    annotations: wire('{}string', 'annotations'),
    nodeSelector: wire('{}string', 'nodeSelector'),
    tolerations: wire('[]Toleration', 'tolerations'),
    affinity: wire('Affinity', 'affinity'),
    topologySpreadConstraints: wire('[]TopologySpreadConstraint', 'topologySpreadConstraints'),
    priorityClassName: wire('string', 'priorityClassName'),
    schedulerName: wire('string', 'schedulerName'),
    runtimeClassName: wire('string', 'runtimeClassName'),
    hostAliases: wire('[]HostAlias', 'hostAliases'),
    terminationGracePeriodSeconds: wire('int64', 'terminationGracePeriodSeconds'),
    serviceAccountName: wire('string', 'serviceAccountName'),
    serviceAccountAnnotations: annotated ? annotations : undefined,
    identityFlows: identity?._flows,
    envFrom: wire('[]EnvFromSource', 'envFrom'),
    lifecycle: wire('Lifecycle', 'lifecycle'),
    volumes: wire('[]Volume', 'volumes'),
    volumeMounts: wire('[]VolumeMount', 'volumeMounts'),
    containers: wire('[]Container', 'containers'),
    initContainers: wire('[]Container', 'initContainers'),
    override: override(props.podOverride, prefix),
    unset: wire('[]string', 'unset'),
  };
}

/** Resources of a container, as wire JSON that Kubernetes takes. */
export function containerResources(resources: AirflowPodProps['resources'], path: string): Wire | undefined {
  const wire: Wire | undefined = toWire('ResourceRequirements', resources, path);
  throwProblems(wire === undefined ? [] : brokenAt('ResourceRequirements', wire, [path]));
  return wire;
}

function override(pod: AirflowPodProps['podOverride'], prefix: string): Wire | undefined {
  const wire = toWire('Pod', pod, `${prefix}podOverride`, { partial: true });
  const own = Object.keys(wire?.metadata?.labels ?? {}).find(isOurs);
  assertMetadataMap(wire?.metadata?.labels, `${prefix}podOverride.metadata.labels`);
  if (own) { throw new Error(`'${prefix}podOverride' must not set the label '${own}', by which the pods are found; use another key`); }
  return wire;
}

function isOurs(label: string): boolean {
  return label.startsWith('app.kubernetes.io/');
}

/** The user's variables, beside the container's own; they are checked like airflow.cfg where they stand for an entry of it. */
export function userEnv(version: AirflowVersion, own: Wire[], user: AirflowPodProps['env'], path: string): Wire[] {
  const added: Wire[] = toWire('[]EnvVar', user ?? [], path);
  added.forEach(({ name, value }, i) => {
    if (own.some(variable => variable.name === name)) {
      throw new Error(`'${path}[${i}]' sets '${name}', which the deployment sets itself; remove it`);
    }
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) {
      throw new Error(`'${path}[${i}].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got '${name}'`);
    }
    if (name === '_PIP_ADDITIONAL_REQUIREMENTS') {
      throw new Error(`'${path}[${i}]' sets '${name}', which installs packages at each start of a container: slow, different from pod to pod, and impossible `
        + 'on a read-only root; put them into an image of your own');
    }
    if (added.findIndex(variable => variable.name === name) !== i) { throw new Error(`'${path}' sets '${name}' twice; remove one`); }
    if (value !== undefined) { checkOption(version, name, value, `${path}[${i}]`); }
    refuseLiteral(name, value, `${path}[${i}]`);
  });
  return added;
}

/** A variable has no types, so that its text may stand for any value that reads like it. */
function checkOption(version: AirflowVersion, name: string, text: string, path: string): void {
  const option = /^AIRFLOW__([A-Z0-9_]+?)__([A-Z0-9_]+)$/.exec(name);
  // A command or the name of a secret is no value.
  if (!option || /_CMD$/.test(name)) { return; }
  const check = (value: unknown) => checkConfig(version, { [option[1].toLowerCase()]: { [option[2].toLowerCase()]: value } }, path);
  const typed = /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  try {
    check(typed);
  } catch (error) {
    if (typed === text || problemsOf(() => check(text)).length > 0) { throw error; }
  }
}
