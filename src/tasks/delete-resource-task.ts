import { Construct } from 'constructs';
import { ActionTask } from './action-task';
import { DagTaskOptions } from './dag-task-options';
import { actionTask, readAction } from './private/action-task';
import { optionArgs } from './private/dag-operator';
import type { PythonNames } from './private/dag-python';
import { RESOURCE_TASK_PROPS, resourceData, resourceArgs } from './private/resource-task';
import { ResourceTaskProps } from './resource-task-props';
import { AirflowVersion } from '../airflow/version';
import { PythonCall } from '../pod/python';

/** The parameters of a {@link DeleteResourceTask}. */
export interface DeleteResourceTaskProps extends ResourceTaskProps {}

/**
 * A task that deletes objects, with what belongs to them: KubernetesDeleteResourceOperator. What is not there is no failure of `cdk8s-airflow run`.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetesdeleteresourceoperator
 */
export class DeleteResourceTask extends ActionTask {
  private readonly props: DeleteResourceTaskProps;

  constructor(scope: Construct, id: string, written: DeleteResourceTaskProps) {
    super(scope, id);
    const { read, props } = readAction(this, written, RESOURCE_TASK_PROPS, 'DeleteResourceTaskProps');
    this.props = props;
    this._parts = actionTask(this, read, 'DeleteResource', props, resourceData(read, props));
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.resource.KubernetesDeleteResourceOperator'), {
      ...this._parts.args,
      ...resourceArgs(this.props, this.namespace),
      ...optionArgs(options, version, names),
    });
  }
}
