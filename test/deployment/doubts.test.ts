import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployed } from './deploy';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CloudIdentity, DagBundle,
  DagBundles, Executor, Exposure, MetadataDatabase, SecretRef, SecretsBackend, TaskLogs,
} from '../../src';
import { chart, synth } from '../util';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const role = { cloudIdentity: CloudIdentity.irsa('arn:aws:iam::111122223333:role/logs') };
const warnings = (props: Props) => new Deployed(props).airflow.node.metadata.map(({ data }) => String(data));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(); });

test('logs without a credential, and pods without an identity', () => {
  const logs = TaskLogs.s3({ bucket: 'logs', cidrs: ['10.0.0.0/8'] });
  expect(warnings({ logs, apiServer: role })).toEqual([
    "'logs' has no credential, and 'triggerer', 'worker' no identity of a cloud to write or read them with; give 'logs' a credential, or these components 'cloudIdentity'",
  ]);
  expect(warnings({ logs, apiServer: role, triggerer: { serviceAccountName: 'mine' }, workers: { envFrom: [{ secretRef: { name: 'aws' } }] } })).toEqual([]);
  const secret = SecretRef.existing('mine', 'key');
  expect(warnings({ logs: TaskLogs.s3({ bucket: 'logs', cidrs: ['10.0.0.0/8'], credentials: { accessKeyId: secret, secretAccessKey: secret } }) })).toEqual([]);
  expect(warnings({ logs: TaskLogs.gcs({ bucket: 'logs', cidrs: ['10.0.0.0/8'] }) })[0]).toContain("'logs' has no credential");
  // Those who run tasks write their logs.
  expect(warnings({ logs, executor: Executor.local(), apiServer: role, triggerer: role })[0]).toContain("and 'scheduler' no identity of a cloud");
  expect(warnings({ logs, executor: Executor.localKubernetes(), version: AirflowVersion.V2_11 })[0]).toContain("'scheduler', 'webserver', 'triggerer', 'worker' no identity");
});

test('buckets of DAGs without a connection, and pods without an identity', () => {
  const bucket = (name: string, more = {}) => DagBundle.s3({ name, bucket: 'dags', cidrs: ['10.0.0.0/8'], ...more });
  const dags = new DagBundles(bucket('a'), DagBundle.local({ name: 'b', path: '/srv/dags' }));
  expect(warnings({ dags })).toEqual(["'dags' has a bucket without a 'connection', and 'dag-processor', 'triggerer', 'worker' no identity of a cloud to read it with; "
    + "give the bucket a 'connection', or these components 'cloudIdentity'"]);
  expect(warnings({ dags, dagProcessor: role, triggerer: role, workers: role })).toEqual([]);
  expect(warnings({ dags: new DagBundles(bucket('a', { connection: SecretRef.existing('mine', 'key') })) })).toEqual([]);
  // A pool reads its own bundles alone.
  expect(warnings({ dags, triggerer: role, workers: role, dagProcessors: [{ name: 'a', bundles: ['a'] }, { name: 'b', bundles: ['b'] }] })[0]).toContain("and 'dag-processor-a' no identity");
});

describe('servers that settings name and network policies close', () => {
  const remote = { logging: { remote_logging: true, remote_base_log_folder: 's3://logs', remote_log_conn_id: 'aws' } };
  const vault = { podDefaults: { env: [{ name: 'AIRFLOW__SECRETS__BACKEND', value: 'airflow.providers.hashicorp.secrets.vault.VaultBackend' }] } };
  const open = (...components: string[]) => Object.fromEntries(components.map(component => [component, [{ ports: [{ port: 443 }] }]]));

  test.each<[string, Props, string, string[]]>([
    ['logs', { config: remote }, "network policies: '[logging] remote_logging' is set, and its server is closed to 'api-server'; use 'logs', or open it in "
      + "'networkPolicies.extraEgress'", ['api-server']],
    ['logs, of Airflow 2, by a variable', { version: AirflowVersion.V2_11, webserver: { env: [{ name: 'AIRFLOW__LOGGING__REMOTE_LOGGING', value: 'True' }] } },
      "'[logging] remote_logging' is set, and its server is closed to 'webserver'", ['webserver']],
    ['a secrets backend', vault, "'[secrets] backend' is set, and its server is closed to 'scheduler', 'api-server'; use 'secretsBackend', or open", ['scheduler', 'api-server']],
    ['Sentry', { config: { sentry: { sentry_on: true } } }, "'[sentry] sentry_on' is set, and its server is closed to 'scheduler', 'api-server'; open it in", ['scheduler', 'api-server']],
    ['code of DAGs that may go nowhere', { config: remote, networkPolicies: { taskEgress: 'deny' } }, "is closed to 'api-server', 'triggerer', 'worker'", ['api-server', 'triggerer', 'worker']],
  ])('%s', (_, props, message, closed) => {
    expect(warnings(props)).toEqual([expect.stringContaining(message)]);
    expect(warnings({ ...props, networkPolicies: { ...props.networkPolicies, extraEgress: open(...closed) } })).toEqual([]);
    expect(warnings({ ...props, networkPolicies: { enabled: false } })).toEqual([]);
  });

  test('nothing where a prop opens them, or the setting is off', () => {
    const secret = SecretRef.existing('mine', 'key');
    expect(warnings({ logs: TaskLogs.s3({ bucket: 'logs', cidrs: ['10.0.0.0/8'], credentials: { accessKeyId: secret, secretAccessKey: secret } }) })).toEqual([]);
    expect(warnings({ secretsBackend: SecretsBackend.vault({ url: 'https://vault', token: secret }) })).toEqual([]);
    expect(warnings({ config: { logging: { remote_logging: false } } })).toEqual([]);
  });

  test('a URL of the user interface that nothing from outside reaches', () => {
    const config = { api: { base_url: 'https://airflow.example.com/airflow' } };
    expect(warnings({ config })).toEqual(["network policies: '[api] base_url' is 'https://airflow.example.com/airflow', and nothing from outside reaches 'api-server'; "
      + "use 'exposure', or let in what is in front of it by 'networkPolicies.extraIngress'"]);
    expect(warnings({ version: AirflowVersion.V2_11, config: { webserver: { base_url: 'https://a.example.com' } } })[0]).toContain("reaches 'webserver'");
    expect(warnings({ config, networkPolicies: { extraIngress: { 'api-server': [{ ports: [{ port: 8080 }] }] } } })).toEqual([]);
    expect(warnings({ config, exposure: Exposure.ingress({ host: 'airflow.example.com', path: '/airflow' }) })).toEqual([]);
    expect(warnings({ config: { api: { base_url: 'http://localhost:8080' } } })).toEqual([]);
    // Else the redirections of OAuth would be http.
    expect(new Deployed({ config }).config['fab.enable_proxy_fix']).toBe('True');
    expect(new Deployed({ config: { api: { base_url: 'http://localhost:8080' } } }).config['fab.enable_proxy_fix']).toBeUndefined();
    expect(new Deployed({ exposure: Exposure.ingress({ host: 'localhost' }) }).config['fab.enable_proxy_fix']).toBe('True');
  });

  test('the API server believes what the proxy in front of it says, and cookies and redirects are those of https', () => {
    const exposure = Exposure.ingress({ host: 'airflow.example.com', tls: true });
    // The container's own command, with an `airflow` that tells how it was called.
    const folder = mkdtempSync(join(tmpdir(), 'airflow-'));
    writeFileSync(join(folder, 'airflow'), '#!/bin/sh\necho "$* ${FORWARDED_ALLOW_IPS-nobody}"\n', { mode: 0o755 });
    const started = (props: Partial<AirflowKubernetesDeploymentProps>, env: { [name: string]: string } = {}) => {
      const { args: [command, ...args] } = new Deployed(props).container('api-server');
      return execFileSync(command, args, { encoding: 'utf8', env: { PATH: `${folder}:${process.env.PATH}`, ...env } }).trim();
    };
    expect(started({})).toBe('api-server nobody');
    expect(started({ exposure })).toBe('api-server --proxy-headers *');
    expect(started({ exposure, auth: AirflowAuth.simple() })).toBe('api-server --proxy-headers *');
    // Whether the variable comes from `env`, `envFrom`, `podOverride` or the image.
    expect(started({ exposure }, { FORWARDED_ALLOW_IPS: '10.0.0.7' })).toBe('api-server --proxy-headers 10.0.0.7');
    expect(started({ exposure }, { FORWARDED_ALLOW_IPS: '' })).toBe('api-server --proxy-headers');
    expect(new Deployed({ exposure }).env('api-server')).not.toHaveProperty('FORWARDED_ALLOW_IPS');
    const own = { spec: { containers: [{ name: 'api-server', args: ['airflow', 'api-server', '--workers', '4'] }] } };
    expect(started({ exposure, apiServer: { podOverride: own } })).toBe('api-server --workers 4 nobody');
    // FAB and the server around it are of one mind.
    expect(started({ exposure, config: { fab: { enable_proxy_fix: false } } })).toBe('api-server nobody');
    expect(started({ exposure, apiServer: { env: [{ name: 'AIRFLOW__FAB__ENABLE_PROXY_FIX', value: 'False' }] } })).toBe('api-server nobody');
    expect(started({ config: { fab: { enable_proxy_fix: true } } })).toBe('api-server --proxy-headers *');
    expect(started({ config: { api: { base_url: 'https://airflow.example.com' } } })).toBe('api-server --proxy-headers *');
    expect(new Deployed({ version: AirflowVersion.V2_11, exposure }).container('webserver').args).not.toContain('--proxy-headers');
  });

  test.each([
    'http://localhost:8080', 'http://[::1]:8080', 'http://airflow-api-server:8080', 'http://airflow-api-server.ns:8080', 'http://airflow-api-server.ns.svc.corp.example',
    'http://ui.ns.svc', 'http://airflow-api-server.ns.svc.cluster.local.:8080/airflow',
  ])('a base_url that is for pods alone: %s', url => {
    const config = { api: { base_url: url } };
    const deployed = new Deployed({ config });
    expect(deployed.container('api-server').args).toEqual(['airflow', 'api-server']);
    expect(deployed.config['fab.enable_proxy_fix']).toBeUndefined();
    expect(warnings({ config })).toEqual([]);
  });

  test.each(['https://airflow-api-server.ns.example.com', 'https://ui.ns.svc', 'https://airflow-api-server.nsx.example.com', 'https://svc.example.com', 'https://airflow'])('a base_url for people: %s', url => {
    expect(new Deployed({ config: { api: { base_url: url } } }).config['fab.enable_proxy_fix']).toBe('True');
  });
});

test('network policies that are switched off, and yet closed', () => {
  expect(warnings({ networkPolicies: { enabled: false, taskEgress: 'deny', extraIngress: {} } }))
    .toEqual(["'networkPolicies.enabled' is false, so that nothing follows from 'taskEgress', 'extraIngress'; remove one of them"]);
  expect(warnings({ networkPolicies: { enabled: false } })).toEqual([]);
  expect(warnings({ networkPolicies: { enabled: false, taskEgress: undefined } })).toEqual([]);
});

test('a container that keeps a pod from ending', () => {
  const containers = [{ name: 'proxy', image: 'proxy:1' }];
  const text = (source: string, main: string) => `the container 'proxy' of '${source}' keeps its pod running after '${main}' has ended, unless it ends by itself; `
    + "as a sidecar it ends with the pod: write it into 'initContainers' with restartPolicy: 'Always'";
  expect(warnings({ migration: { containers } })).toEqual([text('migration', 'migration')]);
  expect(warnings({ databaseCleanup: { containers } })).toEqual([text('databaseCleanup', 'database-cleanup')]);
  expect(warnings({ workers: { podOverride: { spec: { containers: [...containers, { name: 'base', stdin: true }] } } } })).toContain(text('workers', 'base'));
  expect(warnings({ scheduler: { containers } })).toEqual([]);
  expect(warnings({ migration: { initContainers: [{ ...containers[0], restartPolicy: 'Always' }] } })).toEqual([]);
});

test('an image whose tag is another Airflow', () => {
  const of = (reference: string) => warnings({ image: AirflowImage.of(reference) });
  expect(of('registry.example.com/data/airflow:2.11.0-1')).toEqual([
    "the image 'registry.example.com/data/airflow:2.11.0-1' is of Airflow 2.11 by its tag, and the manifests are of 3.3.2; set 'version' to that of the image",
  ]);
  for (const reference of ['apache/airflow:3.3.1', 'mine/airflow:2024.1', 'mine/airflow:1.2.3', 'mine/other:2.11.0']) { expect(of(reference)).toEqual([]); }
});

test.each([
  ['a password by its name', { name: 'DB_PASSWORD', value: 'hunter2' }, "'scheduler.env[0]' sets 'DB_PASSWORD' to a credential, by its name, which everybody could read"],
  ['a connection', { name: 'AIRFLOW_CONN_DWH', value: 'postgres://me:pw@dwh/db' }, "sets 'AIRFLOW_CONN_DWH' to a URL with a password"],
])('%s is refused as a variable', (_, variable, message) => {
  expect(() => new Deployed({ scheduler: { env: [variable] } })).toThrow(message);
  expect(() => new Deployed({ podDefaults: { env: [variable] } })).toThrow(message.slice(message.indexOf('sets')));
  expect(() => new Deployed({ workers: { env: [variable] } })).toThrow(message.slice(message.indexOf('sets')));
});

test('what only sounds like a credential is not refused', () => {
  const env = [{ name: 'USE_TOKEN', value: 'true' }, { name: 'A_SECRET', value: '$(B)' }, { name: 'C_TOKEN', value: '/run/token' }, { name: 'D', value: 'http://a/b' }];
  expect(new Deployed({ scheduler: { env } }).env('scheduler')).toMatchObject({ USE_TOKEN: 'true' });
});

test('limits of the namespace that our own pods exceed', () => {
  const limits = (range: object, props: Props = {}) => () => new Deployed({ limitRanges: [range], ...props });
  expect(limits({ max: { memory: '1Gi' } })).toThrow(/'limitRanges\[0\]\.max' has memory 1Gi, so that the API server refuses pods: .*'scheduler' of 'airflow-scheduler'.* asks for more/);
  expect(limits({ min: { cpu: '50m' } })).toThrow(/'limitRanges\[0\]\.min' has cpu 50m, .*'log-groomer' of 'airflow-triggerer'.* asks for less/);
  expect(limits({ max: { memory: '4Gi' }, min: { cpu: '10m' } })).not.toThrow();
  expect(limits({ type: 'Pod', max: { memory: '1Gi' } })).not.toThrow();
});

test('priority classes of one name, which are of the whole cluster', () => {
  const scope = chart();
  const database = MetadataDatabase.postgres({ host: 'pg', password: SecretRef.existing('db', 'password') });
  ['a', 'b'].forEach(namespace => new AirflowKubernetesDeployment(scope, namespace, {
    database, namespace, releaseName: 'airflow', priorityClasses: { high: { value: 1 } },
  }));
  expect(() => synth(scope)).toThrow("'chart/b' makes the PriorityClass 'airflow-high' of the whole cluster, too; give one of them another 'releaseName'");
});

test.each([
  ['priorityClassName', 'High'], ['runtimeClassName', 'g visor'], ['serviceAccountName', 'a_b'],
])('%s is a name', (prop, name) => {
  expect(() => new Deployed({ scheduler: { [prop]: name } })).toThrow(`'scheduler.${prop}' must be a name of lower-case letters, digits, '-' and '.', got '${name}'`);
});

test('labels of a pod in podOverride are labels', () => {
  expect(() => new Deployed({ scheduler: { podOverride: { metadata: { labels: { a: 'b c' } } } } })).toThrow("'scheduler.podOverride.metadata.labels' must have values");
});

test('objects of one name from two deployments in a namespace', () => {
  const scope = chart({ namespace: 'ns' });
  const database = MetadataDatabase.postgres({ host: 'pg', password: SecretRef.existing('db', 'password') });
  new AirflowKubernetesDeployment(scope, 'one', { database, releaseName: 'af', executor: Executor.celery({ broker: CeleryBroker.redis({ host: 'redis' }) }) });
  new AirflowKubernetesDeployment(scope, 'two', { database, releaseName: 'af-celery' });
  expect(() => synth(scope)).toThrow(/'chart\/two' makes the \w+ 'af-celery-worker' of namespace 'ns', too; give one of them another 'releaseName'/);
});

test('a range that is any address is no exception, which Kubernetes would refuse', () => {
  const anywhere = MetadataDatabase.postgres({ host: 'pg.example.com', cidrs: ['0.0.0.0/0', '::/0'], password: SecretRef.existing('db', 'password') });
  const except = JSON.stringify(new Deployed({ database: anywhere }).objects.filter(({ kind }) => kind === 'NetworkPolicy')).match(/"except":\[[^\]]*\]/g);
  expect([...new Set(except)].sort()).toEqual(['"except":["169.254.169.254/32"]', '"except":["fd00:ec2::254/128"]']);
});

test('ids of objects that differ in what names of Secrets cannot have', () => {
  const password = (key: string) => SecretRef.external({ store: 'vault', remoteKey: key });
  const { objects } = new Deployed({ objects: { connections: { 'my_db': { connType: 'postgres', password: password('a') }, 'my-db': { connType: 'postgres', password: password('b') } }, variables: { K_: password('c') } } });
  const names = objects.filter(({ kind }) => kind === 'ExternalSecret').map(({ metadata }) => metadata.name).sort();
  expect(names).toEqual(['airflow-connection-my-db-password', expect.stringMatching(/^airflow-connection-my-db-password-[0-9a-f]{10}$/), expect.stringMatching(/^airflow-variable-k-[0-9a-f]{10}$/)]);
});

test.each<[string, Props, string]>([
  ['a variable', { objects: { variables: { db_password: 'hunter2' } } }, "'objects.variables.db_password' holds a credential, by its name, which would stand in the manifest; give it as a SecretRef"],
  ['an extra', { objects: { connections: { a: { connType: 'aws', extra: { aws_secret_access_key: 'abc' } } } } }, "'objects.connections.a.extra' holds a credential, by its name"],
  ['a host', { objects: { connections: { a: { connType: 'http', host: 'https://u:pw@h' } } } }, "'objects.connections.a.host' holds a URL with a password"],
])('a credential in the objects: %s', (_, props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});

test.each<[string, Props, string]>([
  ['a class by its key', { priorityClasses: { high: { value: 1 } }, podDefaults: { priorityClassName: 'high' } }, "but the class that 'priorityClasses' makes has the name of the deployment before it, '<name>-high'"],
  ['another folder of plugins', { plugins: { 'a.py': '' }, config: { core: { plugins_folder: '/srv/p' } } }, "'plugins'"],
  ['an annotation that is no text', { exposure: Exposure.ingress({ host: 'a.example.com', annotations: { x: true as any } }) }, 'annotations.x'],
  ['numbers of a strategy that does not roll', { apiServer: { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } } }, "'apiServer.strategy.rollingUpdate' belongs to type 'RollingUpdate', got 'Recreate'; remove one"],
  ['a strategy that never moves', { apiServer: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } } }, "must let one pod come or go: 'maxSurge' or 'maxUnavailable' above 0"],
])('%s is refused', (_, props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});

test('clients of a load balancer are ranges', () => {
  expect(() => Exposure.loadBalancer({ baseUrl: 'http://a.example.com', sourceRanges: ['10.0.0.0'] })).toThrow("'sourceRanges' must be a list of address ranges such as '10.0.0.0/8'");
});

test('with Argo CD a claim of logs and an Ingress come with the pods that they wait for', () => {
  const { objects } = new Deployed({
    delivery: 'argocd', logs: TaskLogs.persistentVolumeClaim({ size: '10Gi', storageClassName: 'shared' }), exposure: Exposure.ingress({ host: 'a.example.com' }),
  });
  const waves = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim' || kind === 'Ingress').map(({ metadata }) => metadata.annotations['argocd.argoproj.io/sync-wave']);
  expect(waves).toEqual(['3', '3']);
});

test('namespaces that differ in a hyphen', () => {
  expect(() => new Deployed({ workers: { namespaces: ['team-1', 'team1'] }, priorityClasses: { 'a-b': { value: 1 }, 'ab': { value: 2 } } })).not.toThrow();
});

describe('TLS of the server of Airflow itself, whose probes and Service speak HTTP', () => {
  const cert = '/etc/tls/tls.crt';
  const reason = "but its probes and its Service speak HTTP: TLS ends at 'exposure' ('tlsSecretName'), and inside the cluster at a service mesh or a proxy in its 'containers'; remove it";

  test.each<[string, Props, string]>([
    ['by config', { config: { api: { ssl_cert: cert } } }, `'config.api.ssl_cert' is '${cert}', ${reason} from 'config'`],
    ['by config, 2.11', { version: AirflowVersion.V2_11, config: { webserver: { web_server_ssl_key: cert } } }, `'config.webserver.web_server_ssl_key' is '${cert}', ${reason}`],
    ['by a variable', { apiServer: { env: [{ name: 'AIRFLOW__API__SSL_KEY', value: cert }] } }, `'apiServer.env[0]' sets 'AIRFLOW__API__SSL_KEY', ${reason}`],
  ])('is refused %s', (_, props, message) => {
    expect(() => new Deployed(props)).toThrow(message);
  });

  test('is no entry of airflow.cfg', () => {
    expect(Object.keys(new Deployed({ config: { api: { ssl_cert: '' } } }).config).filter(key => key.includes('ssl_key'))).toEqual([]);
  });
});

test('a variable is judged as the number that it is', () => {
  const env = [{ name: 'AIRFLOW__API__WORKERS', value: '0' }];
  expect(() => new Deployed({ apiServer: { env } })).toThrow('apiServer.env[0].api.workers: expected a number of at least 1, got 0; leave it out for the default');
});

test('KEDA does not divide by nothing', () => {
  const executor = Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ keda: { maxReplicas: 2 } }] });
  expect(() => new Deployed({ executor, config: { celery: { worker_concurrency: 0 } } }))
    .toThrow("'workers.keda' counts the tasks of a worker by 'celery.worker_concurrency', which must be at least 1, got '0'");
});
