import { jinjaString } from '../pod/jinja';
import { shown } from '../private/prop-types';

/**
 * A task's XCom, or a part of it, for use in another task's `cmds`, `arguments` and environment.
 *
 * It stands for Jinja's `xcom_pull` as text, so it may also be put into a longer string; both ways the other task waits for this one.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html
 */
export class XComReference {
  /** What a task pushes under a key of its own. @internal */
  public static _of(taskId: string, key: string): XComReference {
    return new XComReference(taskId, [], key);
  }

  /** The task whose XCom it is. */
  public readonly taskId: string;
  private readonly keys: (string | number)[];

  private readonly key?: string;

  /** @internal */
  constructor(taskId: string, keys: (string | number)[] = [], key?: string) {
    this.taskId = taskId;
    this.keys = keys;
    this.key = key;
  }

  /**
   * The value under a key of this XCom, which must be a JSON object.
   *
   * @param key a key of the object in return.json
   */
  public get(key: string): XComReference {
    if (typeof key !== 'string') { throw new Error(`'key' of an XCom must be a text, got ${shown(key)}; an item of a list is 'at(0)'`); }
    return new XComReference(this.taskId, [...this.keys, key], this.key);
  }

  /**
   * An item of this XCom, which must be a JSON list.
   *
   * @param index from 0; from -1 backwards from the end
   */
  public at(index: number): XComReference {
    if (!Number.isSafeInteger(index)) { throw new Error(`'index' of an XCom must be a whole number, got ${index}`); }
    return new XComReference(this.taskId, [...this.keys, index], this.key);
  }

  /** True for what the task pushes as its result, and no part of it. @internal */
  public get _whole(): boolean {
    return this.keys.length === 0 && this.key === undefined;
  }

  /** The Jinja text, for example `{{ ti.xcom_pull(task_ids='extract')['rows'] }}`. */
  public toString(): string {
    const path = this.keys.map(key => `[${typeof key === 'number' ? key : jinjaString(key)}]`).join('');
    const key = this.key === undefined ? '' : `, key=${jinjaString(this.key)}`;
    return `{{ ti.xcom_pull(task_ids=${jinjaString(this.taskId)}${key})${path} }}`;
  }
}
