import * as kplus from '../private/kplus';

/** What can be set on every pod that runs Airflow. Kubernetes structures are L1 structs of cdk8s-plus or wire JSON. */
export interface AirflowPodProps {
  /**
   * Requests and limits of the Airflow container.
   *
   * @default - requests and a memory limit that suit a small installation
   */
  readonly resources?: kplus.k8s.ResourceRequirements | { [key: string]: any };

  /**
   * Further environment variables of the Airflow container.
   *
   * @default - none
   */
  readonly env?: (kplus.k8s.EnvVar | { [key: string]: any })[];

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
   * Name of an existing PriorityClass.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;

  /**
   * Annotations of the ServiceAccount, such as the cloud role that it stands for.
   *
   * @default - none
   */
  readonly serviceAccountAnnotations?: { [key: string]: string };
}
