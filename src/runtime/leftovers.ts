import { KubernetesApi, ObjectList, Pod } from './api';
import { ApiError } from './errors';
import { ObjectKind, objectKindOf } from './object-kind';
import { PlannedTask } from './plan';
import { isFinished } from './reducer';
import { MAP_LABEL, RUN_LABEL, runLabels, TASK_LABEL, taskLabels } from './render';
import { TaskResult } from './result';
import { runnerIsDead } from './runner';
import { ownerName } from './scope';
import { Manifest } from '../pod/manifest';

/** How long the cluster is asked for: that there is nothing left is the rule. */
const PATIENCE_MS = 5_000;

/**
 * Deletes what a runner that died between the result of a task and its clean-up has left in a namespace: one request where there is nothing, two where the run is done.
 *
 * @param done the tasks whose results are known, with them
 * @param over nothing is left to run, so the pods' owner can go, too
 */
export async function deleteLeftovers(
  api: KubernetesApi, namespace: string, runId: string, done: [PlannedTask, TaskResult][], over: boolean, signal: AbortSignal,
): Promise<void> {
  const limits = { signal, patienceMs: PATIENCE_MS };
  const byLabel = new Map(done.map(item => [keyOf(taskLabels(item[0])), item]));
  const selector = `${RUN_LABEL}=${runLabels(runId)[RUN_LABEL]}`;
  let kept = 0;
  const kinds = new Set(done.flatMap(([planned]) => objectKindOf(planned.object) ?? []));
  for (const kind of kinds) {
    for (const object of await list(query => api.listObjects(kind, namespace, selector, query, limits))) {
      const item = byLabel.get(keyOf(object.metadata.labels));
      // Tasks that are left may ask for the object of one that succeeded.
      if (item && isUnwantedObject(object, kind, ...item) && (over || item[1].state !== 'success')) {
        await api.deleteObject(kind, namespace, object.metadata.name!, { uid: object.metadata.uid, propagationPolicy: 'Background' }, limits);
      } else if (goesWithRun(object)) {
        kept++;
      }
    }
  }
  for (const pod of await list(query => api.listPods(namespace, selector, query, limits))) {
    // A controller's pods go with what it made them for.
    if (pod.metadata.ownerReferences?.some((owner: any) => owner.controller)) { continue; }
    const item = byLabel.get(keyOf(pod.metadata.labels));
    if (item && isUnwanted(pod, ...item)) { await api.deletePod(namespace, pod.metadata.name!, pod.metadata.uid, limits); } else { kept++; }
  }
  if (!over || kept > 0) { return; }
  const owner = await api.getConfigMap(namespace, ownerName(runId), limits).catch(error => {
    if (error instanceof ApiError && error.status === 404) { return undefined; }
    throw error;
  });
  if (owner && runnerIsDead(owner.data?.runner)) { await api.deleteConfigMap(namespace, owner.metadata.name!, owner.metadata.uid, limits); }
}

function keyOf(labels: { [key: string]: string } = {}): string {
  return `${labels[TASK_LABEL]} ${labels[MAP_LABEL]}`;
}

/** The same table as for a pod that has just ended. */
function isUnwanted(pod: Pod, { task }: PlannedTask, result: TaskResult): boolean {
  const success = result.state === 'success' && result.pod?.name === pod.metadata.name;
  return task.onFinishAction === 'delete_pod' || (task.onFinishAction === 'delete_succeeded_pod' && success) || !isFinished(pod);
}

function isUnwantedObject(object: Manifest, kind: ObjectKind, { task }: PlannedTask, result: TaskResult): boolean {
  if (task.wait === false) { return false; }
  const ended = kind.reading(object).end !== null;
  if (ended && object.spec?.ttlSecondsAfterFinished !== undefined) { return false; }
  const success = result.state === 'success' && result.object?.name === object.metadata.name;
  return task.onFinishAction === 'delete_pod' || (task.onFinishAction === 'delete_succeeded_pod' && success) || !ended;
}

/** True where the object would be deleted with the owner of the run. */
function goesWithRun(object: Manifest): boolean {
  return object.metadata.ownerReferences?.some((owner: any) => owner.kind === 'ConfigMap') ?? false;
}

async function list<T extends Manifest>(page: (query: { continue?: string }) => Promise<ObjectList<T>>): Promise<T[]> {
  const objects: T[] = [];
  let next: string | undefined;
  do {
    const { items, metadata } = await page(next ? { continue: next } : {});
    objects.push(...items);
    next = metadata.continue;
  } while (next);
  return objects;
}
