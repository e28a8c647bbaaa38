import { Deployed } from './deploy';
import { AirflowVersion, CeleryBroker, Executor, SecretRef } from '../../src';

const broker = CeleryBroker.redis({ host: 'redis' });
const celery = () => Executor.celery({ broker });

test('executors carry their Airflow names', () => {
  expect(Executor.kubernetes().name).toBe('KubernetesExecutor');
  expect(Executor.local().name).toBe('LocalExecutor');
  expect(celery().name).toBe('CeleryExecutor');
  expect(Executor.celeryKubernetes({ broker }).name).toBe('CeleryKubernetesExecutor');
  expect(Executor.localKubernetes().name).toBe('LocalKubernetesExecutor');
});

test('several are a list in their order, with aliases before the class', () => {
  expect(Executor.multiple([celery(), Executor.kubernetes()]).name).toBe('CeleryExecutor,KubernetesExecutor');
  expect(Executor.multiple([Executor.local(), Executor.kubernetes().withAlias('pods')]).name)
    .toBe('LocalExecutor,pods:airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor');
  expect(celery().withAlias('queue').alias).toBe('queue');
});

test('any other executor by its class, also beside those that are known', () => {
  const ecs = Executor.of('airflow.providers.amazon.aws.executors.ecs.AwsEcsExecutor');
  expect(ecs.name).toBe('airflow.providers.amazon.aws.executors.ecs.AwsEcsExecutor');
  expect(Executor.multiple([Executor.kubernetes(), ecs.withAlias('ecs'), Executor.of('mine.Runner')]).name)
    .toBe('KubernetesExecutor,ecs:airflow.providers.amazon.aws.executors.ecs.AwsEcsExecutor,mine.Runner');
  const deployed = new Deployed({ executor: ecs });
  expect(deployed.config['core.executor']).toBe(ecs.name);
  expect(deployed.airflow.workerPodTemplate).toBeUndefined();
});

test.each<[string, () => unknown, string]>([
  ['a class that is a way to a file', () => Executor.of('mine/runner.py'), "'classPath' must be where Python imports it, such as 'my_package.callbacks.MyCallback', got \"mine/runner.py\""],
  ["Airflow's own by its class", () => Executor.of('airflow.executors.local_executor.LocalExecutor'), "'airflow.executors.local_executor.LocalExecutor' is Airflow's own; write Executor.local(…)"],
  ['another one twice', () => Executor.multiple([Executor.of('a.B'), Executor.of('a.B').withAlias('b')]), "'Executor.multiple' has B twice; remove one"],
  ['an alias of two others', () => Executor.multiple([Executor.of('a.B'), Executor.of('a.C')]).withAlias('x'), "'a.B,a.C' stands for several executors"],
  ['one of several', () => Executor.multiple([celery()]), "'Executor.multiple' takes at least two executors, got 1"],
  ['a kind twice', () => Executor.multiple([celery(), celery().withAlias('b')]), "'Executor.multiple' has CeleryExecutor twice; remove one"],
  ['lists in lists', () => Executor.multiple([Executor.localKubernetes(), celery()]), "takes single executors, got 'LocalKubernetesExecutor'; list its parts"],
  ['an alias twice', () => Executor.multiple([celery().withAlias('a'), Executor.local().withAlias('a')]), "has the alias 'a' twice; change one"],
  ['an alias with a comma', () => celery().withAlias('a,b'), "an alias must be letters, digits, '_' and '-', and no executor of Airflow's, got 'a,b'"],
  ['an alias of Airflow', () => celery().withAlias('LocalExecutor'), "and no executor of Airflow's, got 'LocalExecutor'"],
  ['an alias of several', () => Executor.localKubernetes().withAlias('a'), "'LocalKubernetesExecutor' stands for several executors"],
  ['no broker', () => Executor.celery({} as any), "'broker' is missing; give one, such as CeleryBroker.redis({ host: 'redis' })"],
  ['no workers', () => Executor.celery({ broker, workers: [] }), "'workers' is empty; leave it out for one pool of one worker"],
])('fails for %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('the pairs of Airflow 2 are refused on 3 with what takes their place', () => {
  const refused = (executor: Executor) => () => executor._assertKnownTo(AirflowVersion.V3_3);
  expect(refused(Executor.localKubernetes()))
    .toThrow('LocalKubernetesExecutor does not exist in Airflow 3.3.2; use Executor.multiple([Executor.local(), Executor.kubernetes()])');
  expect(refused(Executor.celeryKubernetes({ broker: CeleryBroker.rabbitMq({ host: 'mq', password: SecretRef.existing('a', 'b') }) })))
    .toThrow('use Executor.multiple([Executor.celery({ … }), Executor.kubernetes()])');
  expect(() => Executor.localKubernetes()._assertKnownTo(AirflowVersion.V2_11)).not.toThrow();
});
