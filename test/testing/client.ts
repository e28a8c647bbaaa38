import * as https from 'node:https';
import { WebSocket } from 'ws';
import type { Connection } from '../../src/runtime/connection';

/** What the server answered; a JSON body is parsed. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: { [name: string]: string | string[] | undefined };
  readonly body: any;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: any;
}

/** What an exec gave: the output, and the Status on channel 3; `refused` where the server answered without an upgrade. */
export interface ExecAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly status?: any;
  readonly protocol?: string;
  readonly refused?: Answer;
}

/** A client of node:https alone, so that the tests share no line with the runtime's own transport. */
export class Client {
  public constructor(private readonly connection: Connection, private readonly headers: { [name: string]: string } = {}) {}

  public async send(method: string, path: string, body?: unknown, headers: { [name: string]: string } = {}): Promise<Answer> {
    const response = await this.open(method, path, body, headers);
    const chunks: Buffer[] = [];
    for await (const chunk of response) { chunks.push(chunk); }
    const text = Buffer.concat(chunks).toString();
    const type = String(response.headers['content-type'] ?? '');
    return { status: response.statusCode!, type, headers: response.headers, body: type.startsWith('application/json') ? JSON.parse(text) : text };
  }

  public get(path: string, headers = {}): Promise<Answer> { return this.send('GET', path, undefined, headers); }
  public post(path: string, body: unknown, headers = {}): Promise<Answer> { return this.send('POST', path, body, headers); }
  public delete(path: string, body?: unknown, headers = {}): Promise<Answer> { return this.send('DELETE', path, body, headers); }

  /** The events of a watch until `until` says stop, or the server ends it. */
  public async watch(path: string, until: (event: WatchEvent) => boolean = () => false): Promise<WatchEvent[]> {
    const response = await this.open('GET', path);
    const events: WatchEvent[] = [];
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const event = JSON.parse(line);
        events.push(event);
        if (until(event)) {
          response.destroy();
          return events;
        }
      }
    }
    return events;
  }

  public exec(path: string, protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'], headers: { [name: string]: string } = {}, stdin?: string): Promise<ExecAnswer> {
    const { server, ca, cert, key, token } = this.connection;
    const socket = new WebSocket(server.replace(/^https/, 'wss') + path, protocols, {
      ca, cert, key, headers: { ...token && { authorization: `Bearer ${token}` }, ...this.headers, ...headers },
    });
    const out: Buffer[][] = [[], [], [], []];
    const text = (channel: number) => Buffer.concat(out[channel]).toString();
    return new Promise((resolve, reject) => {
      if (stdin !== undefined) { socket.on('open', () => socket.send(Buffer.from(`\0${stdin}`))); }
      socket.on('message', (data: Buffer) => out[data[0]].push(data.subarray(1)));
      socket.on('unexpected-response', (_request, response) => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('end', () => {
          const type = String(response.headers['content-type'] ?? '');
          const body = Buffer.concat(chunks).toString();
          const refused = { status: response.statusCode!, type, headers: response.headers, body: type.startsWith('application/json') ? JSON.parse(body) : body };
          resolve({ stdout: '', stderr: '', refused });
        });
      });
      socket.on('error', reject);
      socket.on('close', () => resolve({ stdout: text(1), stderr: text(2), protocol: socket.protocol, status: text(3) ? JSON.parse(text(3)) : undefined }));
    });
  }

  private open(method: string, path: string, body?: unknown, headers: { [name: string]: string } = {}): Promise<import('node:http').IncomingMessage> {
    const { server, ca, cert, key, token } = this.connection;
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = https.request(server + path, {
        method,
        ca,
        cert,
        key,
        agent: false,
        headers: {
          ...token && { authorization: `Bearer ${token}` },
          ...text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
          ...this.headers,
          ...headers,
        },
      }, resolve);
      request.on('error', reject);
      request.end(text);
    });
  }
}
