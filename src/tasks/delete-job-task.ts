import { Construct } from 'constructs';
import { ActionTask } from './action-task';
import { ActionTaskProps } from './action-task-props';
import { DagTaskOptions } from './dag-task-options';
import { actionTask, operatorNamespace, readAction } from './private/action-task';
import { optionArgs } from './private/dag-operator';
import type { PythonNames } from './private/dag-python';
import { XComReference } from './xcom-reference';
import { AirflowVersion } from '../airflow/version';
import { PythonCall } from '../pod/python';
import { PropNames } from '../private/known-props';

/** The parameters of a {@link DeleteJobTask}. */
export interface DeleteJobTaskProps extends ActionTaskProps {
  /** Name of the Job, such as {@link JobTask.jobName} of another task. May hold Jinja. */
  readonly name: string | XComReference;

  /**
   * Namespace of the Job, such as {@link JobTask.jobNamespace} of another task. May hold Jinja.
   *
   * @default - the chart's namespace, else the one that the run is for; an operator of a DAG needs one
   */
  readonly namespace?: string | XComReference;

  /**
   * Delete the Job only where it has ended so: otherwise it stays, and the task succeeds all the same.
   *
   * @default - whatever its state
   */
  readonly deleteOnStatus?: 'Complete' | 'Failed';

  /**
   * Wait first until the Job has ended.
   *
   * @default false
   */
  readonly waitForCompletion?: boolean;

  /**
   * Seconds between two looks at the Job in a generated DAG. The runner watches it instead.
   *
   * @default 10
   */
  readonly pollInterval?: number;
}

const PROPS: PropNames<DeleteJobTaskProps> = {
  taskId: true,
  retries: true,
  dependsOn: true,
  renderAs: true,
  name: true,
  namespace: true,
  deleteOnStatus: true,
  waitForCompletion: true,
  pollInterval: true,
};

/**
 * A task that deletes a Job with its pods: KubernetesDeleteJobOperator. A Job that is not there is no failure.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetesdeletejoboperator
 */
export class DeleteJobTask extends ActionTask {
  private readonly props: DeleteJobTaskProps;

  constructor(scope: Construct, id: string, written: DeleteJobTaskProps) {
    super(scope, id);
    const { read, props } = readAction(this, written, PROPS, 'DeleteJobTaskProps');
    this.props = props;
    if (props.pollInterval !== undefined) { read.positive('pollInterval', props.pollInterval); }
    this._parts = actionTask(this, read, 'DeleteJob', props, {
      name: read.required('name', props.name),
      namespace: props.namespace === undefined ? undefined : read.required('namespace', props.namespace),
      deleteOnStatus: read.choice('deleteOnStatus', props.deleteOnStatus, ['Complete', 'Failed']),
      waitForCompletion: read.flag('waitForCompletion', props.waitForCompletion) ? 'true' : undefined,
    });
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    const { name, deleteOnStatus, waitForCompletion, pollInterval } = this.props;
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.job.KubernetesDeleteJobOperator'), {
      ...this._parts.args,
      name: `${name}`,
      namespace: operatorNamespace(this),
      delete_on_status: deleteOnStatus,
      ...(waitForCompletion ? { wait_for_completion: true } : {}),
      poll_interval: pollInterval,
      ...optionArgs(options, version, names),
    });
  }
}
