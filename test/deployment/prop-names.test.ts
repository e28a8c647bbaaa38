import { Lazy } from 'cdk8s';
import {
  AirflowAuth, AirflowKubernetesDeployment, AirflowPresets, CeleryBroker, CloudIdentity, ConfigMapDags, DagBundle, DagBundles, Executor, Exposure,
  GitSyncDags, MetadataDatabase, SecretRef, SecretsBackend, TaskLogs,
} from '../../src';
import { chart, synth } from '../util';

const database = MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('postgres', 'password') });
const local = DagBundle.local({ name: 'local', path: '/srv/dags' });
const deployment = (props: any) => new AirflowKubernetesDeployment(chart(), 'airflow', props);

test.each<[string, any, string]>([
  ['no props', undefined, 'props: expected an object with the members of AirflowKubernetesDeploymentProps, got undefined'],
  ['a prop that is misspelt', { database, dag: {} }, "props: unknown prop 'dag'; did you mean 'dags'?"],
  ["a component's prop that is misspelt", { database, scheduler: { replica: 2 } }, "scheduler: unknown prop 'replica'; did you mean 'replicas'?"],
  ['a prop of another component', { database, scheduler: { autoscaling: {} } }, "scheduler: unknown prop 'autoscaling'"],
  ['a component that is no object', { database, triggerer: 2 }, 'triggerer: expected an object with the members of TriggererProps, got 2'],
  ['a version as text', { database, version: '3.1' }, "'version' must be an AirflowVersion, such as AirflowVersion.V3_3, got \"3.1\""],
  ['an executor as text', { database, executor: 'LocalExecutor' }, "'executor' must be an Executor: Executor.kubernetes(), .local(), .celery({ … }) or .multiple([…]), got \"LocalExecutor\""],
  ['DAGs as text', { database, dags: 'https://x' }, "'dags' must be a source of DAGs, such as new GitSyncDags({ … }), got \"https://x\""],
  ['an image as text', { database, image: 'apache/airflow:3.3.2' }, "'image' must be an AirflowImage, such as AirflowImage.of("],
  ['users as an object', { database, auth: { users: [] } }, "'auth' must be an AirflowAuth, such as AirflowAuth.fab({ … }), got {\"users\":[]}"],
  ['a key as text', { database, fernetKey: 'abc' }, "'fernetKey' must be a SecretRef, such as SecretRef.existing('name', 'key'), got \"abc\""],
  ['a key that is an empty text', { database, fernetKey: '' }, "'fernetKey' must be a SecretRef"],
  ['a number as text', { database, scheduler: { replicas: '2' } }, "'scheduler.replicas' must be a whole number of at least 0, got \"2\""],
  ['a request above its limit', { database, scheduler: { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } } },
    "'scheduler.resources.requests.memory' must be at most the limit, '1Gi', got '2Gi'"],
  ['a request above its limit of task pods', { database, workers: { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } } }, "requests.cpu' must be at most the limit"],
  ['a resource that there is not', { database, scheduler: { resources: { limits: { gpu: 1 } } } }, "'scheduler.resources.limits.gpu' is no resource of Kubernetes"],
  ['a null', { database, resourceQuota: null }, "props: 'resourceQuota' is null; leave it out for its default, or give it a value"],
  ['a null in a part', { database, scheduler: { replicas: null } }, "scheduler: 'replicas' is null; leave it out for its default, or give it a value"],
  ['a registry that is a number', { database, imageRegistry: 5000 }, "'imageRegistry' must be a text, got 5000"],
  ['one name where a list is meant', { database, workers: { namespaces: 'team' } }, "'workers.namespaces' must be a list of texts, got \"team\""],
  ['a secrets backend as text', { database, secretsBackend: 'vault' }, "'secretsBackend' must be a SecretsBackend"],
  ['names that podLaunching does not have', { database, podLaunching: { namespace: 'team' } }, "podLaunching: unknown prop 'namespace'; did you mean 'namespaces'?"],
  ['names that logFiles does not have', { database, logFiles: { days: 3 } }, "logFiles: unknown prop 'days'"],
  ['names that the API server does not have', { database, networkPolicies: { kubernetesApi: { cidr: [] } } }, "networkPolicies.kubernetesApi: unknown prop 'cidr'; did you mean 'cidrs'?"],
  ['a truth as text', { database, networkPolicies: { enabled: 'false' } }, "'networkPolicies.enabled' must be true or false, got \"false\""],
  ['a truth as text in a cleanup', { database, databaseCleanup: { skipArchive: 'no' } }, "'databaseCleanup.skipArchive' must be true or false, got \"no\""],
  ['limits that are no list', { database, limitRanges: { max: { cpu: 1 } } }, "'limitRanges' must be a list, got {"],
  ['autoscaling that is a number', { database, apiServer: { autoscaling: 3 } }, 'apiServer.autoscaling: expected an object with the members of HorizontalAutoscaling, got 3'],
  ['names that a priority class does not have', { database, priorityClasses: { x: { value: 1, globalDefault: true } } }, "priorityClasses.x: unknown prop 'globalDefault'"],
  ['a function', { database, dags: () => undefined }, "'dags' must be a source of DAGs, such as new GitSyncDags({ … }), got a function"],
])('fails for %s', (_, props, message) => {
  expect(() => deployment(props)).toThrow(message);
  expect(() => deployment(props)).toThrow('[chart/airflow]');
});

test('fails for names that the parts do not have', () => {
  expect(() => new GitSyncDags({ repo: 'https://git/x.git', branch: 'main' } as any)).toThrow("GitSyncDags: unknown prop 'branch'");
  expect(() => MetadataDatabase.postgres({ hostname: 'x' } as any)).toThrow("MetadataDatabase.postgres: unknown prop 'hostname'");
  expect(() => MetadataDatabase.postgres({ host: 5, password: SecretRef.existing('a', 'b') } as any)).toThrow("'host' must be a host name or an address, got 5");
});

const secret = SecretRef.existing('a', 'b');
test.each<[string, () => unknown, string]>([
  ['a result backend', () => deployment({ database, executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), resultBackend: {} as any }) }),
    "'resultBackend' must be a CeleryResultBackend, such as CeleryResultBackend.redis({ … }), got {}"],
  ['a user of Redis', () => CeleryBroker.redis({ host: 'a', password: secret, user: 5 as any }), "'user' must be a name or a SecretRef, got 5"],
  ['patterns', () => new GitSyncDags({ repo: 'https://a/b', sparseCheckout: '/dags/' as any }), "'sparseCheckout' must be a list of texts, got \"/dags/\""],
  ['a repository', () => new GitSyncDags({ repo: {} as any }), "'repo' must be a text, got {}"],
  ['a mode of TLS', () => MetadataDatabase.postgres({ host: 'a', password: secret, sslMode: {} as any }), "'sslMode' must be a text, got {}"],
  ['a user of OpenSearch', () => TaskLogs.openSearch({ host: 'a', username: 'me' as any, password: secret }),
    "'username' must be a SecretRef, such as SecretRef.existing('airflow-opensearch', 'username'); a literal would be readable in the manifest"],
  ['a bucket', () => TaskLogs.s3({ bucket: secret as any }), "'bucket' must be a text, got a SecretRef"],
  ['users', () => deployment({ database, auth: AirflowAuth.fab({ users: {} as any }) }), "'users' must be a list, got {}"],
  ['providers', () => deployment({ database, auth: AirflowAuth.fab({ oauth: {} as any }) }), "'oauth' must be a list, got {}"],
  ['a provider', () => deployment({ database, auth: AirflowAuth.fab({ oauth: [{ name: 5 as any, clientId: 'a', clientSecret: secret, remoteApp: {} }] }) }), "'oauth[0].name' must be a text, got 5"],
  ['a Python file', () => deployment({ database, auth: AirflowAuth.fab({ webserverConfig: 5 as any }) }), "'webserverConfig' must be a text, got 5"],
  ['a client of Keycloak', () => deployment({ database, auth: AirflowAuth.keycloak({ serverUrl: 'https://a', realm: 'a', clientId: 5 as any, clientSecret: secret }) }),
    "'clientId' must be a text that is not empty, got 5"],
  ['Gateways', () => Exposure.httpRoute({ host: 'a.example.com', gateways: 'public' as any }), "'gateways' must be a list, got \"public\""],
  ['a delivery', () => deployment({ database, delivery: {} }), "'delivery' must be a text, got {}"],
  ['a schedule', () => deployment({ database, databaseCleanup: { schedule: {} } }), "'databaseCleanup.schedule' must be a text, got {}"],
  ['a pool', () => deployment({ database, executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ name: {} as any }] }) }), "name' must be a text, got {}"],
  ['a user of git', () => new GitSyncDags({ repo: 'https://a/b', token: secret, username: {} as any }), "'username' must be a text or a SecretRef, got {}"],
  ['a webhook', () => new GitSyncDags({ repo: 'https://a/b', webhook: '' as any }), "'webhook' must be an object, got \"\""],
  ['ranges that are an empty text', () => new GitSyncDags({ repo: 'https://a/b', cidrs: '' as any }), "'cidrs' must be a list of texts, got \"\""],
  ['a server of logs', () => TaskLogs.elasticsearch({ host: {} as any }), "'host' must be a text or a SecretRef, got {}"],
  ['no server of logs', () => TaskLogs.elasticsearch({} as any), "'host' is missing; give the URL of the server"],
  ['a key of logs', () => TaskLogs.s3({ bucket: 'a', credentials: { accessKeyId: {} as any, secretAccessKey: secret } }), "'credentials.accessKeyId' must be a SecretRef"],
  ['a connection of logs', () => TaskLogs.gcs({ bucket: 'a', connection: [] as any }), "'connection' must be a SecretRef"],
  ['a password', () => deployment({ database, auth: AirflowAuth.fab({ users: [{ username: 'a', email: 'a', password: {} as any }] }) }), "'users[0].password' must be a SecretRef"],
  ['a user', () => deployment({ database, auth: AirflowAuth.fab({ users: [null as any] }) }), 'users[0]: expected an object with the members of FabUser, got null'],
  ['users of SimpleAuthManager', () => deployment({ database, auth: AirflowAuth.simple({ users: [] as any }) }), "'users' must be an object, got []"],
  ['a size of a claim', () => MetadataDatabase.developmentPostgres({ password: secret, storage: 5 as any }), "'storage' must be a text, got 5"],
  ['rules', () => Exposure.httpRoute({ host: 'a.example.com', gateways: [{ name: 'a' }], rules: [5 as any] }), "'rules' must be a list of objects, got [5]"],
  ['a Gateway without a name', () => Exposure.httpRoute({ host: 'a.example.com', gateways: [{ name: '' }] }), "'gateways[0].name' must be a text that is not empty, got \"\""],
  ['executors', () => Executor.multiple({} as any), "'Executor.multiple' takes a list of executors, got {}"],
  ['a limit', () => deployment({ database, limitRanges: [{ max: 5 as any }] }), "'limitRanges[0].max' must be an object, got 5"],
  ['an image of a pool', () => Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ image: 'a:1' as any }] }), "'workers[0].image' must be an AirflowImage"],
  ['labels of alerts', () => deployment({ database, monitoring: { statsd: {}, prometheusRule: { alertLabels: { a: 5 } } } }), "'monitoring.prometheusRule.alertLabels' must be an object of texts, got {\"a\":5}"],
  ['a host', () => Exposure.openShiftRoute({ host: {} as any }), "'host' must be a text, got {}"],
])('fails for another type: %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test.each<[string, any, string]>([
  ['a label key', { podDefaults: { labels: { 'a b': 'x' } } }, "'podDefaults.labels' must have keys of at most 63 letters, digits, '-', '_' and '.', with a domain and '/' before where there is one, got 'a b'"],
  ['a label that is too long', { scheduler: { labels: { team: 'x'.repeat(64) } } }, "'scheduler.labels' must have values of at most 63"],
  ['a node selector', { podDefaults: { nodeSelector: { disk: 'very fast' } } }, "got 'very fast' for 'disk'"],
  ['an annotation key', { triggerer: { annotations: { 'a/b/c': '' } } }, "'triggerer.annotations' must have keys of"],
  ['a variable name', { podDefaults: { env: [{ name: 'A=B', value: 'x' }] } }, "'podDefaults.env[0].name' must be letters, digits, '-', '_' and '.', and not begin with a digit, got 'A=B'"],
  ['a mount without its volume', { scheduler: { volumeMounts: [{ name: 'ca', mountPath: '/ca' }] } }, "container 'scheduler' mounts volume 'ca' at '/ca', but the pod has no such volume"],
  ['a mount of task pods without its volume', { workers: { volumeMounts: [{ name: 'ca', mountPath: '/ca' }] } }, "container 'base' mounts volume 'ca' at '/ca', but the pod has no such volume"],
  ['a grace period', { scheduler: { terminationGracePeriodSeconds: -1 } }, "'scheduler.terminationGracePeriodSeconds' must be at least 0, got -1"],
  ['a history', { scheduler: { revisionHistoryLimit: -1 } }, "'scheduler.revisionHistoryLimit' must be at least 0, got -1"],
  ['more pods than there are numbers', { scheduler: { replicas: 1e12 } }, "'scheduler.replicas' must be a whole number of at least 0 and at most 2147483647, got 1000000000000"],
  ['a namespace', { namespace: 'My_Team' }, "'namespace' must be the name of a namespace, at most 63 lower-case letters, digits and '-', got \"My_Team\""],
  ['address ranges of the API server', { networkPolicies: { kubernetesApi: { cidrs: ['10.0.0.0/33'] } } }, "'networkPolicies.kubernetesApi.cidrs' must be a list of address ranges such as '10.0.0.0/8', at least one"],
  ['ports of the API server', { networkPolicies: { kubernetesApi: { ports: [0] } } }, "'networkPolicies.kubernetesApi.ports' must be a list of numbers from 1 to 65535, got [0]"],
  ['a line of /etc/hosts', { scheduler: { hostAliases: [{ ip: 'db', hostnames: ['db'] }] } }, "'scheduler.hostAliases[0].ip' must be an IP address, got 'db'"],
  ['a name in /etc/hosts', { workers: { hostAliases: [{ ip: '10.0.0.1', hostnames: ['a b'] }] } }, "hostAliases[0].hostnames' must be lower-case letters"],
  ['a taint', { triggerer: { tolerations: [{ operator: 'Exists', value: 'x' }] } }, "'triggerer.tolerations[0].value' must be left out with operator 'Exists'"],
  ['a NUL', { scheduler: { env: [{ name: 'A', value: 'a\0b' }] } }, 'scheduler.env[0].value: expected a string without NUL characters, which end a text for the kernel'],
  ['more pods of an autoscaler than there are numbers', { apiServer: { autoscaling: { maxReplicas: 1e12 } } },
    "'apiServer.autoscaling.maxReplicas' must be a whole number of at least 'minReplicas' (1) and at most 2147483647, got 1000000000000"],
  ['fewer pods at most than at least', { apiServer: { autoscaling: { minReplicas: 3, maxReplicas: 2 } } }, "'apiServer.autoscaling.maxReplicas' must be a whole number of at least 'minReplicas' (3), got 2"],
  ['more pods of KEDA', { triggerer: { keda: { maxReplicas: 1e12 } } }, "'triggerer.keda.maxReplicas' must be a whole number of at least 1 and at most 2147483647"],
  ['a time zone', { databaseCleanup: { timeZone: 'Europe/Berln' } }, "'databaseCleanup.timeZone' must be the name of a time zone such as 'Europe/Berlin' or 'Etc/UTC', got \"Europe/Berln\""],
  ['a time zone in small letters', { databaseCleanup: { timeZone: 'europe/berlin' } }, "got \"europe/berlin\"; write 'Europe/Berlin'"],
  ['an offset', { podCleanup: { timeZone: '+01:00' } }, "'podCleanup.timeZone' must be the name of a time zone"],
  ["the node's own time", { podCleanup: { timeZone: 'Local' } }, "'podCleanup.timeZone' must be the name of a time zone"],
])('refuses what the API server would: %s', (_, props, message) => {
  expect(() => deployment({ database, ...props })).toThrow(message);
});

test.each([[['x']], [[]]])('address ranges of a server that are none: %j', cidrs => {
  const server = MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('postgres', 'password'), cidrs });
  expect(() => deployment({ database: server })).toThrow("[chart/airflow] the 'cidrs' of host 'postgres' must be a list of address ranges such as '10.0.0.0/8', at least one");
});

test('names of a database and of who logs in that are none', () => {
  const password = SecretRef.existing('postgres', 'password');
  for (const make of [MetadataDatabase.postgres, MetadataDatabase.mySql]) {
    expect(() => make({ host: 'x', password, database: '' })).toThrow("'database' must be the name of a database, got \"\"");
    expect(() => make({ host: 'x', password, user: 1 as any })).toThrow("'user' must be a name or a SecretRef, got 1");
  }
});

test.each<[string, () => unknown, string]>([
  ['bundles in a list', () => new DagBundles([local] as any), 'DagBundles takes its bundles one by one, got a list; write new DagBundles(a, b), or new DagBundles(...list)'],
  ['what is no bundle', () => new DagBundles(local, { name: 'x' } as any), 'bundle 2 of DagBundles must be a DagBundle, such as DagBundle.git({ … }), got {"name":"x"}'],
  ['a prop of a bundle that is misspelt', () => DagBundle.git({ name: 'x', repo: 'https://git/x', ref: 'main', subpath: 'dags' } as any), "DagBundle.git: unknown prop 'subpath'; did you mean 'subPath'?"],
  ['a token as text', () => DagBundle.git({ name: 'x', repo: 'https://git/x', ref: 'main', token: 'abc' as any }), "'token' must be a SecretRef"],
  ['a bucket without props', () => DagBundle.s3(undefined as any), 'DagBundle.s3: expected an object with the members of BucketDagBundleProps, got undefined'],
  ['files that are a list', () => new ConfigMapDags(['x'] as any), "'files' must be an object of file name → text"],
  ['a file that is no text', () => new ConfigMapDags({ 'a.py': 1 } as any), "'files' must hold texts, got 1 for 'a.py'"],
  ['a Secret without a name', () => SecretRef.existing(undefined as any, 'key'), "the name of a Secret must be lower-case letters, digits, '-' and '.', got 'undefined'"],
  ['a Secret without a key', () => SecretRef.existing('name', undefined as any), "the key of Secret 'name' must be"],
  ['an identity without an ID', () => CloudIdentity.azure({} as any), "'clientId' is missing"],
  ['a preset of a version as text', () => AirflowPresets.ha('2.11' as any), "'version' must be an AirflowVersion, such as AirflowVersion.V2_11, got \"2.11\""],
  ['a template that is no task', () => deployment({ database }).addPodTemplate({} as any), "[chart/airflow] 'addPodTemplate' takes a PodTask, got {}"],
  ['an override that is none', () => deployment({ database }).addWorkerPodTemplate(null as any), "'addWorkerPodTemplate' takes a WorkerPodOverride, got null"],
])('fails in words for %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('a prop that is undefined is not there', () => {
  expect(() => deployment({ database, dag: undefined })).not.toThrow();
});

test('two deployments with task pods in one namespace are warned about', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const scope = chart({ namespace: 'shared' });
  ['prod', 'staging'].forEach(id => new AirflowKubernetesDeployment(scope, id, { database }));
  synth(scope);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("[chart/prod] its task pods share the namespace 'shared' with those of 'chart/staging'"), expect.anything());
  warn.mockRestore();
});

test.each([
  [{ extraEnv: [] }, "props: unknown prop 'extraEnv'; write 'env' into 'podDefaults'"],
  [{ webserverSecretKey: 'a' }, "props: unknown prop 'webserverSecretKey'; write secretKey: SecretRef.existing('name', 'key')"],
  [{ pgbouncer: { enabled: true } }, "pgbouncer: unknown prop 'enabled'; what is given is there"],
  [{ scheduler: { extraVolumes: [] } }, "scheduler: unknown prop 'extraVolumes'; write 'volumes'"],
])('words of the official chart lead to ours: %j', (props, message) => { expect(() => deployment(props as any)).toThrow(message); });

test.each(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC', 'Etc/GMT+1', 'US/Pacific', 'EST5EDT'])('the clock of a CronJob may be that of %s', timeZone => {
  const scope = chart();
  new AirflowKubernetesDeployment(scope, 'airflow', { database, databaseCleanup: { timeZone } });
  expect(synth(scope).find(({ kind }) => kind === 'CronJob').spec.timeZone).toBe(timeZone);
});

test.each<[string, any, string]>([
  ['a variable of task pods', { workers: { env: [{ name: 'A=B', value: 'x' }] } }, "'workers.env[0].name' must be letters"],
  ['one of a task pod itself', { podDefaults: { env: [{ name: 'CONNECTION_CHECK_MAX_COUNT', value: '1' }] } }, "'podDefaults.env[1]' sets 'CONNECTION_CHECK_MAX_COUNT'"],
  ['one of all DAG processors', {
    dagProcessor: { env: [{ name: 'A=B', value: 'x' }] }, dagProcessors: [{ name: 'a', bundles: ['dags-folder'], env: [{ name: 'C', value: 'c' }] }],
  }, "'dagProcessor.env[0].name' must be letters"],
  ['one of a pool of them', {
    dagProcessor: { env: [{ name: 'C', value: 'c' }] }, dagProcessors: [{ name: 'a', bundles: ['dags-folder'], env: [{ name: 'A=B', value: 'x' }] }],
  }, "'dagProcessors 'a'.env[0].name' must be letters"],
])('a variable is told where it was written: %s', (_, { podDefaults, ...props }, message) => {
  expect(() => deployment({ database, ...props, podDefaults: { env: [{ name: 'OWN', value: 'x' }, ...podDefaults?.env ?? []] } })).toThrow(message);
});

test('members that are not given, values that come late and texts that may be empty are taken', () => {
  const late = Lazy.any({ produce: () => 'late' }) as any;
  const scope = chart();
  new AirflowKubernetesDeployment(scope, 'airflow', {
    database,
    monitoring: { statsd: {}, serviceMonitor: {}, prometheusRule: { alertLabels: { team: late, none: undefined as any } } },
    exposure: Exposure.ingress({ host: 'a.example.com', tlsSecretName: '' }),
    secretsBackend: SecretsBackend.vault({ url: 'https://vault.example.com', kubernetesRole: 'a', mountPoint: '' }),
  });
  expect(JSON.stringify(synth(scope))).toContain('"team":"late"');
});
