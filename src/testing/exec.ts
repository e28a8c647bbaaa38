import { randomBytes } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { Container } from './container';
import { StartError } from './container-process';

/** The subprotocols of the API server's WebSockets, the best first; they differ in the end of stdin alone. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNELS = { stdin: 0, stdout: 1, stderr: 2, status: 3 } as const;

const server = new WebSocketServer({ noServer: true, handleProtocols: offered => PROTOCOLS.find(protocol => offered.has(protocol)) ?? false });

/** Runs a command in a container: its output on the channels 1 and 2, how it ended on channel 3; stdin comes on channel 0 and ends with the connection. TTY is not supported. */
export function exec(container: Container | undefined, query: URLSearchParams, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  server.handleUpgrade(request, socket, head, webSocket => {
    webSocket.on('error', () => webSocket.terminate());
    void run(webSocket, container, query).then(status => {
      webSocket.send(Buffer.concat([Buffer.from([CHANNELS.status]), Buffer.from(JSON.stringify(status))]));
      webSocket.close(1000);
    });
  });
}

async function run(webSocket: WebSocket, container: Container | undefined, query: URLSearchParams): Promise<object> {
  const command = query.getAll('command');
  if (!['stdin', 'stdout', 'stderr'].some(stream => query.get(stream) === 'true')) {
    return failed('unable to upgrade connection: you must specify at least 1 of stdin, stdout, stderr');
  }
  const early: Buffer[] = [];
  let write = (chunk: Buffer): void => { early.push(chunk); };
  webSocket.on('message', (data: Buffer) => { if (data[0] === CHANNELS.stdin) { write(data.subarray(1)); } });
  if (!container?.process) { return failed(`unable to upgrade connection: container not found (${JSON.stringify(query.get('container') ?? '')})`); }
  try {
    if (command.length === 0) { throw new StartError('args must not be empty'); }
    const process = await container.exec(command, (stream, chunk) => {
      if (query.get(stream) === 'true') { webSocket.send(Buffer.concat([Buffer.from([CHANNELS[stream]]), chunk])); }
    }, query.get('stdin') === 'true');
    early.forEach(chunk => process.write(chunk));
    write = chunk => process.write(chunk);
    webSocket.on('close', () => process.endInput());
    if (webSocket.readyState !== WebSocket.OPEN) { process.endInput(); }
    const code = await process.exited;
    return code === 0 ? { metadata: {}, status: 'Success' } : {
      metadata: {},
      status: 'Failure',
      message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    };
  } catch (error) {
    if (!(error instanceof StartError)) { return failed((error as Error).message); }
    const why = `OCI runtime exec failed: exec failed: ${command.length > 0 ? 'unable to start container process: ' : ''}${error.message}: unknown`;
    const id = randomBytes(32).toString('hex');
    return failed(`Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${id}": ${why}`);
  }
}

function failed(why: string): object {
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${why}`,
    reason: 'InternalError',
    details: { causes: [{ message: why }] },
    code: 500,
  };
}
