import type { OperatorArgs, OperatorTask } from './dag-operator';
import { PythonNames } from './dag-python';
import { ExpansionFactor, MAPPED_PARAMETERS, MappedParameter, parameterKey, XCOM_PARAMETERS } from '../../pod/expansion';
import { hasJinja } from '../../pod/jinja';
import { slugName, snakeCase } from '../../pod/names';
import { PythonCall, PythonName, PythonValue } from '../../pod/python';
import { TaskParameters } from '../../pod/task-parameters';

/** The arguments of a task; what is named stays out of its own parameters and goes into `full_pod_spec`. */
type ArgsOf = (task: OperatorTask, elsewhere?: ReadonlySet<string>) => OperatorArgs;

/**
 * A mapped task as `KubernetesPodOperator.partial(…).expand(…)`, or `.expand_kwargs(…)`.
 *
 * A list is written as what the pod of each item comes to, so that what comes from other layers is in it. Beside an XCom that goes into `full_pod_spec`,
 * which Airflow merges.
 */
export function mappedOperator(operator: string, task: OperatorTask, argsOf: ArgsOf, names: PythonNames): PythonCall {
  const { factors, pod } = task._annotation.expand!;
  const sets = factors[0].parameter === undefined;
  const ofXcom = new Set(factors.flatMap(({ parameter, xcom }) => xcom === undefined ? [] : parameter ? [parameter] : free(pod.parameters)));
  const inLists = factors.flatMap(({ parameter, items = [] }) => parameter ? [parameter] : items.flatMap(given));
  const ofLists = new Set(inLists.filter(name => !ofXcom.has(name)));
  const common = sets ? pod : task._options;
  const itemArgs = (item: TaskParameters) => argsOf({
    ...task,
    name: item.name === undefined ? task.name : hasJinja(item.name) ? item.name : slugName(item.name),
    _options: { ...common, parameters: { ...common.parameters, ...item } },
  });
  const list = ({ parameter, items, xcom }: ExpansionFactor): PythonValue => {
    if (items === undefined) { return new PythonName(`${names.variable(xcom!)}.output`); }
    return items.map(itemArgs).map(args => parameter ? args[snakeCase(parameter)] ?? null
      : Object.fromEntries([...ofLists].map(snakeCase).filter(name => args[name] !== undefined).map(name => [name, args[name]!])));
  };
  const expand = sets ? new PythonCall('expand_kwargs', [list(factors[0])])
    : new PythonCall('expand', Object.fromEntries(factors.map(factor => [snakeCase(factor.parameter!), list(factor)])));
  return new PythonCall(`${operator}.partial`, partialArgs(task, argsOf, ofXcom, ofLists), expand);
}

function partialArgs(task: OperatorTask, argsOf: ArgsOf, ofXcom: ReadonlySet<MappedParameter>, ofLists: ReadonlySet<MappedParameter>): OperatorArgs {
  // The image of the manifest stands for one that only the XCom has.
  const moved = [...ofXcom].filter(name => name !== 'name' && !(name === 'image' && task._options.parameters.image !== undefined));
  const args = argsOf(task, new Set(moved.map(snakeCase)));
  const before = jinjaInSpec(argsOf(task));
  if (jinjaInSpec(args) > before) {
    const jinja = moved.find(name => jinjaInSpec(argsOf(task, new Set([snakeCase(name)]))) > before);
    throw new Error(`it is mapped over an XCom, and another part of '${jinja}' holds Jinja, which Airflow would not render beside it; `
      + `let the XCom hold it, or map the task over a list of '${jinja}'`);
  }
  const out = new Set([...ofLists, ...ofXcom].map(snakeCase));
  return Object.fromEntries(Object.entries(args).filter(([name]) => !out.has(name)));
}

/** How often Jinja stands in what the arguments say beside the parameters. */
function jinjaInSpec({ full_pod_spec: spec = null, pod_template_dict: dict = null }: OperatorArgs): number {
  return JSON.stringify([spec, dict]).split(/\{[{%#]/).length;
}

/** What a set in an XCom may give: what the task does not. */
function free(parameters: TaskParameters): MappedParameter[] {
  return (Object.keys(XCOM_PARAMETERS) as MappedParameter[]).filter(name => {
    const value = parameters[parameterKey(name)];
    return value === undefined || Object.keys(value).length === 0;
  });
}

function given(item: TaskParameters): MappedParameter[] {
  return MAPPED_PARAMETERS.filter(name => item[parameterKey(name)] !== undefined);
}
