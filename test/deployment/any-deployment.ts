import * as fc from 'fast-check';
import { dags } from './deploy';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CeleryResultBackend, CloudIdentity,
  ConfigMapDags, DagBundle, DagBundles, Executor, Exposure, GitSyncDags, GitSyncRepositories, ImageDags, MetadataDatabase, PersistentVolumeClaimDags,
  SecretRef, SecretsBackend, TaskLogs,
} from '../../src';

type Props = Partial<AirflowKubernetesDeploymentProps>;

const secret = SecretRef.existing('mine', 'key');
const s3Credentials = { accessKeyId: SecretRef.existing('mine', 'id'), secretAccessKey: secret };
const keys = { fernetKey: SecretRef.existing('mine', 'fernet'), secretKey: secret };
const vault = (remoteKey: string) => SecretRef.external({ store: 'vault', remoteKey });
const ownCelery = () => Executor.celery({ broker: CeleryBroker.developmentRedis() });
const celery = () => Executor.celery({
  broker: CeleryBroker.redis({ host: 'redis', password: secret, cidrs: ['10.5.0.0/16'] }),
  resultBackend: CeleryResultBackend.redis({ host: '10.5.0.9', password: secret }),
  workers: [{ keda: { maxReplicas: 2 } }, { name: 'b', queues: ['b', 'c'], concurrency: 4, autoscaling: { maxReplicas: 3 }, image: AirflowImage.of('mine/gpu:1') }],
});
const rabbit = () => Executor.celery({
  broker: CeleryBroker.rabbitMq({ host: 'rabbit', password: secret }),
  resultBackend: CeleryResultBackend.postgres({ host: '10.4.0.1', user: 'celery', password: secret }),
  workers: [{ replicas: 0 }],
});
const tls = () => Executor.celery({
  broker: CeleryBroker.redis({ host: 'redis.example.com', password: secret, sslRootCert: secret, sslCert: vault('cert'), sslKey: secret }),
  resultBackend: CeleryResultBackend.mySql({ host: '10.4.0.2', password: secret }),
});
const rabbitTls = () => Executor.celery({
  broker: CeleryBroker.rabbitMq({ host: 'rabbit', password: secret, sslRootCert: secret }),
  resultBackend: CeleryResultBackend.redis({ host: 'redis', password: secret, ssl: true }),
});
const users = [{ username: 'ada', email: 'ada@example.com', password: secret }];
const exec = { exec: { command: ['true'] }, periodSeconds: 60 };

/** What every component takes, at once. */
const everything = () => ({
  resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { memory: '2Gi' } },
  env: [{ name: 'A', value: 'b' }],
  envFrom: [{ configMapRef: { name: 'mine' } }],
  volumes: [{ name: 'scratch', emptyDir: {} }],
  volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
  labels: { team: 'data' },
  annotations: { 'example.com/a': 'b' },
  nodeSelector: { pool: 'airflow' },
  tolerations: [{ key: 'airflow', operator: 'Exists' }],
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
  priorityClassName: 'airflow-high',
  schedulerName: 'mine',
  runtimeClassName: 'gvisor',
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
  terminationGracePeriodSeconds: 700,
  serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/a' },
  podOverride: { metadata: { annotations: { 'example.com/override': 'c' } } },
});

/** What can be chosen: dimension → name → props. The first one of each is the simplest. */
const DIMENSIONS = {
  version: Object.fromEntries(['3.3.2', '2.11.2', '3.0.1', '3.0.6', '3.1.8', '3.2.2']
    .map((version): [string, () => Props] => [version, () => ({ version: AirflowVersion.of(version) })])),
  executor: {
    'kubernetes': () => ({}),
    'local': () => ({ executor: Executor.local() }),
    'celery with a Redis of its own': () => ({ executor: ownCelery() }),
    'celery, two pools': () => ({ executor: celery() }),
    'celery, RabbitMQ': () => ({ executor: rabbit() }),
    'celery, TLS': () => ({ executor: tls() }),
    'celery, RabbitMQ with TLS': () => ({ executor: rabbitTls() }),
    'celery and kubernetes': () => ({ executor: Executor.multiple([celery(), Executor.kubernetes()]) }),
    'all three': () => ({ executor: Executor.multiple([ownCelery(), Executor.local(), Executor.kubernetes()]) }),
    'CeleryKubernetesExecutor': () => ({ executor: Executor.celeryKubernetes({ broker: CeleryBroker.developmentRedis() }) }),
    'LocalKubernetesExecutor': () => ({ executor: Executor.localKubernetes() }),
  },
  database: {
    'a name': () => ({}),
    'an address': () => ({ database: MetadataDatabase.postgres({ host: '10.3.0.4', port: 6432, user: secret, password: secret, sslMode: 'require' }) }),
    'ranges': () => ({ database: MetadataDatabase.postgres({ host: 'db.example.com', password: vault('db'), cidrs: ['10.3.0.0/16'] }) }),
    'verified': () => ({
      database: MetadataDatabase.postgres({ host: 'db.example.com', password: secret, sslMode: 'verify-full', sslRootCert: vault('ca') }),
    }),
    'a certificate': () => ({
      database: MetadataDatabase.postgres({ host: 'db.example.com', sslMode: 'verify-ca', sslRootCert: secret, sslCert: vault('cert'), sslKey: secret }),
    }),
    'MySQL': () => ({ database: MetadataDatabase.mySql({ host: 'mysql', user: secret, password: secret, cidrs: ['10.3.0.9/32'] }) }),
    'MySQL with TLS': () => ({ database: MetadataDatabase.mySql({ host: 'my.example.com', password: vault('db'), sslMode: 'VERIFY_IDENTITY', sslCa: secret }) }),
    'for development': () => ({ database: MetadataDatabase.developmentPostgres({ password: secret }) }),
    'for development, with a claim': () => ({ database: MetadataDatabase.developmentPostgres({ password: vault('db'), storage: '1Gi' }) }),
  },
  pgbouncer: {
    'none': () => ({}),
    'default': () => ({ pgbouncer: {} }),
    'TLS, two pods, metrics': () => ({
      pgbouncer: { replicas: 2, sslCert: secret, sslKey: secret, sslRootCert: secret, metricsExporter: true, extraIni: { server_idle_timeout: 300 } },
    }),
    'everything': () => ({ pgbouncer: { ...everything(), maxClientConn: 1000, metadataPoolSize: 50 } }),
  },
  dags: {
    'image': () => ({}),
    'git': () => ({ dags: dags() }),
    'git, token': () => ({ dags: new GitSyncDags({ repo: 'https://git.example.com/d.git', username: 'me', token: secret, subPath: 'dags', depth: 0 }) }),
    'git, ssh': () => ({ dags: new GitSyncDags({ repo: 'git@git.example.com:d.git', sshKey: secret, knownHosts: vault('hosts'), sparseCheckout: ['/dags/'] }) }),
    'git, several': () => ({
      dags: new GitSyncRepositories({
        a: { repo: 'https://git.example.com/a.git', token: secret, webhook: { url: 'https://hooks.example.com' }, submodules: 'off', sparseCheckout: ['/dags/'] },
        b: { repo: 'git@git.example.com:b.git', subPath: 'dags', sshKey: secret, knownHosts: vault('hosts'), sparseCheckout: ['/dags/'] },
      }),
    }),
    'ConfigMap': () => ({ dags: new ConfigMapDags({ 'a.py': 'A = 1' }) }),
    'claim': () => ({ dags: new PersistentVolumeClaimDags({ claimName: 'mine' }) }),
    'folder': () => ({ dags: new ImageDags('/srv/dags') }),
    'bundles': () => ({
      dags: new DagBundles(
        DagBundle.git({ name: 'a', repo: 'https://git.example.com/d.git', ref: 'main', token: secret }),
        DagBundle.git({ name: 'ssh', repo: 'git@git.example.com:d.git', ref: 'main', sshKey: secret, knownHosts: secret }),
        DagBundle.s3({ name: 'b', bucket: 'dags', connection: secret }),
        DagBundle.local({ name: 'c', path: '/srv/dags' }),
      ),
    }),
  },
  logs: {
    'pods': () => ({}),
    'S3': () => ({ logs: TaskLogs.s3({ bucket: 'logs', credentials: s3Credentials, endpoint: 'http://minio:9000', cidrs: ['10.7.0.0/16'] }) }),
    'CloudWatch': () => ({ logs: TaskLogs.cloudWatch({ logGroupArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:airflow' }) }),
    'GCS': () => ({ logs: TaskLogs.gcs({ bucket: 'logs', connection: secret, cidrs: ['10.6.0.0/16'] }) }),
    'WASB': () => ({ logs: TaskLogs.wasb({ account: 'airflow', container: 'logs', connection: vault('wasb') }) }),
    'Elasticsearch': () => ({ logs: TaskLogs.elasticsearch({ host: 'http://es:9200', cidrs: ['10.8.0.0/16'] }) }),
    'OpenSearch': () => ({ logs: TaskLogs.openSearch({ host: 'os', username: secret, password: secret }) }),
    'claim': () => ({ logs: TaskLogs.persistentVolumeClaim() }),
    'claim of the user': () => ({ logs: TaskLogs.persistentVolumeClaim({ claimName: 'mine' }) }),
  },
  monitoring: {
    'none': () => ({}),
    'StatsD': () => ({ monitoring: { statsd: {} } }),
    'all of Prometheus': () => ({ monitoring: { statsd: {}, serviceMonitor: {}, prometheusRule: {}, grafanaDashboard: {} } }),
    'PodMonitor, with everything': () => ({ monitoring: { statsd: { ...everything(), scrapedFrom: [{ namespaceSelector: {} }] }, podMonitor: {} } }),
    'OpenTelemetry': () => ({ monitoring: { openTelemetry: { host: 'collector.example.com', traces: true } } }),
    'both': () => ({ monitoring: { statsd: {}, openTelemetry: { host: '10.9.0.1', traces: true } } }),
  },
  logFiles: {
    groomed: () => ({}),
    kept: () => ({ logFiles: { groomer: false, sizeLimit: '1Gi' } }),
    short: () => ({ logFiles: { retentionDays: 1, frequencyMinutes: 1 } }),
  },
  flower: {
    none: () => ({}),
    default: () => ({ flower: { basicAuth: secret } }),
    exposed: () => ({ flower: { basicAuth: vault('flower'), exposure: Exposure.ingress({ host: 'flower.example.com', path: '/flower' }) } }),
  },
  files: {
    none: () => ({}),
    both: () => ({ airflowLocalSettings: 'A = 1\n', plugins: { 'my_plugin.py': 'B = 2\n' } }),
  },
  auth: {
    FAB: () => ({}),
    users: () => ({ auth: AirflowAuth.fab({ users }) }),
    OAuth: () => ({
      auth: AirflowAuth.fab({
        oauth: [{ name: 'keycloak', clientId: 'airflow', clientSecret: secret, remoteApp: { api_base_url: 'https://login.example.com/' } }],
        roleMapping: { admins: ['Admin'] },
      }),
    }),
    LDAP: () => ({ auth: AirflowAuth.fab({ ldap: { server: 'ldaps://ldap.example.com', search: 'dc=a', bindUser: 'cn=a', bindPassword: secret } }) }),
    simple: () => ({ auth: AirflowAuth.simple() }),
    Keycloak: () => ({ auth: AirflowAuth.keycloak({ serverUrl: 'https://kc.example.com', realm: 'a', clientId: 'b', clientSecret: vault('kc') }) }),
  },
  exposure: {
    none: () => ({}),
    Ingress: () => ({ exposure: Exposure.ingress({ host: 'a.example.com', path: '/af', tlsSecretName: 'mine' }) }),
    HTTPRoute: () => ({ exposure: Exposure.httpRoute({ host: 'a.example.com', gateways: [{ name: 'g', namespace: 'gateways' }] }) }),
    Route: () => ({ exposure: Exposure.openShiftRoute({ host: 'a.example.com' }) }),
    LoadBalancer: () => ({ exposure: Exposure.loadBalancer({ baseUrl: 'http://a', port: 80 }) }),
    NodePort: () => ({ exposure: Exposure.nodePort({ baseUrl: 'http://a:30080', nodePort: 30080 }) }),
  },
  secretsBackend: {
    'none': () => ({}),
    'Vault, by a Role': () => ({ secretsBackend: SecretsBackend.vault({ url: 'https://vault.example.com:8200', kubernetesRole: 'airflow', cidrs: ['10.20.0.0/24'] }) }),
    'Vault, by a token': () => ({ secretsBackend: SecretsBackend.vault({ url: 'https://vault.example.com', token: secret, workers: true }) }),
    'AWS': () => ({ secretsBackend: SecretsBackend.awsSecretsManager({ region: 'eu-central-1' }) }),
    'GCP': () => ({ secretsBackend: SecretsBackend.gcpSecretManager({ projectId: 'project' }) }),
    'Azure': () => ({ secretsBackend: SecretsBackend.azureKeyVault({ vaultUrl: 'https://airflow.vault.azure.net/' }) }),
    'Kubernetes': () => ({ secretsBackend: SecretsBackend.kubernetes({ namespace: 'secrets' }) }),
  },
  policies: {
    'none': () => ({}),
    'a quota': () => ({ resourceQuota: { hard: { 'requests.cpu': '99', 'requests.memory': '99Gi', 'pods': 200 } } }),
    'a quota of limits, with defaults': () => ({
      resourceQuota: { hard: { 'limits.cpu': '99' } }, limitRanges: [{ defaultLimit: { cpu: 2 }, max: { cpu: 8, memory: '16Gi' } }],
    }),
    'priorities': () => ({ priorityClasses: { high: { value: 1000 }, low: { value: -1, preemptionPolicy: 'Never' } } }),
  },
  secrets: {
    'made in the cluster': () => ({}),
    'existing': () => keys,
    'external': () => ({ fernetKey: vault('fernet') }),
  },
  jwtSecret: { 'made in the cluster': () => ({}), 'existing': () => ({ jwtSecret: secret }), 'external': () => ({ jwtSecret: vault('jwt') }) },
  podLaunching: {
    'off': () => ({}),
    'pods': () => ({ podLaunching: {} }),
    'all, elsewhere': () => ({ podLaunching: { jobs: true, spark: true, deferrable: true, namespaces: ['etl', 'ns'] } }),
    'deferrable': () => ({ podLaunching: { deferrable: true } }),
  },
  objects: {
    none: () => ({}),
    some: () => ({
      objects: {
        variables: { a: 'b', c: secret },
        pools: { p: { slots: 3 } },
        connections: { dwh: { connType: 'postgres', host: 'dwh', login: secret, password: vault('dwh') } },
      },
    }),
  },
  cleanup: {
    none: () => ({}),
    pods: () => ({ podCleanup: {} }),
    database: () => ({ databaseCleanup: { tables: ['log'], skipArchive: true } }),
    both: () => ({ podCleanup: { schedule: '0 * * * *' }, databaseCleanup: {} }),
  },
  delivery: Object.fromEntries((['kubectl', 'argocd', 'flux', 'helm'] as const).map((delivery): [string, () => Props] => [delivery, () => ({ delivery })])),
  releaseName: Object.fromEntries(['airflow', 'a', 'a'.repeat(35)].map((releaseName): [string, () => Props] => [releaseName, () => ({ releaseName })])),
  registry: {
    none: () => ({}),
    one: () => ({ imageRegistry: 'registry.example.com:5000/mirror', imagePullSecrets: ['mine'] }),
  },
  networkPolicies: {
    default: () => ({}),
    narrow: () => ({ networkPolicies: { kubernetesApi: { cidrs: ['10.0.0.1/32'], ports: [6443] } } }),
    more: () => ({
      networkPolicies: { extraEgress: { scheduler: [{ ports: [{ port: 25 }] }] }, extraIngress: { triggerer: [{ ports: [{ port: 9 }] }] } },
    }),
    off: () => ({ networkPolicies: { enabled: false } }),
  },
  scheduler: {
    default: () => ({}),
    two: () => ({ scheduler: { replicas: 2 } }),
    none: () => ({ scheduler: { replicas: 0 } }),
    everything: () => ({ scheduler: { ...everything(), livenessProbe: exec, podDisruptionBudget: { minAvailable: 1 } } }),
  },
  triggerer: {
    default: () => ({}),
    scaled: () => ({ triggerer: { keda: { maxReplicas: 4 } } }),
    three: () => ({ triggerer: { replicas: 3, cloudIdentity: CloudIdentity.gke('airflow@project.iam.gserviceaccount.com') } }),
    everything: () => ({ triggerer: { ...everything(), strategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 0 } }),
  },
  // What cannot be changed in a StatefulSet.
  persistence: {
    none: () => ({}),
    triggerer: () => ({}),
  },
  dagProcessor: {
    'default': () => ({}),
    'parted': () => ({ dagProcessors: [{ name: 'a', bundles: ['a'], replicas: 2 }, { name: 'b', bundles: ['b'], labels: { team: 'b' } }] }),
    'asked for': () => ({ dagProcessor: {} }),
    'everything': () => ({ dagProcessor: { ...everything(), replicas: 2 } }),
  },
  ui: {
    default: () => ({}),
    scaled: () => ({ apiServer: { autoscaling: { maxReplicas: 3 } } }),
    everything: () => ({ apiServer: { ...everything(), readinessProbe: exec, lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } } }),
  },
  workers: {
    default: () => ({}),
    everything: () => ({ workers: everything() }),
    account: () => ({ workers: { serviceAccountName: 'mine' } }),
    elsewhere: () => ({ workers: { namespaces: ['etl', 'ml'] } }),
    identity: () => ({ workers: { cloudIdentity: CloudIdentity.irsa('arn:aws:iam::123456789012:role/tasks') } }),
  },
} satisfies { [dimension: string]: { [name: string]: () => Props } };

/** The name of what is chosen in each dimension: all that a counterexample has to show. */
export type Choice = { readonly [dimension in keyof typeof DIMENSIONS]: string };

const entries = Object.entries(DIMENSIONS) as [keyof Choice, { [name: string]: () => Props }][];

/** How many choices each dimension has. */
export const SIZES: { [dimension: string]: number } = Object.fromEntries(entries.map(([dimension, choices]) =>
  [dimension, Object.keys(choices).length]));

/** Objects that the choices take from elsewhere. */
export const EXTERNAL = ['Secret/db', 'Secret/mine', 'ConfigMap/mine', 'PersistentVolumeClaim/mine', 'ServiceAccount/mine'];

/** Any deployment that the library accepts. It shrinks towards the first choice of each dimension. */
export const anyChoice: fc.Arbitrary<Choice> = fc.record(Object.fromEntries(entries.map(([dimension, choices]) =>
  [dimension, fc.constantFrom(...Object.keys(choices))])) as { [dimension in keyof Choice]: fc.Arbitrary<string> }).map(possible);

/** The props of a choice. */
export function propsOf(choice: Choice): Props {
  const { apiServer, ...props }: Props = Object.assign({}, ...entries.map(([dimension, choices]) => choices[choice[dimension]]()));
  if (choice.persistence !== 'none') { Object.assign(props, { triggerer: { ...props.triggerer, persistence: { size: '1Gi' } } }); }
  return choice.version.startsWith('2') ? { ...props, webserver: apiServer } : { ...props, apiServer };
}

/** What may have been there before a choice: any other one with the same names, and the same claims of a StatefulSet, which nobody can change. */
export function before({ releaseName, persistence, logs }: Choice, other: Choice): Choice {
  return possible({ ...other, releaseName, persistence, ...(persistence === 'none' ? {} : { logs }) });
}

/** What the library refuses with a reason is replaced by the first choice of its dimension. */
function possible(choice: Choice): Choice {
  const result: { -readonly [dimension in keyof Choice]: string } = { ...choice };
  const drop = (dimension: keyof Choice, when: boolean) => { if (when) { result[dimension] = Object.keys(DIMENSIONS[dimension])[0]; } };
  const airflow2 = choice.version.startsWith('2');
  drop('jwtSecret', airflow2);
  // PgBouncer logs in with a password, and so does KEDA; it has one TLS for all servers.
  drop('pgbouncer', /certificate|MySQL/.test(choice.database) || (choice.executor === 'celery, RabbitMQ' && /address|verified/.test(choice.database)));
  drop('database', !airflow2 && choice.database === 'MySQL with TLS');
  drop('triggerer', choice.triggerer === 'scaled' && /certificate|verified|MySQL with TLS/.test(choice.database));
  drop('persistence', choice.logs.startsWith('claim'));
  drop('dagProcessor', choice.dagProcessor === 'parted' && (airflow2 || choice.dags !== 'git, several'));
  drop('auth', airflow2 && ['simple', 'Keycloak'].includes(choice.auth));
  drop('dags', airflow2 && choice.dags === 'bundles');
  drop('executor', !airflow2 && ['CeleryKubernetesExecutor', 'LocalKubernetesExecutor'].includes(choice.executor));
  drop('logFiles', choice.logs.startsWith('claim') && choice.logFiles === 'kept');
  drop('ui', result.auth === 'simple' && choice.ui === 'scaled');
  drop('executor', choice.database.match(/verified|certificate|MySQL with TLS/) !== null && ['celery, two pools', 'celery and kubernetes'].includes(choice.executor));
  const kubernetes = /kubernetes|three/i.test(result.executor);
  drop('workers', !kubernetes);
  // Task pods there know no short names, and need claims and generated Secrets that nobody makes there.
  drop('workers', result.workers === 'elsewhere' && (airflow2 || ['S3', 'Elasticsearch', 'OpenSearch', 'claim'].includes(choice.logs)));
  drop('flower', !/celery|three/i.test(result.executor));
  drop('cleanup', !kubernetes && ['pods', 'both'].includes(choice.cleanup));
  return result;
}
