import { Construct } from 'constructs';
import { AirflowTask } from './airflow-task';
import { DagTaskOptions } from './dag-task-options';
import { optionArgs } from './private/dag-operator';
import { INSTALL_OPTIONS } from './private/dag-options';
import type { PythonNames } from './private/dag-python';
import { TaskReader } from './private/task-reader';
import { AirflowVersion } from '../airflow/version';
import { slug } from '../pod/names';
import { PythonCall } from '../pod/python';
import { checkPropNames } from '../private/known-props';
import { shown } from '../private/prop-types';

/** The parameters of an {@link InstallKueueTask}. */
export interface InstallKueueTaskProps {
  /** The release of Kueue, such as `v0.14.1`. May hold Jinja. */
  readonly kueueVersion: string;

  /**
   * The task's id.
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
   * Tasks that must have ended with success first.
   *
   * @default - none
   */
  readonly dependsOn?: AirflowTask[];
}

/**
 * A task of a generated DAG that installs Kueue from the Internet: KubernetesInstallKueueOperator. It needs the rights of a cluster's administrator. The
 * runtime does not know it: apply {@link Kueue} instead.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html#kubernetesinstallkueueoperator
 */
export class InstallKueueTask extends AirflowTask {
  public readonly taskId: string;

  public readonly name: string;

  public readonly renderAs: string = 'none';

  public readonly dependsOn: string[];

  public readonly namespace?: string;

  private readonly kueueVersion: string;

  private readonly retries: number;

  constructor(scope: Construct, id: string, props: InstallKueueTaskProps) {
    super(scope, id);
    const read = new TaskReader(this.node.path);
    const names = { kueueVersion: true, taskId: true, retries: true, dependsOn: true } as const;
    read.guarded(() => checkPropNames(props, names, 'InstallKueueTask', 'InstallKueueTaskProps'));
    const { kueueVersion } = props;
    if (typeof kueueVersion !== 'string' || !/^v\d+\.\d+\.\d+|\{\{/.test(kueueVersion)) {
      read.fail(`'kueueVersion' must be a release such as 'v0.14.1', got ${shown(kueueVersion)}`);
    }
    this.kueueVersion = kueueVersion;
    this.taskId = read.taskId(props.taskId ?? id);
    this.name = slug(this.taskId);
    this.retries = read.wholeNumber('retries', props.retries ?? 0, 0);
    this.dependsOn = [...new Set((props.dependsOn ?? []).map(task => task.taskId))].sort();
  }

  /** @internal */
  public get _knownOptions(): readonly string[] {
    return INSTALL_OPTIONS;
  }

  /** @internal */
  public _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames): PythonCall {
    return new PythonCall(names.imported('airflow.providers.cncf.kubernetes.operators.kueue.KubernetesInstallKueueOperator'), {
      task_id: this.taskId,
      kueue_version: this.kueueVersion,
      ...(this.retries === 0 ? {} : { retries: this.retries }),
      ...optionArgs(options, version, names),
    });
  }
}
