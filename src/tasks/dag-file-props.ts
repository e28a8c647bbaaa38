import { AirflowTask } from './airflow-task';
import { DagCluster } from './dag-cluster';
import { DagNotifier } from './dag-notifier';
import { DagTaskOptions } from './dag-task-options';
import { AirflowVersion } from '../airflow/version';

/** A DAG of Airflow as a file. */
export interface DagFileProps {
  /** Its id: letters, digits, `-`, `_` and `.`, at most 250. */
  readonly dagId: string;

  /** Its tasks. They need not be synthesised: `renderAs: 'none'`. */
  readonly tasks: AirflowTask[];

  /**
   * Name of the file.
   *
   * @default `<dagId>.py`
   */
  readonly fileName?: string;

  /**
   * The Airflow that reads it.
   *
   * @default AirflowVersion.V3_3
   */
  readonly version?: AirflowVersion;

  /**
   * Version of `apache-airflow-providers-cncf-kubernetes` in its image, such as `10.25.0`: what an older provider does not know is refused.
   *
   * @default - '10.22.0' for Airflow 3.3, '10.14.0' for older ones
   */
  readonly kubernetesProvider?: string;

  /**
   * The cluster of a cloud on which the tasks run, by the operators of its provider.
   *
   * @default - the cluster of the connection, by the operators of the provider of Kubernetes
   */
  readonly cluster?: DagCluster;

  /**
   * When it runs: a cron expression, or one of Airflow's words such as `@daily`.
   *
   * @default - only when it is triggered
   */
  readonly schedule?: string;

  /**
   * The first date of which it runs, such as `2026-01-31` or `2026-01-31T06:00`. Needed with `schedule`, and always on Airflow 2.
   *
   * @default - none
   */
  readonly startDate?: string;

  /**
   * Time zone of `schedule` and `startDate`.
   *
   * @default 'UTC'
   */
  readonly timezone?: string;

  /**
   * Run for the dates that have passed, too.
   *
   * @default false
   */
  readonly catchup?: boolean;

  /**
   * What it is for, in a line.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Words by which it is found.
   *
   * @default - none
   */
  readonly tags?: string[];

  /**
   * Parameters and their values where a run gives no others, as JSON.
   *
   * @default - none
   */
  readonly params?: { [name: string]: any };

  /**
   * Runs at the same time.
   *
   * @default - `[core] max_active_runs_per_dag`
   */
  readonly maxActiveRuns?: number;

  /**
   * Tasks at the same time, in all of its runs.
   *
   * @default - `[core] max_active_tasks_per_dag`
   */
  readonly maxActiveTasks?: number;

  /**
   * Failed runs in succession after which it is paused.
   *
   * @default - none
   */
  readonly maxConsecutiveFailedDagRuns?: number;

  /**
   * Seconds after which a run has failed.
   *
   * @default - none
   */
  readonly dagrunTimeoutSeconds?: number;

  /**
   * Whether it must be switched on before it runs.
   *
   * @default - `[core] dags_are_paused_at_creation`
   */
  readonly isPausedUponCreation?: boolean;

  /**
   * Who is told of each task that failed, after its last try.
   *
   * @default - nobody
   */
  readonly onFailure?: DagNotifier[];

  /**
   * How Airflow runs every task.
   *
   * @default - the defaults of KubernetesPodOperator
   */
  readonly taskOptions?: DagTaskOptions;

  /**
   * How it runs single tasks: task id → what differs from `taskOptions`.
   *
   * @default - none
   */
  readonly taskOptionsByTaskId?: { [taskId: string]: DagTaskOptions };
}
