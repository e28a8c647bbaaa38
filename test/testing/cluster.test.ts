import { Client } from './client';
import { harness, Harness } from './harness';
import { pod, sh } from './scenarios';
import { EmbeddedCluster, forbidden } from '../../src/testing';

let stage: Harness;
beforeEach(async () => { stage = await harness({ namespace: 'mine' }); });
afterEach(() => stage.cluster.stop());

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

test('the connection names server, authority, token and namespace', () => {
  const { server, ca, token, namespace } = stage.cluster.connection;
  expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(ca).toContain('BEGIN CERTIFICATE');
  expect(token).toMatch(/^\w{40,}$/);
  expect(namespace).toBe('mine');
});

test('two clusters know nothing of each other', async () => {
  const other = await EmbeddedCluster.start();
  await stage.client.post(`${stage.path}/configmaps`, configMap('a'));
  expect((await new Client(other.connection).get(`${stage.path}/configmaps/a`)).status).toBe(404);
  expect((await new Client({ ...other.connection, token: stage.cluster.connection.token }).get('/version')).status).toBe(401);
  await other.stop();
});

test('any namespace exists when it is used, unless the namespaces are given', async () => {
  expect((await stage.client.post('/api/v1/namespaces/new/configmaps', configMap('a'))).status).toBe(201);
  const strict = await harness({ namespaces: ['known'] });
  expect((await strict.client.post('/api/v1/namespaces/known/configmaps', configMap('a'))).status).toBe(201);
  expect((await strict.client.post('/api/v1/namespaces/new/configmaps', configMap('a'))).body).toMatchObject({ code: 404, message: 'namespaces "new" not found' });
  await strict.cluster.stop();
});

describe('an interceptor', () => {
  test('sees verb, resource, namespace and name', async () => {
    const seen: any[] = [];
    stage.cluster.intercept(({ verb, resource, namespace, name }) => {
      seen.push([verb, resource, namespace, name]);
      return undefined;
    });
    await stage.client.watch(`${stage.path}/pods?watch=true&timeoutSeconds=1`);
    await stage.client.get('/api/v1/pods');
    await stage.client.delete(`${stage.path}/pods/a`);
    await stage.client.get(`${stage.path}/pods/a/log`);
    await stage.client.exec(`${stage.path}/pods/a/exec?command=x`);
    await stage.client.get('/api/v1/namespaces/mine');
    await stage.client.get('/version');
    expect(seen).toEqual([
      ['watch', 'pods', 'mine', undefined], ['list', 'pods', undefined, undefined], ['delete', 'pods', 'mine', 'a'], ['get', 'pods/log', 'mine', 'a'],
      ['get', 'pods/exec', 'mine', 'a'], ['get', 'namespaces', undefined, 'mine'], [undefined, undefined, undefined, undefined],
    ]);
  });

  test('answers in place of the server, until it is taken away', async () => {
    const remove = stage.cluster.intercept(() => ({ status: 429, headers: { 'retry-after': '1' }, body: 'Too many requests, please try again later.\n' }));
    const busy = await stage.client.get(`${stage.path}/configmaps`);
    expect(busy).toMatchObject({ status: 429, type: 'text/plain', headers: { 'retry-after': '1' } });
    remove();
    expect((await stage.client.get(`${stage.path}/configmaps`)).status).toBe(200);
  });

  test('cuts a connection before the request has an effect, or after it', async () => {
    const remove = stage.cluster.intercept(({ verb }) => verb === 'create' ? 'reset' : undefined);
    await expect(stage.client.post(`${stage.path}/configmaps`, configMap('a'))).rejects.toThrow(/socket hang up|ECONNRESET/);
    remove();
    expect((await stage.client.get(`${stage.path}/configmaps/a`)).status).toBe(404);
    stage.cluster.intercept(({ verb }) => verb === 'create' ? 'reset-after' : undefined);
    await expect(stage.client.post(`${stage.path}/configmaps`, configMap('a'))).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect((await stage.client.get(`${stage.path}/configmaps/a`)).status).toBe(200);
  });

  test('lets a request hang until the cluster stops', async () => {
    const arrived = new Promise<void>(resolve => stage.cluster.intercept(() => {
      resolve();
      return 'hang';
    }));
    const hanging = stage.client.get('/version').catch((error: Error) => error.message);
    await arrived;
    await stage.cluster.stop();
    expect(await hanging).toMatch(/socket hang up|ECONNRESET/);
  });

  test('forbids an exec, too', async () => {
    stage.cluster.intercept(request => request.resource === 'pods/exec' ? forbidden(request) : undefined);
    const { refused } = await stage.client.exec(`${stage.path}/pods/a/exec?command=x`);
    expect(refused).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(refused!.body.message).toBe('pods "a" is forbidden: User "system:serviceaccount:mine:default" cannot get resource "pods/exec" in API group "" in the namespace "mine"');
  });
});

test('disconnect() cuts a watch and the next request works', async () => {
  await stage.client.post(`${stage.path}/configmaps`, configMap('a'));
  const cut = stage.client.watch(`${stage.path}/configmaps?watch=true`, () => {
    stage.cluster.disconnect();
    return false;
  });
  await expect(cut).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
  expect((await stage.client.get(`${stage.path}/configmaps/a`)).status).toBe(200);
});

test('compact() makes an old version expire: an ERROR event with 410', async () => {
  const { body } = await stage.client.post(`${stage.path}/configmaps`, configMap('a'));
  const from = body.metadata.resourceVersion;
  await stage.client.post(`${stage.path}/configmaps`, configMap('b'));
  expect((await stage.client.watch(`${stage.path}/configmaps?watch=true&resourceVersion=${from}`, () => true))[0]).toMatchObject({ type: 'ADDED' });
  stage.cluster.compact();
  const events = await stage.client.watch(`${stage.path}/configmaps?watch=true&resourceVersion=${from}`);
  expect(events).toEqual([{
    type: 'ERROR',
    object: {
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 410, reason: 'Expired', message: expect.stringMatching(new RegExp(`^too old resource version: ${from} \\(\\d+\\)$`)),
    },
  }]);
});

test('an error of an interceptor is a 500 with its message', async () => {
  stage.cluster.intercept(() => { throw new Error('a bug in the test'); });
  expect(await stage.client.get('/version')).toMatchObject({ status: 500, body: { message: 'a bug in the test' } });
});

test('a pod that was deleted by force and made again under its name is another one', async () => {
  const first = await stage.client.post(`${stage.path}/pods`, pod('same', sh('sleep 600')));
  await stage.client.delete(`${stage.path}/pods/same?gracePeriodSeconds=0`);
  const second = await stage.client.post(`${stage.path}/pods`, pod('same', sh('exit 3')));
  expect(second.body.metadata.uid).not.toBe(first.body.metadata.uid);
  const events = await stage.client.watch(`${stage.path}/pods?watch=true&fieldSelector=metadata.name%3Dsame`, event => event.object.status.phase === 'Failed');
  expect(events[events.length - 1].object.status.containerStatuses[0].state.terminated.exitCode).toBe(3);
});
