import { didYouMean } from './closest';
import { filled } from './filled';
import { hasJinja } from './jinja';
import { IDENTITY_LABELS, MutationOp, MutationStep } from './mutation';
import { refusedValue } from './mutation-check';
import { isKeyed, itemKey, parsePodPath, podPathText, podTexts, withItemKey } from './pod-path';
import { throwProblems } from './problems';
import { isObject, toWire } from './schema';
import { SCHEMA } from './schema-data';
import { shown } from './shown';
import { TASK_ANNOTATION } from './task-annotation';
import { BASE_CONTAINER } from './task-parameters';
import { XCOM_SIDECAR_NAME } from './xcom';

/** What a mutation does, as its author wrote it. */
export interface MutationPatch {
  readonly merge?: any;
  readonly set?: { readonly [path: string]: any };
  readonly unset?: readonly string[];
}

/**
 * The operations of a patch: first those of `merge`, then of `set`, then of `unset`.
 *
 * @param ofWorkers true where the patch may come upon a pod of KubernetesExecutor
 * @throws Error for a path or a value that the Kubernetes schema does not know or the API server refuses, and for what would take from Airflow what it needs
 */
export function mutationOps(patch: MutationPatch, ofWorkers: boolean): MutationOp[] {
  const ops: MutationOp[] = [
    ...(patch.merge === undefined ? [] : mergeOps(toWire('Pod', patch.merge, 'merge', { partial: true }))),
    ...Object.entries(patch.set ?? {}).map(([path, value]) => setOp(path, value)),
    ...(patch.unset ?? []).map((path): MutationOp => ['unset', resolve(path, 'unset').steps]),
  ];
  if (ops.length === 0) { throw new Error("it changes nothing; give 'merge', 'set' or 'unset'"); }
  for (const op of ops) { assertAllowed(op, ofWorkers); }
  const jinja = podTexts(ops.map(([, , value]) => value ?? null)).find(({ text }) => hasJinja(text));
  if (jinja) { throw new Error(`it holds Jinja, which Airflow renders before it mutates pods, and so not at all: ${jinja.text.slice(0, 80)}; write the text itself`); }
  // A container that may be added is there as a whole and in parts.
  throwProblems([...new Set(ops.flatMap(refusedValue))]);
  return ops;
}

/** A path against the schema: its steps, and the type of what it names. */
function resolve(text: string, prop: string): { steps: MutationStep[]; type: string } {
  const path = parsePodPath(text);
  const steps: MutationStep[] = [];
  let type = 'Pod';
  path.forEach((step, i) => {
    const fail = (what: string): never => { throw new Error(`'${prop}' of '${text}': ${what}`); };
    const at = `'${podPathText(path.slice(0, i)) || 'the pod'}'`;
    if (type.startsWith('[]')) {
      const field = path[i - 1];
      const last = i === path.length - 1;
      if (!isKeyed(field) && step !== '-' && step !== '*') { fail(`items of ${at} have no name; write '${podPathText(path.slice(0, i))}[-]' for a further one, or name the whole list`); }
      if (step === '-' && (isKeyed(field) || !last || prop === 'unset')) { fail("'[-]' adds an item to a list without names, by 'set' alone"); }
      if (step === '*' && last) { fail(`'[*]' stands for every item of ${at}; name what is meant in it`); }
      steps.push([field, field === 'volumeMounts' ? step.replace(/(?<=.)\/+$/, '') : step]);
      type = type.slice(2);
    } else if (type.startsWith('{}')) {
      steps.push(step);
      type = type.slice(2);
    } else {
      const keys = Object.hasOwn(SCHEMA, type) ? SCHEMA[type] : {};
      if (!Object.hasOwn(keys, step)) { fail(`${at} has no '${step}'${didYouMean(step, Object.keys(keys))}`); }
      steps.push(step);
      type = keys[step].replace(/!$/, '');
      if (prop === 'unset' && type !== keys[step] && i === path.length - 1) { fail(`Kubernetes needs '${step}' of ${at}; name the whole of it`); }
    }
  });
  return { steps, type };
}

function setOp(text: string, value: any): MutationOp {
  const { steps, type } = resolve(text, 'set');
  const last = steps[steps.length - 1];
  const named = typeof last !== 'string' && last[1] !== '-';
  if (named && !isObject(value) && !Array.isArray(value)) { throw new Error(`'set' of '${text}' must be an object, got ${shown(value)}`); }
  const item = named ? withItemKey(last[0], last[1], value) : value;
  if (value === undefined || value === null) { throw new Error(`'set' of '${text}' has no value; 'unset' takes out what is there`); }
  const wire = toWire(type, item, `set['${text}']`);
  if (named && itemKey(last[0], wire) !== last[1]) { throw new Error(`'set' of '${text}' is called '${itemKey(last[0], wire)}' in its value; write one name`); }
  return ['set', steps, wire];
}

function mergeOps(pod: any): MutationOp[] {
  const { metadata = {}, spec = {} } = pod;
  const { labels, annotations, ...otherMetadata } = metadata;
  const { containers, initContainers, volumes, ...otherSpec } = spec;
  return [
    ...fieldOps(['metadata'], otherMetadata),
    ...fieldOps(['metadata', 'labels'], labels),
    ...fieldOps(['metadata', 'annotations'], annotations),
    ...fieldOps(['spec'], otherSpec),
    ...containerOps('initContainers', initContainers),
    ...containerOps('containers', containers),
    ...itemOps(['spec'], 'volumes', volumes),
  ];
}

function fieldOps(path: MutationStep[], object: any): MutationOp[] {
  return Object.entries(filled(object)).map(([key, value]) => ['set', [...path, key], value]);
}

function itemOps(path: MutationStep[], field: string, items: any[] = []): MutationOp[] {
  return items.map(item => ['set', [...path, field, [field, isKeyed(field) ? itemKey(field, item) : '-']], item]);
}

function containerOps(list: string, containers: any[] = []): MutationOp[] {
  return containers.flatMap(({ name, ...container }): MutationOp[] => {
    if (typeof name !== 'string') { throw new Error(`'merge.spec.${list}' holds a container without a name, by which it is found; the one of the task is called '${BASE_CONTAINER}'`); }
    const path = ['spec', list, [list, name]] as MutationStep[];
    const { env, envFrom, ports, volumeDevices, volumeMounts, ...others } = container;
    // Only a whole container can be added; a part of one is for pods that have it.
    const whole = container.image !== undefined && name !== BASE_CONTAINER && name !== XCOM_SIDECAR_NAME;
    return [
      ...(whole ? [['add', path, toWire('Container', { name, ...container }, `merge.spec.${list}[${name}]`)] as MutationOp] : []),
      ...fieldOps(path, others),
      ...Object.entries({ env, envFrom, ports, volumeDevices, volumeMounts }).flatMap(([field, items]) => itemOps(path, field, items)),
    ];
  });
}

/** Throws where it would take from Airflow, or from the runner, what they need. */
function assertAllowed([op, path, value]: MutationOp, ofWorkers: boolean): void {
  const text = podPathText(path.map(step => typeof step === 'string' ? step : step[1]));
  const [part, field, third, fourth] = path;
  const fail = (reason: string): never => { throw new Error(`'${text}' ${reason}`); };
  if (part !== 'metadata' && part !== 'spec') { fail("cannot be changed; a mutation is of 'metadata' and 'spec'"); }
  if (field === undefined) { fail('is nearly the whole pod; name a part of it'); }
  if (part === 'metadata') {
    if (['name', 'generateName', 'namespace'].includes(field as string)) { fail('is how Airflow and the runner find the pod again; it is set where the task is'); }
    if ((field === 'labels' || field === 'annotations') && third === undefined) { fail(`holds what Airflow finds the pod by; name a key of it, such as '${text}[team]'`); }
    if ((field === 'labels' || field === 'annotations') && [...IDENTITY_LABELS, TASK_ANNOTATION].includes(third as string)) { fail("is Airflow's own: it finds the task by it"); }
    return;
  }
  if (field === 'restartPolicy' && (op === 'unset' || value !== 'Never')) { fail("must be 'Never': a task that ended must not begin again"); }
  if (field !== 'containers' && field !== 'initContainers') { return; }
  if (third === undefined) { fail(`holds the task; name a container of it, such as '${text}[${BASE_CONTAINER}]'`); }
  const name = third[1];
  if (fourth === undefined) {
    if (op === 'set') { fail("would be replaced whole; write it into 'merge', or name a part of it"); }
    if (op === 'unset' && [BASE_CONTAINER, XCOM_SIDECAR_NAME].includes(name)) { fail('runs the task, or hands its XCom out; it must stay'); }
    return;
  }
  if (fourth === 'name') { fail('tells the container from others; it must stay'); }
  const base = field === 'containers' && (name === BASE_CONTAINER || name === '*');
  if (base && ofWorkers && (fourth === 'command' || fourth === 'args')) { fail("is Airflow's own in the pods of KubernetesExecutor: it starts the task by it; say podsOf: ['KubernetesPodOperator']"); }
}
