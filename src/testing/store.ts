import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { alreadyExists, notFound } from './status';
import { Manifest } from '../pod/manifest';

/** One change of one object, as a watch tells it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly version: number;
  readonly object: Manifest;
  /** Before the change; undefined for one that was added. */
  readonly previous?: Manifest;
}

export const RESOURCES: { readonly [plural: string]: string } = {
  namespaces: 'Namespace',
  pods: 'Pod',
  configmaps: 'ConfigMap',
  secrets: 'Secret',
  events: 'Event',
  podtemplates: 'PodTemplate',
  resourcequotas: 'ResourceQuota',
  serviceaccounts: 'ServiceAccount',
};

/** The API server's times have whole seconds. */
export function now(secondsAhead = 0): string {
  return new Date(Date.now() + secondsAhead * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What the API server adds to a namespace. */
export function namespaceParts(metadata: Manifest['metadata']) {
  const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name! };
  return { metadata: { ...metadata, labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
}

/** The objects, one version for all of them, and the changes since the last compaction. An object that was given out is never changed. */
export class Store {
  private readonly objects = new Map<string, Manifest>();
  private readonly listeners = new Set<(change: Change) => void>();
  private changes: Change[] = [];
  private current = 1;
  private compacted = 0;

  /** @param anyNamespace true where a namespace exists as soon as it is used */
  public constructor(private readonly anyNamespace = false) {}

  public get version(): number { return this.current; }
  /** A watch cannot resume from a version before this one. */
  public get oldest(): number { return this.compacted; }

  public create(resource: string, object: Manifest): Manifest {
    const { name, namespace } = object.metadata;
    if (this.find(resource, namespace, name!)) { throw alreadyExists(resource, name!); }
    const metadata = { ...object.metadata, uid: randomUUID(), creationTimestamp: now() };
    return this.write('ADDED', resource, { ...object, metadata });
  }

  /** Makes sure that a namespace is there. */
  public ensureNamespace(name: string): void {
    if (!this.find('namespaces', undefined, name)) { this.create('namespaces', { kind: 'Namespace', apiVersion: 'v1', ...namespaceParts({ name }) }); }
  }

  /** Refuses a namespace that does not exist. */
  public requireNamespace(name: string): void {
    if (this.anyNamespace) { this.ensureNamespace(name); }
    this.get('namespaces', undefined, name);
  }

  public find(resource: string, namespace: string | undefined, name: string): Manifest | undefined {
    return this.objects.get(key(resource, namespace, name));
  }

  public get(resource: string, namespace: string | undefined, name: string): Manifest {
    const found = this.find(resource, namespace, name);
    if (!found) { throw notFound(resource, name); }
    return found;
  }

  /** In the order of namespaces and names. */
  public list(resource: string, namespace?: string): Manifest[] {
    const prefix = namespace === undefined ? `${resource}/` : key(resource, namespace, '');
    return [...this.objects.entries()].filter(([id]) => id.startsWith(prefix)).sort(([a], [b]) => a < b ? -1 : 1).map(([, object]) => object);
  }

  /** Every object with its resource. */
  public all(): (readonly [string, Manifest])[] {
    return [...this.objects].map(([id, object]) => [id.slice(0, id.indexOf('/')), object]);
  }

  /** Applies a change to a copy; one that changes nothing makes no new version. */
  public update(resource: string, object: Manifest, change: (draft: Manifest) => void): Manifest {
    const { name, namespace, uid } = object.metadata;
    const found = this.get(resource, namespace, name!);
    if (found.metadata.uid !== uid) { throw notFound(resource, name!); }
    const draft = structuredClone(found);
    change(draft);
    return isDeepStrictEqual(draft, found) ? found : this.write('MODIFIED', resource, draft, found);
  }

  /**
   * Begins a deletion: an object with finalizers, and a pod on a node that has not ended, only gets its time of deletion.
   *
   * @returns the object as it is then
   */
  public delete(resource: string, object: Manifest, graceSeconds?: number): Manifest {
    const pod = resource === 'pods';
    if (!pod && !object.metadata.finalizers?.length) {
      this.remove(resource, object);
      return object;
    }
    const ended = pod && ['Succeeded', 'Failed'].includes(object.status.phase);
    const wanted = Math.max(graceSeconds ?? object.spec?.terminationGracePeriodSeconds ?? 0, 0);
    const grace = !pod || ended || !object.spec.nodeName ? 0 : wanted;
    const before = object.metadata.deletionGracePeriodSeconds;
    const marked = before !== undefined && before <= grace ? object : this.update(resource, object, draft => {
      draft.metadata.deletionTimestamp = now(grace);
      draft.metadata.deletionGracePeriodSeconds = grace;
      if (pod && before === undefined) { draft.metadata.generation += 1; }
    });
    if (grace === 0 && !marked.metadata.finalizers?.length) { this.remove(resource, marked); }
    return marked;
  }

  public remove(resource: string, object: Manifest): void {
    const { name, namespace, uid } = object.metadata;
    const found = this.find(resource, namespace, name!);
    if (found && found.metadata.uid === uid) { this.write('DELETED', resource, found, found); }
  }

  /** The changes after a version, oldest first. */
  public since(version: number): Change[] {
    return this.changes.filter(change => change.version > version);
  }

  /** Forgets past changes: a watch that resumes from before now gets 410. */
  public compact(): void {
    this.changes = [];
    this.compacted = this.current;
  }

  /** @returns a function that ends it. */
  public onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  private write(type: Change['type'], resource: string, object: Manifest, previous?: Manifest): Manifest {
    this.current += 1;
    const written = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.current) } };
    const id = key(resource, object.metadata.namespace, object.metadata.name!);
    if (type === 'DELETED') { this.objects.delete(id); } else { this.objects.set(id, written); }
    const change = { type, resource, version: this.current, object: written, previous };
    this.changes.push(change);
    for (const listener of [...this.listeners]) { listener(change); }
    return written;
  }
}

function key(resource: string, namespace: string | undefined, name: string): string {
  return `${resource}/${namespace ?? ''}/${name}`;
}
