import { Deployed } from './deploy';
import { AirflowVersion, ConfigMapDags, DagBundle, DagBundles, GitSyncDags, SecretRef } from '../../src';

const repo = 'https://git.example.com/dags.git';

test('Airflow looks for new files as often as git-sync, unless the user says otherwise', () => {
  const dags = () => new GitSyncDags({ repo, periodSeconds: 20 });
  expect(new Deployed({ dags: dags() }).config['dag_processor.refresh_interval']).toBe('20');
  expect(new Deployed({ dags: dags(), version: AirflowVersion.V2_11 }).config['scheduler.dag_dir_list_interval']).toBe('20');
  expect(new Deployed({ dags: dags(), config: { dag_processor: { refresh_interval: 5 } } }).config['dag_processor.refresh_interval']).toBe('5');
});

test('a change of the files of a ConfigMap replaces the pods that read them, and no others', () => {
  const hashes = (text: string) => Object.fromEntries(Object.entries(new Deployed({ dags: new ConfigMapDags({ 'a.py': text }) }).pods)
    .map(([name, pod]) => [name, pod.metadata.annotations?.['cdk8s-airflow/config-hash']]));
  const [before, after] = [hashes('A'), hashes('B')];
  expect(Object.keys(before).filter(name => before[name] !== after[name]).sort()).toEqual(['dag-processor', 'triggerer']);
});

test('bundles: a task asks the API server for the connection', () => {
  const deployed = new Deployed({ dags: new DagBundles(DagBundle.git({ name: 'dags', repo, ref: 'main', token: SecretRef.existing('git', 'token') })) });
  expect(JSON.parse(deployed.config['dag_processor.dag_bundle_config_list'])).toMatchObject([{ name: 'dags', kwargs: { refresh_interval: 60 } }]);
  expect(Object.keys(deployed.config)).not.toContain('core.dags_folder');
  const holders = Object.entries(deployed.pods).filter(([, pod]) => JSON.stringify(pod).includes('AIRFLOW_CONN_DAG_BUNDLE_DAGS')).map(([name]) => name);
  expect(holders.sort()).toEqual(['api-server', 'dag-processor', 'triggerer']);
  expect(() => new Deployed({ dags: new DagBundles(DagBundle.local({ name: 'own', path: '/d' })), config: { dag_processor: { dag_bundle_config_list: [] } } }))
    .toThrow("'config.dag_processor.dag_bundle_config_list' is '[]', but 'dags' makes it");
});
