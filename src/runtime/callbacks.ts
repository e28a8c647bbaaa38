import { ManifestError, RuntimeError } from './errors';
import { didYouMean } from '../pod/closest';
import { Manifest } from '../pod/manifest';
import { shown } from '../pod/shown';
import { TaskAnnotation } from '../pod/task-annotation';

/** What a callback may ask of the cluster, with the rights of the run. */
export interface CallbackClient {
  /** @param object in the namespace that it names, else in that of the pod */
  create(object: Manifest): Promise<Manifest>;
  get(object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<Manifest>;
  /** Deletes an object; one that is not there is no error. */
  delete(object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<void>;
}

/** What every callback receives: KubernetesPodOperator's keywords, the task in the place of the operator. */
export interface CallbackArguments {
  readonly client: CallbackClient;
  /** The runner waits by itself and never defers. */
  readonly mode: 'sync';
  readonly task: TaskAnnotation;
  readonly context: { readonly runId: string; readonly dagId?: string; readonly mapIndex?: number; readonly tryNumber: number };
}

export interface PodCallbackArguments extends CallbackArguments {
  readonly pod: Manifest;
}

export interface ProgressArguments extends PodCallbackArguments {
  readonly line: string;
  readonly timestamp: string;
  readonly containerName: string;
}

export type Hook<T> = (given: T) => void | Promise<void>;

/**
 * KubernetesPodOperator's callbacks, in the order in which they are called for each try of a `PodTask`. One that throws, or rejects, fails the try, and the pod is deleted.
 * Each is waited for until the run is stopped.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html
 */
export interface PodCallbacks {
  readonly onSyncClientCreation?: Hook<CallbackArguments>;
  /** Before the pod is made; what is changed in `podRequest` is made, but for that by which the run finds the pod: name, namespace, own labels, base container's name. */
  readonly onPodManifestCreated?: Hook<CallbackArguments & { readonly podRequest: Manifest }>;
  /** The pod was made, or taken up. */
  readonly onPodCreation?: Hook<PodCallbackArguments>;
  /** Its base container has started. */
  readonly onPodStarting?: Hook<PodCallbackArguments>;
  /** A line of the base container's log, where logs are read. */
  readonly progressCallback?: Hook<ProgressArguments>;
  /** The base container has ended, with success or not. */
  readonly onPodCompletion?: Hook<PodCallbackArguments>;
  /** After all of the former, before the XCom is read and the pod deleted. */
  readonly onPodTeardown?: Hook<PodCallbackArguments>;
  /** The pod was cleaned up; of tries that succeeded alone. What it throws is a warning: the result stands. */
  readonly onPodCleanup?: Hook<PodCallbackArguments>;
}

const NAMES: { readonly [name in keyof PodCallbacks]-?: true } = {
  onSyncClientCreation: true,
  onPodManifestCreated: true,
  onPodCreation: true,
  onPodStarting: true,
  progressCallback: true,
  onPodCompletion: true,
  onPodTeardown: true,
  onPodCleanup: true,
};

/** A callback threw. */
export class CallbackError extends RuntimeError {}

/** @throws ManifestError for what is none of the callbacks */
export function checkCallbacks(callbacks: readonly PodCallbacks[]): void {
  callbacks.forEach((each, i) => Object.entries(each).forEach(([name, hook]) => {
    if (!Object.hasOwn(NAMES, name)) {
      const hint = name === 'onOperatorResuming' ? '; the runner never defers' : didYouMean(name, Object.keys(NAMES));
      throw new ManifestError(`'callbacks[${i}]' has '${name}', which is no callback${hint}`, `they are ${Object.keys(NAMES).join(', ')}`);
    }
    if (hook !== undefined && typeof hook !== 'function') { throw new ManifestError(`'callbacks[${i}].${name}' must be a function, got ${shown(hook)}`); }
  }));
}
