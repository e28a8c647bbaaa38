import * as kplus from '../private/kplus';

/** What can be set on one kind of pod, and for all pods of a deployment at once. */
export interface SharedPodProps {
  /**
   * Further environment variables of the Airflow container.
   *
   * @default - none
   */
  readonly env?: (kplus.k8s.EnvVar | { [key: string]: any })[];

  /**
   * Secrets and ConfigMaps of which every key becomes an environment variable of the Airflow container. Variables of the deployment and of `env` win.
   *
   * @default - none
   */
  readonly envFrom?: (kplus.k8s.EnvFromSource | { [key: string]: any })[];

  /**
   * Further labels of the pods.
   *
   * @default - none
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of the pods.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };

  /**
   * Labels that a node must have.
   *
   * @default - any node
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * Taints that the pods tolerate.
   *
   * @default - none
   */
  readonly tolerations?: (kplus.k8s.Toleration | { [key: string]: any })[];

  /**
   * Node and pod affinity.
   *
   * @default - pods of one component prefer different nodes; task pods have none
   */
  readonly affinity?: kplus.k8s.Affinity | { [key: string]: any };

  /**
   * How the pods are spread over zones, nodes and the like. A constraint without `labelSelector` counts the pods of its own component.
   *
   * @default - none
   */
  readonly topologySpreadConstraints?: (kplus.k8s.TopologySpreadConstraint | { [key: string]: any })[];

  /**
   * Name of an existing PriorityClass.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;

  /**
   * Name of the scheduler that places the pods.
   *
   * @default - the cluster's default
   */
  readonly schedulerName?: string;

  /**
   * Name of an existing RuntimeClass.
   *
   * @default - the cluster's default
   */
  readonly runtimeClassName?: string;

  /**
   * Lines for the pods' `/etc/hosts`.
   *
   * @default - none
   */
  readonly hostAliases?: (kplus.k8s.HostAlias | { [key: string]: any })[];

  /**
   * Further volumes of the pods that run Airflow.
   *
   * @default - none
   */
  readonly volumes?: (kplus.k8s.Volume | { [key: string]: any })[];

  /**
   * Further mounts of the Airflow container, and of the one that waits for the migrations.
   *
   * @default - none
   */
  readonly volumeMounts?: (kplus.k8s.VolumeMount | { [key: string]: any })[];
}
