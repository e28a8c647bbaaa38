import { Deployed } from './deploy';
import { AirflowAuth, SecretRef } from '../../src';

type Delivery = 'kubectl' | 'argocd' | 'flux' | 'helm';
const WAVE = 'argocd.argoproj.io/sync-wave';

const deployed = (delivery?: Delivery) => new Deployed({
  delivery,
  auth: AirflowAuth.fab({ users: [{ username: 'ada', email: 'a@b', password: SecretRef.existing('mine', 'key') }] }),
  objects: { variables: { a: 'b' } },
  apiServer: { autoscaling: { maxReplicas: 2 } },
  podCleanup: {},
});

/** The objects without what may differ. */
const bare = ({ objects }: Deployed) => JSON.parse(JSON.stringify(objects), (key, value) => {
  if (key !== 'annotations') { return value; }
  const { [WAVE]: _, ...rest } = value;
  return Object.keys(rest).length === 0 ? undefined : rest;
});

test.each(['argocd', 'flux', 'helm'] as const)('%s differs from kubectl in annotations alone', delivery => {
  expect(bare(deployed(delivery))).toEqual(bare(deployed('kubectl')));
});

test('kubectl is the default, and helm is the same', () => {
  expect(deployed().objects).toEqual(deployed('kubectl').objects);
  expect(deployed('helm').objects).toEqual(deployed('kubectl').objects);
});

test('an ended Job stays: whatever applies the manifests again would make it anew', () => {
  const jobs = deployed('helm').objects.filter(({ kind }) => kind === 'Job');
  expect(jobs.map(({ spec }) => Object.keys(spec))).toEqual(jobs.map(() => ['backoffLimit', 'template']));
  expect(jobs).toHaveLength(4);
});

test('Argo CD makes secrets, migrates, and then starts what needs both', () => {
  const waves = new Map<string, string[]>();
  for (const { kind, metadata } of deployed('argocd').objects) {
    const wave = metadata.annotations?.[WAVE] ?? '0';
    waves.set(wave, [...waves.get(wave) ?? [], `${kind}/${metadata.name}`.replace(/-[0-9a-f]{10}$/, '')]);
  }
  expect(waves.get('1')).toEqual(['Job/airflow-secret-bootstrap']);
  expect(waves.get('2')).toEqual(['Job/airflow-migration']);
  expect(waves.get('3')).toEqual(expect.arrayContaining([
    'Deployment/airflow-scheduler', 'StatefulSet/airflow-triggerer', 'Job/airflow-create-user', 'Job/airflow-objects', 'CronJob/airflow-pod-cleanup',
    'HorizontalPodAutoscaler/airflow-api-server',
  ]));
  expect(waves.get('0')).toEqual(expect.arrayContaining(['Secret/airflow-fernet-key', 'ConfigMap/airflow-config', 'Service/airflow-api-server']));
  expect([...waves.keys()].sort()).toEqual(['0', '1', '2', '3']);
});

test('another tool is an error', () => {
  expect(() => deployed('argo' as any)).toThrow("'delivery' must be one of 'kubectl', 'argocd', 'flux', 'helm', got 'argo'");
});
