import { document } from './document';
import { EXIT, Streams } from './exit';
import { Progress } from './progress';
import { templateContext, TemplateOptions } from './template-options';
import { brief, printable, table, taskName } from './text';
import { safeLabelValue } from '../pod/names';
import { diagnoseError } from '../runtime/diagnose';
import { CancelledError, ConnectionError, ManifestError } from '../runtime/errors';
import { checkOptions, RunOptions } from '../runtime/options';
import { Plan, plan } from '../runtime/plan';
import { RUN_LABEL } from '../runtime/render';
import { RunResult, taskResult } from '../runtime/result';
import { newRunId } from '../runtime/run';
import { runPlan } from '../runtime/run-plan';
import type { EmbeddedCluster } from '../testing';

export interface RunCommandOptions extends TemplateOptions {
  readonly task?: string[];
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly embedded?: boolean;
  readonly runId?: string;
  readonly dagId?: string;
  readonly timeout?: number;
  readonly logs: boolean;
  readonly output?: 'json' | 'yaml';
}

/** What ends a run, its pods deleted. */
const SIGNALS: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs the tasks of manifests. Resolves with the exit code. */
export async function runCommand(path: string, options: RunCommandOptions, streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  const planned = plan(path, options.task, options.dagId);
  const runId = options.runId ?? newRunId();
  const progress = new Progress(stderr);
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      // A terminal that is closed tells so more than once, and nobody is there to have meant it.
      if (signal === 'SIGHUP') { return; }
      stderr.write(`left at once; delete what still runs: kubectl delete configmap,pod${progress.namespaces} -l ${RUN_LABEL}=${safeLabelValue(runId)}\n`);
      process.exit(EXIT.INTERRUPTED);
    }
    stderr.write('cancelling: deleting the pods that run (press Ctrl-C again to leave at once)\n');
    controller.abort();
  };
  SIGNALS.forEach(signal => process.on(signal, interrupt));
  let embedded: EmbeddedCluster | undefined;
  try {
    if (options.embedded) {
      refuseOnEmbedded(planned);
      embedded = await startEmbedded(options.namespace);
    }
    const { kubeconfig, context, namespace } = options;
    const runOptions: RunOptions = {
      ...(embedded ? { connection: embedded.connection, journal: false } : { kubeconfig, context }),
      namespace,
      runId,
      dagId: options.dagId,
      templateContext: templateContext(options),
      logicalDate: options.logicalDate,
      signal: controller.signal,
      timeoutSeconds: options.timeout,
      logs: options.logs,
      onEvent: event => {
        if (event.type === 'run' && embedded) { stderr.write('embedded cluster: containers run as local processes, images and isolation are not applied\n'); }
        progress.show(event);
      },
    };
    checkOptions(runOptions);
    const result = await runPlan(planned, runOptions);
    progress.failures(result, options.logs);
    stdout.write(options.output ? document(result, options.output) : summary(result));
    return exitCode(result);
  } catch (error) {
    // Who reads the document finds there what became of the tasks, whatever kept them from beginning.
    if (options.output && (error instanceof ConnectionError || error instanceof CancelledError)) {
      stdout.write(document(notBegun(error, planned, runId), options.output));
    }
    throw error;
  } finally {
    SIGNALS.forEach(signal => process.off(signal, interrupt));
    await embedded?.stop();
  }
}

/** The result of a run that ends before it has a connection. */
function notBegun(error: ConnectionError | CancelledError, { tasks }: Plan, runId: string): RunResult {
  const [state, taskState] = error instanceof CancelledError ? [error.why, 'cancelled'] as const : ['failed', 'failed'] as const;
  return { runId, state, tasks: tasks.map(planned => taskResult(planned, diagnoseError(error, planned.object), { state: taskState })) };
}

/** Throws for tasks that need more of a cluster than pods. */
function refuseOnEmbedded({ tasks }: Plan): void {
  const other = tasks.find(({ object }) => object.kind !== 'Pod');
  if (!other) { return; }
  const { task, object, source } = other;
  throw new ManifestError(`task '${task.taskId}' is a ${task.action ?? object.kind}, and the embedded cluster runs pods alone (${source})`,
    "run it on a cluster: leave '--embedded' out; or choose other tasks by '--task'");
}

function startEmbedded(namespace?: string): Promise<EmbeddedCluster> {
  // Loaded here: nobody who has a cluster needs it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const testing = require('../testing') as typeof import('../testing');
  return testing.EmbeddedCluster.start({ namespace });
}

function summary(result: RunResult): string {
  return table(['task', 'state', 'attempts', 'xcom'], result.tasks.map(task => [
    taskName(task.name, task.mapIndex), task.state, String(task.attempts), task.xcom === null ? '-' : printable(brief(task.xcom)),
  ]));
}

function exitCode(result: RunResult): number {
  switch (result.state) {
    case 'success': return EXIT.OK;
    case 'timeout': return EXIT.TIMEOUT;
    case 'cancelled': return EXIT.INTERRUPTED;
    case 'failed': return result.tasks.some(task => task.failure === 'unreachable' || task.failure === 'forbidden') ? EXIT.CLUSTER : EXIT.FAILED;
  }
}
