import { join } from 'node:path';
import { KubernetesApi } from './api';
import { Engine } from './engine';
import { Journal } from './journal';
import { fromKubeconfig } from './kubeconfig';
import { checkOptions, RunOptions } from './options';
import { checkNamespaces, namespaceOf, plan } from './plan';
import { checkTemplates } from './render';
import { RunResult } from './result';
import { Transport } from './transport';
import { version } from './version';
import { Manifest } from '../pod/manifest';
import { safeLabelValue } from '../pod/names';

/**
 * Runs the tasks of manifests as pods, in their order, and collects their XComs.
 *
 * @param manifests the manifests, or a file, or a directory of files, or YAML text (a string that holds a newline)
 * @returns what became of every task: a failure is data, not an exception, once the manifests are found to be runnable and the kubeconfig readable
 * @throws ManifestError, ConnectionError
 */
export async function run(manifests: string | Manifest[], options: RunOptions = {}): Promise<RunResult> {
  checkOptions(options);
  const planned = plan(manifests, options.tasks);
  const runId = options.runId ?? newRunId();
  const templates = { context: options.templateContext, logicalDate: options.logicalDate };
  const tasks = checkTemplates(planned.tasks, { ...templates, runId });
  checkNamespaces(tasks, options.namespace);
  const connection = options.connection ?? await fromKubeconfig(options);
  const transport = new Transport(connection, { userAgent: options.userAgent ?? `cdk8s-airflow/${version()}` });
  const file = options.journal ?? (options.runId === undefined ? false : join('.cdk8s-airflow', `${safeLabelValue(runId)}.jsonl`));
  const journal = file === false ? undefined : new Journal(file);
  try {
    return await new Engine({
      plan: { ...planned, tasks },
      templates,
      api: new KubernetesApi(transport),
      runId,
      namespaceOf: task => namespaceOf(task, options.namespace ?? connection.namespace),
      journal,
      signal: options.signal,
      timeoutSeconds: options.timeoutSeconds,
      logs: options.logs ?? true,
      concurrency: options.concurrency ?? 16,
      emit: event => {
        try { options.onEvent?.(event); } catch (error) { process.emitWarning(error as Error); }
      },
    }).run();
  } finally {
    transport.close();
  }
}

/** A run id that differs from all earlier ones, in the manner of Airflow's manual runs. */
export function newRunId(): string {
  return `manual__${new Date().toISOString()}`;
}
