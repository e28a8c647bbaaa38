import { AirflowPodProps } from '../tasks/airflow-pod-props';

/** What can be set on a component that stays. */
export interface ComponentProps extends AirflowPodProps {
  /**
   * Number of pods; more than one brings a PodDisruptionBudget.
   *
   * @default 1
   */
  readonly replicas?: number;
}
