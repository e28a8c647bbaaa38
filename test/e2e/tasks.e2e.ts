import { spawnSync } from 'node:child_process';
import { App, Chart, Testing } from 'cdk8s';
import { connection, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { scenarios } from './scenarios';
import { Callback, SERVICE_OF_POD, SERVICE_RULES } from '../../examples/seeds/callback';
import { AirflowKubernetesDeployment, MetadataDatabase, SecretRef } from '../../src';
import { run } from 'cdk8s-airflow/runtime';

const namespace = 'scenarios';

onCluster('tasks', () => {
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

  test("the seed's callback makes a Service that is owned by the pod and goes with it, with the rights that 'podLaunching' gives to tasks", async () => {
    const chart = new Chart(new App(), 'chart', { namespace });
    new AirflowKubernetesDeployment(chart, 'airflow', {
      database: MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('database', 'password') }), podLaunching: { extraRules: SERVICE_RULES },
    });
    const rights = Testing.synth(chart).filter(({ kind }) => ['ServiceAccount', 'Role', 'RoleBinding'].includes(kind));
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rights }));
    const can = (account: string, verb: string) => spawnSync('kubectl', ['auth', 'can-i', verb, 'services', '-n', namespace, '--as', `system:serviceaccount:${namespace}:${account}`], { encoding: 'utf8' }).stdout.trim();
    expect([can('airflow-worker', 'create'), can('airflow-worker', 'update'), can('airflow-scheduler', 'create')]).toEqual(['yes', 'no', 'no']);

    const { server, ca } = connection();
    const token = kubectl(['create', 'token', 'airflow-worker', '-n', namespace]).trim();
    const lines: string[] = [];
    let service: any;
    const result = await run(Testing.synth(new Callback(new App(), 'callback', 'localhost/busybox:1')), {
      connection: { server, ca, token },
      namespace,
      journal: false,
      callbacks: [SERVICE_OF_POD, {
        onPodCompletion: ({ pod: { metadata } }) => { service = JSON.parse(kubectl(['get', 'service', metadata.name!, '-n', namespace, '-o', 'json'])); },
        progressCallback: ({ line }) => { lines.push(line); },
      }],
    });
    expect(result.tasks[0]).toMatchObject({ state: 'success', warnings: [] });
    expect(lines).toEqual(['hello world']);
    expect([service.metadata.ownerReferences[0].kind, service.spec.clusterIP]).toEqual(['Pod', expect.stringMatching(/^[\d.:a-f]+$/)]);
    kubectl(['wait', '-n', namespace, '--for=delete', `service/${service.metadata.name}`, '--timeout=60s']);
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
    pullSeconds: 15,
    memoryLimits: true,
  });
});
