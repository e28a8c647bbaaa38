import { Construct } from 'constructs';
import { AirflowTask } from './airflow-task';
import { DagTaskOptions } from './dag-task-options';
import { actionOptionArgs, actionReader, actionTask } from './private/action-task';
import type { PythonNames } from './private/dag-python';
import { RESOURCE_TASK_PROPS, resourceData, resourceArgs } from './private/resource-task';
import { taskConflicts } from './private/task-conflicts';
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
export class DeleteResourceTask extends AirflowTask {
  public readonly taskId: string;

  public readonly name: string;

  public readonly renderAs: string;

  public readonly dependsOn: string[];

  public readonly namespace?: string;

  private readonly retries: number;

  private readonly props: DeleteResourceTaskProps;

  constructor(scope: Construct, id: string, props: DeleteResourceTaskProps) {
    super(scope, id);
    const read = actionReader(this, props, RESOURCE_TASK_PROPS, 'DeleteResourceTaskProps');
    this.props = props;
    const parts = actionTask(this, read, 'DeleteResource', props, resourceData(read, props));
    this.taskId = parts.taskId;
    this.name = parts.name;
    this.renderAs = parts.renderAs;
    this.dependsOn = parts.dependsOn;
    this.namespace = parts.namespace;
    this.retries = parts.retries;
    this.node.addValidation({ validate: () => taskConflicts(this) });
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.resource.KubernetesDeleteResourceOperator'), {
      task_id: this.taskId,
      ...resourceArgs(this.props, this.namespace),
      ...actionOptionArgs('DeleteResource', this.retries, options, version, names),
    });
  }
}
