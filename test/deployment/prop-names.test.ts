import { AirflowKubernetesDeployment, GitSyncDags, MetadataDatabase, SecretRef } from '../../src';
import { chart, synth } from '../util';

const database = MetadataDatabase.postgres({ host: 'postgres', password: SecretRef.existing('postgres', 'password') });
const deployment = (props: any) => new AirflowKubernetesDeployment(chart(), 'airflow', props);

test.each<[string, any, string]>([
  ['no props', undefined, 'props: expected an object with the members of AirflowKubernetesDeploymentProps, got undefined'],
  ['a prop that is misspelt', { database, dag: {} }, "props: unknown prop 'dag'; did you mean 'dags'?"],
  ["a component's prop that is misspelt", { database, scheduler: { replica: 2 } }, "scheduler: unknown prop 'replica'; did you mean 'replicas'?"],
  ['a prop of another component', { database, scheduler: { autoscaling: {} } }, "scheduler: unknown prop 'autoscaling'"],
  ['a component that is no object', { database, triggerer: 2 }, 'triggerer: expected an object with the members of ComponentProps, got 2'],
  ['a version as text', { database, version: '3.1' }, "'version' must be an AirflowVersion, such as AirflowVersion.V3_3, got \"3.1\""],
  ['an executor as text', { database, executor: 'LocalExecutor' }, "'executor' must be an Executor, such as Executor.kubernetes(), got \"LocalExecutor\""],
  ['DAGs as text', { database, dags: 'https://x' }, "'dags' must be a source of DAGs, such as new GitSyncDags({ … }), got \"https://x\""],
])('fails for %s', (_, props, message) => {
  expect(() => deployment(props)).toThrow(message);
  expect(() => deployment(props)).toThrow('[chart/airflow]');
});

test('fails for names that the parts do not have', () => {
  expect(() => new GitSyncDags({ repo: 'https://git/x.git', branch: 'main' } as any)).toThrow("GitSyncDags: unknown prop 'branch'");
  expect(() => MetadataDatabase.postgres({ hostname: 'x' } as any)).toThrow("MetadataDatabase.postgres: unknown prop 'hostname'");
  expect(() => MetadataDatabase.postgres({ host: 5, password: SecretRef.existing('a', 'b') } as any)).toThrow("'host' must be a host name or an address, got '5'");
});

test('a prop that is undefined is not there', () => {
  expect(() => deployment({ database, dag: undefined })).not.toThrow();
});

test('two deployments with task pods in one namespace are warned about', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const scope = chart({ namespace: 'shared' });
  ['prod', 'staging'].forEach(id => new AirflowKubernetesDeployment(scope, id, { database }));
  synth(scope);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("[chart/prod] its task pods share the namespace 'shared' with those of 'chart/staging'"), expect.anything());
  warn.mockRestore();
});
