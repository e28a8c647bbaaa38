import { WorkerPodTemplateOptions } from '../tasks/worker-pod-template';

/** The task pods of a deployment. */
export interface WorkerProps extends WorkerPodTemplateOptions {
  /**
   * Namespaces, which exist, beside the deployment's own in which a task may have its pod:
   * `executor_config={"pod_override": V1Pod(metadata=V1ObjectMeta(namespace=…))}`. Each gets the account of the task pods, copies of the ConfigMaps and
   * ExternalSecrets that the deployment makes, the Roles of those who look after the pods, and their NetworkPolicy. Other Secrets and volumes that the
   * pods need must be there under the same names; a warning at synth lists them.
   *
   * @default - none
   * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/configurations-ref.html#multi-namespace-mode-namespace-list
   */
  readonly namespaces?: string[];
}
