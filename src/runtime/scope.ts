import { ApiResource, KubernetesApi, Pod } from './api';
import { ApiError, UnreachableError } from './errors';
import { isOwnedBy } from './object-kind';
import { RUN_LABEL, runLabels } from './render';
import { enter, leave, runnerIsDead } from './runner';
import { Tracker } from './tracker';
import { now } from './wait';
import { ObjectWatch, WatchHandler, WatchSource } from './watch';
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

/** The objects of one kind that a run has in a namespace. */
interface Watched<T extends Manifest> {
  /** As last seen. */
  readonly objects: Map<string, T>;
  readonly trackers: Map<string, Tracker<T, any>>;
  readonly listeners: Set<Listener<T>>;
  readonly watch: ObjectWatch<T>;
}

/** Hears of every object of a kind. */
export type Listener<T extends Manifest> = Pick<WatchHandler<T>, 'seen' | 'gone'>;

/** One namespace of a run: its watches, the object that owns what it makes, and that. */
export class NamespaceScope {
  /** The ConfigMap that all that the run makes goes with; undefined where we may not create one. */
  public owner?: { readonly name: string; readonly uid: string };
  /** The owner is that of another runner of this run, which may still need it. */
  public shared = false;
  /** Something of the run was there before. */
  public takenUp = false;
  /** Aborted when the namespace cannot be watched any more. */
  public readonly broken = new AbortController();
  /** Uids of objects that we deleted. */
  public readonly deleted = new Set<string>();
  /** The value of the run's label. */
  public readonly runLabel: string;
  private readonly ofPods: Watched<Pod>;
  /** By plural and API version. */
  private readonly others = new Map<string, Watched<Manifest> & { readonly opened: Promise<void> }>();
  private readonly runner = enter();

  constructor(private readonly api: KubernetesApi, public readonly namespace: string, private readonly runId: string) {
    this.runLabel = runLabels(runId)[RUN_LABEL];
    this.ofPods = this.watched<Pod>({
      resource: 'pods',
      // Looked up at each call, as tests change them.
      list: (...args) => api.listPods(...args),
      watch: (...args) => api.watchPods(...args),
    });
  }

  /** Pods of the run in this namespace, as last seen. */
  public get pods(): Map<string, Pod> {
    return this.ofPods.objects;
  }

  /**
   * The objects of another kind that the run has in this namespace, as last seen; watched from the first call on.
   *
   * @throws ApiError where they cannot be listed
   */
  public async objectsOf(resource: ApiResource, signal: AbortSignal): Promise<ReadonlyMap<string, Manifest>> {
    const key = `${resource.plural}.${resource.apiVersion}`;
    let known = this.others.get(key);
    if (!known) {
      const watched = this.watched<Manifest>({
        resource: resource.plural,
        list: (...args) => this.api.listObjects(resource, ...args),
        watch: (...args) => this.api.watchObjects(resource, ...args),
      });
      known = { ...watched, opened: watched.watch.start(signal) };
      this.others.set(key, known);
      known.opened.catch(() => this.others.delete(key));
    }
    await known.opened;
    return known.objects;
  }

  private watched<T extends Manifest>(source: WatchSource<T>): Watched<T> {
    const objects = new Map<string, T>();
    const trackers = new Map<string, Tracker<T, any>>();
    const listeners = new Set<Listener<T>>();
    const watch = new ObjectWatch<T>(source, this.namespace, `${RUN_LABEL}=${this.runLabel}`, {
      seen: object => {
        objects.set(object.metadata.name!, object);
        trackers.get(object.metadata.name!)?.seen(object);
        for (const listener of listeners) { listener.seen(object); }
      },
      gone: (name, uid, knownSince) => {
        if (objects.get(name)?.metadata.uid === uid) { objects.delete(name); }
        trackers.get(name)?.gone(uid, knownSince);
        for (const listener of listeners) { listener.gone(name, uid, knownSince); }
      },
      trouble: (error, since) => {
        const patience = error instanceof ApiError && error.lacksRight ? FORBIDDEN_MS : UNREACHABLE_MS;
        if (now() - since > patience) { this.broken.abort(error); }
      },
    });
    return { objects, trackers, listeners, watch };
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
    await this.ofPods.watch.start(signal);
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
    await Promise.all([this.ofPods, ...this.others.values()].map(({ watch }) => watch.stop()));
    leave(this.runner);
    if (this.shared || this.broken.signal.aborted) { return; }
    if (!this.owner) { return; }
    const { name, uid } = this.owner;
    const left = [this.ofPods, ...this.others.values()].flatMap(({ objects }) => [...objects.values()])
      .some(object => isOwnedBy(object, uid) && !this.deleted.has(object.metadata.uid));
    if (!left) { await this.api.deleteConfigMap(this.namespace, name, uid, { patienceMs: 2_000 }); }
  }

  /** Feeds a tracker with what is seen of the object of that name, a pod where no other kind is given. */
  public track<T extends Manifest>(name: string, tracker: Tracker<T, any>, resource?: ApiResource): void {
    this.trackersOf(resource).set(name, tracker);
  }

  public untrack(name: string, resource?: ApiResource): void {
    const trackers = this.trackersOf(resource);
    trackers.get(name)?.stop();
    trackers.delete(name);
  }

  /** Tells of all pods of the run: those that are there, and from then on each change. @returns what ends it */
  public listen(listener: Listener<Pod>): () => void {
    this.ofPods.listeners.add(listener);
    for (const pod of this.pods.values()) { listener.seen(pod); }
    return () => { this.ofPods.listeners.delete(listener); };
  }

  private trackersOf(resource: ApiResource | undefined): Map<string, Tracker<any, any>> {
    return resource ? this.others.get(`${resource.plural}.${resource.apiVersion}`)!.trackers : this.ofPods.trackers;
  }

  private async own(signal: AbortSignal): Promise<{ name: string; uid: string }> {
    const manifest: Manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: this.ownerName,
        namespace: this.namespace,
        labels: runLabels(this.runId),
        annotations: { 'cdk8s-airflow/about': 'owns what a run made: deleting it deletes that' },
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
