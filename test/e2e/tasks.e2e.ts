import { Testing } from 'cdk8s';
import { connection, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { scenarios } from './scenarios';
import { PodTask } from '../../src';
import { Manifest, run } from 'cdk8s-airflow/runtime';

const namespace = 'scenarios';

onCluster('tasks', () => {
  jest.setTimeout(120_000);
  beforeAll(() => {
    restrictedNamespace(namespace);
    kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } },
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reader' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }] },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: 'reader' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
          subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
        },
      ],
    }));
  }, 150_000);
  afterAll(() => removeNamespace(namespace));

  const task = (): Manifest[] => {
    const chart = Testing.chart();
    new PodTask(chart, 'task', { image: 'localhost/busybox:1', cmds: ['sh', '-c', 'echo working'], labels: { app: 'task' } });
    return Testing.synth(chart);
  };

  test('a callback makes a Service that is owned by the pod and goes with it', async () => {
    let made: Manifest | undefined;
    const lines: string[] = [];
    const result = await run(task(), {
      connection: connection(),
      namespace,
      dagId: 'etl',
      callbacks: [{
        onPodCreation: async ({ pod: { metadata: { name, uid } }, client }) => {
          made = await client.create({
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }] },
            spec: { selector: { app: 'task' }, ports: [{ port: 80 }] },
          } as Manifest);
        },
        onPodCompletion: async ({ client }) => { expect((await client.get(made!)).spec.clusterIP).toBeTruthy(); },
        progressCallback: ({ line }) => { lines.push(line); },
      }],
    });
    expect(result.tasks[0]).toMatchObject({ state: 'success', warnings: [] });
    expect(lines).toEqual(['working']);
    kubectl(['wait', '-n', namespace, '--for=delete', `service/${made!.metadata.name}`, '--timeout=60s']);
  });

  scenarios({
    image: 'localhost/busybox:1',
    missingImage: 'localhost/missing:1',
    namespace: () => namespace,
    connection: async () => connection(),
    exhaustQuota: async () => { kubectl(['create', 'quota', 'none', '-n', namespace, '--hard=pods=0']); },
    reader: async () => {
      const token = kubectl(['create', 'token', 'reader', '-n', namespace]).trim();
      const { server, ca } = connection();
      return { server, ca, token };
    },
    memoryLimits: true,
  });
});
