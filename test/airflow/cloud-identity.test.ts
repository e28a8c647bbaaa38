import { AirflowKubernetesDeploymentProps, CeleryBroker, CloudIdentity, Executor, SecretRef } from '../../src';
import { Deployed } from '../deployment/deploy';

const ID = '12345678-1234-1234-1234-1234567890ab';
const ROLE = 'arn:aws:iam::111122223333:role/airflow';
const ROBOT = 'airflow@project.iam.gserviceaccount.com';

const account = (deployed: Deployed, component: string, namespace = 'ns') => deployed.objects
  .find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === `airflow-${component}` && metadata.namespace === namespace).metadata.annotations;
/** address:port of what a component reaches beside what it reaches without an identity. */
const opened = (component: string, props: (cloudIdentity?: CloudIdentity) => Partial<AirflowKubernetesDeploymentProps>, identity: CloudIdentity) => {
  const rules = (cloudIdentity?: CloudIdentity) => new Deployed(props(cloudIdentity)).find('NetworkPolicy', `airflow-${component}`).spec.egress
    .filter(({ to }: any) => !to?.some(({ namespaceSelector }: any) => namespaceSelector))
    .flatMap(({ to, ports }: any) => (to ?? [{}]).map(({ ipBlock }: any) => `${ipBlock?.cidr ?? 'any'}:${ports.map(({ port }: any) => port)}`));
  const before = rules();
  return rules(identity).filter((rule: string) => !before.includes(rule));
};

test.each([
  ['irsa', CloudIdentity.irsa(ROLE), { 'eks.amazonaws.com/role-arn': ROLE }, {}, ['any:443']],
  ['irsa at known addresses', CloudIdentity.irsa(ROLE, { cidrs: ['10.0.9.0/24'] }), { 'eks.amazonaws.com/role-arn': ROLE }, {}, ['10.0.9.0/24:443']],
  ['EKS Pod Identity', CloudIdentity.eksPodIdentity(), undefined, {}, ['169.254.170.23/32:80', 'fd00:ec2::23/128:80']],
  ['GKE', CloudIdentity.gke(ROBOT), { 'iam.gke.io/gcp-service-account': ROBOT }, {}, ['169.254.169.254/32:80', '169.254.169.252/32:988']],
  ['GKE, directly', CloudIdentity.gke(), undefined, {}, ['169.254.169.254/32:80', '169.254.169.252/32:988']],
  [
    'Azure', CloudIdentity.azure({ clientId: ID, tenantId: ID }),
    { 'azure.workload.identity/client-id': ID, 'azure.workload.identity/tenant-id': ID }, { 'azure.workload.identity/use': 'true' }, ['any:443'],
  ],
])('%s: account, pods and network of the component, and of no other one', (_, identity, annotations, labels, ways) => {
  const props = (cloudIdentity?: CloudIdentity) => ({ scheduler: { cloudIdentity } });
  const [deployed, plain] = [new Deployed(props(identity)), new Deployed()];
  expect(account(deployed, 'scheduler')).toEqual(annotations);
  expect(deployed.pods.scheduler.metadata.labels).toEqual({ ...plain.pods.scheduler.metadata.labels, ...labels });
  expect(opened('scheduler', props, identity)).toEqual(ways);
  for (const other of ['api-server', 'dag-processor', 'worker']) {
    expect([account(deployed, other), deployed.pods[other].metadata.labels]).toEqual([undefined, plain.pods[other].metadata.labels]);
  }
});

test('the agent is closed to the code of others that may go anywhere else', () => {
  const except = (props: Partial<AirflowKubernetesDeploymentProps>, component: string) => new Deployed(props).find('NetworkPolicy', `airflow-${component}`)
    .spec.egress.flatMap(({ to = [] }: any) => to).filter(({ ipBlock }: any) => ipBlock?.except).flatMap(({ ipBlock }: any) => ipBlock.except);
  expect(except({ dagProcessor: { cloudIdentity: CloudIdentity.eksPodIdentity() } }, 'worker'))
    .toEqual(['169.254.169.254/32', '169.254.170.23/32', 'fd00:ec2::254/128', 'fd00:ec2::23/128']);
  expect(except({ dagProcessor: { cloudIdentity: CloudIdentity.gke() } }, 'worker')).toEqual(['169.254.169.254/32', '169.254.169.252/32', 'fd00:ec2::254/128']);
});

test('task pods have it in each of their namespaces', () => {
  const deployed = new Deployed({ workers: { cloudIdentity: CloudIdentity.azure({ clientId: ID }), namespaces: ['etl'] } });
  expect([account(deployed, 'worker'), account(deployed, 'worker', 'etl')]).toEqual(Array(2).fill({ 'azure.workload.identity/client-id': ID }));
  expect(deployed.pods.worker.metadata.labels['azure.workload.identity/use']).toBe('true');
});

test('a pool of Celery workers has one of its own', () => {
  const broker = CeleryBroker.redis({ host: 'redis', password: SecretRef.existing('broker', 'password') });
  const workers = [{ name: 'aws', cloudIdentity: CloudIdentity.irsa(ROLE) }, { name: 'other' }];
  const deployed = new Deployed({ executor: Executor.celery({ broker, workers }) });
  expect([account(deployed, 'celery-worker-aws'), account(deployed, 'celery-worker-other')]).toEqual([{ 'eks.amazonaws.com/role-arn': ROLE }, undefined]);
});

test('an annotation of the user stands beside it', () => {
  const deployed = new Deployed({ triggerer: { cloudIdentity: CloudIdentity.irsa(ROLE), serviceAccountAnnotations: { 'eks.amazonaws.com/token-expiration': '3600' } } });
  expect(account(deployed, 'triggerer')).toEqual({ 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/token-expiration': '3600' });
});

test.each([
  [() => CloudIdentity.irsa('airflow'), "'roleArn' must be the ARN of a role, such as 'arn:aws:iam::111122223333:role/airflow', got \"airflow\""],
  [() => CloudIdentity.gke('airflow'), "'serviceAccount' must be the address of an IAM service account"],
  [() => CloudIdentity.azure({ clientId: 'airflow' }), "'clientId' must be an ID such as"],
  [() => CloudIdentity.azure({ clientId: ID, tenantId: '1' }), "'tenantId' must be an ID such as"],
  [() => new Deployed({ scheduler: { cloudIdentity: ROLE as any } }), "'scheduler.cloudIdentity' must be a CloudIdentity, such as CloudIdentity.irsa('arn:…'), got"],
  [() => new Deployed({ scheduler: { cloudIdentity: CloudIdentity.irsa(ROLE), serviceAccountName: 'mine' } }),
    "'scheduler.cloudIdentity' is for an account that the deployment makes, and 'scheduler.serviceAccountName' names 'mine'"],
])('refused: %#', (make, message) => expect(make).toThrow(message));
