import { Testing } from 'cdk8s';
import { Tasks } from './main';
import { run } from 'cdk8s-airflow/runtime';
import { EmbeddedCluster } from 'cdk8s-airflow/testing';

test('the tasks run on the embedded cluster', async () => {
  const cluster = await EmbeddedCluster.start();
  try {
    const result = await run(Testing.synth(new Tasks(Testing.app(), 'tasks')), { connection: cluster.connection });
    expect(result.state).toBe('success');
    expect(result.tasks.map(task => [task.name, task.state, task.xcom])).toEqual([['extract', 'success', { rows: 2 }], ['load', 'success', null]]);
  } finally {
    await cluster.stop();
  }
}, 60000);
