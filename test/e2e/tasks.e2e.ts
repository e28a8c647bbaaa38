import { connection, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { scenarios } from './scenarios';

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
