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

/** The parameters of a {@link CreateResourceTask}. */
export interface CreateResourceTaskProps extends ResourceTaskProps {}

/**
 * A task that creates objects: KubernetesCreateResourceOperator. What was there before is a failure; what an earlier try of the same task made is not.
 * It does not wait until they are ready.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetescreateresourceoperator
 */
export class CreateResourceTask extends ActionTask {
  private readonly props: CreateResourceTaskProps;

  constructor(scope: Construct, id: string, written: CreateResourceTaskProps) {
    super(scope, id);
    const { read, props } = readAction(this, written, RESOURCE_TASK_PROPS, 'CreateResourceTaskProps');
    this.props = props;
    this._parts = actionTask(this, read, 'CreateResource', props, resourceData(read, props));
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.resource.KubernetesCreateResourceOperator'), {
      ...this._parts.args,
      ...resourceArgs(this.props, this.namespace),
      ...optionArgs(options, version, names),
    });
  }
}
