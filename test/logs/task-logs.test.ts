import { AirflowVersion, ITaskLogs, SecretRef, TaskLogs } from '../../src';
import { chart, synth } from '../util';

const ref = (key: string) => SecretRef.existing('logs', key);
const bind = (logs: ITaskLogs, version = AirflowVersion.V3_3, scope = chart()) =>
  logs.bind(scope, { identity: { name: 'af', namespace: 'ns', labels: {} }, version });
const connection = (logs: ITaskLogs) => JSON.parse(bind(logs).connection.find(({ name }) => name === 'AIRFLOW_CONN_AIRFLOW_LOGS')!.value);

test('S3 with a key, an endpoint and a region is one connection, whose key comes from the Secret', () => {
  const logs = TaskLogs.s3({
    bucket: 'airflow',
    prefix: 'prod/logs',
    endpoint: 'http://minio:9000',
    region: 'eu-west-1',
    credentials: { accessKeyId: ref('id'), secretAccessKey: ref('key') },
    encrypt: true,
    cidrs: ['10.0.0.0/8'],
  });
  const bound = bind(logs);
  expect(bound.config).toEqual({
    logging: { remote_logging: true, remote_base_log_folder: 's3://airflow/prod/logs', remote_log_conn_id: 'airflow_logs', encrypt_s3_logs: true },
  });
  expect(bound.connection.slice(0, 2)).toEqual([
    { name: 'AIRFLOW_LOGS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 'logs', key: 'id' } } },
    { name: 'AIRFLOW_LOGS_SECRET_ACCESS_KEY', valueFrom: { secretKeyRef: { name: 'logs', key: 'key' } } },
  ]);
  expect(connection(logs)).toEqual({
    conn_type: 'aws',
    login: '$(AIRFLOW_LOGS_ACCESS_KEY_ID)',
    password: '$(AIRFLOW_LOGS_SECRET_ACCESS_KEY)',
    extra: { endpoint_url: 'http://minio:9000', region_name: 'eu-west-1' },
  });
  expect(bound.peers).toEqual([{ host: 'minio', port: 9000, cidrs: ['10.0.0.0/8'] }]);
});

test('S3 without a key is the cloud role of the pods', () => {
  expect(connection(TaskLogs.s3({ bucket: 'airflow' }))).toEqual({ conn_type: 'aws', extra: {} });
  expect(bind(TaskLogs.s3({ bucket: 'airflow', region: 'eu-west-1' })).peers).toEqual([{ host: 's3.eu-west-1.amazonaws.com', port: 443 }]);
});

test('CloudWatch takes the region from the ARN', () => {
  const logs = TaskLogs.cloudWatch({ logGroupArn: 'arn:aws:logs:eu-central-1:123456789012:log-group:airflow' });
  expect(bind(logs).config.logging.remote_base_log_folder).toBe('cloudwatch://arn:aws:logs:eu-central-1:123456789012:log-group:airflow');
  expect(connection(logs).extra).toEqual({ region_name: 'eu-central-1' });
  expect(bind(logs).peers).toEqual([{ host: 'logs.eu-central-1.amazonaws.com', port: 443 }]);
});

test('GCS and WASB take a whole connection by reference, or the identity of the pods', () => {
  expect(bind(TaskLogs.gcs({ bucket: 'b', prefix: 'p' })).config.logging.remote_base_log_folder).toBe('gs://b/p');
  expect(connection(TaskLogs.gcs({ bucket: 'b' }))).toEqual({ conn_type: 'google_cloud_platform' });
  expect(connection(TaskLogs.wasb({ account: 'acc', container: 'c' }))).toEqual({ conn_type: 'wasb', login: 'acc' });
  expect(bind(TaskLogs.wasb({ account: 'acc', container: 'c' })).config).toMatchObject({
    logging: { remote_base_log_folder: 'wasb-logs' }, azure_remote_logging: { remote_wasb_log_container: 'c' },
  });
  for (const logs of [TaskLogs.gcs({ bucket: 'b', connection: ref('c') }), TaskLogs.wasb({ account: 'a', container: 'c', connection: ref('c') })]) {
    expect(bind(logs).connection).toEqual([{ name: 'AIRFLOW_CONN_AIRFLOW_LOGS', valueFrom: { secretKeyRef: { name: 'logs', key: 'c' } } }]);
  }
});

test('Elasticsearch is written to by Airflow, or by a collector that reads its output', () => {
  expect(bind(TaskLogs.elasticsearch({ host: 'https://es:9200' }))).toMatchObject({
    config: { elasticsearch: { host: 'https://es:9200', write_to_es: true, write_stdout: false, json_format: true } }, env: [], peers: [{ host: 'es', port: 9200 }],
  });
  const secret = bind(TaskLogs.elasticsearch({ host: ref('url'), port: 443, write: 'stdout' }));
  expect(secret.config.elasticsearch).toEqual({ write_to_es: false, write_stdout: true, json_format: true });
  expect(secret.env).toEqual([{ name: 'AIRFLOW__ELASTICSEARCH__HOST', valueFrom: { secretKeyRef: { name: 'logs', key: 'url' } } }]);
  expect(secret.peers[0].port).toBe(443);
});

test('OpenSearch of Airflow 2 is for a collector only', () => {
  const logs = (write?: any) => TaskLogs.openSearch({ host: 'os', username: ref('u'), password: ref('p'), write });
  expect(bind(logs()).config.opensearch).toEqual({ host: 'os', port: 9200, write_to_os: true, write_stdout: false, json_format: true });
  expect(bind(logs(), AirflowVersion.V2_11).config.opensearch).toEqual({ host: 'os', port: 9200, write_stdout: true, json_format: true });
  expect(bind(logs()).env.map(({ name }) => name)).toEqual(['AIRFLOW__OPENSEARCH__USERNAME', 'AIRFLOW__OPENSEARCH__PASSWORD']);
  expect(() => bind(logs('opensearch'), AirflowVersion.V2_11)).toThrow("'write: opensearch' does not exist in Airflow 2.11.2; use 'stdout' and a collector");
});

test('every server takes address ranges', () => {
  const cidrs = ['10.0.0.0/8'];
  for (const logs of [
    TaskLogs.cloudWatch({ logGroupArn: 'arn:aws:logs:eu-central-1:123456789012:log-group:airflow', cidrs }),
    TaskLogs.gcs({ bucket: 'b', cidrs }),
    TaskLogs.wasb({ account: 'a', container: 'c', cidrs }),
    TaskLogs.elasticsearch({ host: 'https://es', cidrs }),
    TaskLogs.elasticsearch({ host: ref('url'), cidrs }),
    TaskLogs.openSearch({ host: 'os', username: ref('u'), password: ref('p'), cidrs }),
  ]) {
    expect(bind(logs).peers).toEqual([expect.objectContaining({ cidrs })]);
  }
});

test('a volume is made unless it exists', () => {
  const scope = chart();
  expect(bind(TaskLogs.persistentVolumeClaim({ size: '5Gi', storageClassName: 'nfs' }), undefined, scope).volume)
    .toEqual({ name: 'logs', persistentVolumeClaim: { claimName: 'af-logs' } });
  expect(synth(scope)).toMatchObject([{
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'af-logs' },
    spec: { accessModes: ['ReadWriteMany'], storageClassName: 'nfs', resources: { requests: { storage: '5Gi' } } },
  }]);
  const other = chart();
  expect(bind(TaskLogs.persistentVolumeClaim({ claimName: 'mine' }), undefined, other).volume!.persistentVolumeClaim.claimName).toBe('mine');
  expect(synth(other)).toEqual([]);
});

test.each<[string, () => ITaskLogs, string]>([
  ['a path as a bucket', () => TaskLogs.s3({ bucket: 'b/c' }), "'bucket' must be a name of letters, digits, '-', '_' and '.', got 'b/c'; a path in it is 'prefix'"],
  ['a slash at the end', () => TaskLogs.s3({ bucket: 'b', prefix: 'c/' }), "'prefix' must be a path such as 'airflow/logs', without a slash at its ends, got 'c/'"],
  ['no URL', () => TaskLogs.s3({ bucket: 'b', endpoint: 'minio:9000' }), "'endpoint' must be a URL such as 'http://minio:9000', got 'minio:9000'"],
  ['a user in a URL', () => TaskLogs.elasticsearch({ host: 'https://u:p@es' }), "'host' holds a user; give credentials by reference"],
  ['a literal key', () => TaskLogs.s3({ bucket: 'b', credentials: { accessKeyId: 'AKIA' as any, secretAccessKey: ref('k') } }), "'credentials.accessKeyId' must be a SecretRef"],
  ['a literal connection', () => TaskLogs.gcs({ bucket: 'b', connection: '{}' as any }), "'connection' must be a SecretRef"],
  ['no ARN', () => TaskLogs.cloudWatch({ logGroupArn: 'airflow' }), "'logGroupArn' must be such as 'arn:aws:logs:"],
  ['a prefix that Airflow does not know', () => TaskLogs.wasb({ account: 'a', container: 'c', prefix: 'logs' }), "'prefix' must begin with 'wasb'"],
  ['a misspelt prop', () => TaskLogs.s3({ bucket: 'b', regio: 'x' } as any), "TaskLogs.s3: unknown prop 'regio'; did you mean 'region'?"],
  ['a port beside a URL', () => TaskLogs.elasticsearch({ host: 'http://es:9200', port: 1 }), "'port' stands in 'host', which is a URL; remove it"],
  ['a URL where a name is meant', () => TaskLogs.openSearch({ host: 'https://os', username: ref('u'), password: ref('p') }),
    "'host' must be a host name or an address, got \"https://os\"; its port is 'port', and TLS is said by config: { opensearch_configs: { use_ssl: true, verify_certs: true } }"],
  ['a port of the moon', () => TaskLogs.openSearch({ host: 'os', port: 0, username: ref('u'), password: ref('p') }), "'port' must be a number from 1 to 65535, got 0"],
  ['an unknown way', () => TaskLogs.elasticsearch({ host: 'http://es', write: 'both' as any }), "'write' must be 'elasticsearch' or 'stdout', got 'both'"],
  ['size of a claim that exists', () => TaskLogs.persistentVolumeClaim({ claimName: 'c', size: '1Gi' }), "'size' and 'storageClassName' are of a claim that is made"],
  ['a size in words', () => TaskLogs.persistentVolumeClaim({ size: 'big' }), "'size' must be a quantity such as '100Gi', got 'big'"],
])('fails for %s', (_, make, message) => {
  expect(() => bind(make())).toThrow(message);
});
