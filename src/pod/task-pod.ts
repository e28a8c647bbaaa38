import { hardenContainerContext, hardenPodContext } from './hardening';
import { PodSecret, secretParts } from './secrets';
import { XComMode } from './task-annotation';
import { withXCom } from './xcom-parts';

/** The name of the container that runs the task. */
export const BASE_CONTAINER = 'base';

/** KubernetesPodOperator's parameters that shape the pod, in wire JSON. */
export interface TaskPodOptions {
  readonly image: string;
  readonly cmds?: string[];
  readonly arguments?: string[];
  readonly env?: any[];
  readonly secrets?: PodSecret[];
  readonly volumes?: any[];
  readonly volumeMounts?: any[];
  readonly ports?: any[];
  readonly containerResources?: any;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly doXcomPush: boolean;
  readonly xcomMode: XComMode;
  readonly xcomSidecarContainerImage?: string;
  readonly xcomSidecarContainerSecurityContext?: any;
  readonly nodeSelector?: { [name: string]: string };
  readonly tolerations?: any[];
  readonly affinity?: any;
  readonly securityContext?: any;
  readonly containerSecurityContext?: any;
  readonly hardening: boolean;
  readonly imagePullSecrets?: any[];
  readonly imagePullPolicy?: string;
  readonly activeDeadlineSeconds?: number;
}

/**
 * The pod spec of a task: the provider's, without its empty collections, and hardened unless told otherwise.
 *
 * @throws Error for a secret or an XCom mode that does not fit the rest.
 */
export function taskPodSpec(options: TaskPodOptions): any {
  const secrets = (options.secrets ?? []).map((secret, i) => secretParts(secret, `secrets[${i}]`));
  const defined = <T>(items: (T | undefined)[]): T[] => items.filter((item): item is T => item !== undefined);
  const base = filled({
    name: BASE_CONTAINER,
    image: options.image,
    imagePullPolicy: options.imagePullPolicy,
    command: options.cmds,
    args: options.arguments,
    env: lastOfEachName([...options.env ?? [], ...defined(secrets.map(parts => parts.env))]),
    envFrom: defined(secrets.map(parts => parts.envFrom)),
    ports: options.ports,
    resources: options.containerResources,
    volumeMounts: [...options.volumeMounts ?? [], ...uniqueByName(defined(secrets.map(parts => parts.volumeMount)))],
    securityContext: options.hardening ? hardenContainerContext(options.containerSecurityContext) : options.containerSecurityContext,
    terminationMessagePolicy: 'File',
  });
  const spec = filled({
    restartPolicy: 'Never',
    serviceAccountName: options.serviceAccountName,
    automountServiceAccountToken: options.automountServiceAccountToken ?? (options.hardening ? false : undefined),
    activeDeadlineSeconds: options.activeDeadlineSeconds,
    securityContext: options.hardening ? hardenPodContext(options.securityContext) : options.securityContext,
    nodeSelector: options.nodeSelector,
    affinity: options.affinity,
    tolerations: options.tolerations,
    imagePullSecrets: options.imagePullSecrets,
    containers: [base],
    volumes: [...options.volumes ?? [], ...uniqueByName(defined(secrets.map(parts => parts.volume)))],
  });
  return options.doXcomPush
    ? withXCom(spec, {
      mode: options.xcomMode,
      image: options.xcomSidecarContainerImage,
      securityContext: options.xcomSidecarContainerSecurityContext,
      hardening: options.hardening,
    })
    : spec;
}

/** Without what was not given: undefined and empty collections, of which the provider sends a dozen. */
function filled(object: { [key: string]: any }): any {
  const given = (value: any) => value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => given(value)));
}

/** Of variables with one name Kubernetes takes the last; the others would only mislead. */
function lastOfEachName(env: any[]): any[] {
  return env.filter((variable, i) => !env.slice(i + 1).some(later => later.name === variable.name));
}

/** The same Secret at the same path, given twice, is one volume. */
function uniqueByName(items: any[]): any[] {
  return items.filter((item, i) => items.findIndex(other => other.name === item.name) === i);
}
