import { ApiServerProps } from './api-server-props';
import { StatefulComponentProps } from './stateful-component-props';
import { AirflowImage } from '../airflow/image';

/**
 * Celery workers of one kind. A worker that is told to end takes no more tasks and ends when those that it has are done: `terminationGracePeriodSeconds`,
 * 600 unless set, must be longer than the longest task.
 */
export interface WorkerPool extends ApiServerProps, StatefulComponentProps {
  /**
   * The end of the names of its objects, `<name>-celery-worker-<pool>`. At most one pool of a deployment has none.
   *
   * @default - `<name>-celery-worker`
   */
  readonly name?: string;

  /**
   * The queues from which it takes tasks.
   *
   * @default - `[operators] default_queue`
   */
  readonly queues?: string[];

  /**
   * Tasks at the same time in one worker: `[celery] worker_concurrency`.
   *
   * @default - that of `env` or `config`; 16, Airflow's own
   */
  readonly concurrency?: number;

  /**
   * An image of its own, with the same Airflow and the same DAGs' dependencies.
   *
   * @default - the deployment's
   */
  readonly image?: AirflowImage;

  /**
   * Lets KEDA choose the number of workers by the tasks that are queued and running. KEDA must be installed; `replicas` and `autoscaling` must not be given.
   *
   * @default - `replicas` workers
   */
  readonly keda?: KedaScaling;
}

/** A ScaledObject of KEDA, which asks the metadata database. */
export interface KedaScaling {
  /**
   * Fewest pods.
   *
   * @default 0
   */
  readonly minReplicas?: number;

  /** Most pods. */
  readonly maxReplicas: number;

  /**
   * Seconds between two looks at the database.
   *
   * @default 10
   */
  readonly pollingIntervalSeconds?: number;

  /**
   * Seconds without work after which the last pod ends; at least as long as a pod has to end.
   *
   * @default - `terminationGracePeriodSeconds` of the pods
   */
  readonly cooldownSeconds?: number;
}
