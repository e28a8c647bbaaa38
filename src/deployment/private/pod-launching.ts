import { assertNamespaces } from './worker-namespaces';
import { DEFAULT_USER, hardenContainerContext } from '../../pod/hardening';
import { pythonText } from '../../pod/python';
import { toWire } from '../../pod/schema';
import { XCOM_SIDECAR_NAME } from '../../pod/xcom';
import { Component, Parts, PolicyRule } from '../../private/component-graph';
import { PodLaunchingProps } from '../pod-launching';

/** What a component gets so that it may use the Kubernetes API for tasks. */
export interface Launching {
  readonly rules?: PolicyRule[];
  readonly rulesElsewhere?: Component['rulesElsewhere'];
  readonly parts: Parts[];
}

/** What `podLaunching` gives to those that run tasks, and to the triggerer. */
export interface PodLaunching {
  readonly tasks: Launching;
  readonly triggerer: Launching;
  /** The end of airflow_local_settings.py, where the connection cannot say all. */
  readonly localSettings?: string;
}

const NOTHING: Launching = { parts: [] };
/** The provider's own sidecar has no security context, which Pod Security `restricted` refuses. */
const SIDECAR_CONTEXT = hardenContainerContext({
  runAsNonRoot: true, runAsUser: DEFAULT_USER, readOnlyRootFilesystem: true, seccompProfile: { type: 'RuntimeDefault' },
});
// The provider of Airflow 2 reads no security context from the connection.
const SIDECAR_HOOK = `
def _harden_xcom_sidecar(further):
    def pod_mutation_hook(pod):
        for container in pod.spec.containers:
            if container.name == "${XCOM_SIDECAR_NAME}" and container.security_context is None:
                container.security_context = ${pythonText(SIDECAR_CONTEXT, 16)}
        if further:
            further(pod)

    return pod_mutation_hook


pod_mutation_hook = _harden_xcom_sidecar(globals().get("pod_mutation_hook"))
if "__all__" in globals():
    __all__ = [*__all__, "pod_mutation_hook"]
`;

/** Makes the rules and the connection `kubernetes_default` of a deployment; `image` is that of the XCom sidecar. */
export function podLaunching(namespace: string, image: string, airflow3: boolean, props?: PodLaunchingProps): PodLaunching {
  if (!props) { return { tasks: NOTHING, triggerer: NOTHING }; }
  const { pods = true, jobs = false, spark = false, deferrable = false, namespaces = [namespace] } = props;
  const extraRules: PolicyRule[] = toWire('[]PolicyRule', props.extraRules ?? [], 'podLaunching.extraRules');
  if (!pods && !jobs && !spark && extraRules.length === 0) {
    throw new Error("'podLaunching' allows nothing; remove it, or set one of 'pods', 'jobs', 'spark' and 'extraRules'");
  }
  if (deferrable && !pods && !jobs && !spark) {
    throw new Error("'podLaunching.deferrable' has nothing to wait for; remove it, or set one of 'pods', 'jobs' and 'spark'");
  }
  if (namespaces.length === 0) { throw new Error("'podLaunching.namespaces' is empty; leave it out for the deployment's own, or name one"); }
  assertNamespaces(namespaces, 'podLaunching.namespaces');

  const connection: Parts = { env: [{ name: 'AIRFLOW_CONN_KUBERNETES_DEFAULT', value: kubernetesDefault(namespaces[0], image) }] };
  const launching = (rules: PolicyRule[]): Launching => ({
    rules: namespaces.includes(namespace) ? rules : [],
    rulesElsewhere: namespaces.filter(other => other !== namespace).map(other => ({ namespace: other, rules })),
    parts: [connection],
  });
  return {
    tasks: launching([...taskRules(pods, jobs, spark), ...extraRules]),
    triggerer: deferrable ? launching(triggererRules(jobs)) : NOTHING,
    ...(pods && !airflow3 ? { localSettings: SIDECAR_HOOK } : {}),
  };
}

function taskRules(pods: boolean, jobs: boolean, spark: boolean): PolicyRule[] {
  const anyPods = pods || jobs || spark;
  return [
    ...(anyPods ? [
      rule('', 'pods', [...(pods ? ['create', 'delete'] : []), 'get', 'list', 'patch', 'watch']),
      rule('', 'pods/log', ['get']),
      // The XCom is read from the sidecar.
      rule('', 'pods/exec', ['create', 'get']),
      rule('', 'events', ['list', 'watch']),
    ] : []),
    ...(jobs ? [rule('batch', 'jobs', ['create', 'delete', 'get', 'list', 'patch', 'watch']), rule('batch', 'jobs/status', ['get'])] : []),
    ...(spark ? [
      rule('sparkoperator.k8s.io', 'sparkapplications', ['create', 'delete', 'get']),
      rule('sparkoperator.k8s.io', 'sparkapplications/status', ['get']),
    ] : []),
  ];
}

/** The trigger of a pod deletes it when the task is cleared or fails meanwhile. */
function triggererRules(jobs: boolean): PolicyRule[] {
  return [
    rule('', 'pods', ['delete', 'get']),
    rule('', 'pods/log', ['get']),
    rule('', 'events', ['list', 'watch']),
    ...(jobs ? [rule('batch', 'jobs/status', ['get'])] : []),
  ];
}

function rule(apiGroup: string, resource: string, verbs: string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources: [resource], verbs };
}

/** The provider wants resources and security context as text. */
function kubernetesDefault(namespace: string, image: string): string {
  return JSON.stringify({
    conn_type: 'kubernetes',
    extra: {
      in_cluster: true,
      namespace,
      xcom_sidecar_container_image: image,
      xcom_sidecar_container_resources: JSON.stringify({ requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } }),
      xcom_sidecar_container_security_context: JSON.stringify(SIDECAR_CONTEXT),
    },
  });
}
