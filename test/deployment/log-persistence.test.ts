import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, CeleryBroker, Executor, LogPersistence, TaskLogs } from '../../src';
import { violations } from '../../src/testing';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const all: Required<LogPersistence> = {
  size: '20Gi',
  storageClassName: 'fast',
  annotations: { 'example.com/backup': 'no' },
  persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
};
const celery = (persistence: LogPersistence) => Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ persistence }] });

test.each<[string, Props]>([
  ['triggerer', { triggerer: { persistence: all } }],
  ['scheduler', { executor: Executor.local(), scheduler: { persistence: all } }],
  ['celery-worker', { executor: celery(all) }],
])('each pod of %s keeps its log files on a claim of its own', (component, props) => {
  const deployed = new Deployed(props);
  const { spec } = deployed.workload(component);
  expect(spec.volumeClaimTemplates).toEqual([{
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'logs', labels: spec.selector.matchLabels, annotations: { 'example.com/backup': 'no' } },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '20Gi' } }, volumeMode: 'Filesystem' },
  }]);
  expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Delete', whenDeleted: 'Delete' });
  expect(spec.template.spec.volumes.map(({ name }: any) => name)).not.toContain('logs');
  for (const { volumeMounts } of spec.template.spec.containers) { expect(volumeMounts).toContainEqual({ name: 'logs', mountPath: '/opt/airflow/logs' }); }
  expect(deployed.pods['dag-processor'].spec.volumes).toContainEqual({ name: 'logs', emptyDir: { sizeLimit: '10Gi' } });
  expect(violations(deployed.objects, { external: ['Secret/db'] })).toEqual([]);
});

test.each(['0.5Ti', '1e10'])('a size may be %s', size => {
  expect(new Deployed({ triggerer: { persistence: { size } } }).workload('triggerer').spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe(size);
});

test('the class is left to the cluster, what becomes of a claim to Kubernetes, and no label changes with a version', () => {
  const { spec } = new Deployed({ triggerer: { persistence: { size: '1Gi' } } }).workload('triggerer');
  expect(spec.volumeClaimTemplates[0].spec).not.toHaveProperty('storageClassName');
  expect(Object.keys(spec.volumeClaimTemplates[0].metadata.labels)).not.toContain('app.kubernetes.io/version');
  expect(spec).not.toHaveProperty('persistentVolumeClaimRetentionPolicy');
});

const triggerer = (persistence: any, props: Props = {}) => () => new Deployed({ ...props, triggerer: { persistence } });

test.each<[string, () => unknown, string]>([
  ['no size', triggerer({}), "'triggerer.persistence.size' must be a quantity such as '10Gi', got undefined"],
  ['a size of nothing', triggerer({ size: '0' }), 'got "0"'],
  ['an unknown prop', triggerer({ size: '1Gi', storageClass: 'a' }), "unknown prop 'storageClass'; did you mean 'storageClassName'?"],
  ['a class that is no name', triggerer({ size: '1Gi', storageClassName: 'A b' }), "'triggerer.persistence.storageClassName' must be the name of a StorageClass"],
  ['a policy that there is not', triggerer({ size: '1Gi', persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' } }),
    "'triggerer.persistence.persistentVolumeClaimRetentionPolicy.whenScaled' must be 'Retain' or 'Delete', got \"Keep\""],
  ['two places', triggerer({ size: '1Gi' }, { logs: TaskLogs.persistentVolumeClaim() }), "'triggerer.persistence' claims a volume for each pod, and 'logs' is one for all"],
  ['a scheduler that runs no task', () => new Deployed({ scheduler: { persistence: { size: '1Gi' } } }),
    "'scheduler.persistence' keeps logs of tasks, and with KubernetesExecutor none run in the scheduler"],
])('fails for %s', (_, make, message) => { expect(make).toThrow(message); });
