import { AirflowVersion, GitSyncDagsProps, GitSyncRepositories, SecretRef } from '../../src';
import { violations } from '../../src/testing';
import { dags, Deployed } from '../deployment/deploy';

const core: GitSyncDagsProps = { repo: 'https://git.example.com/core.git', subPath: 'dags', token: SecretRef.existing('git', 'token'), periodSeconds: 20 };
const science: GitSyncDagsProps = {
  repo: 'git@git.example.org:science.git',
  sshKey: SecretRef.existing('git', 'key'),
  knownHosts: SecretRef.external({ store: 'vault', remoteKey: 'hosts' }),
  sparseCheckout: ['/dags/'],
};
const deploy = (version = AirflowVersion.V3_3) => new Deployed({ version, dags: new GitSyncRepositories({ core, science }) });
const names = (list: any[]) => list.map(({ name }) => name);
const external = ['Secret/db', 'Secret/git'];

test('on Airflow 3 each is a bundle, with a folder, containers, credentials and a port of its own', () => {
  const deployed = deploy();
  expect(JSON.parse(deployed.config['dag_processor.dag_bundle_config_list'])).toEqual([
    { name: 'core', classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: { path: '/opt/airflow/dags/core/repo/dags', refresh_interval: 20 } },
    { name: 'science', classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: { path: '/opt/airflow/dags/science/repo', refresh_interval: 30 } },
  ]);
  expect(deployed.config).not.toHaveProperty(['core.dags_folder']);
  const { spec } = deployed.pods['dag-processor'];
  expect(names(spec.initContainers)).toEqual(['wait-for-airflow-migrations', 'git-sync-init-core', 'git-sync-init-science']);
  expect(names(spec.containers)).toEqual(['dag-processor', 'git-sync-core', 'git-sync-science', 'log-groomer']);
  const env = (i: number) => Object.fromEntries(spec.containers[i].env.map((e: any) => [e.name, e.value ?? e.valueFrom.secretKeyRef]));
  expect(env(1)).toMatchObject({ GITSYNC_REPO: core.repo, GITSYNC_HTTP_BIND: ':1234', GITSYNC_PASSWORD: { name: 'git', key: 'token' }, GITSYNC_PERIOD: '20s' });
  expect(env(2)).toMatchObject({ GITSYNC_REPO: science.repo, GITSYNC_HTTP_BIND: ':1235', GITSYNC_SSH_KEY_FILE: '/etc/git-secret/ssh', GITSYNC_PERIOD: '30s' });
  expect(spec.containers[2].livenessProbe.httpGet.port).toBe(1235);
  expect(JSON.stringify(spec.containers[2])).not.toContain('GITSYNC_PASSWORD');
  expect(deployed.find('ExternalSecret').metadata.name).toBe('airflow-git-science-known-hosts');
  expect(names(deployed.pods.worker.spec.initContainers)).toEqual(['git-sync-init-core', 'git-sync-init-science']);
  expect(violations(deployed.objects, { external })).toEqual([]);
});

test('on Airflow 2 each is a link in the folder of DAGs, which holds nothing else', () => {
  const deployed = deploy(AirflowVersion.V2_11);
  expect(deployed.config).toMatchObject({ 'core.dags_folder': '/opt/airflow/dags', 'scheduler.dag_dir_list_interval': '20' });
  const { spec } = deployed.pods.scheduler;
  expect(names(spec.initContainers)).toEqual(['wait-for-airflow-migrations', 'git-sync-links', 'git-sync-init-core', 'git-sync-init-science']);
  expect(spec.initContainers[1].command).toEqual(['sh', '-c',
    "ln -sfn '/opt/airflow/dag-repositories/core/repo/dags' /dags/core && ln -sfn '/opt/airflow/dag-repositories/science/repo' /dags/science"]);
  expect(spec.containers[0].volumeMounts).toEqual(expect.arrayContaining([
    { name: 'dags', mountPath: '/opt/airflow/dags', readOnly: true }, { name: 'dags-core', mountPath: '/opt/airflow/dag-repositories/core', readOnly: true },
  ]));
  expect(violations(deployed.objects, { external })).toEqual([]);
});

test('the container that makes links obeys what the repositories say of theirs', () => {
  const resources = { requests: { cpu: '20m', memory: '32Mi' }, limits: { cpu: '1', memory: '64Mi' } };
  const deployed = (more: object) => {
    const { pods } = new Deployed({ version: AirflowVersion.V2_11, dags: new GitSyncRepositories({ core, science: { ...science, ...more } }) });
    return pods.scheduler.spec.initContainers[1];
  };
  const plain = deployed({});
  expect(plain).toMatchObject({ name: 'git-sync-links', resources: { requests: { cpu: '10m', memory: '16Mi' } } });
  const links = deployed({ resources, securityContext: { runAsUser: 1000 } });
  expect(links.resources).toEqual(resources);
  expect(links.securityContext).toEqual({ ...plain.securityContext, runAsUser: 1000 });
});

test('a volume that several name is in the pods once', () => {
  const proxy = { volumes: [{ name: 'ca', configMap: { name: 'ca' } }], volumeMounts: [{ name: 'ca', mountPath: '/ca' }] };
  const repositories = (other: object) => new Deployed({
    dags: new GitSyncRepositories({ core: { ...core, ...proxy }, science: { ...core, ...proxy, ...other } }),
  });
  const { spec } = repositories({}).pods.worker;
  expect(names(spec.volumes).filter((name: string) => name === 'ca')).toEqual(['ca']);
  expect(spec.initContainers.map(({ volumeMounts }: any) => names(volumeMounts).includes('ca'))).toEqual([true, true]);
  expect(() => repositories({ volumes: [{ name: 'ca', secret: { secretName: 'ca' } }] })).toThrow("'repositories' hold two volumes called 'ca'; give one of them another name");
});

test('one repository keeps its names', () => {
  expect(names(new Deployed({ dags: dags() }).pods['dag-processor'].spec.containers)).toContain('git-sync');
});

test.each<[string, any, string]>([
  ['none', {}, "'repositories' is empty"],
  ['a list', [core], "'repositories' must be an object of name → repository"],
  ['a name that is none', { Core: core }, "'repositories' must have names of at most 40 lower-case letters, digits and '-' that begin with a letter, got 'Core'"],
  ['a name of a container', { 'init-core': core }, "'repositories' must not have the name 'init-core', which the containers of git-sync have; choose another"],
  ['a wrong repository', { core: { ...core, depth: -1 } }, "'repositories.core': 'depth' must be a whole number of at least 0, got -1"],
  ['an unknown prop', { core: { ...core, branch: 'main' } }, "'repositories.core': GitSyncRepositories: unknown prop 'branch'"],
])('fails for %s', (_, repositories, message) => { expect(() => new GitSyncRepositories(repositories)).toThrow(message); });
