import { join } from 'node:path';
import { KubernetesApi } from './api';
import { Connection } from './connection';
import { Engine } from './engine';
import { ManifestError } from './errors';
import { RunEvent } from './events';
import { Journal } from './journal';
import { fromKubeconfig } from './kubeconfig';
import { checkNamespaces, namespaceOf, plan } from './plan';
import { RunResult } from './result';
import { Transport } from './transport';
import { version } from './version';
import { Manifest } from '../pod/manifest';
import { safeLabelValue } from '../pod/names';

export interface RunOptions {
  /** The cluster. @default - the one of `kubeconfig` and `context` */
  readonly connection?: Connection;
  /** A kubeconfig file. @default - KUBECONFIG, then ~/.kube/config, then the service account of the pod this runs in */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig. @default - its current context */
  readonly context?: string;
  /** The namespace of manifests that name none; one that names another is an error. @default - the connection's, else 'default' */
  readonly namespace?: string;
  /** Identifies the run: under the same id nothing is started a second time. @default - made of the time */
  readonly runId?: string;
  /** Run only these tasks and what they wait for. @default - all */
  readonly tasks?: string[];
  /** Aborting it deletes the pods that run and ends the run with the state `cancelled`. */
  readonly signal?: AbortSignal;
  /** Seconds after which the run ends with the state `timeout`, its pods deleted. @default - no limit */
  readonly timeoutSeconds?: number;
  /** Told of everything that happens. What it throws becomes a warning of the process and does not end the run. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Follow the logs of the base containers and pass them to {@link onEvent}. @default true */
  readonly logs?: boolean;
  /** The file that lets a restarted run know what is done; `false` for none. @default - .cdk8s-airflow/RUN-ID.jsonl in the working directory */
  readonly journal?: string | false;
  /** Tasks that run at the same time. @default 16 */
  readonly concurrency?: number;
  /** The header User-Agent. @default - cdk8s-airflow/VERSION */
  readonly userAgent?: string;
}

/**
 * Runs the tasks of manifests as pods, in their order, and collects their XComs.
 *
 * @param manifests the manifests, or a file, or a directory of files, or YAML text (a string that holds a newline)
 * @returns what became of every task: a failure is data, not an exception, once the manifests are found to be runnable and the kubeconfig readable
 * @throws ManifestError, ConnectionError
 */
export async function run(manifests: string | Manifest[], options: RunOptions = {}): Promise<RunResult> {
  const planned = plan(manifests, options.tasks);
  const runId = options.runId ?? newRunId();
  if (runId.trim() === '') { throw new ManifestError("'runId' must not be empty", 'leave it out to have one made'); }
  checkNamespaces(planned.tasks, options.namespace);
  checkNumber('timeoutSeconds', options.timeoutSeconds);
  checkNumber('concurrency', options.concurrency);
  const connection = options.connection ?? await fromKubeconfig(options);
  const transport = new Transport(connection, { userAgent: options.userAgent ?? `cdk8s-airflow/${version()}` });
  const journal = options.journal === false ? undefined : new Journal(options.journal ?? join('.cdk8s-airflow', `${safeLabelValue(runId)}.jsonl`));
  try {
    return await new Engine({
      plan: planned,
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

function checkNumber(name: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0)) { throw new ManifestError(`'${name}' must be a number above 0, got ${value}`, 'leave it out for the default'); }
}
