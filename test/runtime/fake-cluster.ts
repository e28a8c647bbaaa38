import { ended, pod, SCHEDULED } from './pods';
import { Manifest } from '../../src/pod/manifest';
import { KubernetesApi, Pod } from '../../src/runtime/api';
import { ApiError, Stopped } from '../../src/runtime/errors';

/** Why a run ends whose caller ends it. */
export const CANCELLED = new Stopped('cancelled', 'the run was cancelled');

/** What becomes of a pod: called when it was created. */
export type Fate = (pod: Pod, cluster: FakeCluster) => void;

/** The API of a cluster in memory, whose pods do what the test says. */
export class FakeCluster {
  public readonly server = 'https://fake';
  public readonly requests: string[] = [];
  public readonly pods = new Map<string, Pod>();
  /** Pods that were ever created. */
  public readonly created: Pod[] = [];
  /** By name. */
  public readonly owners = new Map<string, Manifest>();
  public minor = '34';
  public refuse: { [request: string]: Error } = {};
  public logs: { [pod: string]: string } = {};
  private readonly watchers = new Set<(line: string) => void>();
  private revision = 100;

  constructor(public fate: Fate = succeed) {}

  public get api(): KubernetesApi {
    return this as any;
  }

  /** Changes the status of a pod and tells the watches. */
  public set(name: string, status: any, metadata: any = {}): void {
    const before = this.pods.get(name);
    if (!before) { return; }
    const now: Pod = {
      ...before,
      metadata: { ...before.metadata, ...metadata, resourceVersion: String(++this.revision) },
      status: { ...before.status, ...status },
    };
    this.pods.set(name, now);
    this.tell('MODIFIED', now);
  }

  /** Takes a pod away, as somebody with kubectl does. */
  public remove(name: string): void {
    const gone = this.pods.get(name);
    this.pods.delete(name);
    if (gone) { this.tell('DELETED', { ...gone, metadata: { ...gone.metadata, resourceVersion: String(++this.revision) } }); }
  }

  public async version(): Promise<any> {
    return { major: '1', minor: this.minor, gitVersion: `v1.${this.minor}.0` };
  }

  public async createPod(namespace: string, manifest: Manifest): Promise<Pod> {
    this.note('create', 'pods', namespace);
    const name = manifest.metadata.name!;
    if (this.pods.has(name)) { throw new ApiError({ verb: 'create', resource: 'pods', namespace }, 409, 'AlreadyExists', `pods "${name}" already exists`); }
    const made = this.place(manifest);
    this.created.push(made);
    this.fate(made, this);
    return made;
  }

  /** Puts a pod there without telling anybody why. */
  public place(manifest: Manifest): Pod {
    const made: Pod = { ...structuredClone(manifest), metadata: { ...manifest.metadata, uid: `uid-${this.revision}`, resourceVersion: String(++this.revision) }, status: pod().status } as any;
    this.pods.set(manifest.metadata.name!, made);
    this.tell('ADDED', made);
    return made;
  }

  public async getPod(namespace: string, name: string): Promise<Pod> {
    this.note('get', 'pods', namespace);
    const found = this.pods.get(name);
    if (!found) { throw new ApiError({ verb: 'get', resource: 'pods', namespace }, 404, 'NotFound', `pods "${name}" not found`); }
    return found;
  }

  public async deletePod(namespace: string, name: string, uid: string): Promise<void> {
    this.note('delete', 'pods', namespace);
    if (this.pods.get(name)?.metadata.uid === uid) { this.remove(name); }
  }

  public async listPods(namespace: string): Promise<any> {
    this.note('list', 'pods', namespace);
    return { items: [...this.pods.values()], metadata: { resourceVersion: String(this.revision) } };
  }

  public async watchPods(namespace: string, _: string, query: { resourceVersion: string }, options: { signal: AbortSignal }):
  Promise<AsyncIterable<Buffer>> {
    this.note('watch', 'pods', namespace);
    const lines: string[] = [...this.pods.values()]
      .filter(({ metadata }) => Number(metadata.resourceVersion) > Number(query.resourceVersion))
      .map(object => JSON.stringify({ type: 'ADDED', object }));
    let wake = () => {};
    const watcher = (line: string) => { lines.push(line); wake(); };
    this.watchers.add(watcher);
    const { signal } = options;
    signal.addEventListener('abort', () => wake(), { once: true });
    const { watchers } = this;
    return (async function* () {
      try {
        for (;;) {
          while (lines.length > 0) { yield Buffer.from(`${lines.shift()}\n`); }
          signal.throwIfAborted();
          await new Promise<void>(resolve => { wake = resolve; });
        }
      } finally {
        watchers.delete(watcher);
      }
    })();
  }

  public async podLog(namespace: string, name: string): Promise<AsyncIterable<Buffer>> {
    this.note('get', 'pods/log', namespace);
    const text = this.logs[name] ?? '';
    return (async function* () { yield Buffer.from(text); })();
  }

  public async podEvents(namespace: string): Promise<any[]> {
    this.note('list', 'events', namespace);
    return [{ type: 'Warning', reason: 'Failed', message: 'because' }, { type: 'Normal', reason: 'Pulled', message: 'x' }];
  }

  public async createConfigMap(namespace: string, manifest: Manifest): Promise<Manifest> {
    this.note('create', 'configmaps', namespace);
    const name = manifest.metadata.name!;
    if (this.owners.has(name)) { throw new ApiError({ verb: 'create', resource: 'configmaps', namespace }, 409, 'AlreadyExists', `configmaps "${name}" already exists`); }
    const made = { ...manifest, metadata: { ...manifest.metadata, uid: `owner-${++this.revision}` } };
    this.owners.set(name, made);
    return made;
  }

  public async getConfigMap(namespace: string, name: string): Promise<Manifest> {
    this.note('get', 'configmaps', namespace);
    const found = this.owners.get(name);
    if (!found) { throw new ApiError({ verb: 'get', resource: 'configmaps', namespace }, 404, 'NotFound', `configmaps "${name}" not found`); }
    return found;
  }

  public async deleteConfigMap(namespace: string, name: string): Promise<void> {
    this.note('delete', 'configmaps', namespace);
    this.owners.delete(name);
  }

  public get configMaps(): number {
    return this.owners.size;
  }

  private note(verb: string, resource: string, namespace: string): void {
    const request = `${verb} ${resource}`;
    this.requests.push(request);
    const refusal = this.refuse[request];
    if (refusal) { throw refusal; }
    if (namespace !== 'n') { throw new ApiError({ verb, resource, namespace }, 404, 'NotFound', `namespaces "${namespace}" not found`); }
  }

  private tell(type: string, object: Pod): void {
    const line = JSON.stringify({ type, object });
    for (const watcher of this.watchers) { watcher(line); }
  }
}

/** The pod runs and ends with this code and, where it has a sidecar, this XCom message. */
export function end(exitCode: number, xcom = 'v1 empty'): Fate {
  return ({ metadata, spec }, cluster) => setImmediate(() => {
    cluster.set(metadata.name!, { phase: 'Running', conditions: [SCHEDULED], containerStatuses: [{ name: 'base', state: { running: {} } }] });
    cluster.set(metadata.name!, {
      ...ended(exitCode),
      ...spec.initContainers ? { initContainerStatuses: [{ name: 'airflow-xcom-sidecar', state: { terminated: { exitCode: 0, message: xcom } } }] } : {},
    });
  });
}

export function succeed(created: Pod, cluster: FakeCluster): void {
  end(0)(created, cluster);
}
