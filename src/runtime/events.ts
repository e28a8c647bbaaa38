import { TaskState } from './result';

/** Where a task is: Airflow's words, and `pending` for a pod that exists and does not run yet. */
export type LiveState = 'pending' | 'running' | 'up_for_retry' | TaskState;

/** What happens during a run. */
export type RunEvent =
  | { readonly type: 'run'; readonly runId: string; readonly server: string; readonly namespaces: string[]; readonly tasks: string[] }
  /** A change of state, or news about why a pod does not start. */
  | { readonly type: 'task'; readonly task: string; readonly state: LiveState; readonly attempt: number; readonly pod: string | null; readonly message: string | null }
  /** A line of a base container's log, without its time stamp. */
  | { readonly type: 'log'; readonly task: string; readonly attempt: number; readonly timestamp: string; readonly line: string }
  /** Something worth knowing that changes nothing. */
  | { readonly type: 'note'; readonly task: string | null; readonly message: string };
