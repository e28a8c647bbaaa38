import { TaskReader } from './task-reader';
import { didYouMean } from '../../pod/closest';
import { Expansion, ExpansionFactor, MAPPED_PARAMETERS, MappedParameter, parameterKey, standingPod, tooManyIndexes, withItems, XCOM_PARAMETERS } from '../../pod/expansion';
import { isObject } from '../../pod/schema';
import { TaskParameters } from '../../pod/task-parameters';
import { taskPod } from '../../pod/task-pod';
import { TaskPodOptions } from '../../pod/task-pod-options';
import { shown } from '../../private/prop-types';
import { AirflowTask } from '../airflow-task';
import { PodTaskProps } from '../pod-task-props';
import { XComReference } from '../xcom-reference';

/** The pod of a task and, where it is mapped, of what its pods are made. */
export function readExpansion(read: TaskReader, props: PodTaskProps): { readonly options: TaskPodOptions; readonly expansion?: Expansion } {
  const { expand, expandKwargs, ...partial } = props;
  if (expand === undefined && expandKwargs === undefined) { return { options: read.podOptions(props) }; }
  if (expand !== undefined && expandKwargs !== undefined) { read.fail("'expand' and 'expandKwargs' are both given; a task is mapped once"); }
  const reader = new ExpansionReader(read, partial);
  const factors = expand !== undefined ? reader.product(expand) : [reader.sets(expandKwargs)];
  const brings = ({ parameter, items, xcom }: ExpansionFactor) => parameter === 'image' || (parameter === undefined && (xcom !== undefined || items!.every(({ image }) => image)));
  const expansion: Expansion = { factors, pod: read.podOptions(partial, [], factors.some(brings)) };
  const options = standingPod(expansion);
  // Each item is judged once, in the company of the first of the others.
  const first = factors.map(({ items }) => items?.[0] ?? {});
  const judged = { ...expansion, pod: { ...options, parameters: { ...expansion.pod.parameters, image: options.parameters.image } } };
  factors.forEach(({ parameter, items = [] }, i) => items.slice(1).forEach((item, j) => {
    try {
      taskPod(withItems(judged, first.map((other, k) => k === i ? item : other)));
    } catch (error) {
      read.fail(`'${parameter === undefined ? `expandKwargs[${j + 1}]` : `expand.${parameter}[${j + 1}]`}': ${(error as Error).message}`);
    }
  }));
  return { options, expansion };
}

class ExpansionReader {
  constructor(private readonly read: TaskReader, private readonly partial: PodTaskProps) {}

  public product(expand: any): ExpansionFactor[] {
    if (!isObject(expand)) {
      this.read.fail(`'expand' must be an object of parameters and their lists, such as { arguments: [['a'], ['b']] }, got ${shown(expand)}`);
    }
    const names = Object.keys(expand);
    if (names.length === 0) { this.read.fail("'expand' is empty; name a parameter and its list"); }
    this.bounded(Object.values(expand));
    return names.map((name): ExpansionFactor => {
      const parameter = this.parameter(name, `expand.${name}`);
      const values = expand[name];
      if (values instanceof XComReference) { return { parameter, xcom: this.xcom(`expand.${name}`, values, parameter) }; }
      if (!Array.isArray(values)) { this.read.fail(`'expand.${name}' must be a list of values of '${name}', or the 'output' of a task, got ${this.got(values)}`); }
      return { parameter, items: values.map((value: any, i: number) => this.item({ [parameter]: value }, `expand.${name}[${i}]`)) };
    });
  }

  public sets(kwargs: any): ExpansionFactor {
    if (kwargs instanceof XComReference) { return { xcom: this.xcom('expandKwargs', kwargs) }; }
    if (!Array.isArray(kwargs)) { this.read.fail(`'expandKwargs' must be a list of objects, or the 'output' of a task, got ${this.got(kwargs)}`); }
    this.bounded([kwargs]);
    return {
      items: kwargs.map((item: any, i: number) => {
        const where = `expandKwargs[${i}]`;
        if (!isObject(item)) { this.read.fail(`'${where}' must be an object of parameters, got ${this.got(item)}`); }
        Object.keys(item).forEach(name => this.parameter(name, `${where}.${name}`));
        return this.item(item, where);
      }),
    };
  }

  /** Before the items are read, of which each becomes a pod for a moment. */
  private bounded(lists: readonly unknown[]): void {
    const tooMany = tooManyIndexes(lists.filter(Array.isArray).map(list => list.length));
    if (tooMany !== undefined) { this.read.fail(`the task ${tooMany}`); }
  }

  private parameter(name: string, where: string): MappedParameter {
    if (!MAPPED_PARAMETERS.includes(name as MappedParameter)) {
      const known = didYouMean(name, MAPPED_PARAMETERS) || `; those are ${MAPPED_PARAMETERS.map(each => `'${each}'`).join(', ')}`;
      this.read.fail(`'${where}' is no parameter that a task can be mapped over${known}`);
    }
    if ((this.partial as any)[name] !== undefined) { this.read.fail(`'${name}' is given, and '${where}' again; take one out`); }
    return name as MappedParameter;
  }

  private xcom(where: string, { taskId, _whole }: XComReference, parameter?: MappedParameter): string {
    if (!_whole) { this.read.fail(`'${where}' takes the whole XCom of a task, as Airflow does; let '${taskId}' push the list alone, and write 'task.output'`); }
    if (parameter !== undefined && XCOM_PARAMETERS[parameter] === undefined) {
      this.read.fail(`'${where}' cannot come from an XCom; those that can are ${Object.keys(XCOM_PARAMETERS).map(name => `'${name}'`).join(', ')}; write a list`);
    }
    return taskId;
  }

  /** The values of one map index, read as the props of a task are. */
  private item(values: { [parameter: string]: any }, where: string): TaskParameters {
    const names = Object.keys(values) as MappedParameter[];
    const undefinedOne = names.find(name => values[name] === undefined || values[name] === null);
    if (undefinedOne !== undefined) { this.read.fail(`'${where}' is ${values[undefinedOne]}; give a value of '${undefinedOne}', such as one that is empty`); }
    const all = this.read.at(where).parameters({ image: 'image', ...this.partial, ...values } as PodTaskProps, true);
    return Object.fromEntries(names.map(name => [parameterKey(name), all[parameterKey(name)]]));
  }

  private got(value: any): string {
    return AirflowTask.isAirflowTask(value) ? `the task '${value.taskId}'; write its 'output'` : shown(value);
  }
}
