import { KpoCase } from '../../test/tasks/kpo';

const image = 'busybox:1';
const NODE_AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/os', operator: 'In', values: ['linux'] }] }],
    },
  },
};
const TOLERATIONS = [{ key: 'key', operator: 'Equal', value: 'value' }];

const named = (id: string, kwargs: KpoCase['kwargs'], more: Partial<KpoCase> = {}): KpoCase => ({ id, kwargs: { image, ...kwargs }, ...more });

/** Arguments by hand; the ids are those of the provider's own tests where they come from there. */
export const MANIFEST_CASES: KpoCase[] = [
  named('PM-34 an image alone', {}),
  named('PM-02 env as a list', { env_vars: [{ name: '{{ bar }}', value: '{{ foo }}' }] }),
  named('PM-02 env as a map', { env_vars: { '{{ bar }}': '{{ foo }}', 'b': '' } }),
  named('a variable given twice', { env_vars: [{ name: 'A', value: '1' }, { name: 'B', value: '$(A)' }, { name: 'A', value: '2' }] }),
  named('a Secret wins over a variable of its name', { env_vars: { SQL_CONN: 'x' }, secrets: [{ deploy_type: 'env', deploy_target: 'sql_conn', secret: 's', key: 'k' }] }),
  named('PM-03 run-time info wins over env_vars', {
    env_vars: { ENV3: 'x' }, pod_runtime_info_envs: [{ name: 'ENV3', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
  }),
  named('PM-04 pod security context', { security_context: { runAsUser: 1245 } }),
  named('PM-05 host aliases', { host_aliases: [{ ip: '192.0.2.250', hostnames: ['my.service.com'] }] }),
  named('PM-06 container security context as a dictionary', { container_security_context: { allowPrivilegeEscalation: false } }, { objects: 'dict' }),
  named('PM-07 env_from', { env_from: [{ configMapRef: { name: 'env-direct-config' } }, { secretRef: { name: 's' } }] }),
  named('PM-08 configmaps', { configmaps: ['test-config-map', 'other'] }),
  named('PM-08 the same ConfigMap three times', { env_from: [{ configMapRef: { name: 'a' } }], configmaps: ['a', 'b', 'a'] }),
  named('PM-09 all keys of a Secret', { secrets: [{ deploy_type: 'env', secret: 'test' }] }),
  named('PM-10 labels with None', { labels: { foo: 'bar', none: null } }),
  named('PM-12 dns', { dns_config: { nameservers: ['192.0.2.1'], searches: ['ns1.svc.cluster-domain.example'] }, hostname: 'busybox-2', subdomain: 'busybox-subdomain' }),
  named('PM-13 pull secrets as a list', { image_pull_secrets: [{ name: 'fakeSecret' }] }),
  named('PM-13 pull secrets as one name', { image_pull_secrets: 'fakeSecret' }),
  named('PM-13 pull secrets with blanks', { image_pull_secrets: 'a, b' }, { deviation: 'the blank is no part of the name' }),
  named('PM-14 pull policy', { image_pull_policy: 'Always' }),
  named('PM-15 termination message policy', { termination_message_policy: 'FallbackToLogsOnError' }),
  named('PM-17 grace period', { termination_grace_period: 300 }),
  named('PM-17 grace period of zero', { termination_grace_period: 0 }),
  named('PM-19 affinity as an object', { affinity: NODE_AFFINITY }),
  named('PM-19 affinity as a dictionary', { affinity: NODE_AFFINITY }, { objects: 'dict' }),
  named('PM-20 tolerations as objects', { tolerations: TOLERATIONS }),
  named('PM-20 tolerations as dictionaries', { tolerations: TOLERATIONS }, { objects: 'dict' }),
  named('PM-21 node selector', { node_selector: { 'beta.kubernetes.io/os': 'linux' } }),
  named('PM-22 no token', { automount_service_account_token: false }),
  named('PM-23 priority class', { priority_class_name: 'medium-priority' }),
  named('PM-24 host network', { hostnetwork: true, dnspolicy: 'ClusterFirstWithHostNet' }),
  named('PM-26 scheduler', { schedulername: 'default-scheduler' }),
  named('PM-27 resources', {
    container_resources: {
      requests: { 'memory': '64Mi', 'cpu': '250m', 'ephemeral-storage': '1Gi' }, limits: { 'memory': '64Mi', 'cpu': 0.25, 'nvidia.com/gpu': null, 'ephemeral-storage': '2Gi' },
    },
  }),
  named('PM-28 a port', { ports: [{ name: 'http', containerPort: 80 }] }),
  named('PM-29 a claim', {
    volume_mounts: [{ name: 'test-volume', mountPath: '/tmp/test_volume', readOnly: false }],
    volumes: [{ name: 'test-volume', persistentVolumeClaim: { claimName: 'test-volume' } }],
  }),
  named('PM-30 root', { security_context: { runAsUser: 0 } }),
  named('PM-31 group of the volumes', { security_context: { fsGroup: 1000 } }),
  named('PM-33 an init container', {
    volumes: [{ name: 'test-volume', persistentVolumeClaim: { claimName: 'test-volume' } }],
    init_containers: [{
      name: 'init-container', image: 'ubuntu:16.04', env: [{ name: 'key1', value: 'value1' }, { name: 'key2', value: 'value2' }],
      volumeMounts: [{ mountPath: '/etc/foo', name: 'test-volume', readOnly: true }], command: ['/bin/bash'], args: ['-c', 'sleep 1'],
    }],
  }),
  named('PM-35 another base container', { base_container_name: 'apple-sauce', do_xcom_push: true }),
  named('PM-37 a deadline', { active_deadline_seconds: 3 }),
  named('empty collections', {
    cmds: [], arguments: [], ports: [], volume_mounts: [], volumes: [], env_vars: [], env_from: [], secrets: [], labels: {}, annotations: {}, affinity: {},
    node_selector: {}, tolerations: [], image_pull_secrets: [], host_aliases: [], init_containers: [], pod_runtime_info_envs: [], configmaps: [],
  }, { objects: 'dict' }),
  named('empty objects', { container_resources: {}, security_context: {}, container_security_context: {}, affinity: {}, dns_config: {} }),
  named('empty texts', { hostname: '', subdomain: '', schedulername: '', priority_class_name: '', runtime_class_name: '', service_account_name: '', image_pull_policy: '', dnspolicy: '' }),
  named('a label that is no text', { labels: { n: 5 } }),
  named('a label that is too long', { labels: { n: 'x'.repeat(64) } }),
  named('a label with a blank', { labels: { n: 'a b' } }),
  named('NM-02 hostile name', { name: '.hi.-_09HI' }),
  named('NM-03 a name of 220 characters', { name: 'a'.repeat(220) }),
  named('NM-05 underscore', { name: 'test_extra-123' }),
  named('NM-06 a sign', { name: 'name@extra' }),
  named('NM-06 221 characters', { name: 'a'.repeat(221) }),
  named('NM-11 trailing signs', { name: 'pod-name-with-hyphen-dot-.' }),
  named('a name in capitals', { name: 'My.Pod_x' }),
  named('a name of Cyrillic letters', { name: 'имя' }),
  named('two dots', { name: 'a..b' }),
  ...['task_id', 'Group.Übung_1', '90AçLb', 'a__b', 'Straße', 'Æther-Œuvre', 'x'.repeat(200), '1', '---task.id---', 'a.b-c_d', 'Компьютер', 'Ελλάδα', '任务', 'задача_1', 'Łódź', 'Þór', 'İstanbul', 'ñandú', 'ĐƠN'].map(
    task_id => named(`NM-01 the name of task ${task_id.slice(0, 20)}`, { task_id },
      task_id === '任务' ? { deviation: 'scripts other than Latin, Greek and Cyrillic become a hash' } : {})),
  named('XC-01 sidecar', { do_xcom_push: true }),
  named('sidecar with its own context', { do_xcom_push: true, xcom_sidecar_container_security_context: { runAsUser: 1 } }),
  named('sidecar with an empty context', { do_xcom_push: true, xcom_sidecar_container_security_context: {} }, { objects: 'dict' }),
  named('an xcom volume of the author', {
    do_xcom_push: true, volumes: [{ name: 'xcom', emptyDir: { medium: 'Memory' } }], volume_mounts: [{ name: 'xcom', mountPath: '/airflow/xcom' }],
  }),
  named('a container called like the sidecar', { do_xcom_push: true, init_containers: [{ name: 'airflow-xcom-sidecar', image }] }),
  named('a Secret with target and no key', { secrets: [{ deploy_type: 'env', deploy_target: 'X', secret: 's' }] }, { deviation: 'the operator ignores the target; refused' }),
  named('a Secret volume with key', { secrets: [{ deploy_type: 'volume', deploy_target: '/x', secret: 's', key: 'k' }] }, { deviation: 'the operator ignores the key; refused' }),
  named('a Secret volume without path', { secrets: [{ deploy_type: 'volume', secret: 's' }] }),
  named('a Secret of another kind', { secrets: [{ deploy_type: 'file', deploy_target: 'x', secret: 's' }] }),
  named('a Secret with key and no target', { secrets: [{ deploy_type: 'env', secret: 's', key: 'k' }] }),
  named('two volumes of one name', { volumes: [{ name: 'a', emptyDir: {} }, { name: 'a', hostPath: { path: '/' } }] }),
  named('two mounts at one path', {
    volumes: [{ name: 'a', emptyDir: {} }, { name: 'b', emptyDir: {} }], volume_mounts: [{ name: 'a', mountPath: '/x' }, { name: 'b', mountPath: '/x' }],
  }),
  named('an init container called base', { init_containers: [{ name: 'base', image }] }),
];
