import { Executor } from '../../src';

test('executors carry their Airflow names', () => {
  expect(Executor.kubernetes().name).toBe('KubernetesExecutor');
  expect(Executor.local().name).toBe('LocalExecutor');
});
