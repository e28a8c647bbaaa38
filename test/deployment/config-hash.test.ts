import { Deployed, dags } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, SecretRef } from '../../src';

const HASH = 'cdk8s-airflow/config-hash';

/** The components whose pods a change of one key would replace. */
function rolled(section: string, key: string, value: any, props: Partial<AirflowKubernetesDeploymentProps> = {}): string[] {
  const hashes = (config: AirflowKubernetesDeploymentProps['config']) => new Deployed({ ...props, config }).pods;
  const [before, after] = [hashes({}), hashes({ [section]: { [key]: value } })];
  const changed = Object.keys(before).filter(name => before[name].metadata.annotations?.[HASH] !== after[name].metadata.annotations?.[HASH]);
  // Nothing but the annotation.
  for (const name of Object.keys(before)) {
    for (const pod of [before[name], after[name]]) { delete pod.metadata.annotations?.[HASH]; }
    expect(after[name]).toEqual(before[name]);
  }
  return changed.sort();
}

const ALL = ['api-server', 'dag-processor', 'scheduler', 'triggerer'];
const celery = () => ({ executor: Executor.celery({ broker: CeleryBroker.redis({ host: 'redis', password: SecretRef.existing('broker', 'password') }) }) });

describe('one changed key of airflow.cfg replaces the pods of those who read it', () => {
  test.each([
    ['core', 'default_timezone', 'Europe/Berlin', ALL],
    ['core', 'parallelism', 7, ['scheduler']],
    ['core', 'simple_auth_manager_passwords_file', '/tmp/passwords.json', ['api-server']],
    ['api', 'instance_name', 'mine', ['api-server']],
    ['api', 'base_url', 'http://localhost:9090', ALL],
    ['api_auth', 'jwt_leeway', 20, ['api-server', 'scheduler']],
    ['connection_test', 'max_concurrency', 3, ['scheduler']],
    ['dag_processor', 'min_file_process_interval', 60, ['dag-processor']],
    ['dag_processor', 'stale_bundle_cleanup_interval', 60, ALL],
    ['database', 'sql_alchemy_pool_size', 9, ALL],
    ['email', 'from_email', 'a@example.com', ALL],
    ['fab', 'navbar_color', '#fff', ['api-server']],
    ['kubernetes_executor', 'worker_pods_creation_batch_size', 5, ['scheduler']],
    ['kubernetes_executor', 'verify_ssl', false, ['api-server', 'scheduler', 'triggerer']],
    ['logging', 'logging_level', 'WARN', ALL],
    ['scheduler', 'num_runs', 100, ['scheduler']],
    ['scheduler', 'job_heartbeat_sec', 9, ALL],
    ['secrets', 'use_cache', true, ALL],
    ['triggerer', 'capacity', 5, ['triggerer']],
    ['triggerer', 'triggerer_health_check_threshold', 50, ALL],
  ])('3.3: [%s] %s', (section, key, value, components) => expect(rolled(section, key, value)).toEqual(components));

  test.each([
    ['webserver', 'page_size', 50, ['webserver']],
    ['webserver', 'base_url', 'https://airflow.example.com', ['scheduler', 'triggerer', 'webserver']],
    ['scheduler', 'parsing_processes', 3, ['scheduler']],
  ])('2.11, where the scheduler parses the DAGs: [%s] %s', (section, key, value, components) =>
    expect(rolled(section, key, value, { version: AirflowVersion.V2_11 })).toEqual(components));

  test('2.11 with a DAG processor of its own', () => {
    const props = { version: AirflowVersion.V2_11, dags: dags(), dagProcessor: {} };
    expect(rolled('scheduler', 'parsing_processes', 3, props)).toEqual(['dag-processor']);
  });

  test('CeleryExecutor: its section is of the scheduler and the workers', () => {
    expect(rolled('celery', 'worker_prefetch_multiplier', 2, celery())).toEqual(['celery-worker', 'scheduler']);
    expect(rolled('celery_broker_transport_options', 'visibility_timeout', '100', celery())).toEqual(['celery-worker', 'scheduler']);
  });

  test('LocalExecutor: the scheduler runs tasks, too', () => {
    expect(rolled('kubernetes_executor', 'verify_ssl', false, { executor: Executor.local() })).toEqual(['api-server', 'scheduler', 'triggerer']);
  });

  test('a section that only a plugin reads is of all', () => {
    const before = new Deployed({ customConfigSections: ['my_plugin'] });
    const after = new Deployed({ customConfigSections: ['my_plugin'], config: { my_plugin: { color: 'red' } } });
    const hash = (deployed: Deployed, name: string) => deployed.pods[name].metadata.annotations[HASH];
    expect(ALL.filter(name => hash(before, name) !== hash(after, name))).toEqual(ALL);
  });
});
