import { Deployed, envOf, SHAPES } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, Executor, PodLaunchingProps } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';
const deploy = (podLaunching: PodLaunchingProps, props: Partial<AirflowKubernetesDeploymentProps> = {}) => new Deployed({ ...props, podLaunching });
const roles = (deployed: Deployed, component: string): { [role: string]: string[] } => Object.fromEntries(deployed.objects
  .filter(({ kind, metadata }) => kind === 'Role' && metadata.labels['app.kubernetes.io/component'] === component)
  .map(({ metadata, rules }) => [`${metadata.namespace}/${metadata.name}`, rules.map((rule: any) => `${rule.resources}: ${rule.verbs}`)]));
const hasToken = (pod: any) => pod.spec.containers[0].volumeMounts.some((mount: any) => mount.mountPath === TOKEN);
const connection = (pod: any) => JSON.parse(envOf(pod.spec.containers[0]).AIRFLOW_CONN_KUBERNETES_DEFAULT ?? 'null');

const PODS = ['pods: create,delete,get,list,patch,watch', 'pods/log: get', 'pods/exec: create,get', 'events: list,watch'];

test('without it no task has a token, a Role or a connection', () => {
  for (const [, props] of SHAPES) {
    const { pods } = new Deployed(props());
    const tasks = pods.worker ?? pods.scheduler;
    expect([hasToken(tasks), connection(tasks), connection(pods.triggerer)]).toEqual([false, null, null]);
  }
});

test.each(SHAPES)('%s: with it those who run tasks have all three, and nobody else', (_, props) => {
  const deployed = deploy({}, props());
  const tasks = deployed.pods.worker ? 'worker' : 'scheduler';
  expect(roles(deployed, tasks)).toEqual({ [`ns/airflow-${tasks}`]: PODS });
  expect(hasToken(deployed.pods[tasks])).toBe(true);
  expect(deployed.find('NetworkPolicy', `airflow-${tasks}`).spec.egress)
    .toContainEqual({ ports: [{ protocol: 'TCP', port: 443 }, { protocol: 'TCP', port: 6443 }] });
  const connected = Object.entries(deployed.pods).filter(([, pod]) => connection(pod)).map(([name]) => name);
  expect(connected).toEqual([tasks]);
  expect(hasToken(deployed.pods.triggerer)).toBe(false);
});

test('the XCom sidecar of the connection satisfies restricted, and its image is the catalogue\'s', () => {
  const { conn_type, extra } = connection(deploy({}, { images: { xcomSidecar: 'registry/busybox:1' } }).pods.worker);
  const {
    xcom_sidecar_container_image: image, xcom_sidecar_container_resources: resources, xcom_sidecar_container_security_context: context, ...rest
  } = extra;
  expect([conn_type, image, rest]).toEqual(['kubernetes', 'registry/busybox:1', { in_cluster: true, namespace: 'ns' }]);
  // The provider parses these two itself.
  const sidecar = { name: 'airflow-xcom-sidecar', image, resources: JSON.parse(resources), securityContext: JSON.parse(context) };
  expect(podSecurityViolations({ containers: [sidecar] }, 'restricted')).toEqual([]);
  expect(sidecar.securityContext.runAsUser).toBe(50000);
  expect(sidecar.resources.limits.memory).toBe('64Mi');
  const imageOf = (props: Partial<AirflowKubernetesDeploymentProps>) => connection(deploy({}, props).pods.worker).extra.xcom_sidecar_container_image;
  expect(imageOf({})).toBe('alpine:3.24.2');
  // It has the procps without which that provider does not end the sidecar.
  const version = AirflowVersion.V2_11;
  expect(imageOf({ version })).toBe('apache/airflow:2.11.2');
  expect(imageOf({ version, images: { xcomSidecar: 'procps:1' } })).toBe('procps:1');
});

test('the provider of Airflow 2 is told by a pod mutation hook, after what the user has', () => {
  const settings = (props: Partial<AirflowKubernetesDeploymentProps>) => new Deployed(props).objects
    .find(({ metadata }) => metadata.name === 'airflow-local-settings')?.data['airflow_local_settings.py'];
  const version = AirflowVersion.V2_11;
  expect(settings({ podLaunching: {} })).toBeUndefined();
  expect(settings({ version, podLaunching: { pods: false, jobs: true } })).toBeUndefined();
  expect(settings({ version, podLaunching: {} })).toContain('"allowPrivilegeEscalation": False');
  expect(settings({ version, podLaunching: {}, airflowLocalSettings: 'A = 1' })).toMatch(/^A = 1\n\ndef _harden_xcom_sidecar/);
  expect(settings({ podLaunching: {}, airflowLocalSettings: 'A = 1' })).toBe('A = 1');
});

test('deferrable gives the triggerer what waiting needs, and neither create nor exec', () => {
  const deployed = deploy({ deferrable: true, jobs: true });
  expect(roles(deployed, 'triggerer')).toEqual({ 'ns/airflow-triggerer': ['pods: delete,get', 'pods/log: get', 'events: list,watch', 'jobs/status: get'] });
  expect(hasToken(deployed.pods.triggerer)).toBe(true);
  expect(connection(deployed.pods.triggerer)).toEqual(connection(deployed.pods.worker));
});

test('jobs, spark and extra rules add theirs, and pods can be left to them', () => {
  const jobs = ['jobs: create,delete,get,list,patch,watch', 'jobs/status: get'];
  const spark = ['sparkapplications: create,delete,get', 'sparkapplications/status: get'];
  const rules = (props: PodLaunchingProps) => roles(deploy(props), 'worker')['ns/airflow-worker'];
  expect(rules({ jobs: true, spark: true })).toEqual([...PODS, ...jobs, ...spark]);
  expect(rules({ pods: false, jobs: true })).toEqual(['pods: get,list,patch,watch', ...PODS.slice(1), ...jobs]);
  expect(rules({ pods: false, extraRules: [{ apiGroups: ['ray.io'], resources: ['rayjobs'], verbs: ['create'] }] })).toEqual(['rayjobs: create']);
});

test('other namespaces get Roles of a name that says whose they are, bound to our account', () => {
  const deployed = deploy({ namespaces: ['etl', 'ns'], deferrable: true });
  expect(roles(deployed, 'worker')).toEqual({ 'ns/airflow-worker': PODS, 'etl/ns-airflow-worker': PODS });
  expect(Object.keys(roles(deployed, 'triggerer'))).toEqual(['ns/airflow-triggerer', 'etl/ns-airflow-triggerer']);
  expect(deployed.find('RoleBinding', 'ns-airflow-worker')).toMatchObject({
    metadata: { namespace: 'etl' },
    roleRef: { kind: 'Role', name: 'ns-airflow-worker' },
    subjects: [{ kind: 'ServiceAccount', name: 'airflow-worker', namespace: 'ns' }],
  });
  expect(connection(deployed.pods.worker).extra.namespace).toBe('etl');
});

test('only other namespaces: a token still, and no Role here', () => {
  const deployed = deploy({ namespaces: ['etl'] });
  expect(Object.keys(roles(deployed, 'worker'))).toEqual(['etl/ns-airflow-worker']);
  expect(hasToken(deployed.pods.worker)).toBe(true);
  expect(Object.keys(roles(deploy({ namespaces: ['etl'] }, { executor: Executor.local() }), 'scheduler'))).toEqual(['etl/ns-airflow-scheduler']);
});

test.each<[string, PodLaunchingProps, Partial<AirflowKubernetesDeploymentProps>, string]>([
  ['nothing allowed', { pods: false }, {}, "[chart/airflow] 'podLaunching' allows nothing; remove it, or set one of 'pods', 'jobs', 'spark' and 'extraRules'"],
  ['nothing to wait for', { pods: false, deferrable: true, extraRules: [{ verbs: ['get'] }] }, {}, "'podLaunching.deferrable' has nothing to wait for"],
  ['no namespace', { namespaces: [] }, {}, "'podLaunching.namespaces' is empty; leave it out for the deployment's own"],
  ['a bad namespace', { namespaces: ['ns', 'A b'] }, {}, "'podLaunching.namespaces[1]' must be the name of a namespace"],
  ['a namespace twice', { namespaces: ['etl', 'etl'] }, {}, "'podLaunching.namespaces' names 'etl' twice; remove one"],
  ['a bad rule', { extraRules: [{ verb: ['get'] }] }, {}, "podLaunching.extraRules[0]: unknown key 'verb' of PolicyRule"],
  ['the connection as a variable', {}, { workers: { env: [{ name: 'AIRFLOW_CONN_KUBERNETES_DEFAULT', value: '{}' }] } },
    "'workers.env[0]' sets 'AIRFLOW_CONN_KUBERNETES_DEFAULT', which the deployment sets itself; remove it"],
  ['an image that moves', {}, { images: { xcomSidecar: 'busybox' } }, "'images.xcomSidecar' 'busybox' is not pinned"],
])('fails for %s', (_, podLaunching, props, message) => {
  expect(() => deploy(podLaunching, props)).toThrow(message);
});
