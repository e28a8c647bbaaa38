import { IncomingMessage, validateHeaderValue } from 'node:http';
import * as https from 'node:https';
import { createSecureContext } from 'node:tls';
import WebSocket from 'ws';
import { Connection } from './connection';
import { ApiAction, ApiError, CertificateError, ConnectionError, UnreachableError } from './errors';
import { backoff, linked, now, sleep, unlessAborted } from './wait';
import { shown } from '../pod/shown';

/** Sockets for requests; a watch and each followed log have one more of their own. */
const MAX_SOCKETS = 16;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface ApiRequest extends ApiAction {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: { [name: string]: string | number | boolean | string[] | undefined };
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Milliseconds for one try. @default 30000 */
  readonly timeoutMs?: number;
  /** Milliseconds during which a try that failed for a passing reason is repeated. @default 60000 */
  readonly patienceMs?: number;
}

export interface TransportOptions {
  /** The value of the header User-Agent. */
  readonly userAgent: string;
}

/**
 * HTTPS to one API server over one set of kept-alive sockets.
 *
 * Every request may be repeated: reads by nature, deletes carry a uid, and what we create has a name that only we would give it.
 */
export class Transport {
  private agent!: https.Agent;
  private readonly streams = new Set<IncomingMessage>();
  private refreshing?: Promise<void>;
  private readonly closed = new AbortController();

  constructor(private connection: Connection, private readonly options: TransportOptions) {
    this.use(connection);
  }

  /** The API server's address. */
  public get server(): string {
    return this.connection.server;
  }

  /** The answer's JSON. */
  public async json<T = any>(request: ApiRequest): Promise<T> {
    return this.persist(request, async () => {
      const { timeoutMs: ms = 30_000 } = request;
      const { controller, dispose } = linked(request.signal, { ms, reason: () => new UnreachableError(`no answer from ${this.server} within ${ms / 1000} s`) });
      try {
        const response = await this.open(request, controller.signal);
        return this.parsed(await body(response));
      } finally {
        dispose();
      }
    });
  }

  /** The answer's body as it comes; ending it is the caller's business. */
  public async stream(request: ApiRequest): Promise<IncomingMessage> {
    return this.persist(request, async () => {
      const { controller, dispose } = linked(request.signal);
      const timer = setTimeout(() => controller.abort(new UnreachableError(`no answer from ${this.server} within 30 s`)), 30_000);
      try {
        const response = await this.open(request, controller.signal, true);
        this.streams.add(response);
        response.once('close', () => { this.streams.delete(response); dispose(); });
        return response;
      } catch (error) {
        dispose();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    });
  }

  /** A WebSocket, connecting. */
  public webSocket(request: ApiRequest, protocols: string[]): WebSocket {
    const url = new URL(target(this.connection.server, request));
    url.protocol = 'wss:';
    return new WebSocket(url, protocols, {
      ...tls(this.connection), headers: this.headers(), handshakeTimeout: 30_000, maxPayload: 16 * 1024 * 1024, perMessageDeflate: false,
    });
  }

  public close(): void {
    this.closed.abort(new UnreachableError('the connection was closed'));
    for (const stream of this.streams) { stream.destroy(); }
    this.agent.destroy();
  }

  /** Tries once more with new credentials where the first try is answered by a 401. */
  public async authorized<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401 && await unlessAborted(this.refresh(), signal))) { throw error; }
      return attempt();
    }
  }

  /** Fetches new credentials, once for all who ask meanwhile. False where there is no way to. */
  private async refresh(): Promise<boolean> {
    const { refresh } = this.connection;
    if (!refresh) { return false; }
    this.refreshing ??= refresh(this.closed.signal).then(connection => this.use(connection)).finally(() => { this.refreshing = undefined; });
    await this.refreshing;
    return true;
  }

  private use(connection: Connection): void {
    if (!/^https:\/\//i.test(connection.server)) {
      throw new ConnectionError(`the API server's address must begin with https://, got '${connection.server}'`, 'use a context whose cluster has an https:// server');
    }
    if (/^https:\/\/[^/]*@/i.test(connection.server)) {
      throw new ConnectionError("the API server's address holds a user and a password, which messages would show", "take them out of 'server'; give a token or a certificate");
    }
    // What is wrong with them must be said once, and not by each request.
    checked('certificate or key', () => createSecureContext(tls(connection)));
    checked('token', () => validateHeaderValue('Authorization', connection.token ?? ''));
    this.connection = connection;
    const before = this.agent;
    this.agent = new https.Agent({ keepAlive: true, keepAliveMsecs: 15_000, maxSockets: MAX_SOCKETS, ...tls(connection) });
    before?.destroy();
  }

  private headers(): { [name: string]: string } {
    return {
      'Accept': 'application/json',
      'User-Agent': this.options.userAgent,
      ...(this.connection.token ? { Authorization: `Bearer ${this.connection.token}` } : {}),
    };
  }

  /** Repeats a try while the reason for its failure may pass. */
  private async persist<T>(request: ApiRequest, attempt: () => Promise<T>): Promise<T> {
    const until = now() + (request.patienceMs ?? 60_000);
    for (let tries = 0; ; tries++) {
      try {
        return await this.authorized(attempt, request.signal);
      } catch (error) {
        if (request.signal?.aborted) { throw request.signal.reason; }
        const wait = error instanceof ApiError && error.retryAfter !== undefined ? error.retryAfter * 1000 + backoff(0) : backoff(tries);
        if (!passes(error) || now() + wait > until) { throw error; }
        await sleep(wait, request.signal);
      }
    }
  }

  private async open(request: ApiRequest, signal: AbortSignal, streaming = false): Promise<IncomingMessage> {
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = https.request(target(this.connection.server, request), {
        method: request.method,
        headers: { ...this.headers(), ...(payload ? { 'Content-Type': request.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', 'Content-Length': payload.length } : {}) },
        // Streams would keep the requests' sockets busy for minutes.
        ...(streaming ? { agent: false, ...tls(this.connection) } : { agent: this.agent }),
        signal,
      }, resolve);
      sent.once('socket', socket => { socket.setNoDelay(true); socket.setKeepAlive(true, 15_000); });
      sent.once('error', error => reject(signal.aborted ? signal.reason : this.unreachable(error)));
      sent.end(payload);
    });
    // Whoever reads sees a cut as an error of the iteration; nobody must die of one that comes when nobody reads.
    response.on('error', () => {});
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) { throw apiError(request, response, (await body(response)).toString('utf8')); }
    return response;
  }

  private parsed(answer: Buffer): any {
    try {
      return JSON.parse(answer.toString('utf8'));
    } catch {
      throw new UnreachableError(`${this.server} answers with no JSON: ${shown(answer.toString('utf8', 0, 60))}`, "check that this is the address of an API server, and not of a proxy or a page to log in ('kubectl version')");
    }
  }

  private unreachable(error: Error): UnreachableError {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const certificate = /CERT|TLS|SSL|SIGNATURE|ISSUER|ERR_OSSL/.test(code);
    return new (certificate ? CertificateError : UnreachableError)(
      certificate
        ? `the certificate of ${this.server} is not accepted: ${error.message}`
        : `${this.server} cannot be reached: ${error.message || code}`,
      certificate
        ? "check 'certificate-authority-data' and 'tls-server-name' of this cluster in the kubeconfig"
        : "check that the cluster runs and that this machine may reach it ('kubectl version'), and that '--context' names the right one",
      { cause: error },
    );
  }
}

function checked(what: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    throw new ConnectionError(`the ${what} of this connection cannot be used: ${(error as Error).message}`, 'check what the kubeconfig, or its plugin, gives');
  }
}

function tls(connection: Connection): https.AgentOptions {
  return {
    ...(connection.ca ? { ca: connection.ca } : {}),
    ...(connection.cert ? { cert: connection.cert, key: connection.key } : {}),
    ...(connection.tlsServerName ? { servername: connection.tlsServerName } : {}),
  };
}

function target(server: string, request: ApiRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) { for (const item of [value].flat()) { query.append(name, String(item)); } }
  }
  const text = query.toString();
  return `${server.replace(/\/+$/, '')}${request.path}${text ? `?${text}` : ''}`;
}

/** True where the same request may succeed later. A certificate that is not accepted will not be accepted later either. */
function passes(error: unknown): boolean {
  if (error instanceof ApiError) { return [429, 500, 502, 503, 504].includes(error.status) || error.wasOvertaken; }
  return error instanceof UnreachableError && !(error instanceof CertificateError);
}

async function body(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BODY_BYTES) {
        response.destroy();
        throw new RangeError(`the API server's answer is longer than ${MAX_BODY_BYTES} bytes`);
      }
    }
  } catch (error) {
    if (error instanceof RangeError) { throw error; }
    throw new UnreachableError(`the connection was cut within an answer: ${(error as Error).message}`, undefined, { cause: error });
  }
  return Buffer.concat(chunks, length);
}

/** A refusal may be a Status object or, from a proxy or a busy server, any text. */
export function apiError(action: ApiAction, response: IncomingMessage, text: string): ApiError {
  let status: any;
  try { status = JSON.parse(text); } catch { /* plain text */ }
  const message = status?.kind === 'Status' ? status.message : text.trim().slice(0, 500);
  const after = Number(response.headers['retry-after'] ?? status?.details?.retryAfterSeconds);
  return new ApiError(action, response.statusCode ?? 0, status?.reason ?? '', message || `HTTP ${response.statusCode}`,
    Number.isFinite(after) ? Math.min(after, 60) : undefined);
}
