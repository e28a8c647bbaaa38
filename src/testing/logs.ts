import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import { Container } from './container';
import { LogQuery } from './container-log';
import { Kubelet } from './kubelet';
import { containersOf } from './pod-defaults';
import { ClusterRequest } from './request';
import { badRequest, Cause, invalid } from './status';
import { Manifest } from '../pod/manifest';

/** Answers a request for the log of a container. */
export async function logs(kubelet: Kubelet, pod: Manifest, request: ClusterRequest, response: ServerResponse): Promise<void> {
  const query = logQuery(request.query, pod.metadata.name!);
  const name = containerName(pod, request.query.get('container'));
  if (!pod.spec.nodeName) {
    response.writeHead(204).end();
    return;
  }
  const log = logOf(kubelet.container(pod, name), pod, name, request.query.get('previous') === 'true');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  for await (const chunk of log.read(query, gone.signal)) {
    // Who has gone reads nothing more.
    if (!response.write(chunk)) { await once(response, 'drain', { signal: gone.signal }).catch(() => {}); }
  }
  response.end();
}

/** The container that a request names, or the only one. */
export function containerName(pod: Manifest, given: string | null): string {
  const names: string[] = containersOf(pod).map(container => container.name);
  if (given && !names.includes(given)) { throw badRequest(`container ${given} is not valid for pod ${pod.metadata.name}`); }
  if (given) { return given; }
  if (names.length > 1) { throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`); }
  return names[0];
}

function logOf(container: Container | undefined, pod: Manifest, name: string, previous: boolean) {
  if (previous) {
    const before = container?.previousLog;
    if (!before) { throw badRequest(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`); }
    return before;
  }
  const waiting = container?.state.waiting;
  const log = waiting?.reason === 'CrashLoopBackOff' || !waiting ? container?.log : undefined;
  if (!log) { throw badRequest(`container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${waiting?.reason ?? 'ContainerCreating'}`); }
  return log;
}

function logQuery(query: URLSearchParams, pod: string): LogQuery {
  const causes: Cause[] = [];
  const integer = (name: string, least: number) => {
    const text = query.get(name);
    if (text === null) { return undefined; }
    if (!/^-?\d+$/.test(text)) { throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`); }
    if (Number(text) < least) {
      causes.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${text}: must be greater than or equal to ${least}`, field: name });
    }
    return Number(text);
  };
  const tailLines = integer('tailLines', 0);
  const limitBytes = integer('limitBytes', 1);
  const sinceSeconds = integer('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  const seconds = sinceTime === null ? undefined : Math.floor(Date.parse(sinceTime) / 1000);
  if (seconds !== undefined && Number.isNaN(seconds)) {
    throw badRequest(`parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(sinceTime)} as "2006"`);
  }
  if (seconds !== undefined && sinceSeconds !== undefined) {
    causes.push({ reason: 'FieldValueForbidden', message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified', field: '[]' });
  }
  if (causes.length > 0) { throw invalid('PodLogOptions', pod, causes); }
  const since = sinceSeconds === undefined ? seconds : Math.floor(Date.now() / 1000) - sinceSeconds;
  return {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    since: since === undefined ? undefined : BigInt(since) * 1_000_000_000n,
    tailLines,
    limitBytes,
  };
}
