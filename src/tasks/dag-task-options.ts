/**
 * How Airflow runs a task of a {@link DagFile}: the parameters of KubernetesPodOperator that say nothing of the pod, and those of every operator.
 * They mean nothing to `cdk8s-airflow run`.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
 */
export interface DagTaskOptions {
  /**
   * Airflow's connection to the cluster, by its id.
   *
   * @default 'kubernetes_default'
   */
  readonly kubernetesConnId?: string;

  /**
   * Use the ServiceAccount of the pod in which the operator runs.
   *
   * @default - as the connection says
   */
  readonly inCluster?: boolean;

  /**
   * Path of a kubeconfig, where the operator runs.
   *
   * @default - as the connection says
   */
  readonly configFile?: string;

  /**
   * Context of the kubeconfig.
   *
   * @default - its current one
   */
  readonly clusterContext?: string;

  /**
   * Wait for the pod in the triggerer, without a worker.
   *
   * @default - `[operators] default_deferrable`
   */
  readonly deferrable?: boolean;

  /**
   * Take over the pod of the same try where there is one already.
   *
   * @default true
   */
  readonly reattachOnRestart?: boolean;

  /**
   * Seconds that the pod may take to be scheduled.
   *
   * @default - the task's `startupTimeoutSeconds`
   */
  readonly scheduleTimeoutSeconds?: number;

  /**
   * Seconds between two looks at a pod that starts.
   *
   * @default 5
   */
  readonly startupCheckIntervalSeconds?: number;

  /**
   * Seconds between two looks at a pod whose log is not read.
   *
   * @default 1
   */
  readonly baseContainerStatusPollingInterval?: number;

  /**
   * Seconds between two looks of the triggerer, with `deferrable`.
   *
   * @default 2
   */
  readonly pollInterval?: number;

  /**
   * Seconds between two readings of the log, with `deferrable`.
   *
   * @default - the log is read at the end
   */
  readonly loggingInterval?: number;

  /**
   * What is handed on in the events of the trigger, as JSON. May hold Jinja.
   *
   * @default - nothing
   */
  readonly triggerKwargs?: { [key: string]: any };

  /**
   * Read the pod's log into the task's: `get_logs`, of which languages without a word for it would make a method.
   *
   * @default true
   */
  readonly logs?: boolean;

  /**
   * The containers whose log is read.
   *
   * @default - the container of the task
   */
  readonly containerLogs?: string[];

  /**
   * The init containers whose log is read.
   *
   * @default - none
   */
  readonly initContainerLogs?: string[];

  /**
   * Begin lines of the log with the name of their container.
   *
   * @default true
   */
  readonly containerNameLogPrefixEnabled?: boolean;

  /**
   * Where Python imports the function that makes a line of the log from the container's name and a message.
   *
   * @default - none
   */
  readonly logFormatter?: string;

  /**
   * Write the events of a pod that failed into the log.
   *
   * @default false
   */
  readonly logEventsOnFailure?: boolean;

  /**
   * Write the events of a pod that starts into the log. The provider knows it from 10.25 on.
   *
   * @default true
   */
  readonly logEventsOnStartup?: boolean;

  /**
   * Put the whole pod, values of its environment included, into the error.
   *
   * @default - true, and false where `onFailure` sends the error to somebody
   */
  readonly logPodSpecOnFailure?: boolean;

  /**
   * Exit codes of the program that mean: skipped.
   *
   * @default - none
   */
  readonly skipOnExitCode?: number[];

  /**
   * Where Python imports subclasses of KubernetesPodOperatorCallback, in their order.
   *
   * @default - none
   */
  readonly callbacks?: string[];

  /**
   * What becomes of the pod of a task that somebody ends: `delete_pod` or `keep_pod`, which the provider knows from 10.15 on (`kubernetesProvider` of the DAG).
   *
   * @default - `delete_pod`
   */
  readonly onKillAction?: 'delete_pod' | 'keep_pod';

  /**
   * Seconds from a failed try to the next one.
   *
   * @default 300
   */
  readonly retryDelaySeconds?: number;

  /**
   * Wait longer from try to try.
   *
   * @default false
   */
  readonly retryExponentialBackoff?: boolean;

  /**
   * Seconds after which Airflow fails a try.
   *
   * @default - none
   */
  readonly executionTimeoutSeconds?: number;

  /**
   * Airflow's pool.
   *
   * @default 'default_pool'
   */
  readonly pool?: string;

  /**
   * Places that the task takes in its pool.
   *
   * @default 1
   */
  readonly poolSlots?: number;

  /**
   * The queue of the worker in which the operator runs.
   *
   * @default - `[operators] default_queue`
   */
  readonly queue?: string;

  /**
   * Weight in the order in which tasks start.
   *
   * @default 1
   */
  readonly priorityWeight?: number;

  /**
   * How the tasks before it must have ended.
   *
   * @default 'all_success'
   */
  readonly triggerRule?: string;

  /**
   * Wait for the same task of the run before.
   *
   * @default false
   */
  readonly dependsOnPast?: boolean;

  /**
   * Runs of the DAG in which the task runs at the same time.
   *
   * @default - as many as the DAG has
   */
  readonly maxActiveTisPerDag?: number;

  /**
   * The executor that runs the operator, where the deployment has several.
   *
   * @default - the first one
   */
  readonly executor?: string;
}
