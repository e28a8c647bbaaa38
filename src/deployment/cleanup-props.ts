import { AirflowPodProps } from '../tasks/airflow-pod-props';

/** A Job that runs by the clock. */
export interface CronJobProps extends AirflowPodProps {
  /**
   * When it runs, as five fields of cron in `timeZone`.
   *
   * @default - every 15 minutes for task pods, Sunday at midnight for the database
   */
  readonly schedule?: string;

  /**
   * Name of the time zone of `schedule`, such as `Europe/Berlin`, with its daylight saving time.
   *
   * @default - that of the cluster's controllers, which is UTC
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
   */
  readonly timeZone?: string;

  /**
   * How many Jobs that succeeded are kept.
   *
   * @default 1
   */
  readonly successfulJobsHistoryLimit?: number;

  /**
   * How many Jobs that failed are kept.
   *
   * @default 1
   */
  readonly failedJobsHistoryLimit?: number;
}

/** The CronJob that deletes task pods which have ended and were left: `airflow kubernetes cleanup-pods`. */
export interface PodCleanupProps extends CronJobProps {
  /**
   * Minutes after which a pending pod that no scheduler knows is deleted, too.
   *
   * @default - Airflow's own: 30
   */
  readonly minPendingMinutes?: number;
}

/** The CronJob that deletes old rows of the database: `airflow db clean`. */
export interface DatabaseCleanupProps extends CronJobProps {
  /**
   * Age in days from which rows are deleted.
   *
   * @default 90
   */
  readonly retentionDays?: number;

  /**
   * Tables to clean.
   *
   * @default - all that Airflow's command knows
   */
  readonly tables?: string[];

  /**
   * True to delete rows without a copy of them in an archive table.
   *
   * @default false
   */
  readonly skipArchive?: boolean;

  /**
   * Rows in one transaction. Airflow 3.1 and newer.
   *
   * @default - all at once
   */
  readonly batchSize?: number;
}
