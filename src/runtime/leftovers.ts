import { KubernetesApi, Pod } from './api';
import { ApiError } from './errors';
import { PlannedTask } from './plan';
import { isFinished } from './reducer';
import { RUN_LABEL, runLabels, TASK_LABEL } from './render';
import { TaskResult } from './result';
import { runnerIsDead } from './runner';
import { ownerName } from './scope';
import { safeLabelValue } from '../pod/names';

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
  const byLabel = new Map(done.map(item => [safeLabelValue(item[0].task.taskId), item]));
  let kept = 0;
  for (const pod of await list(api, namespace, runId, limits)) {
    const item = byLabel.get(pod.metadata.labels?.[TASK_LABEL] ?? '');
    if (item && isUnwanted(pod, ...item)) { await api.deletePod(namespace, pod.metadata.name!, pod.metadata.uid, limits); } else { kept++; }
  }
  if (!over || kept > 0) { return; }
  const owner = await api.getConfigMap(namespace, ownerName(runId), limits).catch(error => {
    if (error instanceof ApiError && error.status === 404) { return undefined; }
    throw error;
  });
  if (owner && runnerIsDead(owner.data?.runner)) { await api.deleteConfigMap(namespace, owner.metadata.name!, owner.metadata.uid, limits); }
}

/** The same table as for a pod that has just ended. */
function isUnwanted(pod: Pod, { task }: PlannedTask, result: TaskResult): boolean {
  const success = result.state === 'success' && result.pod?.name === pod.metadata.name;
  return task.onFinishAction === 'delete_pod' || (task.onFinishAction === 'delete_succeeded_pod' && success) || !isFinished(pod);
}

async function list(api: KubernetesApi, namespace: string, runId: string, limits: { signal: AbortSignal; patienceMs: number }): Promise<Pod[]> {
  const pods: Pod[] = [];
  let next: string | undefined;
  do {
    const page = await api.listPods(namespace, `${RUN_LABEL}=${runLabels(runId)[RUN_LABEL]}`, next ? { continue: next } : {}, limits);
    pods.push(...page.items);
    next = page.metadata.continue;
  } while (next);
  return pods;
}
