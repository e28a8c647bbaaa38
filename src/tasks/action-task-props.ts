import { AirflowTask } from './airflow-task';

/** What tasks that make no object of their own have in common: they delete, change or create objects of the cluster. */
export interface ActionTaskProps {
  /**
   * The task's id, unique in a run: letters, digits, `-`, `_` and `.`, at most 250.
   *
   * @default - the construct's id
   */
  readonly taskId?: string;

  /**
   * Further tries after a failed one.
   *
   * @default 0
   */
  readonly retries?: number;

  /**
   * Tasks that must have ended with success first, beside those whose XCom this task uses.
   *
   * @default - none
   */
  readonly dependsOn?: AirflowTask[];

  /**
   * The object that is synthesised: a `ConfigMap` that says what is to be done, and does nothing when it is applied; `none` synthesises nothing.
   *
   * @default 'ConfigMap'
   */
  readonly renderAs?: 'ConfigMap' | 'none';
}
