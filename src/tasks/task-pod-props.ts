import { AirflowTask } from './airflow-task';
import { PodMutation } from './pod-mutation';
import { TaskSecret } from './task-secret';
import { XComReference } from './xcom-reference';
import * as kplus from '../private/kplus';

/**
 * The parameters of a task that runs in pods: KubernetesPodOperator's own names in camelCase, with its meanings and defaults.
 * Kubernetes objects are taken as plain JSON in Kubernetes' field names and as the structs of cdk8s-plus (`k8s.*`).
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
 */
export interface TaskPodProps {
  /**
   * Image of the base container. May hold Jinja.
   *
   * @default - that of the layers below; needed where there are none
   */
  readonly image?: string;

  /**
   * Name of the pod, before the runner adds `-` and eight characters: 1 to 220 letters, digits, `-`, `_` and `.`; made a DNS label and cut to 54.
   * May hold Jinja; the manifest has the task id's slug until it is rendered.
   *
   * @default - that of the layers below, else the task id
   */
  readonly name?: string;

  /**
   * Whether Airflow's operator adds `-` and eight random characters to the name, as `cdk8s-airflow render --dag-id` and a `DagFile` tell it. Without
   * them a name is not cut, and a second try needs that the first pod is gone. The runner always adds its own: there a second try is another pod.
   *
   * @default true
   */
  readonly randomNameSuffix?: boolean;

  /**
   * The task's id, unique in a run: letters, digits, `-`, `_` and `.`, at most 250. Not a parameter of the pod.
   *
   * @default - the construct's id
   */
  readonly taskId?: string;

  /**
   * Name of the container that runs the task: it is watched and judged, and its log is the task's.
   * May hold Jinja; the manifest has `base` until it is rendered.
   *
   * @default 'base'
   */
  readonly baseContainerName?: string;

  /**
   * Entrypoint of the base container. May hold Jinja and references to other tasks' XCom.
   *
   * @default - the image's entrypoint
   */
  readonly cmds?: (string | XComReference)[];

  /**
   * Arguments of the entrypoint. May hold Jinja and references to other tasks' XCom.
   *
   * @default - the image's arguments, where `cmds` is not given either
   */
  readonly arguments?: (string | XComReference)[];

  /**
   * Environment: a map of names and values, or a list of Kubernetes' `EnvVar`. Values may hold Jinja and references to other tasks' XCom.
   * Of a name given twice the last one counts; a Secret of the same name wins over it.
   *
   * @default - none
   */
  readonly envVars?: { [name: string]: string | XComReference } | (kplus.k8s.EnvVar | { [key: string]: any })[];

  /**
   * Sources of which every key becomes a variable of the base container.
   *
   * @default - none
   */
  readonly envFrom?: (kplus.k8s.EnvFromSource | { [key: string]: any })[];

  /**
   * Names of ConfigMaps of which every key becomes a variable of the base container, after those of `envFrom`.
   *
   * @default - none
   */
  readonly configmaps?: string[];

  /**
   * Variables that tell the container about its pod (`valueFrom.fieldRef`), after those of `envVars`.
   *
   * @default - none
   */
  readonly podRuntimeInfoEnvs?: (kplus.k8s.EnvVar | { [key: string]: any })[];

  /**
   * Secrets as environment variables or volumes.
   *
   * @default - none
   */
  readonly secrets?: TaskSecret[];

  /**
   * Volumes of the pod.
   *
   * @default - none
   */
  readonly volumes?: (kplus.k8s.Volume | { [key: string]: any })[];

  /**
   * Mounts of the base container.
   *
   * @default - none
   */
  readonly volumeMounts?: (kplus.k8s.VolumeMount | { [key: string]: any })[];

  /**
   * Containers that must end with success, one after the other, before the base container starts. Their texts are not rendered by Jinja.
   *
   * @default - none
   */
  readonly initContainers?: (kplus.k8s.Container | { [key: string]: any })[];

  /**
   * Ports of the base container.
   *
   * @default - none
   */
  readonly ports?: (kplus.k8s.ContainerPort | { [key: string]: any })[];

  /**
   * Requests and limits of the base container.
   *
   * @default - none, so the pod is BestEffort
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
   */
  readonly containerResources?: kplus.k8s.ResourceRequirements | { [key: string]: any };

  /**
   * Labels of the pod. The runner adds its own.
   *
   * @default - none
   */
  readonly labels?: { [name: string]: string };

  /**
   * Annotations of the pod.
   *
   * @default - only the task's own, `cdk8s-airflow/task`
   */
  readonly annotations?: { [name: string]: string };

  /**
   * Namespace of the pod.
   *
   * @default - the chart's namespace, else the one the manifest is applied or run in
   */
  readonly namespace?: string;

  /**
   * ServiceAccount of the pod. Its token is mounted only with `automountServiceAccountToken: true`, or with `hardening: false`.
   *
   * @default - the namespace's `default`
   */
  readonly serviceAccountName?: string;

  /**
   * Whether the pod gets the token of its ServiceAccount.
   *
   * @default false; with `hardening: false` the ServiceAccount's own setting
   */
  readonly automountServiceAccountToken?: boolean;

  /**
   * Path of a YAML file with a pod, the lowest layer; read at synth, from the working directory where it is relative. The layers above win: then come
   * `fullPodSpec`, the parameters, `podOverride` and `unset`. Its first container is the base container where none has that name.
   * YAML 1.1; scalars are cast to text as the operator does (`yes` → `'True'`, `0644` → `'420'`). Jinja in it is refused: the operator does not render it.
   *
   * @default - none
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
   */
  readonly podTemplateFile?: string;

  /**
   * A pod as the lowest layer, in place of `podTemplateFile`. All its texts may hold Jinja.
   *
   * @default - none
   */
  readonly podTemplateDict?: { [key: string]: any };

  /**
   * A whole pod (`metadata` and `spec`), the layer between a template and the parameters. Jinja in it is refused: the operator does not render it.
   *
   * @default - none
   */
  readonly fullPodSpec?: kplus.k8s.KubePodProps | { [key: string]: any };

  /**
   * A pod that is merged last, over everything else: containers, volumes, variables and mounts by name or path, labels by key; other fields are
   * replaced whole. A container of another name is a further container. Not a parameter of KubernetesPodOperator.
   *
   * @default - none
   */
  readonly podOverride?: kplus.k8s.KubePodProps | { [key: string]: any };

  /**
   * Paths of what is taken out of the finished pod, such as `spec.containers[base].resources.limits`. One that matches nothing is an error.
   * Not a parameter of KubernetesPodOperator.
   *
   * @default - none
   */
  readonly unset?: string[];

  /**
   * Changes for many tasks, the last layer of all. One that selects by what only a run knows (`dagIds`, `try_number` …) is done by the runtime, by
   * `DagFile` as far as the DAG says it, and by Airflow with the `podMutations` of `AirflowKubernetesDeployment`. Not a parameter of KubernetesPodOperator.
   *
   * @default - none
   */
  readonly podMutations?: PodMutation[];

  /**
   * Whether `/airflow/xcom/return.json` of the base container is collected as the task's XCom.
   *
   * @default false
   */
  readonly doXcomPush?: boolean;

  /**
   * How the XCom leaves the pod. Not a parameter of KubernetesPodOperator, which knows only `airflow`.
   *
   * - `native`: a native sidecar writes it to its termination message, or to its log where it is long. Needs Kubernetes 1.29; needs no exec.
   * - `airflow`: the provider's own sidecar, read through exec.
   * - `termination`: no sidecar; the command is wrapped and writes up to 4,000 bytes to its own termination message. Needs `cmds` and a shell in the image.
   *
   * @default 'native'; with `hardening: false` 'airflow'
   */
  readonly xcomMode?: 'native' | 'airflow' | 'termination';

  /**
   * Image of the XCom sidecar; it needs a POSIX shell, and for `native` sha256sum, gzip, base64, fold and awk (busybox has them all).
   * The provider takes it from the connection.
   *
   * @default 'alpine:3.24.2', the provider's
   */
  readonly xcomSidecarContainerImage?: string;

  /**
   * Security context of the XCom sidecar. In a DAG the provider knows it from 10.20 on (`kubernetesProvider` of the DAG); that of the connection needs no argument.
   *
   * @default - hardened: all capabilities dropped, no escalation, read-only root file system; with `hardening: false` none
   */
  readonly xcomSidecarContainerSecurityContext?: kplus.k8s.SecurityContext | { [key: string]: any };

  /**
   * Labels that a node must have.
   *
   * @default - any node
   */
  readonly nodeSelector?: { [name: string]: string };

  /**
   * Tolerations of the pod.
   *
   * @default - none
   */
  readonly tolerations?: (kplus.k8s.Toleration | { [key: string]: any })[];

  /**
   * Affinity of the pod.
   *
   * @default - none
   */
  readonly affinity?: kplus.k8s.Affinity | { [key: string]: any };

  /**
   * Security context of the pod.
   *
   * @default - Pod Security `restricted` with `runAsUser` 50000, `runAsGroup` and `fsGroup` 0; what is given here wins field by field; with `hardening: false` none
   */
  readonly securityContext?: kplus.k8s.PodSecurityContext | { [key: string]: any };

  /**
   * Security context of the base container.
   *
   * @default - no escalation, all capabilities dropped; what is given here wins field by field; with `hardening: false` none
   */
  readonly containerSecurityContext?: kplus.k8s.SecurityContext | { [key: string]: any };

  /**
   * Whether the pod is hardened where nothing is given: Pod Security `restricted` with `runAsUser` 50000 and group 0, no service account token, a
   * hardened sidecar. The base container's root file system stays writable. `false` gives KubernetesPodOperator's own pod, with its own sidecar where `xcomMode` says
   * nothing else. Not a parameter of it.
   *
   * @default true
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
   */
  readonly hardening?: boolean;

  /**
   * Secrets with the credentials of private registries: a list of references, or their names in one string separated by commas.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string | (kplus.k8s.LocalObjectReference | { [key: string]: any })[];

  /**
   * Pull policy of the base container's image.
   *
   * @default - Kubernetes' own: `IfNotPresent`, or `Always` for the tag `latest`
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';

  /**
   * Where the message of an ended base container comes from: the file alone, or the end of its log where a failed one wrote none.
   *
   * @default 'File'
   */
  readonly terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError';

  /**
   * Seconds after which Kubernetes ends the pod, counted from its start.
   *
   * @default - none
   */
  readonly activeDeadlineSeconds?: number;

  /**
   * Seconds between the request to end and the kill, when the pod is deleted.
   *
   * @default - Kubernetes' own: 30
   */
  readonly terminationGracePeriod?: number;

  /**
   * Name of the RuntimeClass with which the containers run.
   *
   * @default - the cluster's default runtime
   */
  readonly runtimeClassName?: string;

  /**
   * Name of the PriorityClass of the pod.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;

  /**
   * Name of the scheduler that places the pod.
   *
   * @default - Kubernetes' own: `default-scheduler`
   */
  readonly schedulername?: string;

  /**
   * Whether the pod uses the network of its node. Pod Security `restricted` and `baseline` refuse it.
   *
   * @default false
   */
  readonly hostnetwork?: boolean;

  /**
   * Further entries of the containers' `/etc/hosts`.
   *
   * @default - none
   */
  readonly hostAliases?: (kplus.k8s.HostAlias | { [key: string]: any })[];

  /**
   * Host name of the pod. May hold Jinja.
   *
   * @default - the pod's name
   */
  readonly hostname?: string;

  /**
   * Name of the headless Service under which the pod's host name is found.
   *
   * @default - none
   */
  readonly subdomain?: string;

  /**
   * How the pod finds names.
   *
   * @default - Kubernetes' own: `ClusterFirst`
   */
  readonly dnspolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';

  /**
   * Name servers, search domains and resolver options, beside those of `dnspolicy`.
   *
   * @default - none
   */
  readonly dnsConfig?: kplus.k8s.PodDnsConfig | { [key: string]: any };

  /**
   * Seconds that the pod may take to be scheduled, and again from then to its start.
   *
   * @default 120
   */
  readonly startupTimeoutSeconds?: number;

  /**
   * What becomes of the pod when the task has ended.
   *
   * @default 'delete_pod'
   */
  readonly onFinishAction?: 'delete_pod' | 'keep_pod' | 'delete_succeeded_pod' | 'delete_active_pod';

  /**
   * Further tries after a failed one.
   *
   * @default 0
   */
  readonly retries?: number;

  /**
   * Tasks that must have ended with success first, beside those whose XCom this task uses. Not a parameter of KubernetesPodOperator.
   *
   * @default - none
   */
  readonly dependsOn?: AirflowTask[];
}
