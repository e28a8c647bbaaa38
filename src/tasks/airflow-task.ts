import { Construct } from 'constructs';
import { DagTaskOptions } from './dag-task-options';
import type { PythonNames } from './private/dag-python';
import { withUpstream } from './private/upstream';
import { AirflowVersion } from '../airflow/version';
import { PythonCall } from '../pod/python';
import { constructsOf } from '../private/complete-app';
import { warnWhenComplete } from '../private/warnings';

const AIRFLOW_TASK = Symbol.for('cdk8s-airflow.AirflowTask');

/** A step of a run or of a DAG, after the tasks that it waits for: a {@link PodTask}, a {@link JobTask} and the like. */
export abstract class AirflowTask extends Construct {
  /** True for a task, also one of another copy of this package. */
  public static isAirflowTask(x: any): x is AirflowTask {
    return x !== null && typeof x === 'object' && AIRFLOW_TASK in x;
  }

  /** The task's id, unique in a run. */
  public abstract readonly taskId: string;

  /** The name of the object. */
  public abstract readonly name: string;

  /** The kind of object that is synthesised. */
  public abstract readonly renderAs: string;

  /** Ids of the tasks that must have ended with success first, sorted. */
  public abstract readonly dependsOn: string[];

  /** The namespace in which the task works; undefined where neither the props nor the chart names one. */
  public abstract readonly namespace?: string;

  /** Names of the {@link DagTaskOptions} that its operator has; undefined where it has all. @internal */
  public get _knownOptions(): readonly string[] | undefined {
    return undefined;
  }

  /** True for a task that runs once for each item of a list. @internal */
  public get _mapped(): boolean {
    return false;
  }

  protected constructor(scope: Construct, id: string) {
    super(scope, id);
    Object.defineProperty(this, AIRFLOW_TASK, { value: true });
    warnWhenComplete(this, () => this.node.dependencies.filter(AirflowTask.isAirflowTask).filter(task => !this.waitsFor(task))
      .map(({ taskId }) => `'node.addDependency' orders manifests and not tasks, so that '${this.taskId}' does not wait for '${taskId}'; name it in 'dependsOn'`));
  }

  /** Whether it waits for a task, be it by way of others. */
  private waitsFor({ taskId }: AirflowTask): boolean {
    if (this.dependsOn.includes(taskId)) { return true; }
    const tasks = constructsOf(this, AirflowTask.isAirflowTask);
    return withUpstream(this.dependsOn, id => tasks.filter(task => task.taskId === id).flatMap(({ dependsOn }) => dependsOn)).has(taskId);
  }

  /** The task as Airflow's operator. @internal */
  public abstract _operator(options: DagTaskOptions, version: AirflowVersion, names: PythonNames, dagId: string): PythonCall;
}
