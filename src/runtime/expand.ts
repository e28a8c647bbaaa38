import { isDeepStrictEqual } from 'node:util';
import { MappedXCom, XComSource, XComUnknown } from './context';
import { ManifestError, XComError } from './errors';
import { JsonNode } from './json';
import type { PlannedTask } from './plan';
import { Expansion, ExpansionFactor, MappedParameter, MAX_MAP_LENGTH, parameterKey, placesOf, standingPod, tooManyIndexes, withItems, XCOM_PARAMETERS } from '../pod/expansion';
import { hasJinja, verbatim } from '../pod/jinja';
import { Manifest } from '../pod/manifest';
import { layerName, slug, slugName, snakeCase } from '../pod/names';
import { shown } from '../pod/shown';
import { LAYER_NAME, TASK_ANNOTATION, TaskAnnotation } from '../pod/task-annotation';
import { TaskParameters } from '../pod/task-parameters';
import { taskPod, writtenBelow } from '../pod/task-pod';

/** The tasks whose XComs others are mapped over. */
export function mappedOver(tasks: readonly PlannedTask[]): Set<string> {
  return new Set(tasks.flatMap(({ task }) => task.expand?.factors.flatMap(({ xcom }) => xcom ?? []) ?? []));
}

/**
 * What a mapped task becomes: a task for each map index, none for an empty list.
 *
 * @param xcom the XComs that it is mapped over
 * @throws ManifestError, XComError; XComUnknown where a list is not known
 */
export function mapIndexes(planned: PlannedTask, xcom: XComSource): PlannedTask[] {
  const { factors } = planned.task.expand!;
  const lists = factors.map(factor => itemsOf(planned, factor, xcom));
  const lengths = lists.map(items => items.length);
  const tooMany = tooManyIndexes(lengths);
  if (tooMany !== undefined) { throw new ManifestError(`task '${planned.task.taskId}' ${tooMany}`); }
  return Array.from({ length: lengths.reduce((product, length) => product * length, 1) }, (_, mapIndex) => {
    const places = placesOf(mapIndex, lengths);
    return atIndex(planned, mapIndex, () => places.map((place, i) => lists[i][place]()));
  });
}

/** What is wrong with an XCom that other tasks are mapped over, in Airflow's words; undefined where nothing is. */
export function unmappable(value: JsonNode | null): XComError | undefined {
  if (value === null || value.kind === 'null') {
    return new XComError('XComForMappingNotPushed', 'it did not push an XCom, and another task is mapped over it', 'write a JSON list to /airflow/xcom/return.json; an empty one skips that task');
  }
  if (value.kind !== 'array' && value.kind !== 'object') {
    return new XComError('UnmappableXComTypePushed', `its XCom is of the unmappable type '${PYTHON_TYPES[value.kind]}', and another task is mapped over it`,
      'write a JSON list to /airflow/xcom/return.json');
  }
  const length = value.kind === 'array' ? value.items.length : value.entries.size;
  return length <= MAX_MAP_LENGTH ? undefined : new XComError('UnmappableXComLengthPushed',
    `its XCom has ${length} items, and another task is mapped over it: at most ${MAX_MAP_LENGTH} are, as by Airflow's [core] max_map_length`,
    'let one pod work on several of them: push a shorter list of lists');
}

const PYTHON_TYPES: { readonly [kind in JsonNode['kind']]: string } = {
  null: 'NoneType', boolean: 'bool', number: 'number', string: 'str', array: 'list', object: 'dict',
};

/** @throws ManifestError for a manifest that is another one than was synthesised: its pods are made of the annotation */
export function checkStanding(expansion: Expansion, spec: any, where: string): void {
  const standing = JSON.parse(JSON.stringify(taskPod(standingPod(expansion)).spec));
  if (!isDeepStrictEqual(standing, spec)) {
    throw new ManifestError(`${where} is mapped, and its 'spec' is not what the annotation '${TASK_ANNOTATION}' makes of it, from which its pods are made`,
      "change the task by 'podOverride' or a PodMutation and synthesise again, with the release of cdk8s-airflow that runs it");
  }
}

/** The items of a list, each to be read when its turn comes. */
function itemsOf({ task: { taskId } }: PlannedTask, { parameter, items, xcom }: ExpansionFactor, source: XComSource): (() => TaskParameters)[] {
  if (items) { return items.map(item => () => item); }
  const value = source(xcom!, 'return_value');
  if (value === undefined) { throw new XComUnknown(xcom); }
  const nodes = value instanceof MappedXCom ? value.pushed : listOf(value, xcom!);
  return nodes.map((node, i) => () => {
    const where = `item ${i} of the XCom of '${xcom}', over which task '${taskId}' is mapped,`;
    return parameter === undefined ? parametersOf(node, where) : { [parameterKey(parameter)]: parameterOf(parameter, node, where) };
  });
}

function listOf(value: JsonNode | null, taskId: string): JsonNode[] {
  const problem = unmappable(value);
  if (problem) { throw new XComError(problem.reason, `task '${taskId}': ${problem.message}`, problem.nextStep); }
  if (value!.kind === 'array') { return value!.items; }
  // As in Airflow, a dict is the list of its items.
  return [...(value as Extract<JsonNode, { kind: 'object' }>).entries].map(([key, item]) => ({ kind: 'array', items: [{ kind: 'string', value: key }, item] }));
}

/** An object of the operator's own parameters. */
function parametersOf(node: JsonNode, where: string): TaskParameters {
  if (node.kind !== 'object') { return wrong(where, 'an object of parameters', node); }
  const known = Object.keys(XCOM_PARAMETERS) as MappedParameter[];
  return Object.fromEntries([...node.entries].map(([name, value]) => {
    const parameter = known.find(each => snakeCase(each) === name);
    if (!parameter) { throw new ManifestError(`${where} has '${name}', which is none of the parameters ${known.map(each => `'${snakeCase(each)}'`).join(', ')}`); }
    return [parameterKey(parameter), parameterOf(parameter, value, `'${name}' of ${where}`)];
  }));
}

/** What comes from an XCom is never rendered. */
function parameterOf(parameter: MappedParameter, node: JsonNode, where: string): any {
  const text = (value: JsonNode): string => value.kind === 'string' ? verbatim(value.value) : wrong(where, MUST[XCOM_PARAMETERS[parameter]!], node);
  switch (XCOM_PARAMETERS[parameter]!) {
    case 'text': return text(node);
    case 'texts': return node.kind === 'array' ? node.items.map(text) : wrong(where, MUST.texts, node);
    case 'map': {
      if (node.kind !== 'object') { return wrong(where, MUST.map, node); }
      const entries = [...node.entries].map(([name, value]) => [name, text(value)]);
      return parameter === 'envVars' ? entries.map(([name, value]) => ({ name: verbatim(name), value })) : Object.fromEntries(entries);
    }
  }
}

const MUST = { text: 'a text', texts: 'a list of texts', map: 'an object of names and texts' };

function wrong(where: string, must: string, got: JsonNode): never {
  const what = got.kind === 'string' ? shown(got.value.slice(0, 60)) : got.kind === 'number' ? got.text : got.kind === 'boolean' ? String(got.value)
    : got.kind === 'array' ? `a list of ${got.items.length}` : got.kind === 'object' ? 'an object' : 'null';
  throw new ManifestError(`${where} must be ${must}, got ${what}`, 'let the task that pushes it write it so');
}

/** The task of one map index, with its own pod. */
function atIndex(planned: PlannedTask, mapIndex: number, items: () => TaskParameters[]): PlannedTask {
  const { expand, name: _, ...others } = planned.task;
  try {
    const options = withGiven(expand!, items());
    const pod = taskPod(options);
    const { name } = pod.metadata;
    const argument = name === options.parameters.name;
    const templated = argument ? others.templated?.filter(path => path !== LAYER_NAME) : others.templated;
    const task = { ...others, templated, asWritten: writtenBelow(pod, options), ...(name !== undefined && hasJinja(name) ? { name } : {}) };
    return { ...planned, task, mapIndex, object: podOf(planned, task, pod, argument) };
  } catch (error) {
    if (error instanceof ManifestError) { throw error; }
    throw new ManifestError(`map index ${mapIndex} of task '${others.taskId}': ${(error as Error).message}`);
  }
}

/** @throws ManifestError for a parameter that the task has already, as Airflow does */
function withGiven(expansion: Expansion, items: TaskParameters[]) {
  const given: { readonly [key: string]: any } = expansion.pod.parameters;
  const twice = items.flatMap(Object.keys).find(key => given[key] !== undefined && !isEmpty(given[key]));
  if (twice !== undefined) { throw new Error(`'${twice === 'env' ? 'envVars' : twice}' is given by the task, and again for the map index; take one out`); }
  return withItems(expansion, items);
}

function isEmpty(value: any): boolean {
  return value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function podOf(
  { task: { expand }, object }: PlannedTask, task: TaskAnnotation, { metadata, spec }: ReturnType<typeof taskPod>, argument: boolean,
): Manifest {
  const { name, labels, annotations } = metadata;
  const standing = taskPod(standingPod(expand!)).metadata;
  // What a chart added to the manifest stays.
  const over = (given: any, before: any, own: any) => ({
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => !Object.hasOwn(before ?? {}, key))), ...own,
  });
  return {
    ...object,
    metadata: {
      ...object.metadata,
      name: name === undefined || task.name !== undefined ? slug(task.taskId) : (argument ? slugName : layerName)(name),
      labels: over(object.metadata.labels, standing.labels, labels),
      annotations: { ...over(object.metadata.annotations, standing.annotations, annotations), [TASK_ANNOTATION]: JSON.stringify(task) },
    },
    spec,
  };
}
