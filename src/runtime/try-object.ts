import { ApiResource, CallOptions, DeleteOptions, KubernetesApi, Pod } from './api';
import { ApiError, LostPodError, ManifestError } from './errors';
import { RUN_LABEL, SPEC_HASH_ANNOTATION } from './render';
import { NamespaceScope } from './scope';
import { now, sleep } from './wait';
import { Manifest } from '../pod/manifest';

/** How long a stop may take to clean up. */
export const CLEAN_UP_MS = 10_000;

/** What is asked of a cluster about the objects of one kind. */
export interface ObjectCalls<T extends Manifest> {
  /** As messages and kubectl name the kind, such as `pod`. */
  readonly noun: string;
  create(namespace: string, object: Manifest, options: CallOptions): Promise<T>;
  get(namespace: string, name: string, options: CallOptions): Promise<T>;
  remove(namespace: string, name: string, how: DeleteOptions & { readonly uid: string }, options: CallOptions): Promise<unknown>;
}

export function podCalls(api: KubernetesApi): ObjectCalls<Pod> {
  return {
    noun: 'pod',
    create: (namespace, pod, options) => api.createPod(namespace, pod, options),
    get: (namespace, name, options) => api.getPod(namespace, name, options),
    remove: (namespace, name, { uid }, options) => api.deletePod(namespace, name, uid, options),
  };
}

export function objectCalls(api: KubernetesApi, resource: ApiResource): ObjectCalls<Manifest> {
  return {
    noun: resource.kind.toLowerCase(),
    create: (namespace, object, options) => api.createObject(resource, namespace, object, options),
    get: (namespace, name, options) => api.getObject(resource, namespace, name, options),
    remove: (namespace, name, how, options) => api.deleteObject(resource, namespace, name, how, options),
  };
}

/** `reason: message` of the last Warning events of an object, oldest first. */
export async function warningEvents(api: KubernetesApi, namespace: string, { name, uid }: Manifest['metadata'], signal: AbortSignal): Promise<string[]> {
  const events = await api.podEvents(namespace, name!, uid, { signal, patienceMs: 5_000 });
  return events.filter(event => event.type === 'Warning').slice(-20).map(event => `${event.reason}: ${String(event.message).trim()}`);
}

export interface TryObjectOptions<T extends Manifest> {
  readonly api: KubernetesApi;
  readonly calls: ObjectCalls<T>;
  /** The objects of the kind that the run has in the namespace, as last seen. */
  readonly known: ReadonlyMap<string, T>;
  readonly scope: NamespaceScope;
  readonly name: string;
  /** How long a quota may refuse the object. */
  readonly startupTimeoutSeconds: number;
  /** The object was deleted by a run that was cancelled: it may be made anew when it is gone. */
  readonly cancelledBefore: boolean;
  /** The object has existed: if it is not there it was deleted, and must not be made a second time. */
  readonly startedBefore: boolean;
  readonly signal: AbortSignal;
  readonly onWait: (message: string) => void;
  readonly onAdopt: () => void;
}

/** The object of one try, which is made once and no more, whatever answers are lost. */
export class TryObject<T extends Manifest> {
  /** The object as it was when it was made or taken up. */
  public created?: T;
  /** The object was there already. */
  public adopted = false;
  /** A create was sent and its answer is not known. */
  private unanswered = false;

  constructor(private readonly options: TryObjectOptions<T>) {}

  /** Creates the object, or takes up the one that this run made before. */
  public async create(rendered: Manifest): Promise<T> {
    return this.created = await this.createOrAdopt(rendered);
  }

  private async createOrAdopt(rendered: Manifest): Promise<T> {
    const { calls, scope, name, signal, cancelledBefore } = this.options;
    const known = this.options.known.get(name);
    if (known && !(cancelledBefore && known.metadata.deletionTimestamp)) { return this.adopt(rendered, known); }
    if (this.options.startedBefore && !cancelledBefore) {
      const existing = await this.find();
      if (existing) { return this.adopt(rendered, existing); }
      throw new LostPodError(`${calls.noun} '${name}' was started and is gone; nobody saw how it ended`, "run the task again, or set 'retries'");
    }
    let quotaSince: number | undefined;
    for (let tries = 0; ; tries++) {
      try {
        this.unanswered = true;
        return await calls.create(scope.namespace, rendered, { signal, patienceMs: 300_000 });
      } catch (error) {
        this.unanswered = !(error instanceof ApiError);
        if (error instanceof ApiError && error.reason === 'AlreadyExists') {
          const existing = await this.find();
          if (existing && !(cancelledBefore && existing.metadata.deletionTimestamp)) { return this.adopt(rendered, existing); }
          await sleep(500, signal);
        } else if (error instanceof ApiError && error.exceedsQuota) {
          quotaSince ??= now();
          if (now() - quotaSince > this.options.startupTimeoutSeconds * 1000) { throw error; }
          if (tries === 0) { this.options.onWait(`waiting for quota: ${error.serverMessage}`); }
          await sleep(Math.min(10_000, 1000 * 2 ** tries), signal);
        } else {
          throw error;
        }
      }
    }
  }

  private adopt(rendered: Manifest, existing: T): T {
    const what = `${this.options.calls.noun} '${this.options.name}'`;
    const same = (at: (object: Manifest) => string | undefined) => at(existing) === at(rendered);
    if (!same(object => object.metadata.labels?.[RUN_LABEL])) {
      throw new ManifestError(`${what} exists in namespace '${existing.metadata.namespace}' and belongs to no such run (NameCollision)`, "delete it, or choose another '--run-id'");
    }
    if (!same(object => object.metadata.annotations?.[SPEC_HASH_ANNOTATION])) {
      throw new ManifestError(`${what} of this run was made from another manifest (NameCollision)`, "the manifests changed since the run began: choose another '--run-id'");
    }
    this.adopted = true;
    this.options.onAdopt();
    return existing;
  }

  private async find(): Promise<T | undefined> {
    const { calls, scope, name, signal } = this.options;
    try {
      return await calls.get(scope.namespace, name, { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) { return undefined; }
      throw error;
    }
  }

  /** `reason: message` of the last Warning events. */
  public events(): Promise<string[]> {
    const { api, scope, signal } = this.options;
    return warningEvents(api, scope.namespace, this.created!.metadata, signal);
  }

  /** Deletes the object. A create that was interrupted may have come through, so the object is looked for. @returns warnings */
  public async remove(how: Omit<DeleteOptions, 'uid'> = {}): Promise<string[]> {
    const { calls, scope, name } = this.options;
    const limits = { signal: AbortSignal.timeout(CLEAN_UP_MS), patienceMs: CLEAN_UP_MS };
    try {
      let object = this.created;
      if (!object && this.unanswered) {
        const found = await calls.get(scope.namespace, name, limits);
        if (found.metadata.labels?.[RUN_LABEL] === scope.runLabel) { object = found; }
      }
      if (object) {
        await calls.remove(scope.namespace, name, { ...how, uid: object.metadata.uid }, limits);
        scope.deleted.add(object.metadata.uid);
      }
      return [];
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || !this.created)) { return []; }
      return [`${calls.noun} '${name}' could not be deleted: ${(error as Error).message}; run: kubectl delete ${calls.noun} ${name} -n ${scope.namespace}`];
    }
  }
}
