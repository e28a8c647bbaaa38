import { k8s } from 'cdk8s-plus-28';
import { parse } from 'yaml';
import { AirflowImage, AirflowVersion, CloudIdentity, WorkerPodTemplate, WorkerPodTemplateProps } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { toWire } from '../../src/pod/schema';
import { Deployed } from '../deployment/deploy';

const required = { name: 'af', version: AirflowVersion.V3_3, image: AirflowImage.of('airflow:1') };
const template = (props: Partial<WorkerPodTemplateProps> = {}) => new WorkerPodTemplate({ ...required, ...props });

test('a pod that Airflow 3 fills with a task and that holds no secret', () => {
  const pod = template().toJson();
  expect(pod.metadata.annotations).toEqual({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' });
  expect(pod.spec).toMatchObject({
    serviceAccountName: 'af-worker', automountServiceAccountToken: false, restartPolicy: 'Never', terminationGracePeriodSeconds: 600,
  });
  expect(pod.spec.containers).toEqual([expect.objectContaining({
    name: 'base',
    image: 'airflow:1',
    env: [{ name: 'CONNECTION_CHECK_MAX_COUNT', value: '0' }],
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'logs', mountPath: '/opt/airflow/logs' },
      { name: 'config', mountPath: '/opt/airflow/airflow.cfg', subPath: 'airflow.cfg', readOnly: true },
    ],
  })]);
  // The executor says what runs; a command of the template would stay.
  expect(pod.spec.containers[0]).not.toHaveProperty('args');
  expect(pod.spec.containers[0]).not.toHaveProperty('command');
  expect(podSecurityViolations(pod.spec, 'restricted')).toEqual([]);
  expect(toWire('Pod', pod, '')).toEqual(pod);
});

test('the file is the same pod', () => {
  expect(parse(template().toYaml())).toEqual(template().toJson());
});

test('log files may be in a folder of their volume', () => {
  const mounts = (props: Partial<WorkerPodTemplateProps>) => template(props).toJson().spec.containers[0].volumeMounts.filter(({ name }: any) => name === 'logs');
  expect(mounts({ logsSubPath: 'airflow' })).toEqual([{ name: 'logs', mountPath: '/opt/airflow/logs', subPath: 'airflow' }]);
  expect(mounts({ logsSubPath: '.airflow/v2.1' })[0].subPath).toBe('.airflow/v2.1');
  expect(mounts({})).toEqual([{ name: 'logs', mountPath: '/opt/airflow/logs' }]);
  for (const [logsSubPath, got] of [['/airflow', '"/airflow"'], ['../airflow', '"../airflow"'], ['a/..', '"a/.."'], ['a\n/../b', '"a\\n/../b"'], ['a/./b', '"a/./b"'], ['a/', '"a/"'], ['', '""'], [5 as any, '5']]) {
    expect(() => template({ logsSubPath })).toThrow(`'logsSubPath' must be a relative folder such as 'dags' or 'airflow/dags', without '/' at its ends, '.' and '..', got ${got}`);
  }
});

test('Airflow 2 runs the task through an executor of the pod', () => {
  expect(template({ version: AirflowVersion.V2_11 }).toJson().spec.containers[0].env).toContainEqual({ name: 'AIRFLOW__CORE__EXECUTOR', value: 'LocalExecutor' });
});

test('all props reach the pod', () => {
  const all: Required<WorkerPodTemplateProps> = {
    ...required,
    image: AirflowImage.of('airflow:1', { pullPolicy: 'Never', pullSecrets: ['registry'] }),
    configMapName: 'my-config',
    logsVolume: { name: 'logs', persistentVolumeClaim: { claimName: 'airflow-logs' } },
    logsSubPath: 'airflow',
    initContainers: [{ name: 'fetch', image: 'busybox:1' }],
    volumes: [{ name: 'data', emptyDir: { sizeLimit: k8s.Quantity.fromString('1Gi') } }],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    resources: { limits: { 'nvidia.com/gpu': k8s.Quantity.fromNumber(1) }, requests: { cpu: k8s.Quantity.fromString('1') } },
    env: [{ name: 'A', value: '1' }],
    labels: { team: 'data' },
    annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    priorityClassName: 'low',
    serviceAccountAnnotations: { role: 'arn' },
    cloudIdentity: CloudIdentity.eksPodIdentity(),
    terminationGracePeriodSeconds: 30,
    envFrom: [{ configMapRef: { name: 'more' } }],
    containers: [{ name: 'proxy', image: 'proxy:1' }],
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    schedulerName: 'volcano',
    runtimeClassName: 'gvisor',
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
    serviceAccountName: 'mine',
    podOverride: { spec: { dnsPolicy: 'Default' } },
    unset: ['spec.containers[base].resources.requests'],
  };
  const { serviceAccountAnnotations: _, ...withAccount } = all;
  expect(() => template(all)).toThrow("'serviceAccountAnnotations' are for an account that the deployment makes, and 'serviceAccountName' names 'mine', which exists");
  const pod = template(withAccount as any).toJson();
  expect(pod.metadata).toMatchObject({ labels: { team: 'data' }, annotations: all.annotations });
  expect(pod.spec).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    priorityClassName: 'low',
    terminationGracePeriodSeconds: 30,
    imagePullSecrets: [{ name: 'registry' }],
    schedulerName: 'volcano',
    runtimeClassName: 'gvisor',
    hostAliases: all.hostAliases,
    serviceAccountName: 'mine',
    dnsPolicy: 'Default',
    topologySpreadConstraints: [{ maxSkew: 1, labelSelector: { matchLabels: { 'app.kubernetes.io/component': 'worker' } } }],
    initContainers: [{ name: 'fetch', image: 'busybox:1' }],
  });
  expect(pod.spec.volumes).toEqual(expect.arrayContaining([
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } }, { name: 'config', configMap: { name: 'my-config' } },
  ]));
  expect(pod.spec.containers[0]).toMatchObject({ imagePullPolicy: 'Never', envFrom: all.envFrom, lifecycle: all.lifecycle });
  expect(pod.spec.containers[0].resources).toEqual({ limits: { 'nvidia.com/gpu': 1 } });
  expect(pod.spec.containers[1].name).toBe('proxy');
  expect(pod.spec.containers[0].env).toContainEqual({ name: 'A', value: '1' });
  expect(pod.spec.containers[0].volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' });
});

test.each<[string, Partial<WorkerPodTemplateProps>, string]>([
  ['our variable', { env: [{ name: 'CONNECTION_CHECK_MAX_COUNT', value: '9' }] }, "'env[0]' sets 'CONNECTION_CHECK_MAX_COUNT', which the deployment sets itself"],
  ['a sensitive literal', { env: [{ name: 'AIRFLOW__CORE__FERNET_KEY', value: 'x' }] }, 'sensitive'],
  ['an unknown option', { env: [{ name: 'AIRFLOW__CORE__PARALELISM', value: '1' }] }, "unknown key 'paralelism'"],
  ['an unknown field', { tolerations: [{ Key: 'a' }] }, "tolerations[0]: unknown key 'Key'"],
  ['our label', { labels: { 'app.kubernetes.io/name': 'x' } }, "'labels' must not set 'app.kubernetes.io/name'"],
  ['a name that is none', { name: 'My Airflow' }, "'name' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got 'My Airflow'"],
  ['a name that no label holds', { name: 'a'.repeat(64) }, "'name' must be at most 63 characters, got 64"],
  ['no name', { name: undefined }, "'name' of WorkerPodTemplate is missing"],
  ['a ConfigMap that is none', { configMapName: 'a_b' }, "'configMapName' must be lower-case letters, digits, '-' and '.'"],
  ['a version as text', { version: '3.3.2' as any }, "'version' must be an AirflowVersion, such as AirflowVersion.V3_3, got \"3.3.2\""],
  ['an image as text', { image: 'airflow:1' as any }, "'image' must be an AirflowImage, such as AirflowImage.of("],
  ['a volume of logs that is not mounted', { logsVolume: { name: 'data', emptyDir: {} } }, "'logsVolume.name' must be 'logs', which the container mounts, got \"data\""],
  ['an unknown prop', { logs: {} } as any, "WorkerPodTemplate: unknown prop 'logs'; WorkerPodTemplateProps has 'affinity'"],
])('fails for %s', (_, props, message) => {
  expect(() => template(props)).toThrow(message);
});

test('the text of a variable stands for a value of any type', () => {
  const env = [
    { name: 'AIRFLOW__CORE__PARALLELISM', value: '8' }, { name: 'AIRFLOW__CORE__LOAD_EXAMPLES', value: 'False' },
    { name: 'AIRFLOW__LOGGING__LOGGING_LEVEL', value: 'DEBUG' }, { name: 'AIRFLOW__API__BASE_URL', value: '1' },
    { name: 'AIRFLOW__SMTP__SMTP_HOST_CMD', value: 'cat /x' }, { name: 'AIRFLOW_HOME', value: '/opt/airflow' },
  ];
  expect(template({ env }).toJson().spec.containers[0].env.slice(1)).toEqual(env);
});

test('what the API server would refuse names the prop', () => {
  const volumeMounts = [{ name: 'absent', mountPath: '/x' }];
  expect(() => template({ volumeMounts }).toJson()).toThrow(/^WorkerPodTemplate: /);
  expect(() => new Deployed({ workers: { volumeMounts } })).toThrow(/^\[chart\/airflow\] workers: /);
});
