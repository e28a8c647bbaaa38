import { Testing } from 'cdk8s';
import { Mapping } from './main';
import { DagFile, PodTask } from 'cdk8s-airflow';
import { run } from 'cdk8s-airflow/runtime';
import { EmbeddedCluster } from 'cdk8s-airflow/testing';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test('the manifests', () => {
  expect(Testing.synth(new Mapping(Testing.app(), 'mapping'))).toMatchSnapshot();
});

test('a run has a pod for each item, and the last task what they pushed', async () => {
  const cluster = await EmbeddedCluster.start();
  try {
    const { state, tasks } = await run(Testing.synth(new Mapping(Testing.app(), 'mapping')), { connection: cluster.connection, journal: false });
    expect(state).toBe('success');
    expect(tasks.map(({ name, mapIndex, xcom }) => [name, mapIndex, xcom])).toEqual([
      ['days', undefined, [{ DAY: '1' }, { DAY: '2' }, { DAY: '3' }]], ['load', 0, 10], ['load', 1, 20], ['load', 2, 30], ['report', undefined, [10, 20, 30]],
    ]);
  } finally {
    await cluster.stop();
  }
});

test('in a DAG it is a task that Airflow maps', () => {
  const tasks = new Mapping(Testing.app(), 'mapping').node.findAll().filter(PodTask.isPodTask);
  const python = new DagFile({ dagId: 'mapping', tasks }).toPython();
  expect(python).toMatch(/load = KubernetesPodOperator\.partial\([^]*\)\.expand\(\s*env_vars=days\.output,?\s*\)/);
  expect(python).toContain('days >> load');
});
