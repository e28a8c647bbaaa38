import { request } from 'node:https';
import { scenarios } from '../e2e/scenarios';
import { EmbeddedCluster, forbidden } from 'cdk8s-airflow/testing';

const namespace = 'scenarios';

describe('tasks', () => {
  let cluster: EmbeddedCluster;
  let readOnly: EmbeddedCluster;

  beforeAll(async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    [cluster, readOnly] = await Promise.all([
      EmbeddedCluster.start({ namespace, images: image => image !== 'localhost/missing:1' }),
      EmbeddedCluster.start({ namespace }),
    ]);
    readOnly.intercept(sent => (sent.verb === 'create' ? forbidden(sent, `system:serviceaccount:${namespace}:reader`) : undefined));
  });
  afterAll(() => Promise.all([cluster.stop(), readOnly.stop()]));

  const create = (path: string, body: object) => new Promise<void>((resolve, reject) => {
    const { server, ca, token } = cluster.connection;
    const sent = request(new URL(path, server), { method: 'POST', ca, headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' } }, response => {
      response.resume();
      if (response.statusCode === 201) { resolve(); } else { reject(new Error(`${path}: ${response.statusCode}`)); }
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });

  scenarios({
    image: 'localhost/busybox:1',
    missingImage: 'localhost/missing:1',
    namespace: () => namespace,
    connection: async () => cluster.connection,
    exhaustQuota: () => create(`/api/v1/namespaces/${namespace}/resourcequotas`, {
      apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: { hard: { pods: '0' } },
    }),
    reader: async () => readOnly.connection,
    pullSeconds: 3,
    memoryLimits: false,
  });
});
