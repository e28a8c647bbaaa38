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

  /**
   * Dynamic task mapping, Airflow's `.partial(…).expand(…)`: parameter → list of its values, or the `output` of a task that pushes a list. The task runs
   * once for each value, and of several parameters for each combination. An empty list skips the task and what waits for it.
   *
   * Values of a list may hold Jinja; those of an XCom are taken as they are. `output` of the task is then the list of what its pods pushed.
   *
   * @default - the task runs once
   * @see https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html
   */
  readonly expand?: { [parameter: string]: any };

  /**
   * Airflow's `.expand_kwargs(…)`: for each run of the task an object of parameters, or the `output` of a task that pushes a list of such objects, whose
   * keys are the operator's own, such as `env_vars`.
   *
   * @default - the task runs once
   * @see https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html#sets-of-named-arguments
   */
  readonly expandKwargs?: any;
}
