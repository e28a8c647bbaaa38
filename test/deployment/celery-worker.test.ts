import { Deployed, envOf, podOf } from './deploy';
import {
  AirflowImage, AirflowKubernetesDeploymentProps, AirflowPodProps, AirflowVersion, CeleryBroker, CeleryResultBackend, Executor, SecretRef, WorkerPool,
} from '../../src';

const password = SecretRef.existing('mine', 'password');
const broker = CeleryBroker.redis({ host: 'redis', password });
const resultBackend = CeleryResultBackend.redis({ host: 'results', password });
type Props = Partial<AirflowKubernetesDeploymentProps>;
const celery = (workers?: WorkerPool[], props: Props = {}) =>
  new Deployed({ executor: Executor.celery({ broker, resultBackend, workers }), ...props });
const egress = (deployed: Deployed, component: string) => deployed.find('NetworkPolicy', `airflow-${component}`).spec.egress
  .flatMap(({ ports }: any) => (ports ?? []).map(({ port }: any) => port)).filter((port: number) => port !== 53 && port !== 5353);
const callers = (deployed: Deployed, component: string) => (deployed.find('NetworkPolicy', `airflow-${component}`).spec.ingress ?? [])
  .flatMap(({ ports, from }: any) => from.map((peer: any) => `${ports[0].port} ${peer.podSelector.matchLabels['app.kubernetes.io/component']}`));

describe('a pool of workers', () => {
  const deployed = celery();
  const pod = deployed.pods['celery-worker'];

  test('has pods with names that stay, from which logs are read', () => {
    expect(deployed.workload('celery-worker')).toMatchObject({ kind: 'StatefulSet', metadata: { name: 'airflow-celery-worker' } });
    expect(deployed.find('Service', 'airflow-celery-worker').spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 8793 }] });
    expect(callers(deployed, 'celery-worker')).toEqual(['8793 api-server']);
    expect(deployed.config['logging.worker_log_server_port']).toBe('8793');
    expect(deployed.airflow.celeryWorkers.map(({ componentName }) => componentName)).toEqual(['celery-worker']);
  });

  test('ends when its tasks are done', () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBe(600);
    // dumb-init would tell the tasks to end, too.
    expect(envOf(pod.spec.containers[0]).DUMB_INIT_SETSID).toBe('0');
    expect(pod.spec.containers[0].args).toEqual(['airflow', 'celery', 'worker']);
  });

  test('on Airflow 3 with results of its own holds broker and results, and nothing of the control plane', () => {
    expect(envOf(pod.spec.containers[0])).toMatchObject({
      CELERY_BROKER_HOST: 'redis', CELERY_BROKER_PASSWORD: 'mine/password', CELERY_RESULT_BACKEND_HOST: 'results', CONNECTION_CHECK_MAX_COUNT: '0',
    });
    expect(JSON.stringify(pod.spec)).not.toMatch(/METADATA_DB|SQL_ALCHEMY|FERNET|JWT|serviceAccountToken|wait-for-airflow-migrations/);
    expect(egress(deployed, 'celery-worker')).toEqual([8080, 6379]);
  });

  test('without them it holds the metadata database, where Airflow keeps results then', () => {
    const shared = new Deployed({ executor: Executor.celery({ broker }) });
    expect(shared.env('celery-worker')).toMatchObject({ METADATA_DB_HOST: 'pg' });
    expect(Object.keys(shared.env('celery-worker')).join()).not.toMatch(/FERNET|RESULT_BACKEND/);
    expect(shared.pods['celery-worker'].spec.initContainers.map(({ name }: any) => name)).toEqual(['wait-for-airflow-migrations']);
    expect(egress(shared, 'celery-worker')).toEqual([5432, 8080, 6379]);
  });

  test('on Airflow 2 tasks open the database themselves', () => {
    const two = celery(undefined, { version: AirflowVersion.V2_11 });
    expect(two.env('celery-worker')).toMatchObject({ METADATA_DB_HOST: 'pg', AIRFLOW__CORE__FERNET_KEY: 'airflow-fernet-key/fernet-key' });
    expect(egress(two, 'celery-worker')).toEqual([5432, 6379]);
    expect(callers(two, 'celery-worker')).toEqual(['8793 webserver']);
  });

  test('the scheduler has the broker, keeps no template of pods and asks nothing of the Kubernetes API', () => {
    expect(deployed.env('scheduler')).toMatchObject({ CELERY_BROKER_HOST: 'redis', CELERY_RESULT_BACKEND_HOST: 'results' });
    expect(deployed.workload('scheduler').kind).toBe('Deployment');
    expect(deployed.airflow.workerPodTemplate).toBeUndefined();
    expect(deployed.objects.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.name)).toEqual(['airflow-secret-bootstrap']);
    expect(egress(deployed, 'scheduler')).toEqual([5432, 6379]);
    for (const component of ['api-server', 'dag-processor', 'triggerer', 'migration']) {
      expect(Object.keys(deployed.env(component)).join()).not.toContain('CELERY');
    }
    expect(deployed.config).toMatchObject({ 'core.executor': 'CeleryExecutor', 'celery_broker_transport_options.visibility_timeout': '86400' });
  });
});

test('each pool has its queues, concurrency, resources, identity and image', () => {
  const deployed = celery([{}, {
    name: 'gpu',
    queues: ['gpu', 'large'],
    concurrency: 2,
    replicas: 3,
    image: AirflowImage.of('registry/airflow:gpu'),
    resources: { limits: { 'nvidia.com/gpu': 1 } },
    serviceAccountAnnotations: { role: 'gpu' },
    terminationGracePeriodSeconds: 7200,
  }]);
  const gpu = deployed.workload('celery-worker-gpu');
  expect(gpu.spec.replicas).toBe(3);
  expect(deployed.container('celery-worker-gpu')).toMatchObject({
    args: ['airflow', 'celery', 'worker', '--queues', 'gpu,large', '--concurrency', '2'], image: 'registry/airflow:gpu', resources: { limits: { 'nvidia.com/gpu': 1 } },
  });
  expect(gpu.spec.template.spec).toMatchObject({ serviceAccountName: 'airflow-celery-worker-gpu', terminationGracePeriodSeconds: 7200 });
  expect(deployed.find('ServiceAccount', 'airflow-celery-worker-gpu').metadata.annotations).toEqual({ role: 'gpu' });
  expect(deployed.find('PodDisruptionBudget', 'airflow-celery-worker-gpu')).toBeDefined();
  expect(deployed.container('celery-worker').image).toBe('apache/airflow:3.3.2');
});

test('Kubernetes may choose the number of workers', () => {
  const deployed = celery([{ autoscaling: { maxReplicas: 5 } }]);
  expect(deployed.find('HorizontalPodAutoscaler', 'airflow-celery-worker').spec).toMatchObject({ maxReplicas: 5, scaleTargetRef: { kind: 'StatefulSet' } });
  expect(deployed.workload('celery-worker').spec.replicas).toBeUndefined();
});

test('with podLaunching workers have token and connection', () => {
  const deployed = celery(undefined, { podLaunching: {} });
  expect(deployed.env('celery-worker')).toHaveProperty('AIRFLOW_CONN_KUBERNETES_DEFAULT');
  expect(deployed.find('Role', 'airflow-celery-worker').rules).toHaveLength(4);
  expect(deployed.env('scheduler')).not.toHaveProperty('AIRFLOW_CONN_KUBERNETES_DEFAULT');
});

test('a Redis for development has a password that is made in the cluster, and is reached by scheduler and workers', () => {
  const deployed = new Deployed({ executor: Executor.celery({ broker: CeleryBroker.developmentRedis() }), images: { redis: 'registry/redis:7' } });
  expect(deployed.container('redis')).toMatchObject({ image: 'registry/redis:7', env: [{ name: 'REDIS_PASSWORD' }] });
  expect(deployed.find('Secret', 'airflow-broker-password').data).toBeUndefined();
  expect(deployed.container('secret-bootstrap').args).toContain('airflow-broker-password/broker-password/token');
  expect(callers(deployed, 'redis')).toEqual(['6379 scheduler', '6379 celery-worker']);
  expect(deployed.env('celery-worker')).toMatchObject({ CELERY_BROKER_HOST: 'airflow-redis', CELERY_BROKER_PASSWORD: 'airflow-broker-password/broker-password' });
});

test('the pod of that Redis takes what every pod takes', () => {
  const executor = Executor.celery({ broker: CeleryBroker.developmentRedis() });
  const redis: AirflowPodProps = {
    resources: { limits: { memory: '1Gi' } },
    env: [{ name: 'TZ', value: 'UTC' }],
    labels: { team: 'data' },
    annotations: { a: 'b' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'infra', operator: 'Exists' }],
    priorityClassName: 'low',
    serviceAccountName: 'mine',
    terminationGracePeriodSeconds: 9,
    lifecycle: { preStop: { sleep: { seconds: 1 } } },
    podOverride: { spec: { containers: [{ name: 'redis', args: ['--maxmemory', '512mb'] }] } },
  };
  const deployed = new Deployed({ executor, redis });
  const { metadata, spec } = podOf(deployed.workload('redis'));
  expect(metadata).toMatchObject({ labels: { team: 'data' }, annotations: { a: 'b' } });
  expect(spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, tolerations: redis.tolerations, priorityClassName: 'low', serviceAccountName: 'mine', terminationGracePeriodSeconds: 9 });
  expect(spec.containers[0]).toMatchObject({ resources: redis.resources, lifecycle: redis.lifecycle, args: ['--maxmemory', '512mb'] });
  expect(deployed.env('redis')).toEqual({ REDIS_PASSWORD: 'airflow-broker-password/broker-password', TZ: 'UTC' });
  expect(deployed.airflow.redis!.workload.name).toBe('airflow-redis');
  expect(() => new Deployed({ redis: {} })).toThrow("'redis' is the pod of CeleryBroker.developmentRedis(), which is not the broker");
});

describe('several executors', () => {
  test('bring what each needs', () => {
    const deployed = new Deployed({ executor: Executor.multiple([Executor.celery({ broker }), Executor.kubernetes().withAlias('pods')]) });
    expect(deployed.config['core.executor']).toBe('CeleryExecutor,pods:airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor');
    expect(deployed.airflow.workerPodTemplate).toBeDefined();
    expect(deployed.workload('celery-worker')).toBeDefined();
    expect(deployed.find('Role', 'airflow-scheduler').rules[0].resources).toEqual(['pods']);
    expect(deployed.find('Role', 'airflow-api-server')).toBeDefined();
    // Task pods and workers are told apart.
    expect(callers(deployed, 'celery-worker')).toEqual(['8793 api-server']);
    expect(callers(deployed, 'worker')).toEqual([]);
  });

  test('local and kubernetes: a scheduler that runs tasks and makes pods', () => {
    const deployed = new Deployed({ executor: Executor.multiple([Executor.local(), Executor.kubernetes()]), podLaunching: {} });
    expect(deployed.workload('scheduler').kind).toBe('StatefulSet');
    expect(deployed.find('Role', 'airflow-scheduler').rules).toHaveLength(5);
    expect(deployed.container('scheduler').volumeMounts.map(({ name }: any) => name)).toContain('pod-template');
  });

  test('the pairs of Airflow 2 are refused on 3', () => {
    expect(() => new Deployed({ executor: Executor.localKubernetes() })).toThrow('[chart/airflow] LocalKubernetesExecutor does not exist in Airflow 3.3.2; use');
    const two = new Deployed({ version: AirflowVersion.V2_11, executor: Executor.celeryKubernetes({ broker }) });
    expect(two.config['core.executor']).toBe('CeleryKubernetesExecutor');
    expect(two.airflow.workerPodTemplate).toBeDefined();
    expect(two.airflow.celeryWorkers).toHaveLength(1);
  });
});

test('fails for an executor without what it needs', () => {
  expect(() => Executor.celery(undefined as any)).toThrow('Executor.celery: expected an object with the members of CeleryExecutorProps, got undefined');
  expect(() => Executor.celery({ broker: 'redis://x' as any })).toThrow("'broker' must be a CeleryBroker, such as CeleryBroker.redis({ … }), got \"redis://x\"");
  expect(() => Executor.celery({ broker: CeleryBroker.developmentRedis(), worker: [] } as any)).toThrow("unknown prop 'worker'; did you mean 'workers' or 'broker'?");
  expect(() => Executor.multiple(['CeleryExecutor', 'LocalExecutor'] as any)).toThrow("'Executor.multiple' takes executors, got \"CeleryExecutor\"");
});

test('a broker outside of the cluster that is known by name only brings a warning', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  new Deployed({ executor: Executor.celery({ broker: CeleryBroker.redis({ host: 'redis.example.com', password }) }) });
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    "[chart/airflow] network policies: the broker 'redis.example.com' is known by its name only, so that port 6379 is open to any address; give its address ranges as 'cidrs'",
  ]);
  warn.mockRestore();
});

test('a default queue that no pool listens to brings a warning', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const warned = (workers: WorkerPool[], props: Props = {}) => {
    warn.mockClear();
    celery(workers, props);
    return warn.mock.calls.map(([message]) => message);
  };
  expect(warned([{ queues: ['large'] }])).toEqual([expect.stringContaining("no pool of 'workers' takes tasks from the queue 'default'")]);
  expect(warned([{ queues: ['large'] }, { name: 'rest' }])).toEqual([]);
  expect(warned([{ queues: ['large'] }], { config: { operators: { default_queue: 'large' } } })).toEqual([]);
  expect(warned([{}], { executor: Executor.multiple([Executor.kubernetes(), Executor.celery({ broker, resultBackend, workers: [{ queues: ['large'] }] })]) })).toEqual([]);
  warn.mockRestore();
});

test.each<[string, WorkerPool[], string]>([
  ['two without a name', [{}, {}], "[chart/airflow] 'workers' has two pools without a name; name them apart"],
  ['one name twice', [{ name: 'a' }, { name: 'a' }], "'workers' has two pools named 'a'"],
  ['a bad name', [{ name: 'GPU' }], "'workers' name 'GPU' must be lower-case letters"],
  ['a long name', [{ name: 'a'.repeat(31) }], "with 'airflow-celery-worker-' at most 52 characters"],
  ['a misspelt prop of KEDA', [{ keda: { maxReplicas: 2, coolDownSeconds: 9 } as any }], "workers[0].keda: unknown prop 'coolDownSeconds'; did you mean 'cooldownSeconds'?"],
  ['a misspelt prop', [{ replcas: 2 } as any], "workers[0]: unknown prop 'replcas'; did you mean 'replicas'?"],
  ['one queue where a list is meant', [{ queues: 'gpu' as any }], "'workers[0].queues' must be a list of texts, got \"gpu\""],
  ['pools that are no list', {} as any, "'workers' must be a list, got {}"],
  ['no queue', [{ queues: [] }], "'workers.queues' must be names without blanks and commas, got none; leave it out for the default queue"],
  ['a list in a queue', [{ name: 'a', queues: ['a,b'] }], "'workers 'a'.queues' must be names without blanks and commas, got 'a,b'"],
  ['no task at a time', [{ concurrency: 0 }], "'workers.concurrency' must be a whole number of at least 1, got 0"],
  ['half a worker', [{ replicas: 0.5 }], "'workers.replicas' must be a whole number of at least 0, got 0.5"],
])('fails for %s', (_, workers, message) => {
  expect(() => celery(workers)).toThrow(message);
});

test('TLS of the broker: files where it is spoken, and the configuration of RabbitMQ', () => {
  const ca = SecretRef.existing('tls', 'ca.crt');
  const rabbitMq = CeleryBroker.rabbitMq({ host: 'mq', password, sslRootCert: ca });
  const deployed = new Deployed({ executor: Executor.celery({ broker: rabbitMq }) });
  expect(JSON.parse(deployed.config['celery.extra_celery_config'])).toEqual({ broker_use_ssl: { cert_reqs: 2, server_hostname: 'mq', ca_certs: '/etc/celery-broker-tls/ca.crt' } });
  const mounted = Object.entries(deployed.pods).filter(([, pod]) => JSON.stringify(pod).includes('celery-broker-tls')).map(([name]) => name);
  expect(mounted).toEqual(['scheduler', 'celery-worker']);
});
