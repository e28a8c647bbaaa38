import { AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, MetadataDatabase, SecretRef } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { toWire } from '../../src/pod/schema';
import { Deployed } from '../deployment/deploy';
import { chart, find, synth } from '../util';

const password = SecretRef.existing('db', 'password');
const make = (props: { storage?: string } = {}, closedTo?: string[]) => {
  const scope = chart();
  const bound = MetadataDatabase.developmentPostgres({ password, ...props })
    .bind(scope, { name: 'af', namespace: 'ns', labels: {}, version: AirflowVersion.V3_3, closedTo, images: { postgres: 'registry/postgres:17' } });
  return { bound, objects: synth(scope) };
};

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(); });

test('Airflow gets its address and the password by which it starts', () => {
  const { bound, objects } = make();
  expect(bound.peer).toEqual({ host: 'af-postgres', port: 5432 });
  expect(bound.env).toContainEqual({ name: 'METADATA_DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } });
  const [container] = find(objects, 'Deployment').spec.template.spec.containers;
  expect(container.image).toBe('registry/postgres:17');
  expect(container.env).toContainEqual({ name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } });
  expect(find(objects, 'Service').metadata).toMatchObject({ name: 'af-postgres', namespace: 'ns' });
});

test('says that it is for development', () => {
  make();
  expect(process.emitWarning).toHaveBeenCalledWith(expect.stringContaining('PostgreSQL of one pod, for development'), expect.anything());
});

test('the pod satisfies restricted, with a read-only root and without a token', () => {
  const { spec } = find(make().objects, 'Deployment').spec.template;
  expect(podSecurityViolations(spec, 'restricted')).toEqual([]);
  expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
  expect(spec.automountServiceAccountToken).toBe(false);
});

test('no key is lost or unknown to Kubernetes', () => {
  for (const object of make({ storage: '1Gi' }).objects) { expect(toWire(object.kind, object, object.kind)).toEqual(object); }
});

test('its data is on a claim where a size is given', () => {
  const { objects } = make({ storage: '8Gi' });
  expect(find(objects, 'PersistentVolumeClaim').spec.resources.requests.storage).toBe('8Gi');
  expect(find(objects, 'Deployment').spec.template.spec.volumes[0]).toEqual({ name: 'data', persistentVolumeClaim: { claimName: 'af-postgres' } });
});

test('components without business there do not reach it', () => {
  const from = (closedTo: string[]) => find(make({}, closedTo).objects, 'NetworkPolicy').spec.ingress[0].from[0].podSelector;
  expect(from(['worker']).matchExpressions).toEqual([{ key: 'app.kubernetes.io/component', operator: 'NotIn', values: ['worker'] }]);
  expect(from([]).matchExpressions).toBeUndefined();
  expect(make().objects.map(({ kind }) => kind)).not.toContain('NetworkPolicy');
});

test('KEDA reaches it where it asks it', () => {
  const from = (props: Partial<AirflowKubernetesDeploymentProps>) =>
    new Deployed({ database: MetadataDatabase.developmentPostgres({ password }), ...props }).find('NetworkPolicy', 'airflow-postgres').spec.ingress[0].from;
  const keda = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'keda' } }, podSelector: { matchLabels: { app: 'keda-operator' } } };
  const broker = CeleryBroker.developmentRedis();
  expect(from({})).toHaveLength(1);
  expect(from({ triggerer: { keda: { maxReplicas: 2 } } })[1]).toEqual(keda);
  expect(from({ executor: Executor.celery({ broker, workers: [{}, { name: 'b', keda: { maxReplicas: 2 } }] }), pgbouncer: {} })[1]).toEqual(keda);
});

test('those whom extraIngress lets in reach it, too', () => {
  const backup = { from: [{ podSelector: { matchLabels: { app: 'backup' } } }], ports: [{ port: 5432 }] };
  const letIn = (postgres: any[]) =>
    new Deployed({ database: MetadataDatabase.developmentPostgres({ password }), networkPolicies: { extraIngress: { postgres } } });
  expect(letIn([backup]).find('NetworkPolicy', 'airflow-postgres').spec.ingress[1]).toEqual(backup);
  expect(() => letIn([{ form: [] }])).toThrow("networkPolicies.extraIngress.postgres[0]: unknown key 'form'");
});

test('extraIngress of a server that is not there is refused', () => {
  expect(() => new Deployed({ networkPolicies: { extraIngress: { postgres: [{}] } } })).toThrow("'networkPolicies.extraIngress' names 'postgres', which is no component");
});

test.each([
  [{ password: 'x' as any }, "'password' must be a SecretRef"],
  [{ password, storage: 'big' }, "'storage' must be a quantity such as '8Gi', got 'big'"],
])('fails for %j', (props, message) => {
  expect(() => MetadataDatabase.developmentPostgres(props)).toThrow(message);
});
