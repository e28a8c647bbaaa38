import { timingSafeEqual } from 'node:crypto';
import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import * as https from 'node:https';
import { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { Certificate } from './certificate';
import { exec } from './exec';
import { Kubelet } from './kubelet';
import { containerName, logs } from './logs';
import { Answer, answer } from './objects';
import { ClusterRequest, clusterRequest, Intervention, kindOf } from './request';
import { ClusterNode } from './scheduler';
import { badRequest, internalError, noSuchResource, StatusError, unauthorized } from './status';
import { Store } from './store';
import { watch } from './watch';

export type Interceptor = (request: ClusterRequest) => Intervention | undefined | Promise<Intervention | undefined>;

const MINOR = 34;
const VERSION = {
  major: '1',
  minor: String(MINOR),
  emulationMajor: '1',
  emulationMinor: String(MINOR),
  minCompatibilityMajor: '1',
  minCompatibilityMinor: String(MINOR - 1),
  gitVersion: `v1.${MINOR}.0+embedded`,
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch}`,
};

/** The HTTPS server: authentication, interceptors, and the way to whoever answers. */
export class Server {
  public static async listen(certificate: Certificate, token: string, store: Store, kubelet: Kubelet): Promise<Server> {
    const server = https.createServer(certificate);
    // Node's own 5 s would cut a client's idle connection just when it is used again.
    server.keepAliveTimeout = 90_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Server(server, token, store, kubelet);
  }

  private readonly interceptors: Interceptor[] = [];
  private readonly sockets = new Set<Duplex>();

  private constructor(
    private readonly server: https.Server,
    private readonly token: string,
    private readonly store: Store,
    private readonly kubelet: Kubelet,
  ) {
    server.on('request', (request, response) => void this.handle(request, response));
    server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    server.on('secureConnection', socket => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      // A client that goes away is no error of ours.
      socket.on('error', () => socket.destroy());
    });
  }

  public get url(): string { return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`; }

  public intercept(interceptor: Interceptor): () => void {
    this.interceptors.push(interceptor);
    return () => {
      const index = this.interceptors.indexOf(interceptor);
      if (index >= 0) { this.interceptors.splice(index, 1); }
    };
  }

  /** Cuts every connection. */
  public disconnect(): void {
    for (const socket of this.sockets) { socket.destroy(); }
  }

  public async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    this.disconnect();
    await closed;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const request = clusterRequest(incoming);
      const body = await read(incoming);
      const intervention = await this.intervention(request);
      if (intervention === 'hang') { return; }
      if (intervention === 'reset') { return void incoming.socket.destroy(); }
      this.authenticate(incoming);
      if (intervention === 'reset-after') {
        try {
          this.answer(request, body);
        } finally {
          incoming.socket.destroy();
        }
        return;
      }
      if (intervention) { return send(response, intervention.status, intervention.body ?? '', intervention.headers); }
      await this.route(request, body, response);
    } catch (error) {
      if (incoming.socket.destroyed) { return; }
      if (response.headersSent) { return void response.end(); }
      const { status } = error instanceof StatusError ? error : internalError((error as Error).message);
      send(response, status.code, status);
    }
  }

  private async route(request: ClusterRequest, body: Buffer, response: ServerResponse): Promise<void> {
    if (request.path === '/version') { return send(response, 200, VERSION); }
    if (['/healthz', '/livez', '/readyz'].includes(request.path)) { return send(response, 200, 'ok'); }
    if (request.resource === undefined) { return send(response, 404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' }); }
    if (request.resource === 'nodes' && request.verb === 'list') { return send(response, 200, nodeList(this.kubelet.node)); }
    if (!kindOf(request)) { throw noSuchResource(); }
    if (request.resource === 'pods/log') { return logs(this.kubelet, this.pod(request), request, response); }
    if (request.resource === 'pods/exec') {
      containerName(this.pod(request), request.query.get('container'));
      throw badRequest('Upgrade request required');
    }
    if (request.verb === 'watch') { return watch(this.store, request, response); }
    const { status, body: object } = this.answer(request, body);
    send(response, status, object);
  }

  private answer(request: ClusterRequest, body: Buffer): Answer {
    return answer(this.store, request, body);
  }

  private async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refuse = (status: number, headers: { [name: string]: string }, body: string) => {
      const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), 'connection': 'close' }).map(([name, value]) => `${name}: ${value}`);
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
    };
    try {
      const request = clusterRequest(incoming);
      const intervention = await this.intervention(request);
      if (intervention === 'hang') { return; }
      if (intervention === 'reset' || intervention === 'reset-after') { return void socket.destroy(); }
      this.authenticate(incoming);
      if (intervention) {
        const { type, text } = payload(intervention.body ?? '');
        return refuse(intervention.status, { 'content-type': type, ...intervention.headers }, text);
      }
      if (request.resource !== 'pods/exec') { throw noSuchResource(); }
      const pod = this.pod(request);
      const name = containerName(pod, request.query.get('container'));
      exec(this.kubelet.container(pod, name), request.query, incoming, socket, head);
    } catch (error) {
      const { status } = error instanceof StatusError ? error : internalError((error as Error).message);
      refuse(status.code, { 'content-type': 'application/json' }, JSON.stringify(status));
    }
  }

  private async intervention(request: ClusterRequest): Promise<Intervention | undefined> {
    for (const interceptor of [...this.interceptors]) {
      const found = await interceptor(request);
      if (found !== undefined) { return found; }
    }
    return undefined;
  }

  private authenticate(request: IncomingMessage): void {
    const given = Buffer.from(request.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${this.token}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) { throw unauthorized(); }
  }

  private pod(request: ClusterRequest) {
    return this.store.get('pods', request.namespace, request.name!);
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) { chunks.push(chunk); }
  return Buffer.concat(chunks);
}

function payload(body: string | object): { type: string; text: string } {
  return typeof body === 'string' ? { type: 'text/plain', text: body } : { type: 'application/json', text: JSON.stringify(body) };
}

function send(response: ServerResponse, status: number, body: string | object, headers: { readonly [name: string]: string } = {}): void {
  const { type, text } = payload(body);
  response.writeHead(status, { 'content-type': type, ...headers }).end(text);
}

/** The one node, with what places pods. */
function nodeList({ name, labels }: ClusterNode): object {
  return { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: [{ metadata: { name, labels }, spec: {} }] };
}
