import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CeleryResultBackend, Executor, Exposure, FlowerProps, SecretRef } from '../../src';

const basicAuth = SecretRef.existing('airflow-flower', 'basicAuth');
const redis = { host: 'redis', password: SecretRef.existing('redis', 'password') };
const own = Executor.celery({ broker: CeleryBroker.redis(redis), resultBackend: CeleryResultBackend.redis(redis) });
const deploy = (flower: Omit<FlowerProps, 'basicAuth'> = {}, props: Partial<AirflowKubernetesDeploymentProps> = {}) =>
  new Deployed({ executor: own, ...props, flower: { basicAuth, ...flower } });

test('Flower runs with a password by reference, which no argument and no probe holds', () => {
  const deployed = deploy();
  const container = deployed.container('flower');
  expect(container.args).toEqual(['airflow', 'celery', 'flower']);
  expect(deployed.env('flower')).toMatchObject({ AIRFLOW__CELERY__FLOWER_BASIC_AUTH: 'airflow-flower/basicAuth' });
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) { expect(container[probe].httpGet).toEqual({ path: '/healthcheck', port: 5555 }); }
  expect(deployed.config['celery.flower_port']).toBe('5555');
  expect(deployed.airflow.flower!.service!.name).toBe('airflow-flower');
  expect(deployed.find('Service', 'airflow-flower').spec.ports).toEqual([{ name: 'flower-ui', port: 5555, targetPort: 'flower-ui', protocol: 'TCP' }]);
  expect(deployed.objects.filter(({ kind }) => kind === 'Ingress')).toEqual([]);
});

test('it holds the broker alone, and the database where that keeps the results', () => {
  const names = (deployed: Deployed) => Object.keys(deployed.env('flower'));
  const ports = (deployed: Deployed) => deployed.find('NetworkPolicy', 'airflow-flower').spec.egress.map((rule: any) => rule.ports[0].port);
  expect(names(deploy()).filter(name => /DATABASE|METADATA|FERNET|JWT|SECRET_KEY/.test(name))).toEqual([]);
  expect(deploy().env('flower').CONNECTION_CHECK_MAX_COUNT).toBe('0');
  expect(ports(deploy())).toEqual([53, 6379]);
  for (const props of [{ executor: Executor.celery({ broker: CeleryBroker.redis(redis) }) }, { version: AirflowVersion.V2_11 }]) {
    expect(names(deploy({}, props))).toContain('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD');
    expect(deploy({}, props).env('flower').CONNECTION_CHECK_MAX_COUNT).toBe('0');
    expect(ports(deploy({}, props))).toContain(5432);
  }
});

test('it reaches a Redis of the deployment, and nobody reaches it', () => {
  const deployed = deploy({}, { executor: Executor.celery({ broker: CeleryBroker.developmentRedis() }) });
  const callers = deployed.find('NetworkPolicy', 'airflow-redis').spec.ingress[0].from.map(({ podSelector }: any) => podSelector.matchLabels['app.kubernetes.io/component']);
  expect(callers).toContain('flower');
  expect(deployed.find('NetworkPolicy', 'airflow-flower').spec.ingress).toBeUndefined();
});

test('an exposure below a path tells Flower and its probes of it', () => {
  const deployed = deploy({ exposure: Exposure.ingress({ host: 'airflow.example.com', path: '/flower', tlsSecretName: 'tls' }) });
  expect(deployed.find('Ingress', 'airflow-flower').spec.rules[0].http.paths).toEqual([
    { path: '/flower', pathType: 'Prefix', backend: { service: { name: 'airflow-flower', port: { number: 5555 } } } },
  ]);
  expect(deployed.config['celery.flower_url_prefix']).toBe('/flower');
  expect(deployed.container('flower').livenessProbe.httpGet.path).toBe('/flower/healthcheck');
  expect(deployed.find('NetworkPolicy', 'airflow-flower').spec.ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 5555 }] }]);
  expect(Object.keys(deployed.config)).not.toContain('api.base_url');
});

test('it beside Airflow has an Ingress of its own', () => {
  const exposure = Exposure.ingress({ host: 'airflow.example.com' });
  const deployed = deploy({ exposure: Exposure.httpRoute({ host: 'flower.example.com', gateways: [{ name: 'public' }] }) }, { exposure });
  expect(deployed.find('Ingress').metadata.name).toBe('airflow-api-server');
  expect(deployed.find('HTTPRoute').spec.rules[0].backendRefs).toEqual([expect.objectContaining({ name: 'airflow-flower', port: 5555 })]);
});

test('what can be set on every component can be set on it', () => {
  const deployed = deploy({ replicas: 2, nodeSelector: { disk: 'ssd' }, resources: { limits: { memory: '2Gi' } } });
  expect(deployed.workload('flower').spec).toMatchObject({ replicas: 2, template: { spec: { nodeSelector: { disk: 'ssd' } } } });
  expect(deployed.container('flower').resources).toEqual({ limits: { memory: '2Gi' } });
  expect(deployed.find('PodDisruptionBudget', 'airflow-flower').spec.maxUnavailable).toBe(1);
});

test.each<[string, any, string]>([
  ['another executor', { executor: Executor.kubernetes(), flower: { basicAuth } }, "'flower' shows the workers of CeleryExecutor, the executor is KubernetesExecutor; remove it"],
  ['no password', { executor: own, flower: {} }, "'flower.basicAuth' must be a SecretRef with 'user:password'"],
  ['a password in the manifest', { executor: own, flower: { basicAuth: 'a:b' } }, "'flower.basicAuth' must be a SecretRef"],
  ['a misspelt prop', { executor: own, flower: { basicAuth, password: 'a' } }, "flower: unknown prop 'password'"],
  ['the address of the user interface', {
    executor: own, flower: { basicAuth, exposure: Exposure.ingress({ host: 'a.example.com' }) }, exposure: Exposure.ingress({ host: 'a.example.com' }),
  }, "'flower.exposure' and 'exposure' are both http://a.example.com; give Flower a host or a path of its own, such as path: '/flower'"],
  ['another port', { executor: own, flower: { basicAuth }, config: { celery: { flower_port: 1 } } }, "'config.celery.flower_port' is '1', but the Service of Flower makes it '5555'"],
])('fails for %s', (_, props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});
