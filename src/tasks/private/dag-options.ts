import { DAG_TASK_OPTIONS } from './dag-task-option-names';
import { TaskAction } from '../../pod/task-annotation';
import { DagTaskOptions } from '../dag-task-options';

/** What every operator of Airflow knows. */
const EVERY: readonly (keyof DagTaskOptions)[] = [
  'retryDelaySeconds', 'retryExponentialBackoff', 'executionTimeoutSeconds', 'pool', 'poolSlots', 'queue', 'priorityWeight', 'triggerRule', 'dependsOnPast',
  'maxActiveTisPerDag', 'executor',
];
/** What says on which cluster an operator works. */
const CLUSTER: readonly (keyof DagTaskOptions)[] = ['kubernetesConnId', 'inCluster', 'configFile', 'clusterContext'];

/** The options that the operator of an action has. */
export function actionOptions(action: TaskAction): readonly string[] {
  return [...EVERY, ...(action === 'DeleteJob' || action === 'PatchJob' ? CLUSTER : ['kubernetesConnId', 'configFile'])];
}

/** The options that the operator has which installs Kueue. */
export const INSTALL_OPTIONS: readonly string[] = [...EVERY, 'kubernetesConnId'];

/**
 * The options of a task: those of its DAG, of which what its operator does not have is for other tasks, and its own.
 *
 * @param known names of the options that its operator has; undefined for one that has all
 * @throws Error for one of its own that its operator does not have, and for a cluster that it cannot be told
 */
export function optionsOf(known: readonly string[] | undefined, ofDag: DagTaskOptions, own: DagTaskOptions = {}): DagTaskOptions {
  const all: DagTaskOptions = { ...ofDag, ...own };
  if (known === undefined) { return all; }
  const strange = (Object.keys(all) as (keyof DagTaskOptions)[])
    .filter(option => all[option] !== undefined && Object.hasOwn(DAG_TASK_OPTIONS, option) && !known.includes(option));
  const cluster = strange.find(option => CLUSTER.includes(option));
  if (cluster !== undefined) {
    throw new Error(`its operator has no '${cluster}', so that it would work on another cluster than meant; say it in a connection, and name that by 'kubernetesConnId'`);
  }
  const vain = strange.find(option => own[option] !== undefined);
  if (vain !== undefined) { throw new Error(`'taskOptionsByTaskId' gives it '${vain}', which its operator does not have; remove it`); }
  return Object.fromEntries(Object.entries(all).filter(([option]) => !strange.includes(option as keyof DagTaskOptions)));
}
