import { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import { AddressInfo } from 'node:net';
import { KubernetesApi } from '../../src/runtime/api';
import { ApiError, UnreachableError } from '../../src/runtime/errors';
import { Transport } from '../../src/runtime/transport';
import { certificate } from '../../src/testing/certificate';
import { until } from '../until';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const pem = certificate();
let server: https.Server;
let url: string;
let handler: Handler;
let count: number;
const open: Transport[] = [];

beforeAll(async () => {
  server = https.createServer({ key: pem.key, cert: pem.cert }, (request, response) => handler(request, response, ++count));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => { server.close(); server.closeAllConnections(); });
beforeEach(() => { count = 0; jest.spyOn(Math, 'random').mockReturnValue(0); });
afterEach(() => {
  open.splice(0).forEach(made => made.close());
  jest.restoreAllMocks();
});

function transport(more: any = {}): Transport {
  const made = new Transport({ server: url, ca: pem.cert, token: 'old', ...more }, { userAgent: 'test/1' });
  open.push(made);
  return made;
}
const get = { verb: 'get', resource: 'pods', namespace: 'n', method: 'GET', path: '/x' } as const;
const answer = (response: ServerResponse, status: number, body: any, headers: any = {}) => {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
};

test('sends token, user agent, query and body', async () => {
  let seen: any;
  handler = (request, response) => {
    let body = '';
    request.on('data', part => { body += part; });
    request.on('end', () => { seen = { ...request.headers, url: request.url, body }; answer(response, 201, { ok: true }); });
  };
  const result = await transport().json({ ...get, method: 'POST', query: { a: 'ü&', b: ['1', '2'], c: undefined }, body: { x: 1 } });
  expect(result).toEqual({ ok: true });
  expect(seen).toMatchObject({ 'authorization': 'Bearer old', 'user-agent': 'test/1', 'url': '/x?a=%C3%BC%26&b=1&b=2', 'body': '{"x":1}' });
});

test('two hundred requests need no more than sixteen connections', async () => {
  const sockets = new Set();
  handler = (request, response) => { sockets.add(request.socket); answer(response, 200, {}); };
  const shared = transport();
  await Promise.all(Array.from({ length: 200 }, () => shared.json(get)));
  expect(sockets.size).toBeLessThanOrEqual(16);
  expect(count).toBe(200);
});

test.each([[500], [502], [503], [504]])('%d is tried again', async status => {
  handler = (_, response, n) => answer(response, n < 3 ? status : 200, n < 3 ? 'oops' : { n });
  expect(await transport().json(get)).toEqual({ n: 3 });
});

test('429 with a text for a body waits as long as it says', async () => {
  const moments: number[] = [];
  handler = (_, response, n) => { moments.push(performance.now()); answer(response, n < 2 ? 429 : 200, n < 2 ? 'Too many requests' : {}, n < 2 ? { 'Retry-After': '1' } : {}); };
  await transport().json(get);
  expect(moments[1] - moments[0]).toBeGreaterThanOrEqual(990);
});

test('an answer that is no JSON, as of a page to log in, is tried again and then said so', async () => {
  handler = (_, response, n) => answer(response, 200, n < 3 ? '<html>log in</html>' : { n });
  expect(await transport().json(get)).toEqual({ n: 3 });
  handler = (_, response) => answer(response, 200, '<html>log in</html>');
  await expect(transport().json({ ...get, patienceMs: 0 })).rejects.toMatchObject({ name: 'UnreachableError', message: `${url} answers with no JSON: "<html>log in</html>"` });
});

test.each([[{ cert: 'garbage', key: 'garbage' }, 'certificate or key'], [{ token: 'a\nb' }, 'token']])('credentials that no request can carry are refused: %j', (more, what) => {
  expect(() => transport(more)).toThrow(`the ${what} of this connection cannot be used: `);
});

test('a password in the address is refused without showing it', () => {
  expect(() => transport({ server: 'https://user:secret@10.0.0.1' })).toThrow(/^the API server's address holds a user and a password, which messages would show$/);
});

test('a server whose name says certificate is asked again, too', async () => {
  handler = (request, response, n) => { if (n === 1) { request.socket.destroy(); } else { answer(response, 200, { n }); } };
  expect(await transport({ server: `${url}/certificates` }).json(get)).toEqual({ n: 2 });
});

test('a connection that is cut before or within the answer is tried again', async () => {
  handler = (request, response, n) => {
    if (n === 1) { request.socket.destroy(); } else if (n === 2) {
      response.writeHead(200, { 'Content-Length': '100' }).write('{"half":');
      setImmediate(() => request.socket.destroy());
    } else { answer(response, 200, { n }); }
  };
  expect(await transport().json(get)).toEqual({ n: 3 });
});

test('what the server refuses is not tried again, and its words are kept', async () => {
  handler = (_, response) => answer(response, 403, {
    kind: 'Status', reason: 'Forbidden', message: 'pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "n"',
  });
  const error: ApiError = await transport().json({ ...get, verb: 'list' }).catch(e => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 403, reason: 'Forbidden', lacksRight: true, exceedsQuota: false });
  expect(error.grant).toContain("ask for the verb 'list' on 'pods' in namespace 'n'");
  expect(count).toBe(1);
});

test('what somebody else changed at the same time is sent again', async () => {
  const message = 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified; please apply your changes to the latest version and try again';
  handler = (_, response, nth) => nth === 1 ? answer(response, 409, { kind: 'Status', reason: 'Conflict', message }) : answer(response, 201, { made: true });
  expect(await transport().json({ ...get, method: 'POST' })).toEqual({ made: true });
  expect(count).toBe(2);
});

test('an admission refusal is not a missing right', async () => {
  handler = (_, response) => answer(response, 403, { kind: 'Status', reason: 'Forbidden', message: 'pods "p" is forbidden: exceeded quota: q, requested: pods=1' });
  expect(await transport().json(get).catch(e => e)).toMatchObject({ lacksRight: false, exceedsQuota: true });
});

test('new credentials are fetched once after a 401, also for many at once', async () => {
  handler = (request, response) => answer(response, request.headers.authorization === 'Bearer new' ? 200 : 401, {});
  const refresh = jest.fn(async () => ({ server: url, ca: pem.cert, token: 'new' }));
  const shared = transport({ refresh });
  await Promise.all([shared.json(get), shared.json(get), shared.json(get)]);
  expect(refresh.mock.calls.length).toBe(1);
});

test('a 401 that stays is an error', async () => {
  handler = (_, response) => answer(response, 401, { kind: 'Status', message: 'Unauthorized', reason: 'Unauthorized' });
  const refresh = async (): Promise<any> => ({ server: url, ca: pem.cert, token: 'new', refresh });
  const error = await transport({ refresh }).json(get).catch(e => e);
  expect(error).toMatchObject({ status: 401, lacksRight: true });
  expect(count).toBe(2);
});

test('an exec whose credentials have expired is tried once more with new ones', async () => {
  handler = (request, response) => request.headers.authorization === 'Bearer new' ? answer(response, 404, { kind: 'Status', message: 'pod not found' }) : answer(response, 401, {});
  const refresh = jest.fn(async () => ({ server: url, ca: pem.cert, token: 'new' }));
  const error = await new KubernetesApi(transport({ refresh })).exec('n', 'p', 'c', ['true'], { maxBytes: 10 }).catch(e => e);
  expect([error.status, count, refresh.mock.calls.length]).toEqual([404, 2, 1]);
});

test('a refusal of exec that is a page of a proxy is told in short', async () => {
  handler = (_, response) => answer(response, 403, `<html>${'x'.repeat(10_000)}`);
  server.once('upgrade', (_, socket) => socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n<html>${'x'.repeat(10_000)}`));
  const error = await new KubernetesApi(transport()).exec('n', 'p', 'c', ['true'], { maxBytes: 10 }).catch(e => e);
  expect([error.name, error.status, error.serverMessage.length]).toEqual(['ApiError', 403, 500]);
});

test('credentials that do not come hold nobody who gives up, and are not asked for any more when nobody is left', async () => {
  handler = (_, response) => answer(response, 401, { kind: 'Status', message: 'Unauthorized' });
  let asked!: AbortSignal;
  const controller = new AbortController();
  const shared = transport({ refresh: (signal: AbortSignal) => { asked = signal; controller.abort(new Error('cancelled')); return new Promise(() => {}); } });
  await expect(shared.json({ ...get, signal: controller.signal })).rejects.toThrow('cancelled');
  expect(asked.aborted).toBe(false);
  shared.close();
  expect(asked.aborted).toBe(true);
});

test('a server that does not answer is given up after the deadline', async () => {
  handler = () => {};
  await expect(transport().json({ ...get, timeoutMs: 50, patienceMs: 0 })).rejects.toThrow(/no answer from https:\/\/127.0.0.1:\d+ within 0.05 s/);
});

test('nobody there: the message says how to go on', async () => {
  const error = await transport({ server: 'https://127.0.0.1:1' }).json({ ...get, patienceMs: 0 }).catch(e => e);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error.message).toBe('https://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
  expect(error.nextStep).toContain('kubectl version');
});

test('a certificate that is not trusted is said to be that, and not tried again', async () => {
  handler = (_, response) => answer(response, 200, {});
  await expect(transport({ ca: undefined }).json(get)).rejects.toThrow('the certificate of https://127.0.0.1');
  expect(count).toBe(0);
});

test('an abort ends a request, a wait and a stream at once', async () => {
  handler = (_, response, n) => { if (n === 2) { answer(response, 503, 'later', { 'Retry-After': '60' }); } else if (n === 3) { response.writeHead(200).write('x'); } };
  const reason = new Error('enough');
  const abort = async (work: (signal: AbortSignal) => Promise<unknown>) => {
    const controller = new AbortController();
    const result = work(controller.signal).catch(e => e);
    const before = count;
    await until(() => count > before);
    controller.abort(reason);
    return result;
  };
  expect(await abort(signal => transport().json({ ...get, signal }))).toBe(reason);
  expect(await abort(signal => transport().json({ ...get, signal }))).toBe(reason);
  const read = async (signal: AbortSignal) => { for await (const chunk of await transport().stream({ ...get, signal })) { void chunk; } };
  expect(await abort(read)).toBeInstanceOf(Error);
});

test('a plain-text address is refused: it would show the token to anybody', () => {
  expect(() => transport({ server: 'http://127.0.0.1:1' })).toThrow("must begin with https://, got 'http://127.0.0.1:1'");
});
