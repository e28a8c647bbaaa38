import { AirflowTask } from './airflow-task';
import type { ActionTaskParts } from './private/action-task';
import { actionOptions } from './private/dag-options';

/** A task that makes no object of its own: it deletes, changes or creates objects of the cluster. */
export abstract class ActionTask extends AirflowTask {
  /** @internal */
  protected _parts!: ActionTaskParts;

  public get taskId(): string {
    return this._parts.taskId;
  }

  public get name(): string {
    return this._parts.name;
  }

  public get renderAs(): string {
    return this._parts.renderAs;
  }

  public get dependsOn(): string[] {
    return this._parts.dependsOn;
  }

  public get namespace(): string | undefined {
    return this._parts.namespace;
  }

  /** @internal */
  public get _knownOptions(): readonly string[] {
    return actionOptions(this._parts.action);
  }
}
