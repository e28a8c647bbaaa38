import { createHash } from 'node:crypto';
import { actionProblem } from './action';
import { ManifestError } from './errors';
import { checkStanding } from './expand';
import { loadManifests, SourcedManifest } from './manifests';
import { objectKindOf } from './object-kind';
import { didYouMean } from '../pod/closest';
import { pulledOfDag, pulledTaskIds } from '../pod/jinja';
import { Manifest } from '../pod/manifest';
import { slug } from '../pod/names';
import { readTaskAnnotation, TASK_ANNOTATION, TaskAnnotation } from '../pod/task-annotation';

/** A task: its object as it was synthesised, and what its annotation says. */
export interface PlannedTask {
  readonly task: TaskAnnotation;
  /** What is made for a try, before templating: a Pod, or a Job and the like; of a task that only does something, the ConfigMap that says what. */
  readonly object: Manifest;
  /** The object is a template: its manifest has the task annotation. A pod that somebody wrote by hand is run as it is. */
  readonly templated: boolean;
  /** Where the manifest came from. */
  readonly source: string;
  /** What it waits for: what `task.dependsOn` names and what its templates pull from. */
  readonly upstream: string[];
  /** Which one of a mapped task it is; absent for a task that is not mapped, and for a mapped task before it is known what it is mapped over. */
  readonly mapIndex?: number;
  /** The same for the same manifest. */
  readonly fingerprint: string;
}

export interface Plan {
  /** Each after the ones it waits for; else in the order of the manifests. */
  readonly tasks: PlannedTask[];
  /** What was left out and why. */
  readonly notes: string[];
}

/**
 * The tasks of manifests in the order in which they may run.
 *
 * A Pod without a task annotation runs as it is written, with KubernetesPodOperator's defaults, without templating and XCom; every other object without one is left out with a note.
 *
 * @param only Run only these tasks and what they wait for.
 * @throws ManifestError
 */
export function plan(manifests: string | Manifest[], only?: string[], dagId?: string): Plan {
  const notes: string[] = [];
  const found = new Map<string, PlannedTask>();
  const ignored = new Map<string, number>();
  for (const sourced of loadManifests(manifests)) {
    const planned = taskOf(sourced);
    if (planned === undefined) {
      const { kind } = sourced.manifest;
      ignored.set(kind, (ignored.get(kind) ?? 0) + 1);
      continue;
    }
    const { taskId } = planned.task;
    const other = found.get(taskId);
    if (other) {
      throw new ManifestError(`task id '${taskId}' is used twice: in ${other.source} and in ${planned.source}`, "give one of them another 'taskId', or run the files one by one");
    }
    found.set(taskId, planned);
  }
  if (ignored.size > 0) {
    const list = [...ignored].map(([kind, count]) => `${count} ${kind}`).join(', ');
    notes.push(`not tasks, left alone: ${list}; apply what the tasks need with kubectl first`);
  }
  if (found.size === 0) {
    throw new ManifestError('there is no task in these manifests', "a task is a Pod, or another object with the annotation 'cdk8s-airflow/task' that PodTask, JobTask and the like write");
  }
  const ordered = order(connect([...found.values()], dagId));
  return { tasks: only && only.length > 0 ? select(ordered, only) : ordered, notes };
}

/** The namespace that a task runs in. */
export function namespaceOf({ object }: PlannedTask, otherwise: string | undefined): string {
  return object.metadata.namespace ?? otherwise ?? 'default';
}

/** @throws ManifestError where a manifest names another namespace than the one asked for, as kubectl does */
export function checkNamespaces(tasks: PlannedTask[], asked: string | undefined): void {
  for (const { task, object: { metadata: { namespace } }, source } of tasks) {
    if (asked !== undefined && namespace !== undefined && namespace !== asked) {
      throw new ManifestError(`task '${task.taskId}' is for namespace '${namespace}', not for '${asked}' (${source})`,
        "leave '--namespace' out, or synthesise the task without a namespace");
    }
  }
}

/** The task that a manifest holds; undefined for another kind. @throws ManifestError */
export function taskOf({ manifest, source }: SourcedManifest): PlannedTask | undefined {
  if (manifest.apiVersion !== 'v1' || (manifest.kind !== 'Pod' && manifest.kind !== 'PodTemplate')) { return otherTaskOf({ manifest, source }); }
  const name = manifest.metadata.name ?? manifest.metadata.generateName?.replace(/-+$/, '');
  const where = `${manifest.kind} '${name}' in ${source}`;
  let task = annotationOf({ manifest, source });
  let templated = true;
  if (task === undefined) {
    if (manifest.kind === 'PodTemplate') { return undefined; }
    if (!name) { throw new ManifestError(`a Pod in ${source} has no 'metadata.name'`, 'give it one: it is the task id'); }
    templated = false;
    task = {
      version: 1, taskId: name, dependsOn: [], retries: 0, doXcomPush: false, xcomMode: 'native', startupTimeoutSeconds: 120, onFinishAction: 'delete_pod',
    };
  }
  const template = manifest.kind === 'PodTemplate' ? manifest.template : manifest;
  if (!Array.isArray(template?.spec?.containers) || template.spec.containers.length === 0) {
    throw new ManifestError(`${where} has no container`, 'the first container runs the task');
  }
  const [base] = template.spec.containers;
  if (!base?.image) { throw new ManifestError(`${where} has no 'image' in container '${base?.name}'`, 'the first container runs the task: give it an image'); }
  if (task.expand) { checkStanding(task.expand, template.spec, where); }
  const { labels, finalizers, ownerReferences, generateName } = template.metadata ?? {};
  const text = manifest.metadata.annotations?.[TASK_ANNOTATION];
  const annotations = text === undefined ? template.metadata?.annotations : { ...template.metadata?.annotations, [TASK_ANNOTATION]: text };
  const { namespace } = manifest.metadata;
  const pod: Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name ?? slug(task.taskId),
      ...(generateName && manifest.metadata.name ? { generateName } : {}),
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ...(ownerReferences ? { ownerReferences } : {}),
    },
    spec: template.spec,
  };
  return { task, source, object: pod, templated, upstream: [], fingerprint: fingerprint(task, pod) };
}

/** The task of a manifest that is no pod: what has the annotation, and a kind that is known. */
function otherTaskOf({ manifest, source }: SourcedManifest): PlannedTask | undefined {
  const task = annotationOf({ manifest, source });
  if (task === undefined) { return undefined; }
  const kind = objectKindOf(manifest);
  const where = `${manifest.kind} '${manifest.metadata.name}' in ${source}`;
  const problem = kind ? kind.problem(manifest) : manifest.kind === 'ConfigMap' ? actionProblem(task, manifest)
    : `has the annotation '${TASK_ANNOTATION}', but ${manifest.apiVersion} ${manifest.kind} is no kind of task; use the release of cdk8s-airflow that wrote it`;
  if (problem !== undefined) { throw new ManifestError(`${where} ${problem}`); }
  const object: Manifest = { ...manifest, metadata: { ...manifest.metadata, name: manifest.metadata.name ?? slug(task.taskId) } };
  delete object.status;
  return { task, source, object, templated: true, upstream: [], fingerprint: fingerprint(task, object) };
}

function fingerprint(task: TaskAnnotation, object: Manifest): string {
  return createHash('sha256').update(JSON.stringify([task, object])).digest('hex').slice(0, 16);
}

function annotationOf({ manifest, source }: SourcedManifest): TaskAnnotation | undefined {
  try {
    return readTaskAnnotation(manifest);
  } catch (error) {
    throw new ManifestError(`${(error as Error).message} (${source})`);
  }
}

/** Fills in `upstream`: what a task names and what its templates pull from. */
function connect(tasks: PlannedTask[], dagId: string | undefined): PlannedTask[] {
  const ids = tasks.map(({ task }) => task.taskId);
  const places = new Map(ids.map((id, i) => [id, i]));
  return tasks.map(planned => {
    const { task, source, object, templated } = planned;
    const pulled = templated ? texts(object) : '';
    const upstream = [...new Set([...task.dependsOn, ...pulledTaskIds(pulled), ...dagId === undefined ? [] : pulledOfDag(pulled, dagId)])];
    for (const id of upstream) {
      if (id === task.taskId) { throw new ManifestError(`task '${id}' waits for itself (${source})`, 'remove the task from its own dependencies'); }
      if (!places.has(id)) {
        throw new ManifestError(`task '${task.taskId}' waits for '${id}', which is not among these manifests (${source})${didYouMean(id, ids)}`,
          'give the files of both tasks, or the directory that holds them');
      }
    }
    return { ...planned, upstream: upstream.sort((a, b) => places.get(a)! - places.get(b)!) };
  });
}

function order(tasks: PlannedTask[]): PlannedTask[] {
  const waiting = new Map(tasks.map(planned => [planned.task.taskId, planned.upstream.length]));
  const downstream = new Map<string, PlannedTask[]>();
  for (const planned of tasks) {
    for (const id of planned.upstream) { downstream.set(id, [...downstream.get(id) ?? [], planned]); }
  }
  const ordered = tasks.filter(({ upstream }) => upstream.length === 0);
  for (const { task } of ordered) {
    for (const next of downstream.get(task.taskId) ?? []) {
      const left = waiting.get(next.task.taskId)! - 1;
      waiting.set(next.task.taskId, left);
      // The list grows while it is walked: that is the queue.
      if (left === 0) { ordered.push(next); }
    }
  }
  if (ordered.length < tasks.length) {
    throw new ManifestError(`these tasks wait for each other: ${cycle(tasks.filter(planned => !ordered.includes(planned)))}`, 'remove one of the dependencies');
  }
  return ordered;
}

function cycle(tasks: PlannedTask[]): string {
  const left = new Map(tasks.map(planned => [planned.task.taskId, planned]));
  const path: string[] = [];
  let id = tasks[0].task.taskId;
  while (!path.includes(id)) {
    path.push(id);
    id = left.get(id)!.upstream.find(up => left.has(up))!;
  }
  return [...path.slice(path.indexOf(id)), id].reverse().map(name => `'${name}'`).join(' -> ');
}

function select(tasks: PlannedTask[], only: string[]): PlannedTask[] {
  const ids = tasks.map(({ task }) => task.taskId);
  const byId = new Map(tasks.map(planned => [planned.task.taskId, planned]));
  const wanted = new Set<string>();
  for (const id of only) {
    if (!ids.includes(id)) { throw new ManifestError(`there is no task '${id}'${didYouMean(id, ids)}`, `the tasks are: ${ids.map(i => `'${i}'`).join(', ')}`); }
    wanted.add(id);
  }
  // The set grows while it is walked: that is the queue.
  for (const id of wanted) { byId.get(id)!.upstream.forEach(up => wanted.add(up)); }
  return tasks.filter(({ task }) => wanted.has(task.taskId));
}

/** All strings in a JSON value. */
function texts(value: any): string {
  if (typeof value === 'string') { return value; }
  return value !== null && typeof value === 'object' ? Object.values(value).map(texts).join('\n') : '';
}
