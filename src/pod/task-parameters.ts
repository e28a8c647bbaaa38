import { filled } from './filled';
import { PodSecret, secretParts } from './secrets';

/** The name of the container that runs the task, where no other is given. */
export const BASE_CONTAINER = 'base';

/** KubernetesPodOperator's parameters that shape the pod, in wire JSON. */
export interface TaskParameters {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: { [name: string]: string };
  readonly annotations?: { [name: string]: string };
  readonly image?: string;
  readonly cmds?: string[];
  readonly arguments?: string[];
  readonly env?: any[];
  readonly envFrom?: any[];
  readonly configmaps?: string[];
  readonly podRuntimeInfoEnvs?: any[];
  readonly secrets?: PodSecret[];
  readonly volumes?: any[];
  readonly volumeMounts?: any[];
  readonly ports?: any[];
  readonly initContainers?: any[];
  readonly containerResources?: any;
  readonly containerSecurityContext?: any;
  readonly imagePullPolicy?: string;
  readonly terminationMessagePolicy?: string;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: any;
  readonly nodeSelector?: { [name: string]: string };
  readonly affinity?: any;
  readonly tolerations?: any[];
  readonly imagePullSecrets?: any[];
  readonly runtimeClassName?: string;
  readonly priorityClassName?: string;
  readonly schedulername?: string;
  readonly hostnetwork?: boolean;
  readonly hostAliases?: any[];
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly dnspolicy?: string;
  readonly dnsConfig?: any;
  readonly activeDeadlineSeconds?: number;
  readonly terminationGracePeriod?: number;
}

/**
 * The pod that the parameters alone describe, without what was not given; its only container is the base container.
 *
 * @throws Error for a secret that cannot be delivered as asked.
 */
export function parametersPod(p: TaskParameters, baseContainerName: string): any {
  const secrets = (p.secrets ?? []).map((secret, i) => secretParts(secret, `secrets[${i}]`));
  const base = filled({
    name: baseContainerName,
    image: p.image,
    imagePullPolicy: p.imagePullPolicy,
    command: p.cmds,
    args: p.arguments,
    env: [...p.env ?? [], ...p.podRuntimeInfoEnvs ?? [], ...defined(secrets.map(parts => parts.env))],
    envFrom: [...p.envFrom ?? [], ...(p.configmaps ?? []).map(name => ({ configMapRef: { name } })), ...defined(secrets.map(parts => parts.envFrom))],
    ports: p.ports,
    resources: p.containerResources,
    volumeMounts: [...p.volumeMounts ?? [], ...uniqueByName(defined(secrets.map(parts => parts.volumeMount)))],
    securityContext: p.containerSecurityContext,
    terminationMessagePolicy: p.terminationMessagePolicy,
  });
  return {
    metadata: filled({ name: p.name, namespace: p.namespace, labels: p.labels, annotations: p.annotations }),
    spec: filled({
      serviceAccountName: p.serviceAccountName,
      automountServiceAccountToken: p.automountServiceAccountToken,
      securityContext: p.securityContext,
      activeDeadlineSeconds: p.activeDeadlineSeconds,
      terminationGracePeriodSeconds: p.terminationGracePeriod,
      hostNetwork: p.hostnetwork,
      hostname: p.hostname,
      subdomain: p.subdomain,
      hostAliases: p.hostAliases,
      dnsPolicy: p.dnspolicy,
      dnsConfig: p.dnsConfig,
      runtimeClassName: p.runtimeClassName,
      priorityClassName: p.priorityClassName,
      schedulerName: p.schedulername,
      nodeSelector: p.nodeSelector,
      affinity: p.affinity,
      tolerations: p.tolerations,
      imagePullSecrets: p.imagePullSecrets,
      initContainers: p.initContainers,
      containers: [base],
      volumes: [...p.volumes ?? [], ...uniqueByName(defined(secrets.map(parts => parts.volume)))],
    }),
  };
}

function defined<T>(items: (T | undefined)[]): T[] {
  return items.filter((item): item is T => item !== undefined);
}

/** The same Secret at the same path, given twice, is one volume. */
function uniqueByName(items: any[]): any[] {
  return items.filter((item, i) => items.findIndex(other => other.name === item.name) === i);
}
