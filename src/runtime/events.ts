import { TaskState } from './result';

/** Where a task is: Airflow's words, and `pending` for a pod that exists and does not run yet. */
export type LiveState = 'pending' | 'running' | 'up_for_retry' | TaskState;

/** What happens during a run. `mapIndex` is there for a mapped task. */
export type RunEvent =
  | { readonly type: 'run'; readonly runId: string; readonly server: string; readonly namespaces: string[]; readonly tasks: string[] }
  /** A change of state, or news about why a pod does not start. */
  | { readonly type: 'task'; readonly task: string; readonly mapIndex?: number; readonly state: LiveState; readonly attempt: number; readonly pod: string | null; readonly message: string | null }
  /** A line of a base container's log, without its time stamp. */
  | { readonly type: 'log'; readonly task: string; readonly mapIndex?: number; readonly attempt: number; readonly timestamp: string; readonly line: string }
  /** Something worth knowing that changes nothing. */
  | { readonly type: 'note'; readonly task: string | null; readonly mapIndex?: number; readonly message: string };
