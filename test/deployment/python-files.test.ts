import { Deployed, SHAPES } from './deploy';
import { AirflowKubernetesDeploymentProps } from '../../src';

const SETTINGS = '/opt/airflow/config/airflow_local_settings.py';
const PLUGIN = '/opt/airflow/plugins/my_plugin.py';
const props = { airflowLocalSettings: 'A = 1\n', plugins: { 'my_plugin.py': 'B = 2\n' } };
const mounts = (container: any): string[] => (container.volumeMounts ?? []).map(({ mountPath }: any) => mountPath);
const SIDECARS = /^(git-sync.*|log-groomer|secret-bootstrap)$/;

test.each(SHAPES)('%s: every container that runs Airflow has both files, and no other one', (_, shape) => {
  const deployed = new Deployed({ ...shape(), ...props });
  expect(deployed.find('ConfigMap', 'airflow-local-settings').data).toEqual({ 'airflow_local_settings.py': 'A = 1\n' });
  expect(deployed.find('ConfigMap', 'airflow-plugins').data).toEqual(props.plugins);
  for (const [component, pod] of Object.entries(deployed.pods)) {
    for (const container of [...pod.spec.initContainers ?? [], ...pod.spec.containers]) {
      const found = mounts(container).filter(path => path === SETTINGS || path === PLUGIN);
      expect([component, container.name, found]).toEqual([component, container.name, SIDECARS.test(container.name) ? [] : [SETTINGS, PLUGIN]]);
    }
  }
});

test('a change of one replaces all pods that stay, and is no new migration', () => {
  const changed = { ...props, plugins: { 'my_plugin.py': 'B = 3\n' } };
  const [before, after] = [new Deployed(props), new Deployed(changed)];
  const hash = (deployed: Deployed, component: string) => deployed.pods[component].metadata.annotations['cdk8s-airflow/config-hash'];
  for (const component of ['scheduler', 'api-server', 'dag-processor', 'triggerer']) { expect(hash(before, component)).not.toBe(hash(after, component)); }
  expect(before.workload('migration')).toEqual(after.workload('migration'));
});

test('task pods of other namespaces find them there', () => {
  const deployed = new Deployed({ ...props, workers: { namespaces: ['etl'] } });
  const there = deployed.objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.namespace === 'etl').map(({ metadata }) => metadata.name);
  expect(there.sort()).toEqual(['airflow-config', 'airflow-local-settings', 'airflow-plugins']);
});

test.each([
  [{ airflowLocalSettings: ' ' }, "'airflowLocalSettings' must be the text of airflow_local_settings.py"],
  [{ plugins: {} }, "'plugins' is empty"],
  [{ plugins: { 'my/plugin.py': '' } }, "got 'my/plugin.py'; folders and packages belong into the image"],
  [{ plugins: { 'requirements.txt': '' } }, "got 'requirements.txt'"],
  [{ scheduler: { env: [{ name: '_PIP_ADDITIONAL_REQUIREMENTS', value: 'pandas' }] } }, "'scheduler.env[0]' sets '_PIP_ADDITIONAL_REQUIREMENTS', which installs"],
  [{ workers: { env: [{ name: '_PIP_ADDITIONAL_REQUIREMENTS', value: 'pandas' }] } }, 'put them into an image of your own'],
  [{ plugins: { 'big.py': 'x'.repeat(1024 * 1024) } }, 'a ConfigMap holds at most 1048576'],
] as [Partial<AirflowKubernetesDeploymentProps>, string][])('refused: %#', (wrong, message) => {
  expect(() => new Deployed(wrong)).toThrow(message);
});
