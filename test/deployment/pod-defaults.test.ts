import { Deployed, podOf, SHAPES } from './deploy';
import {
  AirflowKubernetesDeploymentProps, AirflowPodProps, AirflowVersion, CeleryBroker, Executor, SecretRef, SharedPodProps,
} from '../../src';

type Props = Partial<AirflowKubernetesDeploymentProps>;

const secret = SecretRef.existing('mine', 'key');
const DEFAULTS: Required<SharedPodProps> = {
  env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
  envFrom: [{ configMapRef: { name: 'proxy' } }],
  labels: { team: 'data' },
  annotations: { 'example.com/a': 'b' },
  nodeSelector: { pool: 'airflow' },
  tolerations: [{ key: 'airflow', operator: 'Exists' }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
  priorityClassName: 'normal',
  schedulerName: 'mine',
  runtimeClassName: 'gvisor',
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['pg'] }],
  volumes: [{ name: 'company-ca', configMap: { name: 'company-ca' } }],
  volumeMounts: [{ name: 'company-ca', mountPath: '/etc/company-ca', readOnly: true }],
};

/** Every pod that the deployment has, with the Jobs, the bootstrap and what is not Airflow. */
const EVERYTHING: Props = {
  executor: Executor.multiple([Executor.celery({ broker: CeleryBroker.developmentRedis() }), Executor.kubernetes()]),
  flower: { basicAuth: secret },
  monitoring: { statsd: {} },
  objects: { variables: { a: 'b' } },
  podCleanup: {},
  databaseCleanup: {},
};
const container = (pod: any, name: string) => pod.spec.initContainers.find((item: any) => item.name === name);
const NOT_AIRFLOW = ['redis', 'statsd', 'secret-bootstrap'];

test.each<[string, Props]>([
  ...SHAPES.map(([name, props]): [string, Props] => [name, props()]), ['everything', EVERYTHING],
])('all defaults reach every pod: %s', (_, props) => {
  const { pods } = new Deployed({ ...props, podDefaults: DEFAULTS });
  expect(Object.keys(pods).length).toBeGreaterThan(4);
  for (const [component, { metadata, spec }] of Object.entries(pods)) {
    expect([component, metadata]).toEqual([component, expect.objectContaining({
      labels: expect.objectContaining({ 'team': 'data', 'app.kubernetes.io/component': component }), annotations: expect.objectContaining(DEFAULTS.annotations),
    })]);
    const { env, envFrom, labels, annotations, topologySpreadConstraints, volumes, volumeMounts, ...placed } = DEFAULTS;
    expect([component, spec]).toEqual([component, expect.objectContaining(placed)]);
    expect(spec.topologySpreadConstraints).toEqual([expect.objectContaining({ topologyKey: 'zone' })]);
    const airflow = !NOT_AIRFLOW.includes(component);
    expect([component, spec.containers[0].env?.some(({ name }: any) => name === 'HTTPS_PROXY') ?? false]).toEqual([component, airflow]);
    expect([component, spec.containers[0].envFrom]).toEqual([component, airflow ? DEFAULTS.envFrom : undefined]);
    const [volume, mount] = [spec.volumes, spec.containers[0].volumeMounts].map(list => (list ?? []).some(({ name }: any) => name === 'company-ca'));
    expect([component, volume, mount]).toEqual([component, airflow, airflow]);
  }
});

test("a component's own settings win: maps key by key, variables by name, others as a whole", () => {
  const own: AirflowPodProps = {
    env: [{ name: 'HTTPS_PROXY', value: 'http://other:3128' }, { name: 'MINE', value: '1' }],
    labels: { team: 'ops', more: 'x' },
    nodeSelector: { pool: 'gpu' },
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
    priorityClassName: 'high',
  };
  const podDefaults = { ...DEFAULTS, labels: { team: 'data', cost: '7' }, nodeSelector: { pool: 'airflow', arch: 'amd64' } };
  const { pods } = new Deployed({ podDefaults, scheduler: own, workers: own, secretBootstrap: own });
  for (const component of ['scheduler', 'worker', 'secret-bootstrap']) {
    const { metadata, spec } = pods[component];
    expect(metadata.labels).toMatchObject({ team: 'ops', more: 'x', cost: '7' });
    expect(spec).toMatchObject({ nodeSelector: { pool: 'gpu', arch: 'amd64' }, tolerations: own.tolerations, priorityClassName: 'high', schedulerName: 'mine' });
    expect(spec.tolerations).toHaveLength(1);
    expect(spec.containers[0].env.filter(({ name }: any) => name === 'HTTPS_PROXY')).toEqual([{ name: 'HTTPS_PROXY', value: 'http://other:3128' }]);
  }
  expect(pods.triggerer.spec.priorityClassName).toBe('normal');
});

test("a component's own volumes stand beside those of all pods, and take the place of one of the same name", () => {
  const own: AirflowPodProps = {
    volumes: [{ name: 'company-ca', secret: { secretName: 'ca' } }, { name: 'data', emptyDir: {} }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const { pods } = new Deployed({ podDefaults: DEFAULTS, scheduler: own, workers: own });
  for (const component of ['scheduler', 'worker']) {
    const { spec } = pods[component];
    expect(spec.volumes.filter(({ name }: any) => name === 'company-ca' || name === 'data')).toEqual(own.volumes);
    expect(spec.containers[0].volumeMounts).toEqual(expect.arrayContaining([...DEFAULTS.volumeMounts, ...own.volumeMounts!]));
  }
  expect(container(pods.scheduler, 'wait-for-airflow-migrations').volumeMounts).toContainEqual(DEFAULTS.volumeMounts[0]);
});

test('without defaults nothing changes', () => {
  expect(new Deployed({ podDefaults: {} }).objects).toEqual(new Deployed().objects);
});

test('every Job can be placed, and has resources of its own', () => {
  const job: AirflowPodProps = { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'a', operator: 'Exists' }], resources: { limits: { memory: '3Gi' } } };
  const deployed = new Deployed({
    ...EVERYTHING, objects: { variables: { a: 'b' }, job }, migration: job, secretBootstrap: job, podCleanup: job, databaseCleanup: job,
  });
  const jobs = deployed.objects.filter(({ kind }) => kind === 'Job' || kind === 'CronJob').map(podOf);
  expect(jobs).toHaveLength(5);
  for (const { spec } of jobs) {
    expect(spec).toMatchObject({ nodeSelector: job.nodeSelector, tolerations: job.tolerations });
    expect(spec.containers[0].resources).toEqual(job.resources);
  }
});

test('variables, and files that they name, reach the wait for the migrations, too', () => {
  const scheduler: AirflowPodProps = {
    env: [{ name: 'PGSSLROOTCERT', value: '/certs/ca.crt' }],
    envFrom: [{ secretRef: { name: 'proxy' } }],
    volumes: [{ name: 'certs', configMap: { name: 'certs' } }],
    volumeMounts: [{ name: 'certs', mountPath: '/certs' }],
  };
  const { pods } = new Deployed({ scheduler, podDefaults: { env: [{ name: 'HTTPS_PROXY', value: 'p' }] } });
  const wait = container(pods.scheduler, 'wait-for-airflow-migrations');
  expect(wait.env).toEqual(expect.arrayContaining([{ name: 'HTTPS_PROXY', value: 'p' }, { name: 'PGSSLROOTCERT', value: '/certs/ca.crt' }]));
  expect(wait.envFrom).toEqual(scheduler.envFrom);
  expect(wait.volumeMounts).toContainEqual({ name: 'certs', mountPath: '/certs' });
  // No more than that: the keys stay with the component.
  expect(JSON.stringify(wait)).not.toContain('fernet');
  expect(container(pods.triggerer, 'wait-for-airflow-migrations').env).not.toContainEqual(expect.objectContaining({ name: 'PGSSLROOTCERT' }));
});

const valueFrom = { secretKeyRef: { name: 'a', key: 'b' } };
test.each<[string, Props, string]>([
  ['a prop that is not shared', { podDefaults: { replicas: 2 } as any }, "podDefaults: unknown prop 'replicas'"],
  ['a label of ours', { podDefaults: { labels: { 'app.kubernetes.io/name': 'x' } } }, "'podDefaults.labels' must not set 'app.kubernetes.io/name'"],
  ['a derived option', { podDefaults: { env: [{ name: 'AIRFLOW__CORE__EXECUTOR', value: 'x' }] } }, "'podDefaults.env[0]' sets 'AIRFLOW__CORE__EXECUTOR'"],
  ['a variable of the deployment', { podDefaults: { env: [{ name: 'A', value: '1' }, { name: 'AIRFLOW__CORE__FERNET_KEY', valueFrom }] } },
    "'podDefaults.env[1]' sets 'AIRFLOW__CORE__FERNET_KEY', which the deployment sets itself; remove it"],
  ['a variable of the task pods of Airflow 2', { version: AirflowVersion.V2_11, podDefaults: { env: [{ name: 'AIRFLOW__WEBSERVER__SECRET_KEY', valueFrom }] } },
    "[chart/airflow] 'podDefaults.env[0]' sets 'AIRFLOW__WEBSERVER__SECRET_KEY'"],
  ['one by its place in its own list', { podDefaults: { env: [{ name: 'A', value: '1' }] }, scheduler: { env: [{ name: 'AIRFLOW__CORE__FERNET_KEY', valueFrom }] } },
    "'scheduler.env[0]' sets 'AIRFLOW__CORE__FERNET_KEY'"],
  ['a toleration that is none', { podDefaults: { tolerations: [{ kez: 'a' }] } }, 'podDefaults.tolerations[0]'],
  ['a prop that a Job does not have', { objects: { variables: { a: 'b' }, job: { replicas: 1 } as any } }, "objects.job: unknown prop 'replicas'"],
])('fails for %s', (_, props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});
