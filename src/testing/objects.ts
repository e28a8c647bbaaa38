import { randomBytes } from 'node:crypto';
import { withDefaults } from './pod-defaults';
import { checkQuota } from './quota';
import { ClusterRequest, graceSeconds, kindOf } from './request';
import { fieldSelector, labelSelector } from './selectors';
import { badRequest, conflict, invalid, methodNotAllowed, unsupportedMediaType } from './status';
import { namespaceParts, Store } from './store';
import { checkTypes, metadataCauses, podCauses } from './validation';
import { Manifest } from '../pod/manifest';

/** An answer with a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Every verb but watch, on objects. */
export function answer(store: Store, request: ClusterRequest, body: Buffer): Answer {
  const resource = request.resource!;
  switch (request.verb) {
    case 'create': return { status: 201, body: create(store, request, body) };
    case 'get': return { status: 200, body: store.get(resource, request.namespace, request.name!) };
    case 'list': return { status: 200, body: list(store, request) };
    case 'patch': return { status: 200, body: patch(store, request, body) };
    case 'delete': return { status: 200, body: remove(store, request, body) };
    case 'deletecollection': return { status: 200, body: removeAll(store, request, body) };
    default: throw methodNotAllowed();
  }
}

/** The kind and version first, as the API server writes them. */
function typed(kind: string, object: Manifest): Manifest {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return { kind, apiVersion: 'v1', ...rest };
}

/** Go leaves out a map that is empty. */
function withoutEmpty<T extends object>(object: T): T {
  const kept = Object.entries(object).filter(([key, value]) => !['data', 'labels', 'annotations'].includes(key) || Object.keys(value ?? {}).length > 0);
  return Object.fromEntries(kept) as T;
}

function create(store: Store, request: ClusterRequest, body: Buffer): Manifest {
  const kind = kindOf(request)!;
  const given = parse(request, body, kind);
  if (given.kind !== kind) {
    throw badRequest(`${given.kind} in version "${given.apiVersion}" cannot be handled as a ${kind}: converting (v1.${given.kind}) to (core.${kind}): unknown conversion`);
  }
  const metadata = { ...given.metadata };
  if (request.namespace !== undefined) {
    if (metadata.namespace !== undefined && metadata.namespace !== request.namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    metadata.namespace = request.namespace;
  }
  if (!metadata.name && metadata.generateName) { metadata.name = metadata.generateName + randomBytes(3).toString('hex').slice(0, 5); }
  let object = typed(kind, withoutEmpty({ ...given, metadata: withoutEmpty(metadata) }));
  if (kind === 'Pod') {
    checkTypes(object);
    if (!Array.isArray(object.spec?.containers)) { object.spec = { ...object.spec, containers: [] }; }
    object = withDefaults(object);
  }
  const causes = kind === 'Pod' ? podCauses(object) : metadataCauses(object);
  if (causes.length > 0) { throw invalid(kind, metadata.name ?? '', causes); }
  if (request.namespace !== undefined) { store.requireNamespace(request.namespace); }
  if (kind === 'Pod') { checkQuota(store, object); }
  return store.create(request.resource!, finish(kind, object));
}

/** What the API server adds to objects other than pods. */
function finish(kind: string, object: Manifest): Manifest {
  if (kind === 'Namespace') { return { ...object, ...namespaceParts(object.metadata) }; }
  if (kind === 'Secret') {
    const { stringData = {}, data, ...rest } = object;
    const encoded = Object.fromEntries(Object.entries<string>(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
    return { ...rest as Manifest, ...(data || object.stringData) && { data: { ...data, ...encoded } }, type: object.type ?? 'Opaque' };
  }
  if (kind === 'ResourceQuota') { return { ...object, status: { hard: object.spec?.hard ?? {} } }; }
  return object;
}

function parse(request: ClusterRequest, body: Buffer, kind: string): Manifest {
  const type = request.headers['content-type'] ?? 'application/json';
  if (!type.startsWith('application/json')) { throw unsupportedMediaType('application/json, application/yaml, application/vnd.kubernetes.protobuf'); }
  const unreadable = (why: string) => badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why}`);
  let value: any;
  try {
    value = JSON.parse(body.toString());
  } catch (error) {
    throw unreadable(`${(error as Error).message} (${body.toString().slice(0, 100)})`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) { throw unreadable(`json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into an object`); }
  return { kind, apiVersion: 'v1', ...value };
}

function selected(store: Store, request: ClusterRequest): Manifest[] {
  const byLabel = labelSelector(request.query.get('labelSelector'));
  const byField = fieldSelector(request.query.get('fieldSelector'), request.resource!);
  return store.list(request.resource!, request.namespace).filter(object => byLabel(object) && byField(object));
}

function list(store: Store, request: ClusterRequest): object {
  checkVersion(request, message => badRequest(`invalid resource version: ${message}`));
  const limit = Number(request.query.get('limit') ?? 0);
  const token = request.query.get('continue');
  const after = token ? continueAfter(token) : '';
  const all = selected(store, request).filter(object => position(object) > after);
  const items = limit > 0 ? all.slice(0, limit) : all;
  const more = items.length < all.length;
  const metadata = { resourceVersion: String(store.version), ...more && { continue: Buffer.from(JSON.stringify({ after: position(items[items.length - 1]) })).toString('base64url') } };
  return { kind: `${kindOf(request)}List`, apiVersion: 'v1', metadata, items: items.map(bare) };
}

/** An item of a list has no kind. */
function bare(object: Manifest): object {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

function position(object: Manifest): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function continueAfter(token: string): string {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()).after;
  } catch (error) {
    throw badRequest(`invalid continue token: continue key is not valid: ${(error as Error).message}`);
  }
}

/** Refuses a `resourceVersion` that is no number. */
export function checkVersion(request: ClusterRequest, refuse: (message: string) => Error): void {
  const version = request.query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(version)) { throw refuse(`resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`); }
}

function patch(store: Store, request: ClusterRequest, body: Buffer): Manifest {
  const type = request.headers['content-type'];
  if (type !== 'application/merge-patch+json') { throw unsupportedMediaType('application/merge-patch+json'); }
  const found = store.get(request.resource!, request.namespace, request.name!);
  const change = JSON.parse(body.toString());
  const updated = store.update(request.resource!, found, draft => { merge(draft, change); });
  const { deletionGracePeriodSeconds, finalizers } = updated.metadata;
  if (deletionGracePeriodSeconds === 0 && !finalizers?.length) { store.remove(request.resource!, updated); }
  return updated;
}

/** RFC 7386; an object that becomes empty is left out, as Go leaves it out. */
function merge(target: any, change: any): void {
  for (const [key, value] of Object.entries(change)) {
    if (value === null) {
      delete target[key];
    } else if (typeof value === 'object' && !Array.isArray(value)) {
      target[key] = target[key] ?? {};
      merge(target[key], value);
      if (Object.keys(target[key]).length === 0) { delete target[key]; }
    } else {
      target[key] = value;
    }
  }
}

function deleteOptions(body: Buffer): any {
  return body.length > 0 ? JSON.parse(body.toString()) : undefined;
}

function remove(store: Store, request: ClusterRequest, body: Buffer): object {
  const { resource, namespace, name } = request;
  const options = deleteOptions(body);
  const found = store.get(resource!, namespace, name!);
  const { uid } = found.metadata;
  const wanted = options?.preconditions?.uid;
  if (wanted !== undefined && wanted !== uid) {
    const why = `the UID in the precondition (${wanted}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(kindOf(request)!, name!, why);
  }
  const last = store.delete(resource!, found, graceSeconds(request, options));
  if (resource === 'namespaces') { emptyNamespace(store, name!); }
  // A pod, and whatever is still there, is answered with the object.
  if (resource === 'pods' || last.metadata.deletionTimestamp) { return last; }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, kind: resource, uid } };
}

function emptyNamespace(store: Store, namespace: string): void {
  for (const [resource, object] of store.all()) {
    if (object.metadata.namespace === namespace) { store.delete(resource, object, 0); }
  }
}

function removeAll(store: Store, request: ClusterRequest, body: Buffer): object {
  const options = deleteOptions(body);
  const items = selected(store, request).map(object => store.delete(request.resource!, object, graceSeconds(request, options)));
  return { kind: `${kindOf(request)}List`, apiVersion: 'v1', metadata: { resourceVersion: String(store.version) }, items: items.map(bare) };
}
