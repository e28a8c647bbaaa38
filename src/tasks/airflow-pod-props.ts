import { SharedPodProps } from './shared-pod-props';
import { CloudIdentity } from '../airflow/cloud-identity';
import * as kplus from '../private/kplus';

/**
 * What can be set on every pod that runs Airflow. Kubernetes structures are L1 structs of cdk8s-plus or wire JSON, checked key by key.
 *
 * What has no prop is said by `podOverride` and `unset`.
 */
export interface AirflowPodProps extends SharedPodProps {
  /**
   * Requests and limits of the Airflow container.
   *
   * @default - requests and a memory limit that suit a small installation
   */
  readonly resources?: kplus.k8s.ResourceRequirements | { [key: string]: any };

  /**
   * Further containers. What their security context leaves open is filled in as Pod Security `restricted` demands.
   *
   * @default - none
   */
  readonly containers?: (kplus.k8s.Container | { [key: string]: any })[];

  /**
   * Further init containers, after the deployment's own; those with `restartPolicy: Always`, which are sidecars, and what stands in front of them, before. Their security context is filled in as
   * that of `containers`.
   *
   * @default - none
   */
  readonly initContainers?: (kplus.k8s.Container | { [key: string]: any })[];

  /**
   * What the Airflow container does after its start and before its end.
   *
   * @default - nothing
   * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
   */
  readonly lifecycle?: kplus.k8s.Lifecycle | { [key: string]: any };

  /**
   * Seconds from the order to end to the kill.
   *
   * @default - 600 where tasks run, 60 for other processes of Airflow, 30 for the API server or webserver; Kubernetes' own 30 for Jobs
   */
  readonly terminationGracePeriodSeconds?: number;

  /**
   * Name of an existing ServiceAccount. The deployment then makes none, and binds the Role of the component, where it has one, to this account.
   *
   * @default - `<name>-<component>`, made by the deployment
   */
  readonly serviceAccountName?: string;

  /**
   * Annotations of the ServiceAccount, such as the cloud role that it stands for.
   *
   * @default - none
   */
  readonly serviceAccountAnnotations?: { [key: string]: string };

  /**
   * As whom the pods speak to a cloud: annotations of the ServiceAccount, labels of the pods and ways of the network that it takes. Not together with
   * `serviceAccountName` where it annotates the account.
   *
   * @default - nobody: instance metadata and identity services are out of reach
   */
  readonly cloudIdentity?: CloudIdentity;

  /**
   * A pod in wire JSON that is merged over the finished one: containers, volumes, variables, mounts and ports by name or path, security contexts field by
   * field, any other field whole. What Pod Security `restricted`, or the level that a Namespace of the app declares, then refuses brings a warning at synth.
   *
   * @default - none
   */
  readonly podOverride?: kplus.k8s.KubePodProps | { [key: string]: any };

  /**
   * Paths of what is taken out of the finished pod, such as `spec.containers[scheduler].livenessProbe`. The last step of all.
   *
   * @default - none
   */
  readonly unset?: string[];
}
