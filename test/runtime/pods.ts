import { Manifest } from '../../src/pod/manifest';
import { TASK_ANNOTATION, TaskAnnotation } from '../../src/pod/task-annotation';
import { Pod } from '../../src/runtime/api';

/** The manifest of a task as PodTask writes it, in short. */
export function taskManifest(taskId: string, options: Partial<TaskAnnotation> = {}, spec: any = {}, kind = 'Pod'): Manifest {
  const task: TaskAnnotation = {
    version: 1, taskId, dependsOn: [], retries: 0, doXcomPush: false, xcomMode: 'native', startupTimeoutSeconds: 120, onFinishAction: 'delete_pod', ...options,
  };
  const annotations = { [TASK_ANNOTATION]: JSON.stringify(task) };
  const full = { containers: [{ name: 'base', image: 'busybox:1', command: ['true'], ...spec.base }], ...spec };
  delete full.base;
  return kind === 'Pod'
    ? { apiVersion: 'v1', kind, metadata: { name: taskId, annotations }, spec: full }
    : { apiVersion: 'v1', kind, metadata: { name: taskId, annotations }, template: { metadata: { annotations }, spec: full } };
}

/** A pod as the API server sends it. */
export function pod(status: any = {}, metadata: any = {}, spec: any = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '1', ...metadata },
    spec: { containers: [{ name: 'base', image: 'busybox:1' }], ...spec },
    status: { phase: 'Pending', ...status },
  };
}

export const SCHEDULED = { type: 'PodScheduled', status: 'True' };
export const running = (): any => ({ phase: 'Running', conditions: [SCHEDULED], containerStatuses: [{ name: 'base', state: { running: {} } }] });
export const ended = (exitCode: number, terminated: any = {}, more: any = {}): any => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  conditions: [SCHEDULED],
  containerStatuses: [{ name: 'base', state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...terminated } } }],
  ...more,
});
export const waiting = (reason: string, message?: string): any => ({
  phase: 'Pending', conditions: [SCHEDULED], containerStatuses: [{ name: 'base', state: { waiting: { reason, message } } }],
});
