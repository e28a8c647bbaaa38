import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, DagBundle, DagBundles, GitSyncRepositories, SecretRef, SecretsBackend } from '../../src';
import { violations } from '../../src/testing';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const bundle = (name: string) => DagBundle.git({ name, repo: `https://git.example.com/${name}.git`, ref: 'main', token: SecretRef.existing('git', 'token') });
const dags = () => new DagBundles(bundle('core'), bundle('science'), bundle('extra'));
const pools = [
  { name: 'core', bundles: ['core', 'extra'], replicas: 2, labels: { team: 'core' } },
  { name: 'science', bundles: ['science'], nodeSelector: { disk: 'ssd' } },
];
const deploy = (props: Props = {}) => new Deployed({ dags: dags(), dagProcessors: pools, ...props });

test('each parses its bundles, with the settings of all and its own', () => {
  const deployed = deploy({ dagProcessor: { nodeSelector: { disk: 'hdd', zone: 'a' }, labels: { kind: 'parser' }, revisionHistoryLimit: 3 } });
  expect(deployed.container('dag-processor-core').args).toEqual(['airflow', 'dag-processor', '--bundle-name', 'core', '--bundle-name', 'extra']);
  expect(deployed.container('dag-processor-science').args).toEqual(['airflow', 'dag-processor', '--bundle-name', 'science']);
  expect(deployed.workload('dag-processor-core').spec).toMatchObject({ replicas: 2, revisionHistoryLimit: 3 });
  expect(deployed.pods['dag-processor-core'].metadata.labels).toMatchObject({ kind: 'parser', team: 'core' });
  expect(deployed.pods['dag-processor-science'].spec.nodeSelector).toEqual({ disk: 'ssd', zone: 'a' });
  expect(deployed.airflow.dagProcessor).toBeUndefined();
  expect(deployed.airflow.dagProcessors.map(({ componentName }) => componentName)).toEqual(['dag-processor-core', 'dag-processor-science']);
  expect(Object.keys(deployed.pods).filter(name => name.startsWith('dag-processor'))).toEqual(['dag-processor-core', 'dag-processor-science']);
  expect(violations(deployed.objects, { external: ['Secret/db', 'Secret/git'] })).toEqual([]);
});

test('each has the secrets backend, as the one of all bundles, and the credentials of its own bundles alone', () => {
  const names = (component: string, props: Props) =>
    Object.keys(deploy({ secretsBackend: SecretsBackend.gcpSecretManager(), ...props }).env(component)).sort();
  const ofBundle = (name: string) => /DAG_BUNDLE/.test(name);
  const pool = names('dag-processor-science', {});
  const whole = names('dag-processor', { dagProcessors: undefined });
  expect(pool.filter(name => !ofBundle(name))).toEqual(whole.filter(name => !ofBundle(name)));
  expect(pool.filter(ofBundle)).toEqual(['AIRFLOW_CONN_DAG_BUNDLE_SCIENCE', 'AIRFLOW_DAG_BUNDLE_SCIENCE_TOKEN']);
  expect(names('dag-processor-core', {}).filter(ofBundle)).toHaveLength(4);
  expect(names('api-server', {}).filter(ofBundle)).toHaveLength(6);
  const one = new Deployed();
  expect(one.airflow.dagProcessors).toEqual([one.airflow.dagProcessor]);
});

test('neither keys nor copies of other repositories are in the pod of a DAG processor', () => {
  const ssh = (name: string) => ({ repo: `git@${name}.example.com:dags.git`, ref: 'main', sshKey: SecretRef.existing('git', 'ssh'), knownHosts: SecretRef.existing('git', 'hosts') });
  const bundles = new DagBundles(...['core', 'science', 'extra'].map(name => DagBundle.git({ name, ...ssh(name) })));
  const repositories = new GitSyncRepositories({ core: ssh('core'), science: ssh('science'), extra: ssh('extra') });
  for (const source of [bundles, repositories]) {
    const deployed = deploy({ dags: source });
    expect(JSON.stringify(deployed.pods['dag-processor-science'])).not.toMatch(/(core|extra)\.example\.com|git-(core|extra)/);
    expect(JSON.stringify(deployed.pods['dag-processor-core'])).not.toMatch(/science\.example\.com|git-science/);
    expect(deployed.config['dag_processor.dag_bundle_config_list']).toMatch(/core.*science.*extra/);
    expect(violations(deployed.objects, { external: ['Secret/db', 'Secret/git'] })).toEqual([]);
  }
});

test('other sources of DAGs are one bundle, beside that of the examples', () => {
  const pool = (...bundles: string[]) => [{ name: 'a', bundles }];
  expect(new Deployed({ dagProcessors: pool('dags-folder') }).container('dag-processor-a').args).toContain('dags-folder');
  expect(() => new Deployed({ dagProcessors: pool('dags-folder'), config: { core: { load_examples: true } } })).toThrow("leave the bundle 'example_dags' to nobody");
});

test.each<[string, Props, string]>([
  ['a bundle that there is not', { dagProcessors: [{ name: 'a', bundles: ['cor'] }] },
    "'dagProcessors[0].bundles' must be names of DAG bundles ('core', 'science', 'extra'), got 'cor'"],
  ['no bundle', { dagProcessors: [{ name: 'a', bundles: [] }] }, 'got none'],
  ['bundles that are missing', { dagProcessors: [{ name: 'a' } as any] }, 'got none'],
  ['bundles that are no list', { dagProcessors: [{ name: 'a', bundles: 'core' as any }] }, "'dagProcessors[0].bundles' must be a list of texts, got \"core\""],
  ['a bundle of two', { dagProcessors: [...pools, { name: 'c', bundles: ['core'] }] }, "'dagProcessors' name the bundle 'core' twice"],
  ['a bundle of nobody', { dagProcessors: [pools[0]] }, "'dagProcessors' leave the bundle 'science' to nobody"],
  ['two of one name', { dagProcessors: [pools[0], { ...pools[1], name: 'core' }] }, "'dagProcessors' has two named 'core'; name them apart"],
  ['a name that is none', { dagProcessors: [{ ...pools[0], name: 'Core' }] }, "'dagProcessors[0].name' must be lower-case letters"],
  ['nobody at all', { dagProcessors: [] }, "'dagProcessors' is empty"],
  ['Airflow 2', { version: AirflowVersion.V2_11, dags: undefined }, "'dagProcessors' are for DAG bundles, which do not exist in Airflow 2.11"],
  ['an unknown prop', { dagProcessors: [{ ...pools[0], replica: 2 } as any] }, "dagProcessors[0]: unknown prop 'replica'; did you mean 'replicas'"],
])('fails for %s', (_, props, message) => { expect(() => deploy(props)).toThrow(message); });
