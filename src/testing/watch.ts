import { ServerResponse } from 'node:http';
import { checkVersion } from './objects';
import { ClusterRequest, kindOf } from './request';
import { fieldSelector, labelSelector } from './selectors';
import { expired, internalError } from './status';
import { Change, Store } from './store';
import { Manifest } from '../pod/manifest';

/** As the API server sends them, in milliseconds. */
const BOOKMARK_INTERVAL = 60_000;
const BOOKMARK_BEFORE_END = 2000;
const DEFAULT_SECONDS = 1800;

/** Streams what changes, until the time of the request is up or the client is gone. */
export function watch(store: Store, request: ClusterRequest, response: ServerResponse): void {
  checkVersion(request, internalError);
  const byLabel = labelSelector(request.query.get('labelSelector'));
  const byField = fieldSelector(request.query.get('fieldSelector'), request.resource!);
  const fits = (object?: Manifest) => object !== undefined && byLabel(object) && byField(object);
  const mine = ({ resource, object }: Change) => resource === request.resource
    && (request.namespace === undefined || object.metadata.namespace === request.namespace);

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const send = (type: string, object: object) => response.write(`${JSON.stringify({ type, object })}\n`);

  const bookmarks = request.query.get('allowWatchBookmarks') === 'true';
  const bookmark = (annotations?: object) => {
    const metadata = { resourceVersion: String(store.version), ...annotations && { annotations } };
    send('BOOKMARK', { kind: kindOf(request), apiVersion: 'v1', metadata });
  };
  const told = (change: Change) => {
    if (!mine(change)) { return; }
    const before = fits(change.previous);
    const after = change.type !== 'DELETED' && fits(change.object);
    if (after) {
      send(before ? 'MODIFIED' : 'ADDED', change.object);
    } else if (before) {
      // The last state that the selector let through, with the version of the change.
      send('DELETED', { ...change.previous!, metadata: { ...change.previous!.metadata, resourceVersion: String(change.version) } });
    }
  };

  const from = Number(request.query.get('resourceVersion') ?? 0);
  if (from === 0) {
    store.list(request.resource!, request.namespace).filter(fits).forEach(object => send('ADDED', object));
    if (bookmarks) { bookmark({ 'k8s.io/initial-events-end': 'true' }); }
  } else if (from < store.oldest) {
    send('ERROR', expired(from, store.version).status);
    response.end();
    return;
  } else {
    store.since(from).forEach(told);
  }

  const off = store.onChange(told);
  const milliseconds = (Number(request.query.get('timeoutSeconds')) || DEFAULT_SECONDS) * 1000;
  const timers = [setTimeout(() => response.end(), milliseconds).unref()];
  if (bookmarks) {
    timers.push(setInterval(bookmark, BOOKMARK_INTERVAL).unref());
    if (milliseconds > BOOKMARK_BEFORE_END) { timers.push(setTimeout(bookmark, milliseconds - BOOKMARK_BEFORE_END).unref()); }
  }
  response.on('close', () => {
    off();
    timers.forEach(clearTimeout);
  });
}
