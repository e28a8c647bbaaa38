import { Deployed } from './deploy';
import {
  AirflowImage, AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, CloudIdentity, MetadataDatabase, SecretRef, TaskLogs,
} from '../../src';
import { chart, synth } from '../util';

type Props = Partial<AirflowKubernetesDeploymentProps>;
const role = { cloudIdentity: CloudIdentity.irsa('arn:aws:iam::111122223333:role/logs') };
const warnings = (props: Props) => new Deployed(props).airflow.node.metadata.map(({ data }) => String(data));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(); });

test('logs without a credential, and pods without an identity', () => {
  const logs = TaskLogs.s3({ bucket: 'logs', cidrs: ['10.0.0.0/8'] });
  expect(warnings({ logs, apiServer: role })).toEqual([
    "'logs' has no credential, and 'triggerer', 'worker' no identity of a cloud to write or read them with; give 'logs' a credential, or these components 'cloudIdentity'",
  ]);
  expect(warnings({ logs, apiServer: role, triggerer: { serviceAccountName: 'mine' }, workers: { envFrom: [{ secretRef: { name: 'aws' } }] } })).toEqual([]);
  const secret = SecretRef.existing('mine', 'key');
  expect(warnings({ logs: TaskLogs.s3({ bucket: 'logs', cidrs: ['10.0.0.0/8'], credentials: { accessKeyId: secret, secretAccessKey: secret } }) })).toEqual([]);
  expect(warnings({ logs: TaskLogs.gcs({ bucket: 'logs', cidrs: ['10.0.0.0/8'] }) })[0]).toContain("'logs' has no credential");
});

test('an image whose tag is another Airflow', () => {
  const of = (reference: string) => warnings({ image: AirflowImage.of(reference) });
  expect(of('registry.example.com/data/airflow:2.11.0-1')).toEqual([
    "the image 'registry.example.com/data/airflow:2.11.0-1' is of Airflow 2.11 by its tag, and the manifests are of 3.3.2; set 'version' to that of the image",
  ]);
  for (const reference of ['apache/airflow:3.3.1', 'mine/airflow:2024.1', 'mine/airflow:1.2.3', 'mine/other:2.11.0']) { expect(of(reference)).toEqual([]); }
});

test.each([
  ['a password by its name', { name: 'DB_PASSWORD', value: 'hunter2' }, "'scheduler.env[0]' sets 'DB_PASSWORD' to a credential, by its name, which everybody could read"],
  ['a connection', { name: 'AIRFLOW_CONN_DWH', value: 'postgres://me:pw@dwh/db' }, "sets 'AIRFLOW_CONN_DWH' to a URL with a password"],
])('%s is refused as a variable', (_, variable, message) => {
  expect(() => new Deployed({ scheduler: { env: [variable] } })).toThrow(message);
  expect(() => new Deployed({ podDefaults: { env: [variable] } })).toThrow(message.slice(message.indexOf('sets')));
  expect(() => new Deployed({ workers: { env: [variable] } })).toThrow(message.slice(message.indexOf('sets')));
});

test('what only sounds like a credential is not refused', () => {
  const env = [{ name: 'USE_TOKEN', value: 'true' }, { name: 'A_SECRET', value: '$(B)' }, { name: 'C_TOKEN', value: '/run/token' }, { name: 'D', value: 'http://a/b' }];
  expect(new Deployed({ scheduler: { env } }).env('scheduler')).toMatchObject({ USE_TOKEN: 'true' });
});

test('limits of the namespace that our own pods exceed', () => {
  const limits = (range: object, props: Props = {}) => () => new Deployed({ limitRanges: [range], ...props });
  expect(limits({ max: { memory: '1Gi' } })).toThrow(/'limitRanges\[0\]\.max' has memory 1Gi, so that the API server refuses pods: .*'scheduler' of 'airflow-scheduler'.* asks for more/);
  expect(limits({ min: { cpu: '50m' } })).toThrow(/'limitRanges\[0\]\.min' has cpu 50m, .*'log-groomer' of 'airflow-triggerer'.* asks for less/);
  expect(limits({ max: { memory: '4Gi' }, min: { cpu: '10m' } })).not.toThrow();
  expect(limits({ type: 'Pod', max: { memory: '1Gi' } })).not.toThrow();
});

test('priority classes of one name, which are of the whole cluster', () => {
  const scope = chart();
  const database = MetadataDatabase.postgres({ host: 'pg', password: SecretRef.existing('db', 'password') });
  ['a', 'b'].forEach(namespace => new AirflowKubernetesDeployment(scope, namespace, {
    database, namespace, releaseName: 'airflow', priorityClasses: { high: { value: 1 } },
  }));
  expect(() => synth(scope)).toThrow("the PriorityClass 'airflow-high' is of the whole cluster, and 'chart/b' makes one of the same name");
});

test.each([
  ['priorityClassName', 'High'], ['runtimeClassName', 'g visor'], ['serviceAccountName', 'a_b'],
])('%s is a name', (prop, name) => {
  expect(() => new Deployed({ scheduler: { [prop]: name } })).toThrow(`'scheduler.${prop}' must be a name of lower-case letters, digits, '-' and '.', got '${name}'`);
});

test('labels of a pod in podOverride are labels', () => {
  expect(() => new Deployed({ scheduler: { podOverride: { metadata: { labels: { a: 'b c' } } } } })).toThrow("'scheduler.podOverride.metadata.labels' must have values");
});
