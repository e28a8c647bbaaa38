import * as kplus from '../private/kplus';

/** What tasks may do at the Kubernetes API. */
export interface PodLaunchingProps {
  /**
   * Run pods: KubernetesPodOperator. False leaves `jobs` and `spark` the reading of the pods that others made for them.
   *
   * @default true
   */
  readonly pods?: boolean;

  /**
   * Run Jobs: KubernetesJobOperator and its siblings.
   *
   * @default false
   */
  readonly jobs?: boolean;

  /**
   * Run Spark applications: SparkKubernetesOperator. The Spark operator is not part of the deployment.
   *
   * @default false
   */
  readonly spark?: boolean;

  /**
   * Let the triggerer wait for pods and Jobs: operators with `deferrable=True`. It may read and delete, neither create nor exec, so that a deferred
   * KubernetesJobOperator cannot have `do_xcom_push`.
   *
   * @default false
   */
  readonly deferrable?: boolean;

  /**
   * Namespaces, which exist, in which tasks may do so; the first is where a task that names none does.
   *
   * @default - the deployment's own
   */
  readonly namespaces?: string[];

  /**
   * Further rules for tasks in the same namespaces, such as those of a custom resource.
   *
   * @default - none
   */
  readonly extraRules?: (kplus.k8s.PolicyRule | { [key: string]: any })[];
}
