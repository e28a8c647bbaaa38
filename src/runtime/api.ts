import WebSocket from 'ws';
import { ApiAction, ApiError, ManifestError, UnreachableError } from './errors';
import { apiError, Transport } from './transport';
import { Manifest } from '../pod/manifest';
import { shown } from '../pod/shown';

/** A Pod as the API server sends it. */
export interface Pod extends Manifest {
  spec: any;
  status?: any;
}

export interface ObjectList<T extends Manifest = Manifest> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: T[];
}

/** Where the objects of a kind are found. */
export interface ApiResource {
  /** For example `batch/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** For example `jobs`. */
  readonly plural: string;
  /** @default true */
  readonly namespaced?: boolean;
}

export interface LogOptions {
  readonly container: string;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly sinceTime?: string;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** The Status object that ends the stream. */
  readonly status: any;
}

export interface ExecOptions {
  readonly signal?: AbortSignal;
  readonly maxBytes: number;
  /** True where stdout is complete: the command then gets a line on stdin, and the end of stdin where the connection is cut before. */
  readonly complete?: (stdout: Buffer) => boolean;
}

/** How an object is deleted. */
export interface DeleteOptions {
  readonly uid?: string;
  /** What becomes of the objects that it owns. @default - as the server does for its kind */
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** @see ApiRequest.patienceMs */
  readonly patienceMs?: number;
}

/** All that the runtime asks of a cluster. */
export class KubernetesApi {
  constructor(private readonly transport: Transport) {}

  public get server(): string {
    return this.transport.server;
  }

  public version(options?: CallOptions): Promise<{ major: string; minor: string; gitVersion: string }> {
    return this.transport.json({ verb: 'get', resource: '/version', method: 'GET', path: '/version', ...options });
  }

  public createPod(namespace: string, pod: Manifest, options?: CallOptions): Promise<Pod> {
    return this.createObject(PODS, namespace, pod, options) as Promise<Pod>;
  }

  public getPod(namespace: string, name: string, options?: CallOptions): Promise<Pod> {
    return this.getObject(PODS, namespace, name, options) as Promise<Pod>;
  }

  /** Deletes the pod of that uid; one that is gone already is no error. */
  public async deletePod(namespace: string, name: string, uid: string, options?: CallOptions): Promise<void> {
    await this.deleteObject(PODS, namespace, name, { uid }, options);
  }

  public listPods(namespace: string, labelSelector: string, query: { continue?: string }, options?: CallOptions): Promise<ObjectList<Pod>> {
    return this.listObjects(PODS, namespace, labelSelector, query, options) as Promise<ObjectList<Pod>>;
  }

  public watchPods(namespace: string, labelSelector: string, query: { resourceVersion: string; timeoutSeconds: number }, options?: CallOptions):
  Promise<AsyncIterable<Buffer>> {
    return this.watchObjects(PODS, namespace, labelSelector, query, options);
  }

  public podLog(namespace: string, name: string, options: LogOptions & CallOptions): Promise<AsyncIterable<Buffer>> {
    const { signal, patienceMs, ...query } = options;
    return this.transport.stream({
      verb: 'get', resource: 'pods/log', namespace, method: 'GET', path: `${objectPath(PODS, namespace, name)}/log`, query: { ...query }, signal, patienceMs,
    });
  }

  /** The pod's events, oldest first. */
  public async podEvents(namespace: string, name: string, uid: string, options?: CallOptions): Promise<any[]> {
    const list = await this.transport.json({
      ...actionOn('list', EVENTS, namespace),
      method: 'GET',
      path: collectionPath(EVENTS, namespace),
      query: { fieldSelector: `involvedObject.name=${name},involvedObject.uid=${uid}`, limit: 200 },
      ...options,
    });
    const time = (event: any) => event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ?? event.metadata?.creationTimestamp ?? '';
    return list.items.sort((a: any, b: any) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
  }

  /** The cluster's nodes, at most 500; a right that those who run tasks seldom have. */
  public async listNodes(options?: CallOptions): Promise<any[]> {
    const action: ApiAction = { verb: 'list', resource: 'nodes' };
    return (await this.transport.json({ ...action, method: 'GET', path: '/api/v1/nodes', query: { limit: 500 }, ...options })).items;
  }

  public createConfigMap(namespace: string, configMap: Manifest, options?: CallOptions): Promise<Manifest> {
    return this.createObject(CONFIG_MAPS, namespace, configMap, options);
  }

  public getConfigMap(namespace: string, name: string, options?: CallOptions): Promise<Manifest> {
    return this.getObject(CONFIG_MAPS, namespace, name, options);
  }

  public async deleteConfigMap(namespace: string, name: string, uid: string, options?: CallOptions): Promise<void> {
    await this.deleteObject(CONFIG_MAPS, namespace, name, { uid }, options);
  }

  public createObject(resource: ApiResource, namespace: string, object: Manifest, options?: CallOptions): Promise<Manifest> {
    return this.transport.json({ ...actionOn('create', resource, namespace), method: 'POST', path: collectionPath(resource, namespace), body: object, ...options });
  }

  public getObject(resource: ApiResource, namespace: string, name: string, options?: CallOptions): Promise<Manifest> {
    return this.transport.json({ ...actionOn('get', resource, namespace), method: 'GET', path: objectPath(resource, namespace, name), ...options });
  }

  /** Changes an object by a merge patch (RFC 7386). */
  public patchObject(resource: ApiResource, namespace: string, name: string, patch: object, options?: CallOptions): Promise<Manifest> {
    return this.transport.json({ ...actionOn('patch', resource, namespace), method: 'PATCH', path: objectPath(resource, namespace, name), body: patch, ...options });
  }

  /**
   * Deletes an object, where `uid` is given only the one of that uid; one that is gone already is no error.
   *
   * @returns false where it was gone
   */
  public async deleteObject(resource: ApiResource, namespace: string, name: string, how: DeleteOptions, options?: CallOptions): Promise<boolean> {
    const { uid, ...rest } = how;
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...rest, ...(uid === undefined ? {} : { preconditions: { uid } }) };
    try {
      await this.transport.json({ ...actionOn('delete', resource, namespace), method: 'DELETE', path: objectPath(resource, namespace, name), body, ...options });
      return true;
    } catch (error) {
      // 409 where a uid was given: the object there now has another one.
      if (!(error instanceof ApiError && (error.status === 404 || (error.status === 409 && uid !== undefined)))) { throw error; }
      return false;
    }
  }

  public listObjects(
    resource: ApiResource, namespace: string, labelSelector: string, query: { continue?: string; fieldSelector?: string }, options?: CallOptions,
  ): Promise<ObjectList> {
    return this.transport.json({
      ...actionOn('list', resource, namespace),
      method: 'GET',
      path: collectionPath(resource, namespace),
      query: { labelSelector, limit: 500, ...query },
      ...options,
    });
  }

  public watchObjects(
    resource: ApiResource, namespace: string, labelSelector: string,
    query: { resourceVersion: string; timeoutSeconds: number; fieldSelector?: string }, options?: CallOptions,
  ): Promise<AsyncIterable<Buffer>> {
    return this.transport.stream({
      ...actionOn('watch', resource, namespace),
      method: 'GET',
      path: collectionPath(resource, namespace),
      query: { labelSelector, watch: true, allowWatchBookmarks: true, ...query },
      ...options,
    });
  }

  /** The resources that the server has under a version of an API; undefined where it has no such version. */
  public async resourcesOf(apiVersion: string, options?: CallOptions): Promise<ApiResource[] | undefined> {
    try {
      const { resources } = await this.transport.json({ verb: 'get', resource: `the resources of ${apiVersion}`, method: 'GET', path: apiPath(apiVersion), ...options });
      return resources.filter(({ name }: any) => !name.includes('/')).map(({ name, kind, namespaced }: any) => ({ apiVersion, kind, plural: name, namespaced }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) { return undefined; }
      throw error;
    }
  }

  /** Runs a command in a container and collects what it writes; never resolves for a stream that was cut. */
  public exec(namespace: string, name: string, container: string, command: string[], options: ExecOptions): Promise<ExecResult> {
    return this.transport.authorized(() => this.execOnce(namespace, name, container, command, options), options.signal);
  }

  private execOnce(namespace: string, name: string, container: string, command: string[], options: ExecOptions): Promise<ExecResult> {
    const action: ApiAction = { verb: 'get', resource: 'pods/exec', namespace };
    const socket = this.transport.webSocket(
      { ...action, method: 'GET', path: `${objectPath(PODS, namespace, name)}/exec`, query: { container, command, stdin: options.complete ? true : undefined, stdout: true, stderr: true } },
      ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    );
    return new Promise((resolve, reject) => {
      const chunks: { [channel: number]: Buffer[] } = { 1: [], 2: [] };
      let length = 0;
      let status: any;
      let answered = false;
      const ping = setInterval(() => { if (socket.readyState === WebSocket.OPEN) { socket.ping(); } }, 15_000);
      const fail = (error: unknown) => { settle(); reject(error); socket.terminate(); };
      const deadline = setTimeout(() => fail(new UnreachableError(`exec in pod '${name}' did not end within 60 s`)), 60_000);
      const stop = () => fail(options.signal!.reason);
      const settle = () => {
        clearInterval(ping);
        clearTimeout(deadline);
        options.signal?.removeEventListener('abort', stop);
      };
      socket.on('message', (data: Buffer) => {
        if (data[0] === 3) {
          try { status = JSON.parse(data.subarray(1).toString('utf8')); } catch (error) { fail(error); }
        } else if (data[0] === 1 || data[0] === 2) {
          length += data.length;
          if (length > options.maxBytes) { return fail(new RangeError(`exec in pod '${name}' wrote more than ${options.maxBytes} bytes`)); }
          chunks[data[0]].push(data.subarray(1));
          if (!answered && options.complete?.(Buffer.concat(chunks[1]))) {
            answered = true;
            socket.send(Buffer.from('\0\n'));
          }
        }
      });
      socket.on('unexpected-response', (request, response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          fail(apiError(action, response, Buffer.concat(parts).toString('utf8')));
          request.destroy();
        });
      });
      socket.on('error', error => fail(new UnreachableError(`exec in pod '${name}' failed: ${error.message}`, undefined, { cause: error })));
      options.signal?.addEventListener('abort', stop, { once: true });
      // A socket that is given up while it connects says so as an error, so that must have somebody who listens.
      if (options.signal?.aborted) { stop(); }
      socket.on('close', code => {
        settle();
        if (status === undefined) {
          reject(new UnreachableError(`exec in pod '${name}' was cut (code ${code})`));
        } else {
          resolve({ stdout: Buffer.concat(chunks[1]), stderr: Buffer.concat(chunks[2]), status });
        }
      });
    });
  }
}

const PODS: ApiResource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' };
const CONFIG_MAPS: ApiResource = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };
const EVENTS: ApiResource = { apiVersion: 'v1', kind: 'Event', plural: 'events' };

/** As RBAC and kubectl name it. */
function actionOn(verb: string, { apiVersion, plural, namespaced = true }: ApiResource, namespace: string): ApiAction {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  return { verb, resource: `${plural}${group}`, ...(namespaced ? { namespace } : {}) };
}

function apiPath(apiVersion: string): string {
  return `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion.split('/').map(segment).join('/')}`;
}

/** The path of all objects of a kind. */
function collectionPath({ apiVersion, plural, namespaced = true }: ApiResource, namespace: string): string {
  return `${apiPath(apiVersion)}${namespaced ? `/namespaces/${segment(namespace)}` : ''}/${plural}`;
}

function objectPath(resource: ApiResource, namespace: string, name: string): string {
  return `${collectionPath(resource, namespace)}/${segment(name)}`;
}

/**
 * A name as a part of a path.
 *
 * @throws ManifestError for what would be another path: that of all objects, or of the namespace
 */
function segment(name: string): string {
  if (typeof name !== 'string' || !/^(?!\.{1,2}$)[^/%]+$/.test(name)) { throw new ManifestError(`${shown(name)} is no name of an object or a namespace`, 'correct it, or the template that gives it'); }
  return encodeURIComponent(name);
}
