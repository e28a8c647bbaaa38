import { Construct } from 'constructs';
import { ActionTask } from './action-task';
import { ActionTaskProps } from './action-task-props';
import { DagTaskOptions } from './dag-task-options';
import { actionTask, operatorNamespace, readAction } from './private/action-task';
import { optionArgs } from './private/dag-operator';
import type { PythonNames } from './private/dag-python';
import { jobPatch } from './private/job-patch';
import { XComReference } from './xcom-reference';
import { AirflowVersion } from '../airflow/version';
import { PythonCall } from '../pod/python';
import { PropNames } from '../private/known-props';

/** The parameters of a {@link PatchJobTask}. */
export interface PatchJobTaskProps extends ActionTaskProps {
  /** Name of the Job, such as {@link JobTask.jobName} of another task. May hold Jinja. */
  readonly name: string | XComReference;

  /**
   * Namespace of the Job, such as {@link JobTask.jobNamespace} of another task. May hold Jinja.
   *
   * @default - the chart's namespace, else the one that the run is for; an operator of a DAG needs one
   */
  readonly namespace?: string | XComReference;

  /** What is changed, such as `{ spec: { suspend: false } }`: a part of a Job. Null removes a field. Texts may hold Jinja. */
  readonly body: { [key: string]: any };
}

const PROPS: PropNames<PatchJobTaskProps> = {
  taskId: true, retries: true, dependsOn: true, renderAs: true, name: true, namespace: true, body: true,
};

/**
 * A task that changes a Job by a merge patch: KubernetesPatchJobOperator. It resumes a suspended one with `{ spec: { suspend: false } }`.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetespatchjoboperator
 */
export class PatchJobTask extends ActionTask {
  private readonly jobName: string;

  private readonly body: any;

  constructor(scope: Construct, id: string, written: PatchJobTaskProps) {
    super(scope, id);
    const { read, props } = readAction(this, written, PROPS, 'PatchJobTaskProps');
    this.jobName = read.required('name', props.name);
    this.body = read.guarded(() => jobPatch(props.body));
    this._parts = actionTask(this, read, 'PatchJob', props, {
      name: this.jobName,
      namespace: props.namespace === undefined ? undefined : read.required('namespace', props.namespace),
      body: JSON.stringify(this.body),
    });
  }

  /** The Job as it is then, as the operator pushes it, fields in snake_case, for use in another task. */
  public get output(): XComReference {
    return XComReference._of(this.taskId, 'return_value');
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.job.KubernetesPatchJobOperator'), {
      ...this._parts.args,
      name: this.jobName,
      namespace: operatorNamespace(this),
      body: this.body,
      ...optionArgs(options, version, names),
    });
  }
}
