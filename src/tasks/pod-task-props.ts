import { TaskPodProps } from './task-pod-props';

/** The parameters of a {@link PodTask}. */
export interface PodTaskProps extends TaskPodProps {
  /**
   * The object that is synthesised: a `Pod` runs as soon as it is applied; a `PodTemplate` can be applied without running; the runtime takes both.
   * `none` synthesises nothing. Not a parameter of KubernetesPodOperator.
   *
   * @default 'Pod'
   */
  readonly renderAs?: 'Pod' | 'PodTemplate' | 'none';
}
