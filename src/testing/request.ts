import { IncomingMessage } from 'node:http';
import { forbiddenList, forbiddenObject, Status } from './status';
import { RESOURCES } from './store';
import { Manifest } from '../pod/manifest';

/** A request to the API server, as {@link EmbeddedCluster.intercept} sees it. */
export interface ClusterRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** As in RBAC; undefined where the path names no resource. */
  readonly verb?: 'create' | 'get' | 'list' | 'watch' | 'patch' | 'delete' | 'deletecollection';
  /** As in RBAC: `pods`, `pods/log`, `pods/exec`, `configmaps` … */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What a request gets instead of its answer. */
export type Intervention =
  /** An answer; a body that is no string is sent as JSON. */
  | { readonly status: number; readonly headers?: { readonly [name: string]: string }; readonly body?: string | object }
  /** The connection is cut before the request has any effect. */
  | 'reset'
  /** The request has its effect, then the connection is cut before the answer. */
  | 'reset-after'
  /** No answer, ever. */
  | 'hang';

export function clusterRequest(request: IncomingMessage): ClusterRequest {
  const url = new URL(request.url!, 'https://embedded');
  const general = { method: request.method!, path: url.pathname, query: url.searchParams, headers: request.headers };
  const match = /^\/api\/v1(?:\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?(?:\/(log|exec))?$/.exec(url.pathname);
  if (!match || (match[1] ?? match[2]) === undefined) { return general; }
  const [namespace, plural = 'namespaces', name, sub] = match.slice(1).map(part => part && decodeURIComponent(part));
  const onNamespace = plural === 'namespaces';
  const single = onNamespace ? namespace ?? name : name;
  return {
    ...general,
    verb: verbOf(request.method!, single !== undefined, url.searchParams),
    resource: sub ? `${plural}/${sub}` : plural,
    namespace: onNamespace ? undefined : namespace,
    name: single,
  };
}

function verbOf(method: string, single: boolean, query: URLSearchParams): ClusterRequest['verb'] {
  switch (method) {
    case 'GET': return single ? 'get' : ['true', '1'].includes(query.get('watch') ?? '') ? 'watch' : 'list';
    case 'POST': return single ? undefined : 'create';
    case 'PATCH': return single ? 'patch' : undefined;
    case 'DELETE': return single ? 'delete' : 'deletecollection';
    default: return undefined;
  }
}

/**
 * The API server's answer to a request that RBAC does not allow, for {@link EmbeddedCluster.intercept}.
 *
 * @param user default `system:serviceaccount:NAMESPACE:default`
 */
export function forbidden(request: ClusterRequest, user = `system:serviceaccount:${request.namespace}:default`): { status: number; body: Status } {
  const what = `User ${JSON.stringify(user)} cannot ${request.verb} resource ${JSON.stringify(request.resource)} in API group "" in the namespace "${request.namespace}"`;
  const plural = request.resource?.split('/')[0] ?? '';
  const error = request.name === undefined ? forbiddenList(plural, what) : forbiddenObject(plural, request.name, what);
  return { status: 403, body: error.status };
}

/** The kind that a request is about; undefined for a resource that is not served. */
export function kindOf(request: ClusterRequest): string | undefined {
  return RESOURCES[request.resource?.split('/')[0] ?? ''];
}

/** The fields that the API server takes from the query or from a body of DeleteOptions. */
export function graceSeconds(request: ClusterRequest, options: Manifest | undefined): number | undefined {
  const text = request.query.get('gracePeriodSeconds') ?? options?.gracePeriodSeconds;
  return text === undefined || text === null ? undefined : Number(text);
}
