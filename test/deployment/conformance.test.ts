import { createHash } from 'node:crypto';
import { dags, Deployed, envOf, podOf, SHAPES } from './deploy';
import {
  AirflowAuth, AirflowImage, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CeleryResultBackend, Executor, Exposure, GitSyncDags,
  SecretRef,
} from '../../src';

const secret = SecretRef.existing('mine', 'key');
const redis = { host: 'redis', password: secret };
const celery = () => ({ broker: CeleryBroker.redis(redis), resultBackend: CeleryResultBackend.redis(redis) });
const V2 = AirflowVersion.V2_11;
const ada = AirflowAuth.fab({ users: [{ username: 'ada', email: 'a@b', password: secret }] });
type Props = Partial<AirflowKubernetesDeploymentProps>;

const shapes = (): [string, Props][] => [
  ...SHAPES.map(([name, props]): [string, Props] => [name, props()]),
  ['3.3, CeleryExecutor', { executor: Executor.celery({ ...celery(), workers: [{}, { name: 'gpu', queues: ['gpu'] }] }), podLaunching: {} }],
  ['3.3, both executors', { executor: Executor.multiple([Executor.celery(celery()), Executor.kubernetes()]), dags: dags() }],
  ['everything that is off by default', { auth: ada, objects: { variables: { a: 'b' } }, podCleanup: {}, databaseCleanup: {}, podLaunching: {} }],
];
const everywhere = (check: (deployed: Deployed) => unknown[]) =>
  shapes().flatMap(([name, props]) => check(new Deployed(props)).map(found => `${name}: ${JSON.stringify(found)}`));
const containersOf = (pod: any): any[] => [...pod.spec.initContainers ?? [], ...pod.spec.containers];
const named = (deployed: Deployed, kind: string) => deployed.objects.filter(object => object.kind === kind).map(({ metadata }) => metadata.name);
const callers = (deployed: Deployed, component: string) => (deployed.find('NetworkPolicy', `airflow-${component}`).spec.ingress ?? [])
  .flatMap(({ from }: any) => from.map((peer: any) => peer.podSelector.matchLabels['app.kubernetes.io/component']));
const bytes = (props: Props) => createHash('sha256').update(JSON.stringify(new Deployed(props).objects)).digest('hex');

// Numbers are those of docs/DEVIATIONS-deployment.md, which lists what has no test here and why.
describe('defects of the official chart that are not ours', () => {
  test('1: those who need the API server reach it under network policies', () => {
    expect(callers(new Deployed(), 'api-server')).toEqual(['worker']);
    expect(callers(new Deployed({ executor: Executor.local() }), 'api-server')).toEqual(['scheduler']);
    expect(callers(new Deployed({ executor: Executor.celery(celery()) }), 'api-server')).toContain('celery-worker');
  });

  test('2: two synths give the same bytes, secrets included', () => {
    for (const [, props] of shapes()) { expect(bytes(props)).toBe(bytes(props)); }
  });

  test('3: secrets are objects like others, without hooks, and may be given to rotate them', () => {
    expect(everywhere(({ objects }) => objects
      .filter(({ metadata }) => Object.keys(metadata.annotations ?? {}).some(key => key.startsWith('helm.sh/'))))).toEqual([]);
    expect(new Deployed({ fernetKey: secret }).env('scheduler').AIRFLOW__CORE__FERNET_KEY).toBe('mine/key');
  });

  test('5: every pool of workers may launch pods where the deployment may', () => {
    const deployed = new Deployed(shapes().find(([name]) => name === '3.3, CeleryExecutor')![1]);
    const workers = deployed.airflow.celeryWorkers.map(({ componentName }) => `airflow-${componentName}`);
    expect(workers).toHaveLength(2);
    const accounts = deployed.objects.filter(({ kind }) => kind === 'RoleBinding').flatMap(({ subjects }) => subjects.map(({ name }: any) => name));
    expect(accounts).toEqual(expect.arrayContaining(workers));
    expect(everywhere(({ objects }) => objects.filter(({ kind }) => kind === 'RoleBinding').flatMap(({ subjects }) => subjects)
      .filter(({ name }: any) => !objects.some(object => object.kind === 'ServiceAccount' && object.metadata.name === name)))).toEqual([]);
  });

  test('6: every binding has its Role', () => {
    expect(everywhere(({ objects }) => objects.filter(({ kind }) => kind === 'RoleBinding')
      .filter(({ roleRef }) => !objects.some(object => object.kind === 'Role' && object.metadata.name === roleRef.name)))).toEqual([]);
  });

  test('7: every mount has a volume, with LocalExecutor and git over ssh, too', () => {
    const ssh = new GitSyncDags({ repo: 'git@example.com:dags.git', sshKey: secret, knownHosts: secret });
    const missing = ({ pods }: Deployed) => Object.values(pods).flatMap(pod => containersOf(pod).flatMap(({ volumeMounts }) => volumeMounts ?? [])
      .filter(({ name }: any) => !(pod.spec.volumes ?? []).some((volume: any) => volume.name === name)));
    expect(missing(new Deployed({ executor: Executor.local(), dags: ssh }))).toEqual([]);
    expect(everywhere(missing)).toEqual([]);
  });

  test('9: the port of Redis is the same for its Service, its policy, its process and its clients', () => {
    const deployed = new Deployed({ executor: Executor.celery({ broker: CeleryBroker.developmentRedis() }) });
    const { port } = deployed.find('Service', 'airflow-redis').spec.ports[0];
    expect(deployed.env('scheduler').CELERY_BROKER_PORT).toBe(String(port));
    expect(deployed.find('NetworkPolicy', 'airflow-redis').spec.ingress[0].ports[0].port).toBe(port);
    expect(deployed.container('redis').ports[0].containerPort).toBe(port);
  });

  test('11: a blank in a password is %20 in the URL, not a plus', () => {
    const command = new Deployed().env('scheduler').AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD;
    expect(command).toContain('from urllib.parse import quote as q');
    expect(command).toContain('safe=""');
  });

  test('12: the folder of log files is mounted where Airflow writes them', () => {
    expect(everywhere(deployed => Object.values(deployed.pods).flatMap(containersOf).flatMap(({ volumeMounts }) => volumeMounts ?? [])
      .filter(({ name, mountPath }: any) => name === 'logs' && mountPath !== deployed.config['logging.base_log_folder']))).toEqual([]);
  });

  test('13, 14: the probes of Flower need no password, and its Secret has the key that was named', () => {
    const deployed = new Deployed({ executor: Executor.celery(celery()), flower: { basicAuth: SecretRef.existing('mine', 'anything') } });
    const { livenessProbe, readinessProbe } = deployed.container('flower');
    expect([livenessProbe, readinessProbe].map(probe => [probe.httpGet.path, probe.exec])).toEqual([['/healthcheck', undefined], ['/healthcheck', undefined]]);
    expect(deployed.env('flower').AIRFLOW__CELERY__FLOWER_BASIC_AUTH).toBe('mine/anything');
  });

  test('17: git-sync gets the names of version 4 alone, and two keys where it logs in', () => {
    const deployed = new Deployed({ dags: new GitSyncDags({ repo: 'https://git.example.com/d.git', username: 'me', token: secret }) });
    const sync = deployed.pods.worker.spec.initContainers.find(({ name }: any) => name === 'git-sync-init');
    expect(sync.env.filter(({ name }: any) => name.startsWith('GIT_SYNC_'))).toEqual([]);
    expect(sync.env.filter(({ valueFrom }: any) => valueFrom)).toHaveLength(1);
  });

  test('18: a digest reaches the task pods as well', () => {
    const reference = `registry.example.com/airflow@sha256:${'a'.repeat(64)}`;
    const deployed = new Deployed({ image: AirflowImage.of(reference) });
    expect(deployed.pods.worker.spec.containers[0].image).toBe(reference);
    expect(deployed.config).toMatchObject({ 'kubernetes_executor.worker_container_repository': '', 'kubernetes_executor.worker_container_tag': '' });
  });

  test('19: without users there is no account for their Job', () => {
    expect(named(new Deployed(), 'ServiceAccount')).not.toContain('airflow-create-user');
    expect(named(new Deployed({ auth: ada }), 'ServiceAccount')).toContain('airflow-create-user');
  });

  test('20: the clean-up may delete pods where the executor makes them', () => {
    const deployed = new Deployed({ podCleanup: {} });
    expect(deployed.config).toMatchObject({ 'kubernetes_executor.namespace': 'ns', 'kubernetes_executor.multi_namespace_mode': 'False' });
    expect(deployed.find('Role', 'airflow-pod-cleanup').metadata.namespace).toBe('ns');
    expect(deployed.container('pod-cleanup').args).toContain('--namespace=ns');
  });

  test('21: changed mappings replace the pod of the StatsD exporter, those that replace all others, too', () => {
    const hash = (statsd: object) => new Deployed({ monitoring: { statsd } }).workload('statsd').spec.template.metadata.annotations;
    const mapping = [{ match: 'airflow.a', name: 'a' }];
    expect(new Set([{}, { extraMappings: mapping }, { overrideMappings: mapping }].map(statsd => JSON.stringify(hash(statsd)))).size).toBe(3);
  });

  test('22: webserver_config.py is mounted by those who read it', () => {
    const readers = (props: Props) => Object.entries(new Deployed(props).pods)
      .filter(([, pod]) => containersOf(pod).some(({ volumeMounts }) => (volumeMounts ?? []).some((mount: any) => mount.name === 'webserver-config')))
      .map(([component]) => component);
    expect(readers({})).toEqual([]);
    expect(readers({ auth: AirflowAuth.fab({ ldap: { server: 'ldap://ldap', search: 'dc=a' } }) })).toEqual(['api-server']);
    expect(readers({ version: V2, auth: ada })).toEqual(['create-user', 'webserver']);
  });

  test('23: tasks of Airflow 3 hold no database, no Fernet key, no API key', () => {
    for (const [props, component] of [[{}, 'worker'], [{ executor: Executor.celery(celery()) }, 'celery-worker']] as const) {
      const env = Object.keys(envOf(new Deployed(props).pods[component].spec.containers[0]));
      expect(env.filter(name => /SQL_ALCHEMY|METADATA|FERNET|JWT|API__SECRET/.test(name) && name !== 'AIRFLOW__API__SECRET_KEY')).toEqual([]);
      if (component === 'worker') { expect(env).not.toContain('AIRFLOW__API__SECRET_KEY'); }
    }
  });

  test('24: two deployments in a namespace do not repel each other', () => {
    expect(everywhere(({ pods }) => Object.values(pods)
      .flatMap(pod => pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      .filter((term: any) => term.podAffinityTerm.labelSelector.matchLabels['app.kubernetes.io/instance'] !== 'airflow'))).toEqual([]);
  });

  test('25: a priority class is called what the user calls it', () => {
    expect(new Deployed({ scheduler: { priorityClassName: 'high' } }).pods.scheduler.spec.priorityClassName).toBe('high');
  });

  test('27: there is no repository that nobody named', () => {
    expect(JSON.stringify(new Deployed().objects)).not.toContain('git-sync');
    expect(() => new Deployed({ dags: new GitSyncDags({} as any) })).toThrow();
  });

  test('29: no account has a token of its own accord', () => {
    expect(everywhere(({ objects, pods }) => [
      ...objects.filter(object => object.kind === 'ServiceAccount' && object.automountServiceAccountToken !== false),
      ...Object.values(pods).filter(pod => pod.spec.automountServiceAccountToken !== false),
    ])).toEqual([]);
  });

  test('30: no selector of Celery workers finds a task pod', () => {
    const deployed = new Deployed(shapes().find(([name]) => name === '3.3, both executors')![1]);
    const { labels } = deployed.pods.worker.metadata;
    const { selector } = deployed.find('Service', 'airflow-celery-worker').spec;
    expect(Object.entries(selector).every(([key, value]) => labels[key] === value)).toBe(false);
  });
});

describe('behaviours of the official chart that are ours, too', () => {
  test('1: the default objects', () => {
    const count = (props: Props) => new Deployed(props).objects.length;
    expect([count({}), count({ executor: Executor.local() }), count({ version: V2 })]).toMatchInlineSnapshot(`
[
  33,
  27,
  30,
]
`);
  });

  test("2: every object has the common labels, and no selector has the user's", () => {
    expect(everywhere(({ objects }) => objects.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] !== 'airflow'))).toEqual([]);
    expect(JSON.stringify(new Deployed({ scheduler: { labels: { team: 'a' } } }).workload('scheduler').spec.selector)).not.toContain('team');
  });

  test('3: workloads and accounts share one prefix', () => {
    expect(everywhere(({ objects }) => objects.filter(({ kind, metadata }) =>
      ['Deployment', 'StatefulSet', 'ServiceAccount'].includes(kind) && !metadata.name.startsWith('airflow-')))).toEqual([]);
  });

  test('9: a scheduler with LocalExecutor is a StatefulSet, and has one of the two strategies', () => {
    const spec = (props: Props) => new Deployed({ ...props, scheduler: { strategy: { type: 'RollingUpdate' } } }).workload('scheduler').spec;
    expect([spec({}).strategy, spec({}).updateStrategy]).toEqual([{ type: 'RollingUpdate' }, undefined]);
    const local = spec({ executor: Executor.local() });
    expect([local.strategy, local.updateStrategy]).toEqual([undefined, { type: 'RollingUpdate' }]);
  });

  test('10: the scheduler has a Service and a log port with LocalExecutor alone', () => {
    expect(named(new Deployed(), 'Service')).not.toContain('airflow-scheduler');
    expect(new Deployed({ executor: Executor.local() }).container('scheduler').ports).toMatchObject([{ name: 'worker-logs', containerPort: 8793 }]);
  });

  test('11: the scheduler has DAGs with LocalExecutor, or where it parses them', () => {
    const has = (props: Props) => JSON.stringify(new Deployed({ dags: dags(), ...props }).pods.scheduler).includes('git-sync');
    const shapesOf11: Props[] = [{}, { executor: Executor.local() }, { version: V2 }, { version: V2, dagProcessor: {} }];
    expect(shapesOf11.map(has)).toEqual([false, true, true, false]);
  });

  test('13: probes can be overridden', () => {
    const exec = { command: ['true'] };
    expect(new Deployed({ scheduler: { livenessProbe: { exec } } }).container('scheduler').livenessProbe).toMatchObject({ exec });
  });

  test('14: a token is mounted in the main container alone', () => {
    const { spec } = new Deployed().pods.scheduler;
    const holders = containersOf({ spec }).filter(({ volumeMounts }) => volumeMounts.some((mount: any) => mount.name === 'kubernetes-token'));
    expect(holders.map(({ name }) => name)).toEqual(['scheduler']);
  });

  test('15: the scheduler can be left out, with no pod', () => {
    expect(new Deployed({ scheduler: { replicas: 0 } }).workload('scheduler').spec.replicas).toBe(0);
  });

  test('16: 2.11 has no API server, 3 no webserver', () => {
    expect(named(new Deployed(), 'Deployment')).not.toContain('airflow-webserver');
    expect(named(new Deployed({ version: V2 }), 'Deployment')).not.toContain('airflow-api-server');
  });

  test('17: probes follow the path and the scheme can be chosen', () => {
    const exposure = Exposure.ingress({ host: 'a.example.com', path: '/af' });
    expect(new Deployed({ exposure }).container('api-server').livenessProbe.httpGet.path).toBe('/af/api/v2/monitor/health');
    expect(new Deployed({ exposure, version: V2 }).container('webserver').livenessProbe.httpGet.path).toBe('/af/health');
    const httpGet = { path: '/health', port: 8080, scheme: 'HTTPS' };
    expect(new Deployed({ apiServer: { livenessProbe: { httpGet } } }).container('api-server').livenessProbe.httpGet).toEqual(httpGet);
  });

  test('18: an autoscaler takes the number of pods out of the workload; zero is a number', () => {
    expect(new Deployed({ apiServer: { autoscaling: { maxReplicas: 2 } } }).workload('api-server').spec).not.toHaveProperty('replicas');
    expect(new Deployed({ apiServer: { replicas: 0 } }).workload('api-server').spec.replicas).toBe(0);
  });

  test('19: a new API server comes before an old one goes', () => {
    expect(new Deployed().workload('api-server').spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  });

  test('20: the address of the execution API follows the Service and the path', () => {
    expect(new Deployed().config['core.execution_api_server_url']).toBe('http://airflow-api-server:8080/execution/');
    expect(new Deployed({ config: { api: { base_url: 'https://a/x' } } }).config['core.execution_api_server_url']).toBe('http://airflow-api-server:8080/x/execution/');
  });

  test('21: the file of FAB is there where something is written in it, and changes replace its readers', () => {
    expect(named(new Deployed({ auth: ada }), 'ConfigMap')).not.toContain('airflow-webserver-config');
    const hash = (text: string) => new Deployed({ auth: AirflowAuth.fab({ webserverConfig: text }) }).pods['api-server'].metadata.annotations;
    expect(hash('A = 1')).not.toEqual(hash('A = 2'));
  });

  test('22: types, ports, node ports and source ranges of a Service', () => {
    const exposure = Exposure.loadBalancer({ baseUrl: 'http://a', port: 80, nodePort: 30080, sourceRanges: ['192.0.2.0/24'] });
    expect(new Deployed({ exposure }).find('Service', 'airflow-api-server-public').spec).toMatchObject({
      type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24'], ports: [{ port: 80, nodePort: 30080 }],
    });
  });

  test('23: the DAG processor follows the version unless it is asked for, and the option agrees', () => {
    const option = (props: Props) => new Deployed({ version: V2, ...props }).config['scheduler.standalone_dag_processor'];
    expect([option({}), option({ dagProcessor: {} })]).toEqual(['False', 'True']);
    expect(new Deployed().airflow.dagProcessor).toBeDefined();
  });

  test('30: the default queue is not said', () => {
    const args = (queues?: string[]) => new Deployed({ executor: Executor.celery({ ...celery(), workers: [{ queues }] }) }).container('celery-worker').args;
    expect(args()).toEqual(['airflow', 'celery', 'worker']);
    expect(args(['a', 'b'])).toEqual(expect.arrayContaining([expect.stringContaining('a,b')]));
  });

  test('34: a Celery worker ends when its tasks are done', () => {
    const deployed = new Deployed({ executor: Executor.celery(celery()) });
    expect(deployed.env('celery-worker').DUMB_INIT_SETSID).toBe('0');
    expect(deployed.pods['celery-worker'].spec.terminationGracePeriodSeconds).toBe(600);
  });

  test('38: a task pod is not evicted for the sake of fewer nodes, unless the user wants it', () => {
    const key = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
    expect(new Deployed().pods.worker.metadata.annotations[key]).toBe('false');
    expect(new Deployed({ workers: { annotations: { [key]: 'true' } } }).pods.worker.metadata.annotations[key]).toBe('true');
  });

  test('39, 40: a task pod is never restarted, begins with base, and fetches its DAGs once', () => {
    const { spec } = new Deployed({ dags: dags() }).pods.worker;
    expect([spec.restartPolicy, spec.containers.map(({ name }: any) => name), spec.affinity]).toEqual(['Never', ['base'], undefined]);
    expect(spec.initContainers.map(({ name }: any) => name)).toEqual(['git-sync-init']);
  });

  test('44: a task pod takes an image, a runtime class, a priority, host aliases, variables and containers', () => {
    const { spec } = new Deployed({
      workers: {
        runtimeClassName: 'gvisor',
        priorityClassName: 'low',
        hostAliases: [{ ip: '10.0.0.1' }],
        env: [{ name: 'A', value: '1' }],
        containers: [{ name: 'b', image: 'b:1' }],
        podOverride: { spec: { containers: [{ name: 'base', image: 'mine:1' }], securityContext: { runAsUser: 1000 } } },
      },
    }).pods.worker;
    expect(spec).toMatchObject({ runtimeClassName: 'gvisor', priorityClassName: 'low', hostAliases: [{ ip: '10.0.0.1' }], securityContext: { runAsUser: 1000 } });
    expect(spec.containers.map(({ name, image }: any) => [name, image])).toEqual([['base', 'mine:1'], ['b', 'b:1']]);
  });

  test('45: a task pod runs as the account that it was given', () => {
    expect(new Deployed({ workers: { serviceAccountName: 'mine' } }).pods.worker.spec.serviceAccountName).toBe('mine');
    expect(new Deployed().pods.worker.spec.serviceAccountName).toBe('airflow-worker');
  });

  test('54: a Secret that was named is not made', () => {
    expect(named(new Deployed({ fernetKey: secret, jwtSecret: secret, secretKey: secret }), 'Secret')).toEqual([]);
  });

  test('55: pull secrets reach every pod', () => {
    const { pods } = new Deployed({ image: AirflowImage.of('a:1', { pullSecrets: ['registry'] }) });
    expect(Object.values(pods).map(pod => pod.spec.imagePullSecrets)).toEqual(Object.values(pods).map(() => [{ name: 'registry' }]));
  });

  test('62: every container drops all capabilities and cannot escalate', () => {
    expect(everywhere(({ pods }) => Object.values(pods).flatMap(containersOf).filter(({ securityContext }) =>
      securityContext.allowPrivilegeEscalation !== false || JSON.stringify(securityContext.capabilities) !== '{"drop":["ALL"]}'))).toEqual([]);
  });

  test('64: an account can be named, or annotated', () => {
    expect(named(new Deployed({ scheduler: { serviceAccountName: 'mine' } }), 'ServiceAccount')).not.toContain('airflow-scheduler');
    expect(new Deployed({ scheduler: { serviceAccountAnnotations: { a: 'b' } } }).find('ServiceAccount', 'airflow-scheduler').metadata.annotations).toEqual({ a: 'b' });
  });

  test('66, 67: users are made after the migration, by a Job that takes variables and is absent without them', () => {
    const deployed = new Deployed({ auth: ada, createUser: { env: [{ name: 'A', value: '1' }] }, delivery: 'argocd' });
    const wave = (component: string) => Number(deployed.workload(component).metadata.annotations['argocd.argoproj.io/sync-wave']);
    expect(wave('create-user')).toBeGreaterThan(wave('migration'));
    expect(deployed.env('create-user').A).toBe('1');
    expect(new Deployed().airflow.createUser).toBeUndefined();
  });

  test('68: pods are cleaned under KubernetesExecutor alone, histories may be empty, and the database as it was asked for', () => {
    expect(() => new Deployed({ executor: Executor.celery(celery()), podCleanup: {} })).toThrow("'podCleanup' deletes the pods of KubernetesExecutor");
    const deployed = new Deployed({ databaseCleanup: { successfulJobsHistoryLimit: 0, skipArchive: true, batchSize: 5, tables: ['log'] } });
    expect(deployed.workload('database-cleanup').spec.successfulJobsHistoryLimit).toBe(0);
    expect(podOf(deployed.workload('database-cleanup')).spec.containers[0].args.slice(4)).toEqual(['--skip-archive', '--batch-size', '5', '--tables', 'log']);
  });

  test('71: an HTTPRoute goes to the right Service and port', () => {
    const exposure = Exposure.httpRoute({ host: 'a.example.com', gateways: [{ name: 'g' }] });
    const route = (props: Props) => new Deployed({ exposure, ...props }).find('HTTPRoute').spec.rules[0].backendRefs[0];
    expect(route({})).toMatchObject({ name: 'airflow-api-server', port: 8080 });
    expect(route({ version: V2 })).toMatchObject({ name: 'airflow-webserver', port: 8080 });
  });

  test('72: a budget is one of two numbers', () => {
    const budget = (podDisruptionBudget: any) => new Deployed({ scheduler: { podDisruptionBudget } }).find('PodDisruptionBudget').spec;
    expect(budget({ minAvailable: 1 })).toMatchObject({ minAvailable: 1 });
    expect(() => budget({ minAvailable: 1, maxUnavailable: 1 })).toThrow("must hold one of 'maxUnavailable' and 'minAvailable'");
  });
});
