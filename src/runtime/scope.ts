import { KubernetesApi, Pod } from './api';
import { ApiError, UnreachableError } from './errors';
import { RUN_LABEL, runLabels } from './render';
import { enter, leave, runnerIsDead } from './runner';
import { PodTracker } from './tracker';
import { now } from './wait';
import { PodWatch } from './watch';
import { Manifest } from '../pod/manifest';
import { hash } from '../pod/names';

/** An API server that is away for so long is given up. */
const UNREACHABLE_MS = 300_000;
/** A right may be missing for a moment while an API server starts. */
const FORBIDDEN_MS = 30_000;

/** The name of the object that owns a run's pods. */
export function ownerName(runId: string): string {
  return `cdk8s-airflow-run-${hash(runId, 8)}`;
}

/** One namespace of a run: its watch, the object that owns its pods, and the pods in it. */
export class NamespaceScope {
  /** The ConfigMap that all pods of the run go with; undefined where we may not create one. */
  public owner?: { readonly name: string; readonly uid: string };
  /** The owner is that of another runner of this run, which may still need it. */
  public shared = false;
  /** Something of the run was there before. */
  public takenUp = false;
  /** Pods of the run in this namespace, as last seen. */
  public readonly pods = new Map<string, Pod>();
  /** Aborted when the namespace cannot be watched any more. */
  public readonly broken = new AbortController();
  /** Uids of pods that we deleted. */
  public readonly deleted = new Set<string>();
  /** The value of the run's label. */
  public readonly runLabel: string;
  private readonly trackers = new Map<string, PodTracker>();
  private readonly watch: PodWatch;
  private readonly runner = enter();

  constructor(private readonly api: KubernetesApi, public readonly namespace: string, private readonly runId: string) {
    this.runLabel = runLabels(runId)[RUN_LABEL];
    this.watch = new PodWatch(api, namespace, `${RUN_LABEL}=${this.runLabel}`, {
      pod: pod => {
        this.pods.set(pod.metadata.name!, pod);
        this.trackers.get(pod.metadata.name!)?.seen(pod);
      },
      gone: (name, uid, knownSince) => {
        if (this.pods.get(name)?.metadata.uid === uid) { this.pods.delete(name); }
        this.trackers.get(name)?.gone(uid, knownSince);
      },
      trouble: (error, since) => {
        const patience = error instanceof ApiError && error.lacksRight ? FORBIDDEN_MS : UNREACHABLE_MS;
        if (now() - since > patience) { this.broken.abort(error); }
      },
    });
  }

  /** @see ownerName */
  public get ownerName(): string {
    return ownerName(this.runId);
  }

  /**
   * Lists the run's pods and begins to watch them, then creates the owner.
   *
   * @returns what could not be done and is no reason to stop
   */
  public async open(signal: AbortSignal): Promise<string[]> {
    await this.watch.start(signal);
    this.takenUp = this.pods.size > 0;
    try {
      this.owner = await this.own(signal);
      return [];
    } catch (error) {
      if (!(error instanceof ApiError && error.lacksRight)) { throw error; }
      return [`the run's pods have no owner object, so nothing cleans up after a runner that dies: ${error.message}`];
    }
  }

  /** To be called before a pod is made: where the owner is another runner's, it may be gone with that one, and a pod without its owner is deleted. */
  public async keepOwner(signal: AbortSignal): Promise<void> {
    if (this.shared) { this.owner = await this.own(signal); }
  }

  /** Ends the watch, and deletes the owner unless it is another runner's or a pod is left that somebody wants: it would go with its owner. */
  public async close(): Promise<void> {
    await this.watch.stop();
    leave(this.runner);
    if (this.shared || this.broken.signal.aborted) { return; }
    const left = [...this.pods.values()].some(pod => !this.deleted.has(pod.metadata.uid));
    if (this.owner && !left) { await this.api.deleteConfigMap(this.namespace, this.owner.name, this.owner.uid, { patienceMs: 2_000 }); }
  }

  public track(name: string, tracker: PodTracker): void {
    this.trackers.set(name, tracker);
  }

  public untrack(name: string): void {
    this.trackers.get(name)?.stop();
    this.trackers.delete(name);
  }

  private async own(signal: AbortSignal): Promise<{ name: string; uid: string }> {
    const manifest: Manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: this.ownerName,
        namespace: this.namespace,
        labels: runLabels(this.runId),
        annotations: { 'cdk8s-airflow/about': 'owns the pods of a run: deleting it deletes them' },
      },
      data: { runId: this.runId, runner: this.runner },
    };
    try {
      const { metadata } = await this.api.createConfigMap(this.namespace, manifest, { signal });
      this.shared = false;
      return { name: metadata.name!, uid: metadata.uid };
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) { throw error; }
      const { metadata, data } = await this.api.getConfigMap(this.namespace, this.ownerName, { signal });
      this.shared = data?.runner !== this.runner && !runnerIsDead(data?.runner);
      if (metadata.deletionTimestamp) { throw new UnreachableError(`the last run '${this.runId}' is still being cleaned up in namespace '${this.namespace}'`, 'wait a moment and run again'); }
      this.takenUp = true;
      return { name: metadata.name!, uid: metadata.uid };
    }
  }
}
