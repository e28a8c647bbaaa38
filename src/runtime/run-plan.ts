import { join } from 'node:path';
import { KubernetesApi } from './api';
import { Connection } from './connection';
import { Engine } from './engine';
import { CancelledError, Stopped } from './errors';
import { Journal } from './journal';
import { fromKubeconfig } from './kubeconfig';
import type { RunOptions } from './options';
import { checkNamespaces, namespaceOf, Plan } from './plan';
import { checkTemplates } from './render';
import { RunResult } from './result';
import { Transport } from './transport';
import { version } from './version';
import { linked, unlessAborted } from './wait';
import { safeLabelValue } from '../pod/names';
import { shown } from '../pod/shown';

/** Runs the tasks of a plan, as {@link run} does those of manifests. */
export async function runPlan(planned: Plan, options: RunOptions): Promise<RunResult> {
  const runId = options.runId ?? newRunId();
  const templates = { context: options.templateContext, logicalDate: options.logicalDate, dagId: options.dagId };
  const tasks = checkTemplates(planned.tasks, { ...templates, runId });
  checkNamespaces(tasks, options.namespace);
  const { controller: { signal: stop }, dispose } = stopOf(options);
  let transport: Transport | undefined;
  try {
    const connection = options.connection ?? await connect(options, stop);
    transport = new Transport(connection, { userAgent: options.userAgent ?? `cdk8s-airflow/${version()}` });
    const file = options.journal ?? (options.runId === undefined ? false : join('.cdk8s-airflow', `${safeLabelValue(runId)}.jsonl`));
    return await new Engine({
      plan: { ...planned, tasks },
      templates,
      callbacks: options.callbacks,
      api: new KubernetesApi(transport),
      runId,
      namespaceOf: task => namespaceOf(task, options.namespace ?? connection.namespace),
      journal: file === false ? undefined : new Journal(file),
      stop,
      logs: options.logs ?? true,
      concurrency: options.concurrency ?? 16,
      emit: event => {
        // Asynchronous functions are welcome: nobody waits for them.
        void (async () => options.onEvent?.(event))().catch(error => process.emitWarning(error instanceof Error ? error : shown(error)));
      },
    }).run();
  } finally {
    dispose();
    transport?.close();
  }
}

/** The caller's signal and the limit of time as one stop, which says which of them it was. */
function stopOf({ signal, timeoutSeconds = Infinity }: RunOptions): ReturnType<typeof linked> {
  const late = () => new Stopped('timeout', `the run took longer than its ${timeoutSeconds} s`);
  return linked(signal, { ms: timeoutSeconds * 1000, reason: late }, () => new Stopped('cancelled', 'the run was cancelled'));
}

/** A plugin that the kubeconfig names may ask a person, or hang: nobody waits for it longer than for the run. */
async function connect(options: RunOptions, stop: AbortSignal): Promise<Connection> {
  try {
    // One that is cancelled before it begins asks nobody.
    stop.throwIfAborted();
    return await unlessAborted(fromKubeconfig(options, stop), stop);
  } catch (error) {
    if (!stop.aborted) { throw error; }
    const { why } = stop.reason as Stopped;
    throw why === 'cancelled' ? new CancelledError('cancelled while the credentials were read: nothing was started', why)
      : new CancelledError(`the credentials of the kubeconfig were not there within ${options.timeoutSeconds} s`, why,
        'check that the plugin that the kubeconfig names works (kubectl get namespaces)');
  }
}

/** A run id that differs from all earlier ones, in the manner of Airflow's manual runs. */
export function newRunId(): string {
  return `manual__${new Date().toISOString()}`;
}
