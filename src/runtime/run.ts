import { checkCallbacks } from './callbacks';
import { checkOptions, RunOptions } from './options';
import { plan } from './plan';
import { RunResult } from './result';
import { runPlan } from './run-plan';
import { Manifest } from '../pod/manifest';

export { newRunId } from './run-plan';

/**
 * Runs the tasks of manifests as pods, in their order, and collects their XComs.
 *
 * @param manifests the manifests, or a file, or a directory of files, or YAML text (a string that holds a newline)
 * @returns what became of every task: a failure is data, not an exception, once the manifests are found to be runnable and the kubeconfig readable
 * @throws ManifestError, ConnectionError, CancelledError
 */
export async function run(manifests: string | Manifest[], options: RunOptions = {}): Promise<RunResult> {
  checkOptions(options);
  checkCallbacks(options.callbacks ?? []);
  return runPlan(plan(manifests, options.tasks, options.dagId), options);
}
