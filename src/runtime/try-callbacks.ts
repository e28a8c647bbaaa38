import { ApiResource, KubernetesApi } from './api';
import { resourceOfKind } from './api-kind';
import { CallbackArguments, CallbackClient, CallbackError, Hook, PodCallbacks } from './callbacks';
import { ManifestError } from './errors';
import { MAP_LABEL, RUN_LABEL, SPEC_HASH_ANNOTATION, TASK_LABEL, TRY_LABEL } from './render';
import { unlessAborted } from './wait';
import { Manifest } from '../pod/manifest';
import { shown } from '../pod/shown';

/** What of a pod the run finds it by. */
const FIXED: readonly [path: string, of: (pod: any, base: string) => unknown][] = [
  ['metadata.name', ({ metadata }) => metadata.name],
  ['metadata.namespace', ({ metadata }) => metadata.namespace],
  ...[RUN_LABEL, TASK_LABEL, TRY_LABEL, MAP_LABEL].map((label): typeof FIXED[number] => [`metadata.labels['${label}']`, ({ metadata }) => metadata.labels?.[label]]),
  [`metadata.annotations['${SPEC_HASH_ANNOTATION}']`, ({ metadata }) => metadata.annotations?.[SPEC_HASH_ANNOTATION]],
  ['spec.containers', ({ spec }, base) => spec?.containers?.some((container: any) => container.name === base)],
];

/** The callbacks of one try. */
export class TryCallbacks {
  private failure?: CallbackError;
  /** Resolves when the lines that were told have been taken. */
  private lines: Promise<unknown> = Promise.resolve();
  /** A pod as the callbacks have it: what they do to it is nobody else's. */
  private seen?: { readonly of: Manifest; readonly copy: Manifest };

  constructor(
    private readonly all: readonly PodCallbacks[], private readonly about: Omit<CallbackArguments, 'mode' | 'client'>,
    private readonly api: KubernetesApi, private readonly namespace: string, private readonly signal: AbortSignal,
  ) {}

  public get none(): boolean {
    return this.all.length === 0;
  }

  /** @throws CallbackError, and the reason of a stop */
  public async call<N extends Exclude<keyof PodCallbacks, 'progressCallback' | 'onPodManifestCreated'>>(name: N, pod?: Manifest): Promise<void> {
    await this.each(name, pod ? { pod: this.copyOf(pod) } : {});
  }

  /** Lets the callbacks change a pod before it is made. @throws CallbackError, and the reason of a stop */
  public async manifestCreated(podRequest: Manifest): Promise<void> {
    const base = podRequest.spec.containers[0].name;
    const fixed = () => FIXED.map(([, of]) => of(podRequest, base));
    const before = fixed();
    await this.each('onPodManifestCreated', { podRequest });
    const at = fixed().findIndex((value, i) => value !== before[i]);
    if (at >= 0) {
      throw new CallbackError(`the callback onPodManifestCreated changed '${FIXED[at][0]}' of the pod, by which the run finds it`, 'leave that as it is; names and namespaces are those of the task');
    }
  }

  /** What a line's callback throws is thrown by the next {@link call}. */
  public line(pod: Manifest, containerName: string, timestamp: string, line: string): void {
    for (const { progressCallback } of this.all) {
      if (!progressCallback) { continue; }
      const given = { ...this.given, pod: this.copyOf(pod), containerName, timestamp, line };
      const told = (async () => progressCallback(given))().catch(error => { this.failure ??= failed('progressCallback', error); });
      this.lines = Promise.all([this.lines, told]);
    }
  }

  private async each(name: Exclude<keyof PodCallbacks, 'progressCallback'>, more: object): Promise<void> {
    await unlessAborted(this.lines, this.signal);
    if (this.failure) { throw this.failure; }
    for (const callbacks of this.all) {
      try {
        await unlessAborted((callbacks[name] as Hook<any> | undefined)?.({ ...this.given, ...more }), this.signal);
      } catch (error) {
        throw this.signal.aborted ? this.signal.reason : failed(name, error);
      }
    }
  }

  private copyOf(pod: Manifest): Manifest {
    if (this.seen?.of !== pod) { this.seen = { of: pod, copy: structuredClone(pod) }; }
    return this.seen!.copy;
  }

  private get given(): CallbackArguments {
    return { ...this.about, mode: 'sync', client: new Client(this.api, this.namespace, this.signal) };
  }
}

function failed(name: string, error: unknown): CallbackError {
  return new CallbackError(`the callback ${name} threw: ${error instanceof Error ? error.message : shown(error)}`, "correct the callback that is given to run() as 'callbacks'", { cause: error });
}

class Client implements CallbackClient {
  constructor(private readonly api: KubernetesApi, private readonly namespace: string, private readonly signal: AbortSignal) {}

  public async create(object: Manifest): Promise<Manifest> {
    const resource = await this.resource(object);
    const namespace = this.namespaceOf(object);
    const placed = resource.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
    return this.api.createObject(resource, namespace, placed, this.limits);
  }

  public async get(object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<Manifest> {
    return this.api.getObject(await this.resource(object), this.namespaceOf(object), object.metadata.name!, this.limits);
  }

  public async delete(object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<void> {
    await this.api.deleteObject(await this.resource(object), this.namespaceOf(object), object.metadata.name!, { propagationPolicy: 'Background' }, this.limits);
  }

  private async resource(object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): Promise<ApiResource> {
    if (typeof object?.apiVersion !== 'string' || typeof object.kind !== 'string' || typeof object.metadata !== 'object') {
      throw new ManifestError("'client' needs an object with 'apiVersion', 'kind' and 'metadata'");
    }
    return resourceOfKind(object, await this.api.resourcesOf(object.apiVersion, this.limits));
  }

  private namespaceOf({ metadata }: Pick<Manifest, 'metadata'>): string {
    return metadata.namespace ?? this.namespace;
  }

  private get limits() {
    return { signal: this.signal, patienceMs: 30_000 };
  }
}
