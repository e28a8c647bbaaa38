import { SparkCase } from '../../test/tasks/spark';

/** The section `kubernetes` with nothing in it: the operator wants every key. */
export const NOTHING = {
  env_vars: [],
  env_from: [],
  image_pull_secrets: [],
  node_selector: {},
  affinity: { nodeAffinity: {}, podAffinity: {}, podAntiAffinity: {} },
  tolerations: [],
  config_map_mounts: {},
  volume_mounts: [],
  volumes: [],
  from_env_config_map: [],
  from_env_secret: [],
  in_cluster: true,
  conn_id: 'kubernetes_default',
  kube_config_file: null,
  cluster_context: null,
};

/** The template of the documentation. */
export const template = (spec: any = {}, kubernetes?: any, spark: any = {}) => ({
  spark: {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    version: 'v1beta2',
    kind: 'SparkApplication',
    apiGroup: 'sparkoperator.k8s.io',
    metadata: { namespace: 'ds' },
    ...spark,
    spec: {
      type: 'Python',
      pythonVersion: '3',
      mode: 'cluster',
      sparkVersion: '3.0.0',
      restartPolicy: { type: 'Never' },
      imagePullPolicy: 'Always',
      hadoopConf: {},
      imagePullSecrets: [],
      dynamicAllocation: { enabled: false, initialExecutors: 1, minExecutors: 1, maxExecutors: 1 },
      labels: {},
      driver: { serviceAccount: 'default', container_resources: resources() },
      executor: { instances: 1, container_resources: resources() },
      ...spec,
    },
  },
  ...(kubernetes === undefined ? {} : { kubernetes: { ...NOTHING, ...kubernetes } }),
});

export function resources(cpu: any = {}, memory: any = {}, gpu: any = {}): any {
  return { gpu: { name: null, quantity: 0, ...gpu }, cpu: { request: null, limit: null, ...cpu }, memory: { request: null, limit: null, ...memory } };
}

const PROGRAM = { image: 'spark:3', code_path: 'local:///app.py' };
const given = (id: string, spec: any = {}, kubernetes?: any, more: Partial<SparkCase> & { kwargs?: any } = {}): SparkCase =>
  ({ id, ...more, kwargs: { ...PROGRAM, template_spec: template(spec, kubernetes), ...more.kwargs } });
const driver = (own: any) => ({ driver: { serviceAccount: 'spark', ...own }, executor: { instances: 1 } });

const PLAIN = {
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  kind: 'SparkApplication',
  metadata: { name: 'pi', namespace: 'ds' },
  spec: {
    type: 'Scala',
    mode: 'cluster',
    image: 'gcr.io/spark:v2.4.5',
    imagePullPolicy: 'Always',
    mainClass: 'org.apache.spark.examples.SparkPi',
    mainApplicationFile: 'local:///opt/spark/pi.jar',
    sparkVersion: '2.4.5',
    restartPolicy: { type: 'Never' },
    volumes: [{ name: 'test-volume', hostPath: { path: '/tmp', type: 'Directory' } }],
    driver: {
      cores: 1, coreLimit: '1200m', memory: '512m', labels: { version: '2.4.5' }, serviceAccount: 'spark', volumeMounts: [{ name: 'test-volume', mountPath: '/tmp' }],
    },
    executor: { cores: 1, instances: 1, memory: '512m', labels: { version: '2.4.5' }, volumeMounts: [{ name: 'test-volume', mountPath: '/tmp' }] },
  },
};
const yaml = (value: any, indent = ''): string => Object.entries(value).map(([key, item]) => `${indent}${key}: ${JSON.stringify(item)}\n`).join('');

/** The cases of the provider's own tests, by their numbers, and places where it goes wrong. */
export const SPARK_CASES: SparkCase[] = [
  { id: 'SP-01 yaml', kwargs: {}, files: { 'a.yaml': yaml(PLAIN) } },
  { id: 'SP-01 json', kwargs: {}, files: { 'a.json': JSON.stringify(PLAIN) } },
  { id: 'SP-01 name of the operator', kwargs: { name: 'other_name', template_spec: PLAIN } },
  { id: 'SP-01 name of the task', kwargs: { template_spec: { ...PLAIN, metadata: {} } } },
  { id: 'SP-01 without metadata', kwargs: { template_spec: { spec: PLAIN.spec, kind: PLAIN.kind, apiVersion: PLAIN.apiVersion } } },
  { id: 'SP-02 template', kwargs: { ...PROGRAM, template_spec: template({}, {}) } },
  { id: 'SP-02 template in a file', kwargs: PROGRAM, files: { 'a.yaml': yaml(template({}, {})) } },
  { id: 'SP-02 template without the second section', kwargs: { ...PROGRAM, template_spec: template() } },
  { id: 'SP-02 group and version', kwargs: { ...PROGRAM, template_spec: template({}, {}, { apiVersion: undefined }) } },
  given('SP-03 env dict', {}, { env_vars: { A: '1', B: '2' } }),
  given('SP-03 env models', {}, { env_vars: [{ name: 'A', value: '1' }] }, { models: true }),
  given('SP-03 env list', {}, { env_vars: [{ name: 'A', value: '1' }] }),
  given('SP-03 own env stays', driver({ env: [{ name: 'OWN', value: '0' }, { name: 'A', value: '0' }] }), { env_vars: { A: '1' } }),
  given('SP-03 env_from order', {}, { env_from: [{ configMapRef: { name: 'direct' } }], from_env_config_map: ['a', 'b'], from_env_secret: ['s'] }),
  given('SP-03 name of the application given', driver({ env: [{ name: 'SPARK_APPLICATION_NAME', value: 'mine' }] })),
  given('SP-04 volumes', {}, {
    volumes: [{ name: 'config', persistentVolumeClaim: { claimName: 'airflow' } }],
    volume_mounts: [{ name: 'config', mountPath: '/airflow' }],
    config_map_mounts: { 'snowflake-default': '/mnt/tmp' },
  }),
  given('SP-05 image pull secrets', {}, { image_pull_secrets: 'a,b' }),
  given('SP-06 affinity', {}, {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] }] } } },
  }),
  given('SP-07 tolerations', {}, { tolerations: [{ key: 'key1', operator: 'Equal', value: 'value1', effect: 'NoSchedule' }] }),
  given('SP-07 node selector', {}, { node_selector: { 'karpenter.sh/provisioner-name': 'spark' } }),
  given('SP-08 labels of the template', { labels: { team: 'a' } }, {}),
  given('SP-08 without reattaching', { labels: { team: 'a' } }, {}, { kwargs: { reattach_on_restart: false } }),
  { id: 'SP-16 a list', kwargs: {}, files: { 'a.yaml': '- 1\n' } },
  { id: 'SP-16 a text', kwargs: {}, files: { 'a.yaml': 'text\n' } },
  { id: 'SP-16 nothing', kwargs: {} },
  { id: 'SP-17 long name', kwargs: { ...PROGRAM, name: 'a'.repeat(70), template_spec: template() } },
  { id: 'SP-17 hostile name', kwargs: { ...PROGRAM, name: 'My.Spark_Job--x', template_spec: template() } },
  given('SP-18 dynamic allocation', { dynamicAllocation: { enabled: true, initialExecutors: 1, minExecutors: 1, maxExecutors: 4 } }, {}),
  given('SP-18 without the least number', { dynamicAllocation: { enabled: true, maxExecutors: 4 } }, {}),
  given('SP-18 without the greatest number', { dynamicAllocation: { enabled: true, minExecutors: 1 } }, {}),
  given('SP-19 resources', {
    driver: { container_resources: resources({ request: 1, limit: '2' }, { limit: '2Gi', request: '1Gi' }, { name: 'nvidia', quantity: '1' }) },
    executor: { instances: 2, container_resources: resources({ request: '2', limit: 3 }, { limit: '4Gi' }) },
  }, {}),
  given('SP-19 megabytes of Spark', { driver: { container_resources: resources({}, { limit: '512m' }) }, executor: { container_resources: resources() } }, {}),
  given('SP-19 megabytes of Kubernetes', { driver: { container_resources: resources({}, { limit: '512Mi' }) }, executor: { container_resources: resources() } }, {}),
  given('SP-19 a part of a core', { driver: { container_resources: resources({ request: '500m' }) }, executor: { container_resources: resources() } }, {}),
  given('SP-19 half a core', { driver: { container_resources: resources({ request: '0.5' }) }, executor: { container_resources: resources() } }, {}, {
    deviation: 'the operator asks for no cores at all, so that it is one',
  }),
  given('SP-19 one and a half cores', { driver: { container_resources: resources({ request: '1.5' }) }, executor: { container_resources: resources() } }, {}, {
    deviation: 'the operator takes one core and drops the half',
  }),
  given('SP-19 of the driver alone', { driver: { container_resources: resources({ request: 1 }) }, executor: { instances: 1 } }, {}),
  given('SP-19 of the executor alone', { driver: {}, executor: { instances: 1, container_resources: resources({ request: 1 }) } }, {}, {
    deviation: 'the operator sends a key that Spark does not have, which the API server drops',
  }),
  { id: 'SP-20 labels of the metadata', kwargs: { ...PROGRAM, namespace: 'other', template_spec: template({}, {}, { metadata: { labels: { a: 'b' }, namespace: 'ds', name: 'x' } }) } },
  { id: 'a section with one key', kwargs: { ...PROGRAM, template_spec: { ...template(), kubernetes: { env_vars: { A: '1' } } } } },
  given('own labels and the second section', driver({ labels: { own: 'x' } }), {}, { deviation: 'the operator drops the labels of the driver' }),
  given('own mounts and the second section', driver({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }), {}, { deviation: 'the operator drops the mounts of the driver' }),
  given('own volumes and the second section', { volumes: [{ name: 'v', emptyDir: {} }] }, {}, { deviation: 'the operator drops the volumes of the spec' }),
  given('own envFrom and the second section', driver({ envFrom: [{ secretRef: { name: 's' } }] }), {}, { deviation: 'the operator drops envFrom of the driver' }),
  given('labels without the second section', { labels: { team: 'a' } }, undefined, {
    deviation: 'the operator sends a key that the custom resource does not have, which the API server drops',
  }),
  given('memory as a number', { driver: { container_resources: resources({}, { limit: 2147483648 }) }, executor: { container_resources: resources() } }, {}),
  given('unknown key', { driver: { cpu: 1 } }, {}, { deviation: 'the API server drops what it does not know' }),
  { id: 'no program', kwargs: { image: 'spark:3', template_spec: template() } },
];
