import { Component, KedaScaler, usesKubernetesApi, Wire } from './component-graph';
import { specHash } from './hash';
import { objectLabels, selectorLabels } from './identity';
import { KUBERNETES_TOKEN, podSecurityContext } from './pod-parts';
import { withSettings } from './pod-settings';
import { checkPod } from '../pod/check-pod';

/** Whose objects these are. */
export interface Owner {
  /** The deployment's name, with which every object's name begins. */
  readonly name: string;
  readonly namespace: string;
  /** Airflow's version, for the label. */
  readonly version: string;
}

/** Metadata of an object of a component. */
export function metadata(owner: Owner, component: string, name = `${owner.name}-${component}`): Wire {
  return { name, namespace: owner.namespace, labels: objectLabels(owner.name, component, owner.version) };
}

/** The pod of a component: metadata and spec. `annotations` are those that were computed, such as the hash of its configuration. */
export function podTemplate(owner: Owner, component: Component, annotations: { [key: string]: string }): Wire {
  const { settings } = component;
  const spread = component.workload === 'Deployment' || component.workload === 'StatefulSet';
  const [main, ...sidecars] = component.containers;
  const needsToken = usesKubernetesApi(component);
  const first = needsToken ? { ...main, volumeMounts: [...(main.volumeMounts ?? []), ...KUBERNETES_TOKEN.volumeMounts!] } : main;
  const allAnnotations = { ...annotations, ...settings.annotations };
  const grace = settings.terminationGracePeriodSeconds ?? component.terminationGracePeriodSeconds;
  const { schedulerName, runtimeClassName, hostAliases, topologySpreadConstraints } = settings;
  const counted = (constraint: Wire) => ({ labelSelector: { matchLabels: selectorLabels(owner.name, component.name) }, ...constraint });
  const pod = withSettings({
    metadata: {
      labels: { ...settings.labels, ...objectLabels(owner.name, component.name, owner.version) },
      ...(Object.keys(allAnnotations).length > 0 ? { annotations: allAnnotations } : {}),
    },
    spec: {
      serviceAccountName: settings.serviceAccountName ?? `${owner.name}-${component.name}`,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(component.workload === 'Job' ? { restartPolicy: 'OnFailure' } : {}),
      ...(component.workload === 'Pod' || component.workload === 'CronJob' ? { restartPolicy: 'Never' } : {}),
      ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
      ...(settings.priorityClassName === undefined ? {} : { priorityClassName: settings.priorityClassName }),
      ...(settings.nodeSelector ? { nodeSelector: settings.nodeSelector } : {}),
      ...(settings.tolerations ? { tolerations: settings.tolerations } : {}),
      ...(settings.affinity || spread ? { affinity: settings.affinity ?? preferOtherNodes(owner, component) } : {}),
      ...(topologySpreadConstraints ? { topologySpreadConstraints: topologySpreadConstraints.map(counted) } : {}),
      ...(schedulerName === undefined ? {} : { schedulerName }),
      ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
      ...(hostAliases ? { hostAliases } : {}),
      securityContext: podSecurityContext(),
      ...(component.pullSecrets.length > 0 ? { imagePullSecrets: component.pullSecrets.map(name => ({ name })) } : {}),
      ...(component.initContainers?.length ? { initContainers: component.initContainers } : {}),
      containers: [first, ...sidecars],
      volumes: [...component.volumes, ...(needsToken ? KUBERNETES_TOKEN.volumes! : [])],
    },
  }, settings);
  if (STRUCTURAL.some(name => settings[name] !== undefined)) { assertAccepted(pod, component); }
  return pod;
}

/** The settings by which the parts of a pod may no longer fit each other; a check of them all takes its time. */
const STRUCTURAL = ['containers', 'initContainers', 'override', 'unset', 'volumeMounts', 'volumes'] as const;

/** Throws where the API server would refuse what a user has made of a pod: a mount without its volume, two containers of one name and the like. */
function assertAccepted({ metadata: meta, spec }: Wire, { settings, workloadSpec }: Component): void {
  const claimed = (workloadSpec?.volumeClaimTemplates ?? []).map(({ metadata: { name } }: Wire) => ({ name, emptyDir: {} }));
  try {
    checkPod({ metadata: meta, spec: { ...spec, volumes: [...spec.volumes ?? [], ...claimed] } });
  } catch (error) {
    throw new Error(`${settings.source}: ${(error as Error).message}`, { cause: error });
  }
}

/** The workload of a component. A Job's name carries the hash of its spec: a Job cannot be changed, so that a changed one must be another one. */
export function workload(owner: Owner, component: Component, annotations: { [key: string]: string }): Wire {
  const template = podTemplate(owner, component, annotations);
  const meta = metadata(owner, component.name);
  if (component.workload === 'Job') {
    const spec = { ...component.workloadSpec, template };
    return { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...meta, name: `${meta.name}-${specHash(spec)}` }, spec };
  }
  if (component.workload === 'CronJob') {
    const spec = { ...component.workloadSpec, jobTemplate: { spec: { backoffLimit: 1, template } } };
    return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta, spec };
  }
  return {
    apiVersion: 'apps/v1',
    kind: component.workload,
    metadata: meta,
    spec: {
      ...(component.autoscaling || component.keda ? {} : { replicas: component.replicas ?? 1 }),
      ...(component.workload === 'StatefulSet' ? { serviceName: meta.name, podManagementPolicy: 'Parallel' } : {}),
      ...component.workloadSpec,
      selector: { matchLabels: selectorLabels(owner.name, component.name) },
      template,
    },
  };
}

/** The spec of the pods that a workload makes. */
export function podSpecOf({ spec }: Wire): Wire {
  return (spec.jobTemplate?.spec ?? spec).template.spec;
}

/** The Service of a component that offers ports. */
export function service(owner: Owner, component: Component): Wire {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(owner, component.name),
    spec: {
      ...(component.service === 'headless' ? { clusterIP: 'None' } : { type: 'ClusterIP' }),
      selector: selectorLabels(owner.name, component.name),
      ports: component.ports!.map(({ name, port, protocol = 'TCP' }) => ({ name, port, targetPort: name, protocol })),
    },
  };
}

/** Who chooses the number of pods. */
export function autoscaler(owner: Owner, component: Component): Wire {
  const meta = metadata(owner, component.name);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta,
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: component.workload, name: meta.name }, ...component.autoscaling },
  };
}

/** The objects by which KEDA chooses the number of pods. */
export function kedaScaler(owner: Owner, component: Component, keda: KedaScaler): { scaledObject: Wire; triggerAuthentication: Wire } {
  const meta = metadata(owner, component.name);
  const apiVersion = 'keda.sh/v1alpha1';
  return {
    triggerAuthentication: { apiVersion, kind: 'TriggerAuthentication', metadata: meta, spec: keda.triggerAuthentication },
    scaledObject: {
      apiVersion,
      kind: 'ScaledObject',
      metadata: meta,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: component.workload, name: meta.name },
        ...keda.scaledObject,
        triggers: keda.scaledObject.triggers.map((trigger: Wire) => ({ ...trigger, authenticationRef: { name: meta.name, kind: 'TriggerAuthentication' } })),
      },
    },
  };
}

/** A node drain takes one pod of a component at a time, unless the user says otherwise. */
export function disruptionBudget(owner: Owner, component: Component): Wire {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(owner, component.name),
    spec: { ...component.settings.disruptionBudget ?? { maxUnavailable: 1 }, selector: { matchLabels: selectorLabels(owner.name, component.name) } },
  };
}

function preferOtherNodes(owner: Owner, component: Component): Wire {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 100,
        podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: selectorLabels(owner.name, component.name) } },
      }],
    },
  };
}
