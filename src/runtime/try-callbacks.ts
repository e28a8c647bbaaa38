import { ApiResource, KubernetesApi } from './api';
import { resourceOfKind } from './api-kind';
import { CallbackArguments, CallbackClient, CallbackError, Hook, PodCallbacks } from './callbacks';
import { Manifest } from '../pod/manifest';

/** The callbacks of one try. */
export class TryCallbacks {
  private failure?: CallbackError;

  constructor(
    private readonly all: readonly PodCallbacks[], private readonly about: Omit<CallbackArguments, 'mode' | 'client'>,
    private readonly api: KubernetesApi, private readonly namespace: string, private readonly signal: AbortSignal,
  ) {}

  public get none(): boolean {
    return this.all.length === 0;
  }

  /** @throws CallbackError */
  public async call<N extends Exclude<keyof PodCallbacks, 'progressCallback'>>(name: N, more: object = {}): Promise<void> {
    if (this.failure) { throw this.failure; }
    for (const callbacks of this.all) {
      try {
        await (callbacks[name] as Hook<any> | undefined)?.({ ...this.given, ...more });
      } catch (error) {
        throw failed(name, error);
      }
    }
  }

  /** What a line's callback throws is thrown by the next {@link call}. */
  public line(pod: Manifest, containerName: string, timestamp: string, line: string): void {
    for (const { progressCallback } of this.all) {
      try {
        progressCallback?.({ ...this.given, pod, containerName, timestamp, line });
      } catch (error) {
        this.failure ??= failed('progressCallback', error);
      }
    }
  }

  private get given(): CallbackArguments {
    return { ...this.about, mode: 'sync', client: new Client(this.api, this.namespace, this.signal) };
  }
}

function failed(name: string, error: unknown): CallbackError {
  return new CallbackError(`the callback ${name} threw: ${error instanceof Error ? error.message : String(error)}`, "correct the callback that is given to run() as 'callbacks'", { cause: error });
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

  private async resource(object: Pick<Manifest, 'apiVersion' | 'kind'>): Promise<ApiResource> {
    return resourceOfKind(object, await this.api.resourcesOf(object.apiVersion, this.limits));
  }

  private namespaceOf({ metadata }: Pick<Manifest, 'metadata'>): string {
    return metadata.namespace ?? this.namespace;
  }

  private get limits() {
    return { signal: this.signal, patienceMs: 30_000 };
  }
}
