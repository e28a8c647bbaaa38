import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirflowVersion, ConfigMapDags, DagBundle, DagBundles, IDagSource, ImageDags, ImageVolumeDags, PersistentVolumeClaimDags, SecretRef } from '../../src';
import { chart, synth } from '../util';

const bind = (source: IDagSource, version = AirflowVersion.V3_3, scope = chart()) =>
  source.bind(scope, { identity: { name: 'af', namespace: 'ns', labels: {} }, version, images: {} });
const ref = (key: string) => SecretRef.existing('git', key);
const https = 'https://git.example.com/dags.git';

test('files of a ConfigMap are mounted one by one', () => {
  const scope = chart();
  const { volumes, volumeMounts, dagsFolder, configMaps } = bind(new ConfigMapDags({ 'a.py': 'A', 'b.py': 'B' }), undefined, scope);
  expect(synth(scope)).toMatchObject([{ kind: 'ConfigMap', metadata: { name: 'af-dags', namespace: 'ns' }, data: { 'a.py': 'A', 'b.py': 'B' } }]);
  expect(volumes).toEqual([{ name: 'dags', configMap: { name: 'af-dags' } }]);
  expect(volumeMounts).toEqual(['a.py', 'b.py'].map(file => ({ name: 'dags', mountPath: `/opt/airflow/dags/${file}`, subPath: file, readOnly: true })));
  expect(dagsFolder).toBe('/opt/airflow/dags');
  expect(configMaps!['af-dags']).toContain('"a.py":"A"');
});

test('a folder gives its Python files in the order of their names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dags-'));
  try {
    expect(() => ConfigMapDags.fromFolder(folder)).toThrow(`'${folder}' holds no file that ends in '.py'`);
    ['b.py', 'a.py', 'README.md'].forEach(name => writeFileSync(join(folder, name), name));
    expect(bind(ConfigMapDags.fromFolder(folder)).volumeMounts.map(({ subPath }) => subPath)).toEqual(['a.py', 'b.py']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a volume and an image of their own are mounted to be read', () => {
  expect(bind(new PersistentVolumeClaimDags({ claimName: 'dags', subPath: 'prod' }))).toMatchObject({
    dagsFolder: '/opt/airflow/dags',
    volumes: [{ name: 'dags', persistentVolumeClaim: { claimName: 'dags', readOnly: true } }],
    volumeMounts: [{ name: 'dags', mountPath: '/opt/airflow/dags', readOnly: true, subPath: 'prod' }],
  });
  expect(bind(new ImageVolumeDags({ reference: 'registry/dags:1' }))).toMatchObject({
    volumes: [{ name: 'dags', image: { reference: 'registry/dags:1', pullPolicy: 'IfNotPresent' } }],
    volumeMounts: [{ name: 'dags', mountPath: '/opt/airflow/dags', readOnly: true }],
  });
  expect(bind(new ImageDags('/srv/dags'))).toMatchObject({ dagsFolder: '/srv/dags', volumes: [], volumeMounts: [] });
});

test('a git bundle over https has its token in the connection only', () => {
  const { bundles, connections, volumes, peers } = bind(new DagBundles(
    DagBundle.git({ name: 'main-dags', repo: https, ref: 'main', subPath: 'dags', token: ref('token'), username: 'me', refreshIntervalSeconds: 30 }),
  ));
  expect(bundles).toEqual([{
    name: 'main-dags',
    classpath: 'airflow.providers.git.bundles.git.GitDagBundle',
    kwargs: { git_conn_id: 'dag_bundle_main_dags', repo_url: https, tracking_ref: 'main', subdir: 'dags', refresh_interval: 30 },
  }]);
  expect(connections![0]).toEqual({ name: 'AIRFLOW_DAG_BUNDLE_MAIN_DAGS_TOKEN', valueFrom: { secretKeyRef: { name: 'git', key: 'token' } } });
  expect(connections![1].name).toBe('AIRFLOW_CONN_DAG_BUNDLE_MAIN_DAGS');
  expect(JSON.parse(connections![1].value)).toEqual({ conn_type: 'git', host: https, login: 'me', password: '$(AIRFLOW_DAG_BUNDLE_MAIN_DAGS_TOKEN)' });
  expect([volumes, peers]).toEqual([[], [{ host: 'git.example.com', port: 443 }]]);
});

test('a git bundle over SSH has key and known hosts as files, and checks the host', () => {
  const { connections, volumes, volumeMounts } = bind(new DagBundles(
    DagBundle.git({ name: 'dags', repo: 'git@github.com:org/dags.git', ref: 'main', sshKey: ref('key'), knownHosts: ref('hosts') }),
  ));
  expect(JSON.parse(connections![0].value).extra).toEqual({
    key_file: '/etc/airflow-git/dags/ssh', known_hosts_file: '/etc/airflow-git/dags/known_hosts', strict_host_key_checking: 'yes',
  });
  expect(volumes[0].projected.sources).toEqual([
    { secret: { name: 'git', items: [{ key: 'key', path: 'ssh' }] } }, { secret: { name: 'git', items: [{ key: 'hosts', path: 'known_hosts' }] } },
  ]);
  expect(volumeMounts).toEqual([{ name: 'git-dags', mountPath: '/etc/airflow-git/dags', readOnly: true }]);
});

test('folders and buckets are bundles, too', () => {
  const { bundles, connections } = bind(new DagBundles(
    DagBundle.local({ name: 'own', path: '/srv/dags' }),
    DagBundle.s3({ name: 's3', bucket: 'dags', prefix: 'prod', connection: ref('aws') }),
    DagBundle.gcs({ name: 'gcs', bucket: 'dags' }),
  ));
  expect(bundles!.map(({ classpath, kwargs }) => [classpath.split('.').pop(), kwargs])).toEqual([
    ['LocalDagBundle', { path: '/srv/dags', refresh_interval: 60 }],
    ['S3DagBundle', { aws_conn_id: 'dag_bundle_s3', bucket_name: 'dags', prefix: 'prod', refresh_interval: 60 }],
    ['GCSDagBundle', { gcp_conn_id: 'dag_bundle_gcs', bucket_name: 'dags', refresh_interval: 60 }],
  ]);
  expect(connections).toEqual([
    { name: 'AIRFLOW_CONN_DAG_BUNDLE_S3', valueFrom: { secretKeyRef: { name: 'git', key: 'aws' } } },
    { name: 'AIRFLOW_CONN_DAG_BUNDLE_GCS', value: '{"conn_type":"google_cloud_platform"}' },
  ]);
});

const git = (props: object) => DagBundle.git({ name: 'dags', repo: https, ref: 'main', ...props });
test.each<[string, () => unknown, string]>([
  ['no file', () => new ConfigMapDags({}), "'files' is empty"],
  ['a folder in a name', () => new ConfigMapDags({ 'a/b.py': '' }), "'files' must have names of letters, digits, '-', '_' and '.', got 'a/b.py'"],
  ['too much', () => new ConfigMapDags({ 'a.py': 'é'.repeat(524_288) }), "'files' are 1048580 bytes, a ConfigMap holds at most 1048576"],
  ['a path out of the volume', () => new PersistentVolumeClaimDags({ claimName: 'c', subPath: '../x' }), "'subPath' must be a relative folder"],
  ['an image that moves', () => new ImageVolumeDags({ reference: 'dags:latest' }), "'reference' 'dags:latest' is not pinned"],
  ['an unknown pull policy', () => new ImageVolumeDags({ reference: 'dags:1', pullPolicy: 'never' as any }), "'pullPolicy' must be one of"],
  ['a relative folder', () => new ImageDags('dags'), "'folder' must be an absolute path such as '/srv/dags', got \"dags\""],
  ['no bundle', () => new DagBundles(), 'no DAG bundle; give at least one'],
  ['a name twice', () => new DagBundles(git({}), git({})), "two DAG bundles are called 'dags'; give one of them another 'name'"],
  ['a name with blanks', () => git({ name: 'my dags' }), "'name' must be at most 40 lower-case letters, digits and '-'"],
  ['no ref', () => git({ ref: '' }), "'ref' is missing"],
  ['SSH without a key', () => git({ repo: 'git@github.com:a/b.git' }), "give 'sshKey' and 'knownHosts'"],
  ['a key for https', () => git({ sshKey: ref('k'), knownHosts: ref('h') }), "'sshKey' and 'knownHosts' are for SSH"],
  ['a token for SSH', () => git({ repo: 'git@github.com:a/b.git', sshKey: ref('k'), knownHosts: ref('h'), token: ref('t') }), "'username' and 'token' are for HTTP"],
  ['a user alone', () => git({ username: 'me' }), "'username' without 'token'"],
  ['an interval of nothing', () => git({ refreshIntervalSeconds: 0 }), "'refreshIntervalSeconds' must be a whole number of at least 1, got 0"],
  ['a relative path', () => DagBundle.local({ name: 'own', path: 'dags' }), "'path' must be an absolute path such as '/srv/dags', got 'dags'"],
  ['a path as a bucket', () => DagBundle.s3({ name: 's3', bucket: 'a/b' }), "'bucket' must be the name of a bucket, got 'a/b'"],
])('fails for %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('Airflow 2 has no bundles', () => {
  expect(() => bind(new DagBundles(git({})), AirflowVersion.V2_11)).toThrow('DagBundles do not exist in Airflow 2.11.2; use GitSyncDags');
});
