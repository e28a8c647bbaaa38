import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { KubernetesApi, Pod } from './api';
import { ApiError, CertificateError, UnreachableError, XComError } from './errors';
import { inexactInteger, JsonNode, parseJson } from './json';
import { readLog } from './logs';
import { containerStatus } from './reducer';
import { backoff, sleep } from './wait';
import { TaskAnnotation } from '../pod/task-annotation';
import { airflowReadScript, parseXcomMessage, XCOM_FILE, XCOM_MAX_BYTES, XCOM_SIDECAR_NAME } from '../pod/xcom';

/** Tries to read a result out of a pod; reading is idempotent. */
const TRIES = 3;

/** A result as JavaScript knows it and as it was written. */
export interface XComValue {
  readonly value: unknown;
  readonly text: string;
  readonly node: JsonNode;
}

/** A warning of a number that the result cannot show. */
export function inexactNumbers(xcom: XComValue | null): string[] {
  const inexact = xcom && inexactInteger(xcom.node);
  return inexact ? [`the XCom holds ${inexact}, which the result shows as ${Number(inexact)}: write it as a text; templates of other tasks have it exactly`] : [];
}

/** What a container said when it ended; null for nothing, and in `termination` mode, where that is the XCom. */
export function terminationMessage(pod: Pod, container: string): string | null {
  const message: string | undefined = containerStatus(pod, container)?.state?.terminated?.message;
  return message === undefined || parseXcomMessage(Buffer.from(message)) ? null : message;
}

/** True when the pod's status says all that it will ever say about the XCom (`airflow` mode: when the sidecar can be asked). */
export function xcomIsReady(pod: Pod, task: TaskAnnotation, base: string): boolean {
  const status = containerStatus(pod, task.xcomMode === 'termination' ? base : XCOM_SIDECAR_NAME);
  return status?.state?.terminated !== undefined || (task.xcomMode === 'airflow' && status?.state?.running !== undefined);
}

/**
 * The XCom of a task whose base container has ended; null where it wrote none.
 *
 * @param pod as last seen, after {@link xcomIsReady} or when it is no more
 * @throws XComError, ApiError
 */
export async function readXcom(api: KubernetesApi, pod: Pod, task: TaskAnnotation, base: string, signal?: AbortSignal): Promise<XComValue | null> {
  // Unless it is kept, the pod is deleted when the try is over, so that another run of the same id would not find it.
  const read = (work: () => Promise<XComValue | null>) => persist(signal, work).catch(error => {
    if (!(error instanceof UnreachableError) || error instanceof CertificateError) { throw error; }
    throw new XComError('XComLost', `the XCom could not be read: ${error.message}`, 'run the task again');
  });
  if (task.xcomMode === 'airflow') { return read(() => execXcom(api, pod, signal)); }
  const container = task.xcomMode === 'termination' ? base : XCOM_SIDECAR_NAME;
  const terminated = containerStatus(pod, container)?.state?.terminated;
  if (!terminated) { throw new XComError('XComLost', `the pod went away before container '${container}' handed over the XCom`, 'run the task again'); }
  const message = parseXcomMessage(Buffer.from(terminated.message ?? '', 'utf8'));
  if (!message) {
    throw new XComError('XComLost', `container '${container}' ended with exit code ${terminated.exitCode} (${terminated.reason}) and handed over no XCom`,
      task.xcomMode === 'termination'
        ? 'the command wrote its own termination message; leave /dev/termination-log alone, or use xcomMode native'
        : "give the pod more 'terminationGracePeriodSeconds', and the sidecar enough memory");
  }
  if (message.kind === 'log') { return read(() => framedXcom(api, pod, container, message.bytes, message.sha256, signal)); }
  if (message.kind === 'too-large' && task.xcomMode === 'termination' && message.bytes <= XCOM_MAX_BYTES) {
    throw new XComError('XComTooLarge', `the XCom has ${message.bytes} bytes, more than a termination message holds`, "set xcomMode 'native'");
  }
  return decode(message);
}

/** A header with what follows it, verified, as a value. */
function decode(message: NonNullable<ReturnType<typeof parseXcomMessage>>): XComValue | null {
  switch (message.kind) {
    case 'empty': return null;
    case 'not-a-file': throw new XComError('XComNotAFile', `${XCOM_FILE} is no regular file`, 'write the result itself there: no directory, no link, no pipe');
    case 'unreadable': throw new XComError('XComUnreadable', `the sidecar may not read ${XCOM_FILE}`, 'write the file readable for others, or run both containers as one user');
    case 'too-large': throw new XComError('XComTooLarge', `the XCom has ${message.bytes} bytes, at most ${XCOM_MAX_BYTES} are taken out of a pod`,
      'write the data to an object store and its address to the XCom');
    case 'log': throw new XComError('XComIncomplete', 'the XCom was announced in the log and is not there');
    case 'json': return verified(message.payload, message.bytes, message.sha256);
  }
}

function verified(payload: Buffer, bytes: number, sha256: string): XComValue | null {
  if (payload.length !== bytes || createHash('sha256').update(payload).digest('hex') !== sha256) {
    // Kubernetes carries a termination message as text: what is no UTF-8 arrives changed.
    if (payload.includes('\ufffd')) { throw notUtf8(); }
    throw new XComError('XComIncomplete', `the XCom is damaged: ${payload.length} of ${bytes} bytes arrived, or others than were written`, 'run the task again');
  }
  let text: string;
  try { text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload); } catch { throw notUtf8(); }
  if (/^[ \t\n\r]*$/.test(text)) { return null; }
  const node = parseJson(text);
  return { value: JSON.parse(text), text, node };
}

function notUtf8(): XComError {
  return new XComError('InvalidJSON', 'the XCom is not valid JSON: it is no UTF-8 text', 'write the file as UTF-8; encode bytes, for example as base64 in a JSON string');
}

/** The numbered frames of the sidecar's log. */
async function framedXcom(api: KubernetesApi, pod: Pod, container: string, bytes: number, sha256: string, signal?: AbortSignal):
Promise<XComValue | null> {
  const { name, namespace } = pod.metadata;
  const limitBytes = 4 * XCOM_MAX_BYTES;
  const log = await readLog(api, namespace!, name!, { container, limitBytes, signal });
  const frames = new Map([...log.toString('latin1').matchAll(/^v1 (\d+) ([A-Za-z0-9+/=]*)$/gm)].map(([, number, text]) => [Number(number), text]));
  const encoded = Array.from({ length: frames.size }, (_, i) => frames.get(i + 1) ?? '').join('');
  let payload: Buffer;
  try {
    payload = gunzipSync(Buffer.from(encoded, 'base64'), { maxOutputLength: XCOM_MAX_BYTES });
  } catch (error) {
    throw new XComError('XComIncomplete', `the XCom did not arrive complete in the sidecar's log: ${(error as Error).message}`, 'run the task again');
  }
  return verified(payload, bytes, sha256);
}

/** Airflow's protocol in one exec: read, then end the sidecar. */
async function execXcom(api: KubernetesApi, pod: Pod, signal?: AbortSignal): Promise<XComValue | null> {
  const { name, namespace } = pod.metadata;
  if (containerStatus(pod, XCOM_SIDECAR_NAME)?.state?.running === undefined) {
    throw new XComError('XComLost', `container '${XCOM_SIDECAR_NAME}' does not run (any more), the XCom cannot be read`, 'run the task again');
  }
  const answer = await api.exec(namespace!, name!, XCOM_SIDECAR_NAME, ['sh', '-c', airflowReadScript()], { signal, maxBytes: 2 * XCOM_MAX_BYTES, complete });
  const message = parseXcomMessage(answer.stdout);
  if (!message) {
    const said = answer.stderr.toString('utf8').trim().slice(0, 200) || answer.status?.message || answer.stdout.toString('utf8').slice(0, 80);
    throw new XComError('XComIncomplete', `reading the XCom by exec failed: ${said}`, "the sidecar's image needs sh, wc, sha256sum, cat, tr and grep");
  }
  return decode(message);
}

/** True where nothing is missing of a header line and what it announces. */
function complete(stdout: Buffer): boolean {
  if (!stdout.includes(0x0a)) { return false; }
  const message = parseXcomMessage(stdout);
  return message !== undefined && (message.kind !== 'json' || message.payload.length >= message.bytes);
}

/** What was cut may come whole the next time; what is wrong stays wrong. */
async function persist<T>(signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (error) {
      const passes = error instanceof XComError ? error.reason === 'XComIncomplete' : !(error instanceof ApiError && error.status < 500);
      if (!passes || tries >= TRIES || signal?.aborted) { throw error; }
      await sleep(backoff(tries), signal);
    }
  }
}
