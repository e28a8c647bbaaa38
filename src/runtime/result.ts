import type { PlannedTask } from './plan';
import { Manifest } from '../pod/manifest';

/** The state of a run. */
export type RunState = 'success' | 'failed' | 'timeout' | 'cancelled';

/** Airflow's task states (`skipped`: mapped over an empty list, or waiting for such a task), and `cancelled` for what a signal or the run's deadline ended before its time. */
export type TaskState = 'success' | 'skipped' | 'failed' | 'upstream_failed' | 'cancelled';

/** Why a task did not succeed: the class of the failure. */
export type FailureClass =
  | 'app' | 'config' | 'image' | 'capacity' | 'quota' | 'infra-before-start' | 'infra-after-start'
  | 'xcom' | 'timeout' | 'cancelled' | 'forbidden' | 'unreachable' | 'unknown';

/** What a run ends with, as data; a failed task is no exception. */
export interface RunResult {
  readonly runId: string;
  readonly state: RunState;
  /** In the order of the plan; of a mapped task one for each map index. */
  readonly tasks: TaskResult[];
}

export interface TaskResult {
  /** The task id. */
  readonly name: string;
  /** Which one of a mapped task it is, from 0; absent for others, and for a mapped task that never came to be mapped. */
  readonly mapIndex?: number;
  readonly state: TaskState;
  /** Pods that were started for it; 0 where none was. */
  readonly attempts: number;
  /** Of the base container of the last try, or of the init container that failed before it; null where none ran or the code is not known. */
  readonly exitCode: number | null;
  /** The value in return.json; null where there is none. */
  readonly xcom: unknown;
  /** The failure's class; null for success. */
  readonly failure: FailureClass | null;
  /** A short reason in Kubernetes' own words where it has one (`OOMKilled`, `ErrImagePull`, `Unschedulable`); null for success. */
  readonly reason: string | null;
  /** One line for people: what happened. */
  readonly message: string | null;
  /** What to do about it; null for success. */
  readonly nextStep: string | null;
  readonly evidence: Evidence | null;
  /** What went wrong without changing the verdict (a lost log, a pod that could not be deleted). */
  readonly warnings: string[];
  /** Of a Job and the like: the pod that the exit code and the evidence are about. */
  readonly pod: { readonly name: string; readonly namespace: string } | null;
  /** What the task made, or did something to, where that is no pod. */
  readonly object?: { readonly kind: string; readonly name: string; readonly namespace?: string };
}

/** What the cluster said about a failure. */
export interface Evidence {
  /** `reason: message` of the pod's Warning events, oldest first. */
  readonly events: string[];
  /** Of the base container. */
  readonly terminationMessage: string | null;
  /** The last lines of the log of that container. */
  readonly logTail: string[];
}

/** What a task, or one of its map indexes, came to: with success where nothing says why not. */
export function taskResult(
  { task: { taskId }, mapIndex }: PlannedTask, why: Pick<TaskResult, 'failure' | 'reason' | 'message' | 'nextStep'> | null, facts: Partial<TaskResult> = {},
): TaskResult {
  return {
    name: taskId,
    ...(mapIndex === undefined ? {} : { mapIndex }),
    state: why ? 'failed' : 'success',
    attempts: 0,
    exitCode: null,
    xcom: null,
    failure: why?.failure ?? null,
    reason: why?.reason ?? null,
    message: why?.message ?? null,
    nextStep: why?.nextStep ?? null,
    evidence: null,
    warnings: [],
    pod: null,
    ...facts,
  };
}

/** Where a pod is found. */
export function nameOf(pod: Manifest | undefined): TaskResult['pod'] {
  return pod ? { name: pod.metadata.name!, namespace: pod.metadata.namespace! } : null;
}
