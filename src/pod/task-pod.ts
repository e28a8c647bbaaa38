import { checkPod } from './check-pod';
import { hardenContainerContext, hardenPodContext } from './hardening';
import { XComMode } from './task-annotation';
import { parametersPod, TaskParameters } from './task-parameters';
import { withXCom } from './xcom-parts';

/** What the pod of a task is made of. */
export interface TaskPodOptions {
  readonly parameters: TaskParameters;
  readonly baseContainerName: string;
  readonly doXcomPush: boolean;
  readonly xcomMode: XComMode;
  readonly xcomSidecarContainerImage?: string;
  readonly xcomSidecarContainerSecurityContext?: any;
  readonly hardening: boolean;
}

/**
 * The pod of a task, metadata and spec: the provider's, without its empty collections, and hardened unless told otherwise.
 *
 * @throws Error that says what cannot be built as asked, or what the API server would refuse.
 */
export function taskPod(options: TaskPodOptions): { metadata: any; spec: any } {
  const merged = parametersPod(options.parameters, options.baseContainerName);
  const spec = withFixedParts(options.hardening ? harden(merged.spec) : merged.spec);
  const pod = {
    metadata: merged.metadata,
    spec: options.doXcomPush
      ? withXCom(spec, {
        mode: options.xcomMode,
        image: options.xcomSidecarContainerImage,
        securityContext: options.xcomSidecarContainerSecurityContext,
        hardening: options.hardening,
      })
      : spec,
  };
  checkPod(pod);
  return pod;
}

/** What the provider sets on every pod; of variables with one name only the last one, which counts in Kubernetes. */
function withFixedParts(spec: any): any {
  const container = (c: any) => c.env ? { ...c, env: lastOfEachName(c.env) } : c;
  const [base, ...others] = spec.containers;
  return {
    restartPolicy: 'Never',
    ...spec,
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(container) } : {}),
    containers: [{ terminationMessagePolicy: 'File', ...container(base) }, ...others.map(container)],
  };
}

function harden(spec: any): any {
  const container = (c: any) => ({ ...c, securityContext: hardenContainerContext(c.securityContext) });
  return {
    automountServiceAccountToken: false,
    ...spec,
    securityContext: hardenPodContext(spec.securityContext),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(container) } : {}),
    containers: spec.containers.map(container),
  };
}

function lastOfEachName(env: any[]): any[] {
  return env.filter((variable, i) => !env.slice(i + 1).some(later => later.name === variable.name));
}
