import { ApiObject } from 'cdk8s';
import { Deployed, dags } from './deploy';
import { AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, ConfigMapDags, Executor, MetadataDatabase, SecretRef } from '../../src';
import { violations } from '../../src/testing';
import { chart, synth } from '../util';

const deploy = (props: Partial<AirflowKubernetesDeploymentProps> = {}) => new Deployed({ ...props, workers: { namespaces: ['etl', 'ml'], ...props.workers } });
const inNamespace = (deployed: Deployed, namespace: string) => deployed.objects.filter(({ metadata }) => metadata.namespace === namespace);
const names = (objects: any[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
const V2 = () => ({
  version: AirflowVersion.V2_11,
  database: MetadataDatabase.postgres({ host: 'pg.ns', password: SecretRef.existing('db', 'password') }),
  fernetKey: SecretRef.existing('keys', 'fernet'),
  secretKey: SecretRef.external({ store: 'vault', remoteKey: 'airflow' }),
});

let warn: jest.SpyInstance;
beforeEach(() => { warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => warn.mockRestore());

test('each namespace gets what task pods need there, and the Roles of those who look after them', () => {
  const deployed = deploy({ dags: new ConfigMapDags({ 'a.py': 'A' }), podCleanup: {} });
  for (const namespace of ['etl', 'ml']) {
    expect(names(inNamespace(deployed, namespace))).toEqual([
      'ConfigMap airflow-config', 'ConfigMap airflow-dags', 'NetworkPolicy airflow-worker',
      'Role ns-airflow-api-server', 'Role ns-airflow-pod-cleanup', 'Role ns-airflow-scheduler',
      'RoleBinding ns-airflow-api-server', 'RoleBinding ns-airflow-pod-cleanup', 'RoleBinding ns-airflow-scheduler', 'ServiceAccount airflow-worker',
    ]);
  }
  const rules = Object.fromEntries(inNamespace(deployed, 'etl').filter(({ kind }) => kind === 'Role')
    .map(role => [role.metadata.name, role.rules.map((rule: any) => `${rule.resources}: ${rule.verbs}`)]));
  expect(rules).toEqual({
    'ns-airflow-scheduler': ['pods: create,delete,get,list,patch,watch'],
    'ns-airflow-api-server': ['pods: list', 'pods/log: get'],
    'ns-airflow-pod-cleanup': ['pods: delete,list'],
  });
  const binding = inNamespace(deployed, 'etl').find(({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === 'ns-airflow-scheduler');
  expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'airflow-scheduler', namespace: 'ns' }]);
  const copy = (name: string) => deployed.objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name).map(({ data }) => data);
  for (const name of ['airflow-config', 'airflow-dags']) {
    const [own, ...copies] = copy(name);
    expect(copies).toEqual([own, own]);
  }
});

test('the executor is told of the namespaces, and task pods reach the API server by its full name', () => {
  const { config } = deploy();
  expect(config['kubernetes_executor.multi_namespace_mode']).toBe('True');
  expect(config['kubernetes_executor.multi_namespace_mode_namespace_list']).toBe('ns,etl,ml');
  expect(config['core.execution_api_server_url']).toBe('http://airflow-api-server.ns:8080/execution/');
  expect(new Deployed().config['core.execution_api_server_url']).toBe('http://airflow-api-server:8080/execution/');
});

test('the invariants know the pods there', () => {
  const { objects } = deploy({ dags: dags() });
  expect(violations(objects, { external: ['Secret/db'] })).toEqual([]);
  const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === 'ml');
  policy.spec.podSelector.matchLabels['app.kubernetes.io/component'] = 'workers';
  expect(violations(objects, { external: ['Secret/db'] })).toContainEqual(expect.objectContaining({ object: 'NetworkPolicy ml/airflow-worker', path: 'spec.podSelector' }));
});

test('the pods there reach the API server, and it lets them in', () => {
  const deployed = deploy();
  const selector = (component: string) => ({
    matchLabels: { 'app.kubernetes.io/name': 'airflow', 'app.kubernetes.io/instance': 'airflow', 'app.kubernetes.io/component': component },
  });
  const there = inNamespace(deployed, 'etl').find(({ kind }) => kind === 'NetworkPolicy').spec;
  expect(there.podSelector).toEqual(selector('worker'));
  expect(there.egress).toContainEqual({
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ns' } }, podSelector: selector('api-server') }],
    ports: [{ protocol: 'TCP', port: 8080 }],
  });
  const from = ['etl', 'ml'].map(namespace => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector: selector('worker'),
  }));
  expect(deployed.find('NetworkPolicy', 'airflow-api-server').spec.ingress).toEqual([
    { ports: [{ protocol: 'TCP', port: 8080 }], from: [{ podSelector: selector('worker') }, ...from] },
  ]);
  expect(deploy({ networkPolicies: { enabled: false } }).objects.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
});

test('with podLaunching the accounts of all namespaces are bound', () => {
  const deployed = deploy({ podLaunching: { namespaces: ['etl'] } });
  expect(deployed.find('RoleBinding', 'ns-airflow-worker').metadata.namespace).toBe('etl');
  expect(deployed.find('RoleBinding', 'ns-airflow-worker').subjects.map(({ namespace }: any) => namespace)).toEqual(['ns', 'etl', 'ml']);
});

test('one Role for what a scheduler does in a namespace both as executor and for its own tasks', () => {
  const deployed = deploy({ executor: Executor.multiple([Executor.local(), Executor.kubernetes()]), podLaunching: { namespaces: ['etl'] } });
  const roles = deployed.objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'ns-airflow-scheduler' && metadata.namespace === 'etl');
  expect(roles.map(({ rules }) => rules.length)).toEqual([5]);
});

test('2.11: what is not the deployment\'s own must be there, and a warning says so; an ExternalSecret is copied', () => {
  const deployed = deploy({ ...V2(), workers: { serviceAccountName: 'mine', volumes: [{ name: 'x', persistentVolumeClaim: { claimName: 'data' } }] } });
  expect(names(inNamespace(deployed, 'ml')).filter(name => !/Role/.test(name))).toEqual([
    'ConfigMap airflow-config', 'ExternalSecret airflow-secret-key', 'NetworkPolicy airflow-worker',
  ]);
  const warned = warn.mock.calls.map(([message]) => message).join('\n');
  expect(warned).toContain("'workers.namespaces': task pods in 'etl', 'ml' need there: ServiceAccount 'mine', Secret 'db', Secret 'keys', "
    + "PersistentVolumeClaim 'data', SecretStore 'vault'");
});

test('2.11: task pods elsewhere find PgBouncer, and it lets them in', () => {
  const deployed = deploy({ ...V2(), pgbouncer: {} });
  expect(deployed.env('scheduler').METADATA_DB_HOST).toBe('airflow-pgbouncer.ns');
  expect(deployed.airflow.workerPodTemplate!.toJson().spec.containers[0].env).toContainEqual({ name: 'METADATA_DB_HOST', value: 'airflow-pgbouncer.ns' });
  const callers = deployed.find('NetworkPolicy', 'airflow-pgbouncer').spec.ingress[0].from.map(({ namespaceSelector }: any) => namespaceSelector?.matchLabels);
  expect(callers).toContainEqual({ 'kubernetes.io/metadata.name': 'etl' });
  expect(new Deployed({ pgbouncer: {} }).env('scheduler').METADATA_DB_HOST).toBe('airflow-pgbouncer');
});

test('2.11: task pods elsewhere find the development Postgres, and it lets them in', () => {
  const database = MetadataDatabase.developmentPostgres({ password: SecretRef.existing('db', 'password') });
  const deployed = deploy({ ...V2(), database });
  expect(deployed.airflow.workerPodTemplate!.toJson().spec.containers[0].env).toContainEqual({ name: 'METADATA_DB_HOST', value: 'airflow-postgres.ns' });
  const callers = (props: Partial<AirflowKubernetesDeploymentProps>) => deploy({ ...V2(), database, ...props }).find('NetworkPolicy', 'airflow-postgres').spec.ingress[0].from
    .flatMap(({ namespaceSelector }: any) => namespaceSelector ? Object.values(namespaceSelector.matchLabels) : []);
  expect(callers({})).toEqual(['etl', 'ml']);
  expect(callers({ pgbouncer: {} })).toEqual([]);
  expect(callers({ version: AirflowVersion.V3_3 })).toEqual([]);
  expect(deploy({ database }).env('scheduler').METADATA_DB_HOST).toBe('airflow-postgres');
  // Its own policy is of the deployment's namespace, and the pods there may go to it.
  expect(violations(deployed.objects, { external: ['Secret/db', 'Secret/keys'] })).toEqual([]);
  expect(warn.mock.calls.map(([message]) => message).join()).not.toContain('known by its name only');
});

test('nothing is missing on Airflow 3: task pods hold no secret', () => {
  deploy();
  expect(warn).not.toHaveBeenCalled();
});

test('the clean-up goes through all namespaces, by Airflow\'s own command', () => {
  const { args } = deploy({ podCleanup: { minPendingMinutes: 20 } }).container('pod-cleanup');
  expect(args.slice(3)).toEqual(['ns,etl,ml', '--min-pending-minutes=20']);
  expect(new Deployed({ podCleanup: {} }).container('pod-cleanup').args).toEqual(['airflow', 'kubernetes', 'cleanup-pods', '--namespace=ns']);
});

test.each([
  [{ workers: { namespaces: ['ns'] } }, "'workers.namespaces' names 'ns', the deployment's own"],
  [{ workers: { namespaces: ['Etl'] } }, "'workers.namespaces[0]' must be the name of a namespace"],
  [{ workers: { namespaces: ['etl', 'etl'] } }, "'workers.namespaces' names 'etl' twice"],
  [{ ...V2(), database: MetadataDatabase.postgres({ host: 'pg', password: SecretRef.existing('db', 'p') }) }, "connect to 'pg', a name that only namespace 'ns' knows"],
  [{ ...V2(), fernetKey: undefined }, "a task of Airflow 2 reads Secret 'airflow-fernet-key', which is made in namespace 'ns'"],
  [{ config: { kubernetes_executor: { multi_namespace_mode: false } } }, "'workers.namespaces' makes it 'True'"],
  [{ executor: Executor.local() }, "'workers' are the pods of KubernetesExecutor"],
] as [Partial<AirflowKubernetesDeploymentProps>, string][])('refused: %#', (props, message) => {
  expect(() => deploy(props)).toThrow(message);
});

test('two deployments of one name cannot have task pods in one namespace', () => {
  const scope = chart({ namespace: 'ns' });
  const database = V2().database;
  for (const namespace of ['one', 'two']) {
    new AirflowKubernetesDeployment(scope, namespace, { database, namespace, releaseName: 'airflow', workers: { namespaces: ['etl'] } });
  }
  expect(() => synth(scope)).toThrow("the objects for task pods in namespace 'etl' are called 'airflow-…'");
});

test('git-sync runs in the pods of other namespaces, too', () => {
  const deployed = deploy({ dags: dags() });
  expect(inNamespace(deployed, 'etl').find(({ kind }) => kind === 'NetworkPolicy').spec.egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 443 }] });
});

test('the pods there send their metrics to the StatsD exporter, which lets them in', () => {
  const deployed = deploy({ monitoring: { statsd: {} } });
  expect(deployed.config['metrics.statsd_host']).toBe('airflow-statsd.ns');
  const { ingress } = deployed.find('NetworkPolicy', 'airflow-statsd').spec;
  for (const namespace of ['etl', 'ml']) {
    expect(JSON.stringify(ingress)).toContain(`"kubernetes.io/metadata.name":"${namespace}"`);
    expect(JSON.stringify(inNamespace(deployed, namespace).find(({ kind }) => kind === 'NetworkPolicy').spec.egress)).toContain('"app.kubernetes.io/component":"statsd"');
  }
});

test('a ResourceQuota of their namespace that has no room for them brings a warning', () => {
  const quotas = (hard: object, namespace: string) => {
    warn.mockClear();
    const scope = chart({ namespace: 'ns' });
    new AirflowKubernetesDeployment(scope, 'airflow', { database: MetadataDatabase.postgres({ host: 'pg.ns', password: SecretRef.existing('db', 'password') }), workers: { namespaces: ['etl'] } });
    new ApiObject(scope, 'quota', { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team', namespace }, spec: { hard } } as any);
    synth(scope);
    return warn.mock.calls.map(([message]) => String(message));
  };
  expect(quotas({ pods: 10 }, 'etl')).toEqual(["[chart/airflow] in namespace 'etl', ResourceQuota 'team' allows pods 10: that is too little for 32 task pods ('parallelism') with 1 each, "
    + "which fail when they cannot be made; set 'parallelism' to at most 10, raise the quota, or lower 'workers.resources'"]);
  expect(quotas({ pods: 32 }, 'etl')).toEqual([]);
  expect(quotas({ pods: 10 }, 'other')).toEqual([]);
});
