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

/** The parameters of a {@link CreateResourceTask}. */
export interface CreateResourceTaskProps extends ResourceTaskProps {}

/**
 * A task that creates objects: KubernetesCreateResourceOperator. What was there before is a failure; what an earlier try of the same task made is not.
 * It does not wait until they are ready.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetescreateresourceoperator
 */
export class CreateResourceTask extends AirflowTask {
  public readonly taskId: string;

  public readonly name: string;

  public readonly renderAs: string;

  public readonly dependsOn: string[];

  public readonly namespace?: string;

  private readonly retries: number;

  private readonly props: CreateResourceTaskProps;

  constructor(scope: Construct, id: string, props: CreateResourceTaskProps) {
    super(scope, id);
    const read = actionReader(this, props, RESOURCE_TASK_PROPS, 'CreateResourceTaskProps');
    this.props = props;
    const parts = actionTask(this, read, 'CreateResource', props, resourceData(read, props));
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
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.resource.KubernetesCreateResourceOperator'), {
      task_id: this.taskId,
      ...resourceArgs(this.props, this.namespace),
      ...actionOptionArgs('CreateResource', this.retries, options, version, names),
    });
  }
}
