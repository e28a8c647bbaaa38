import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { database, Deployed, SHAPES } from './deploy';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, Executor, Exposure, PodMutation, PodTask,
  SecretRef,
  SecretsBackend,
  TaskLogs,
} from '../../src';
import { chart, synth } from '../util';

const namesOf = (objects: any[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

describe('defaults', () => {
  const deployed = new Deployed();

  test('a database alone gives Airflow 3.3 with KubernetesExecutor from the official image', () => {
    expect(deployed.config).toMatchObject({
      'core.executor': 'KubernetesExecutor',
      'core.load_examples': 'False',
      'core.auth_manager': 'airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager',
      'core.execution_api_server_url': 'http://airflow-api-server:8080/execution/',
      'kubernetes_executor.namespace': 'ns',
      'kubernetes_executor.pod_template_file': '/opt/airflow/pod_templates/pod_template_file.yaml',
    });
    const containers = Object.values(deployed.pods).flatMap(({ spec }: any) => [...spec.initContainers ?? [], ...spec.containers]);
    expect([...new Set(containers.map(({ image }) => image))]).toEqual(['apache/airflow:3.3.2']);
  });

  test('construct paths and object names are contract', () => {
    const apiObjects = deployed.airflow.node.findAll().filter((node): node is ApiObject => ApiObject.isApiObject(node));
    const golden = apiObjects.map(object => `${object.node.path} → ${object.kind}/${object.name}`.replace(/-[0-9a-f]{10}$/, '-<hash>'));
    expect(golden).toMatchInlineSnapshot(`
[
  "chart/airflow/FernetKey → Secret/airflow-fernet-key",
  "chart/airflow/JwtSecret → Secret/airflow-jwt-secret",
  "chart/airflow/SecretKey → Secret/airflow-secret-key",
  "chart/airflow/Config → ConfigMap/airflow-config",
  "chart/airflow/PodTemplate → ConfigMap/airflow-pod-template",
  "chart/airflow/Rbac/SecretBootstrapServiceAccount → ServiceAccount/airflow-secret-bootstrap",
  "chart/airflow/Rbac/SecretBootstrapRole → Role/airflow-secret-bootstrap",
  "chart/airflow/Rbac/SecretBootstrapRoleBinding → RoleBinding/airflow-secret-bootstrap",
  "chart/airflow/Rbac/MigrationServiceAccount → ServiceAccount/airflow-migration",
  "chart/airflow/Rbac/SchedulerServiceAccount → ServiceAccount/airflow-scheduler",
  "chart/airflow/Rbac/SchedulerRole → Role/airflow-scheduler",
  "chart/airflow/Rbac/SchedulerRoleBinding → RoleBinding/airflow-scheduler",
  "chart/airflow/Rbac/ApiServerServiceAccount → ServiceAccount/airflow-api-server",
  "chart/airflow/Rbac/ApiServerRole → Role/airflow-api-server",
  "chart/airflow/Rbac/ApiServerRoleBinding → RoleBinding/airflow-api-server",
  "chart/airflow/Rbac/DagProcessorServiceAccount → ServiceAccount/airflow-dag-processor",
  "chart/airflow/Rbac/TriggererServiceAccount → ServiceAccount/airflow-triggerer",
  "chart/airflow/Rbac/WorkerServiceAccount → ServiceAccount/airflow-worker",
  "chart/airflow/SecretBootstrap/NetworkPolicy → NetworkPolicy/airflow-secret-bootstrap",
  "chart/airflow/SecretBootstrap/Resource → Job/airflow-secret-bootstrap-<hash>",
  "chart/airflow/Migration/NetworkPolicy → NetworkPolicy/airflow-migration",
  "chart/airflow/Migration/Resource → Job/airflow-migration-<hash>",
  "chart/airflow/Scheduler/NetworkPolicy → NetworkPolicy/airflow-scheduler",
  "chart/airflow/Scheduler/Resource → Deployment/airflow-scheduler",
  "chart/airflow/ApiServer/NetworkPolicy → NetworkPolicy/airflow-api-server",
  "chart/airflow/ApiServer/Service → Service/airflow-api-server",
  "chart/airflow/ApiServer/Resource → Deployment/airflow-api-server",
  "chart/airflow/DagProcessor/NetworkPolicy → NetworkPolicy/airflow-dag-processor",
  "chart/airflow/DagProcessor/Resource → Deployment/airflow-dag-processor",
  "chart/airflow/Triggerer/NetworkPolicy → NetworkPolicy/airflow-triggerer",
  "chart/airflow/Triggerer/Service → Service/airflow-triggerer",
  "chart/airflow/Triggerer/Resource → StatefulSet/airflow-triggerer",
  "chart/airflow/WorkerNetworkPolicy → NetworkPolicy/airflow-worker",
]
`);
  });

  test('children are within reach, and their workload is what ApiObject.of finds', () => {
    expect(ApiObject.of(deployed.airflow.scheduler).kind).toBe('Deployment');
    expect(ApiObject.of(deployed.airflow.triggerer)).toBe(deployed.airflow.triggerer.workload);
    expect(deployed.airflow.apiServer!.service!.name).toBe('airflow-api-server');
    expect(deployed.airflow.webserver).toBeUndefined();
    ApiObject.of(deployed.airflow.scheduler).metadata.addAnnotation('a', 'b');
  });

  test('without a namespace of the chart everything is in default', () => {
    const scope = chart();
    new AirflowKubernetesDeployment(scope, 'airflow', { database });
    expect([...new Set(synth(scope).map(({ metadata }) => metadata.namespace))]).toEqual(['default']);
  });
});

test('all props reach the manifests', () => {
  const all: Required<Omit<AirflowKubernetesDeploymentProps, 'webserver' | 'flower' | 'redis'>> = {
    database,
    version: AirflowVersion.of('3.2.0'),
    executor: Executor.kubernetes(),
    image: AirflowImage.of('registry/airflow:1', { pullPolicy: 'Always', pullSecrets: ['registry'] }),
    images: { gitSync: 'registry/git-sync:4' },
    imageRegistry: 'mirror.example.com',
    imagePullSecrets: ['mirror'],
    config: { core: { parallelism: 8 } },
    customConfigSections: ['my_plugin'],
    airflowLocalSettings: 'A = 1\n',
    podMutations: [new PodMutation({ name: 'cost', set: { 'metadata.labels[cost-centre]': '42' } })],
    plugins: { 'mine.py': 'B = 2\n' },
    dags: SHAPES[1][1]().dags!,
    exposure: Exposure.ingress({ host: 'airflow.example.com', path: '/af', tlsSecretName: 'tls' }),
    fernetKey: SecretRef.existing('keys', 'fernet'),
    jwtSecret: SecretRef.existing('keys', 'jwt'),
    secretKey: SecretRef.existing('keys', 'secret'),
    releaseName: 'prod',
    namespace: 'elsewhere',
    delivery: 'argocd',
    networkPolicies: { kubernetesApi: { cidrs: ['10.0.0.1/32'] } },
    auth: AirflowAuth.fab({ users: [{ username: 'ada', email: 'a@example.com', password: SecretRef.existing('keys', 'ada') }] }),
    createUser: { labels: { c: 'd' } },
    objects: { variables: { team: 'data' } },
    podCleanup: { schedule: '1 * * * *' },
    databaseCleanup: { retentionDays: 7 },
    podDefaults: { priorityClassName: 'normal', labels: { team: 'data' } },
    secretBootstrap: { nodeSelector: { disk: 'hdd' } },
    scheduler: { replicas: 2 },
    apiServer: { replicas: 3 },
    dagProcessor: { priorityClassName: 'prod-high' },
    dagProcessors: [{ name: 'own', bundles: ['dags-folder'] }],
    triggerer: { nodeSelector: { disk: 'ssd' } },
    migration: { annotations: { a: 'b' } },
    pgbouncer: { replicas: 2 },
    secretsBackend: SecretsBackend.gcpSecretManager(),
    workers: { terminationGracePeriodSeconds: 30 },
    podLaunching: { jobs: true },
    resourceQuota: { hard: { pods: 1000 } },
    limitRanges: [{ max: { cpu: 8 } }],
    priorityClasses: { high: { value: 1000 } },
    parallelism: 8,
    maxActiveTasksPerDag: 4,
    maxActiveRunsPerDag: 2,
    workerPodsCreationBatchSize: 3,
    logs: TaskLogs.s3({ bucket: 'logs', cidrs: ['10.1.0.0/16'] }),
    logFiles: { retentionDays: 2 },
    monitoring: { statsd: {}, podMonitor: {} },
  };
  const deployed = new Deployed({ ...all, config: { ...all.config, my_plugin: { anything: 1 } } });
  expect([...new Set(deployed.objects.filter(({ kind }) => kind !== 'PriorityClass').map(({ metadata }) => metadata.namespace))]).toEqual(['elsewhere']);
  expect(namesOf(deployed.objects).filter(name => !/^\w+\/prod-/.test(name))).toEqual([]);
  expect(deployed.config).toMatchObject({
    'core.parallelism': '8',
    'my_plugin.anything': '1',
    'core.dags_folder': '/opt/airflow/dags/repo',
    'api.base_url': 'https://airflow.example.com/af',
    'fab.enable_proxy_fix': 'True',
    'core.execution_api_server_url': 'http://prod-api-server:8080/af/execution/',
  });
  expect(deployed.env('api-server')).toMatchObject({
    AIRFLOW__CORE__FERNET_KEY: 'keys/fernet', AIRFLOW__API_AUTH__JWT_SECRET: 'keys/jwt', AIRFLOW__API__SECRET_KEY: 'keys/secret',
  });
  expect(deployed.container('api-server').readinessProbe.httpGet.path).toBe('/af/api/v2/monitor/health');
  // Its first request would be that of a task, which gives up sooner.
  expect(deployed.container('api-server').startupProbe.httpGet.path).toBe('/af/execution/health');
  expect(deployed.pods.scheduler).toMatchObject({ metadata: { labels: { team: 'data' } }, spec: { priorityClassName: 'normal' } });
  expect(deployed.airflow.secretBootstrap).toBeUndefined();
  expect(deployed.find('PodMonitor').metadata.name).toBe('prod-statsd');
  expect(deployed.objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  expect(deployed.container('scheduler')).toMatchObject({ image: 'registry/airflow:1', imagePullPolicy: 'Always' });
  expect(deployed.workload('dag-processor-own').spec.template.spec).toMatchObject({ imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }], priorityClassName: 'prod-high' });
  expect(deployed.workload('dag-processor-own').spec.template.spec.containers[1].image).toBe('registry/git-sync:4');
  expect(JSON.stringify(deployed.pods.worker)).toContain('mirror.example.com/alpine:');
  expect(deployed.workload('scheduler').spec.replicas).toBe(2);
  expect(deployed.find('PodDisruptionBudget', 'prod-api-server').spec.maxUnavailable).toBe(1);
  expect(deployed.workload('triggerer').spec.template.spec.nodeSelector).toEqual({ disk: 'ssd' });
  expect(deployed.workload('migration').spec.template.metadata.annotations).toEqual({ a: 'b' });
  expect(deployed.workload('create-user').spec.template.metadata.labels.c).toBe('d');
  expect(deployed.workload('scheduler').metadata.annotations).toEqual({ 'argocd.argoproj.io/sync-wave': '3' });
  expect(deployed.container('objects').args[3]).toBe('[["variables",[],{"team":"data"}]]');
  expect(deployed.find('CronJob', 'prod-pod-cleanup').spec.schedule).toBe('1 * * * *');
  expect(deployed.container('database-cleanup').args[3]).toBe('7');
  expect(deployed.airflow.workerPodTemplate!.toJson().spec.terminationGracePeriodSeconds).toBe(30);
  expect(deployed.find('Role', 'prod-worker').rules).toContainEqual({ apiGroups: ['batch'], resources: ['jobs/status'], verbs: ['get'] });
  expect(deployed.find('NetworkPolicy', 'prod-scheduler').spec.egress[1].to).toEqual([{ ipBlock: { cidr: '10.0.0.1/32' } }]);
});

describe('versions', () => {
  const deployed = new Deployed({ version: AirflowVersion.V2_11, webserver: { replicas: 2 } });

  test('2.11 has a webserver with its own file and pid, and parses DAGs in the scheduler', () => {
    expect(deployed.airflow.apiServer).toBeUndefined();
    expect(deployed.airflow.dagProcessor).toBeUndefined();
    expect(deployed.container('webserver')).toMatchObject({
      args: ['airflow', 'webserver', '--pid', '/tmp/webserver.pid'],
      readinessProbe: { httpGet: { path: '/health', port: 8080 } },
    });
    expect(deployed.container('webserver').volumeMounts).toContainEqual(
      { name: 'webserver-config', mountPath: '/opt/airflow/webserver_config.py', subPath: 'webserver_config.py', readOnly: true });
    expect(deployed.config).toMatchObject({ 'scheduler.standalone_dag_processor': 'False', 'webserver.web_server_port': '8080' });
    expect(Object.keys(deployed.config)).not.toContain('core.auth_manager');
  });

  test('2.11 counts times in milliseconds, as Airflow 3 does, and so has nothing to warn of', () => {
    expect(deployed.config['metrics.timer_unit_consistency']).toBe('True');
    expect(Object.keys(new Deployed().config)).not.toContain('metrics.timer_unit_consistency');
  });

  test('a task of 2.11 gets the database, because it cannot run without', () => {
    expect(envNames(deployed.pods.worker)).toEqual(expect.arrayContaining([
      'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD', 'AIRFLOW__CORE__FERNET_KEY', 'AIRFLOW__WEBSERVER__SECRET_KEY', 'AIRFLOW__CORE__EXECUTOR',
    ]));
  });

  test('on 2.11 the DAG processor is a component of its own where it is given', () => {
    const standalone = new Deployed({ ...SHAPES[4][1]() });
    expect(standalone.airflow.dagProcessor).toBeDefined();
    expect(standalone.config['scheduler.standalone_dag_processor']).toBe('True');
    expect(standalone.workload('scheduler').spec.template.spec.containers).toHaveLength(1);
  });

  test('before 3.0.2 the secret of the user interface is one of the section webserver', () => {
    expect(new Deployed({ version: AirflowVersion.of('3.0.1') }).env('api-server')).toHaveProperty('AIRFLOW__WEBSERVER__SECRET_KEY');
  });
});

test('LocalExecutor runs tasks in a scheduler with stable names, with DAGs and without a token', () => {
  const deployed = new Deployed({ ...SHAPES[2][1]() });
  const scheduler = deployed.workload('scheduler');
  expect(scheduler).toMatchObject({ kind: 'StatefulSet', spec: { serviceName: 'airflow-scheduler' } });
  expect(scheduler.spec.template.spec.containers.map(({ name }: any) => name)).toEqual(['scheduler', 'git-sync', 'log-groomer']);
  expect(deployed.find('Service', 'airflow-scheduler').spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 8793 }] });
  expect(deployed.airflow.workerPodTemplate).toBeUndefined();
  expect(deployed.objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.name)).toEqual(['airflow-secret-bootstrap']);
});

describe('two deployments', () => {
  test('in one chart share no object', () => {
    const scope = chart({ namespace: 'ns' });
    new AirflowKubernetesDeployment(scope, 'one', { database });
    new AirflowKubernetesDeployment(scope, 'two', { database });
    const names = namesOf(synth(scope));
    expect(new Set(names).size).toBe(names.length);
  });

  test('a nested one is called after the ids below the chart', () => {
    const scope = chart({ namespace: 'ns' });
    expect(new AirflowKubernetesDeployment(new Construct(scope, 'Team'), 'airflow', { database }).releaseName).toBe('team-airflow');
  });

  test('fails where two of an app have the same name in a namespace', () => {
    const app = new App();
    const charts = ['a', 'b'].map(id => new Chart(app, id, { namespace: 'ns' }));
    charts.forEach(scope => new AirflowKubernetesDeployment(scope, 'airflow', { database }));
    expect(() => app.synthYaml()).toThrow("the objects are called 'airflow-…' in namespace 'ns', and so are those of 'b/airflow'; give one of them another 'releaseName'");
  });
});

describe('a PodTask beside the deployment', () => {
  const withTask = (renderAs: 'Pod' | 'PodTemplate' | 'none') => {
    const scope = chart({ namespace: 'ns' });
    new AirflowKubernetesDeployment(scope, 'airflow', { database });
    new PodTask(scope, 'load', { image: 'busybox:1', renderAs });
    return synth(scope);
  };

  test('fails where applying the chart would run it, and says the way out', () => {
    expect(() => withTask('Pod')).toThrow(
      "applying this chart would run the task 'load' (chart/load) each time Airflow is deployed; put it in a chart of its own, or set its 'renderAs' to 'PodTemplate' or 'none'");
  });

  test.each(['PodTemplate', 'none'] as const)('is welcome as %s', renderAs => {
    expect(withTask(renderAs).length).toBeGreaterThan(10);
  });
});

describe('bad input', () => {
  test.each<[string, Partial<AirflowKubernetesDeploymentProps>, string]>([
    ['no database', { database: undefined }, "[chart/airflow] 'database' is missing; give one, such as MetadataDatabase.postgres("],
    ['a webserver on 3', { webserver: {} }, "[chart/airflow] 'webserver' does not exist in Airflow 3.3.2; its user interface is 'apiServer'"],
    ['an API server on 2', { version: AirflowVersion.V2_11, apiServer: {} }, "'apiServer' does not exist in Airflow 2.11.2; its user interface is 'webserver'"],
    ['a JWT secret on 2', { version: AirflowVersion.V2_11, jwtSecret: SecretRef.existing('a', 'b') }, "'jwtSecret' does not exist in Airflow 2.11.2"],
    ['workers without task pods', { executor: Executor.local(), workers: {} }, "'workers' are the pods of KubernetesExecutor, the executor is LocalExecutor"],
    ['a bad name', { releaseName: 'My Airflow' }, "'releaseName' must be at most 35 lower-case letters, digits and '-', and begin with a letter, got 'My Airflow'"],
    ['a long name', { releaseName: 'a'.repeat(36) }, "'releaseName' must be at most 35"],
    ['an unknown option', { config: { core: { paralelism: 1 } } }, "did you mean 'parallelism'?"],
    ['half a pod', { scheduler: { replicas: 1.5 } }, "'scheduler.replicas' must be a whole number of at least 0, got 1.5"],
    ['an unknown field', { triggerer: { resources: { limit: {} } } }, "triggerer.resources: unknown key 'limit' of ResourceRequirements"],
    ['our label', { scheduler: { labels: { 'app.kubernetes.io/instance': 'x' } } }, "'scheduler.labels' must not set 'app.kubernetes.io/instance'"],
    ['our variable', { scheduler: { env: [{ name: 'AIRFLOW__CORE__FERNET_KEY', value: 'x' }] } }, "'scheduler.env[0]' sets 'AIRFLOW__CORE__FERNET_KEY', which the deployment sets itself"],
    ['a variable twice', { scheduler: { env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] } }, "'scheduler.env' sets 'A' twice"],
    ['a sensitive literal', { apiServer: { env: [{ name: 'AIRFLOW__SENTRY__SENTRY_DSN', value: 'x' }] } }, 'sensitive'],
    ['a derived option as a variable', { scheduler: { env: [{ name: 'AIRFLOW__CORE__EXECUTOR', value: 'LocalExecutor' }] } }, "'scheduler.env[0]' sets 'AIRFLOW__CORE__EXECUTOR', but 'executor' makes it 'KubernetesExecutor'; remove it"],
    ['a derived option in task pods', { workers: { env: [{ name: 'AIRFLOW__CORE__EXECUTOR', value: 'x' }] } }, "'workers.env[0]' sets 'AIRFLOW__CORE__EXECUTOR'"],
    ['a contradicted option', { config: { core: { executor: 'LocalExecutor' } } }, "'config.core.executor' is 'LocalExecutor', but 'executor' makes it 'KubernetesExecutor'; remove it from 'config'"],
    ['an image for task pods alone', { config: { kubernetes_executor: { worker_container_tag: 'x' } } }, "but 'image' makes it ''"],
    ['another path than the exposure', { config: { api: { base_url: 'https://a/b' } }, exposure: Exposure.ingress({ host: 'a' }) }, "'config.api.base_url' is 'https://a/b', but 'exposure' serves 'http://a'"],
  ])('fails for %s', (_, props, message) => {
    expect(() => new Deployed(props)).toThrow(message);
  });
});

test('two processes synthesise the same bytes', () => {
  const root = join(__dirname, '..', '..');
  const script = `const { App, Chart } = require('cdk8s'); const { AirflowKubernetesDeployment: A, MetadataDatabase: M, SecretRef: S } = require('${root}/src');
    const app = new App(); const scope = new Chart(app, 'c');
    new A(scope, 'airflow', { database: M.postgres({ host: 'pg', password: S.existing('db', 'p') }) }); process.stdout.write(app.synthYaml());`;
  const run = () => execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', script], {
    cwd: root, encoding: 'utf8', env: { ...process.env, TS_NODE_PROJECT: join(root, 'test', 'tsconfig.json') },
  });
  const first = run();
  expect(first).toContain('kind: StatefulSet');
  expect(run()).toBe(first);
});

function envNames(pod: any): string[] {
  return pod.spec.containers[0].env.map(({ name }: any) => name);
}
