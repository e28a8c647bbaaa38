// npx jest --runInBand --testMatch '**/test/e2e/executors.e2e.ts' --testPathIgnorePatterns /node_modules/
import { timed } from './airflow';
import { appliedAgain, kubectl, onCluster, removeNamespace } from './kubectl';
import { ProductionOnCluster } from './production';
import { HEAD, LAUNCHING, LINE } from './production-dags';
import { Environment } from '../../examples/production/main';
import { AirflowVersion, CeleryBroker, Executor } from 'cdk8s-airflow';

const TWO_TASKS = `${HEAD}
@dag(**settings())
def two_tasks():
    @task
    def extract() -> dict:
        print("${LINE}")
        return {"rows": 21}

    @task
    def load(extracted: dict) -> int:
        return extracted["rows"] * 2

    load(extract())

two_tasks()
`;

const sized = (memory: string) => ({ requests: { cpu: '10m', memory: '256Mi' }, limits: { memory } });
/** Without what is for task pods. */
const WITHOUT_TASK_PODS: Environment['overrides'] = { workers: undefined, podCleanup: undefined };
const TWO_SCHEDULERS = { replicas: 2, resources: sized('3Gi') };

onCluster.each<[string, Environment['overrides'], RegExp]>([
  ['LocalExecutor', { ...WITHOUT_TASK_PODS, executor: Executor.local(), scheduler: TWO_SCHEDULERS }, /^airflow-scheduler-[01]$/],
  [
    'CeleryExecutor',
    {
      ...WITHOUT_TASK_PODS,
      executor: Executor.celery({ broker: CeleryBroker.developmentRedis(), workers: [{ concurrency: 2, resources: sized('2Gi') }] }),
      scheduler: TWO_SCHEDULERS,
    },
    /^airflow-celery-worker-0$/,
  ],
])('Airflow 3.3 of examples/production with %s and two schedulers', (name, overrides, hosts) => {
  const airflow = new ProductionOnCluster(`e2e-${name.toLowerCase()}`);

  beforeAll(async () => {
    await airflow.surroundings({ 'two_tasks.py': TWO_TASKS, 'launching.py': LAUNCHING });
    kubectl(['apply', '-f', airflow.synth(AirflowVersion.V3_3, overrides)]);
    await airflow.booted(600);
  }, 1_300_000);

  afterAll(() => {
    removeNamespace(airflow.namespace);
    airflow.removeFolders();
  });

  const schedulers = () => airflow.pods('app.kubernetes.io/component=scheduler').filter(({ metadata }) => !metadata.deletionTimestamp);

  test('a DAG from git, triggered through the REST API, runs where the executor runs tasks', async () => {
    const state = await airflow.runByApi('two_tasks', 300, () => expect(airflow.pods('app.kubernetes.io/component=worker')).toEqual([]));
    if (state !== 'success') { throw new Error(airflow.logsOfFailed('two_tasks')); }
    expect(airflow.xcoms('two_tasks')).toEqual(['extract|{"rows": 21}', 'load|42']);
    const where = airflow.sql("select distinct hostname from task_instance where dag_id = 'two_tasks'").split('\n');
    where.forEach(host => expect(host.split('.')[0]).toMatch(hosts));
  }, 500_000);

  test('its log is on MinIO, and the API gives it', async () => {
    const file = `s3://airflow/${airflow.namespace}/dag_id=two_tasks/run_id=e2e/task_id=extract/attempt=1.log`;
    // It is written there when the task has ended; until then a Celery worker serves it.
    const log = await airflow.until(file, 30, () => [airflow.logOf('two_tasks', 'extract')].find(text => text.includes(file)) ?? '');
    expect(log).toContain(LINE);
  }, 60_000);

  test('KubernetesPodOperator runs in the restricted namespace, also deferred, and its XCom arrives', async () => {
    const state = await airflow.runByApi('launching', 300);
    if (state !== 'success') { throw new Error(airflow.logsOfFailed('launching')); }
    expect(airflow.xcoms('launching')).toEqual(['deferred|42', 'direct|{"rows": 21}']);
  }, 500_000);

  test('both schedulers queue tasks, each task once, and one goes on without the other', async () => {
    const alive = () => airflow.sql("select count(*) from job where job_type = 'SchedulerJob' and state = 'running'");
    expect([schedulers().length, alive()]).toEqual([2, '2']);
    const queuing = () => airflow.sql("select count(distinct queued_by_job_id) from task_instance where dag_id = 'two_tasks'");
    const runs = (condition: string) => Number(airflow.sql(`select count(*) from dag_run where dag_id = 'two_tasks' and ${condition}`));
    const start = (run: string) => airflow.api('POST', '/dags/two_tasks/dagRuns', { dag_run_id: run, logical_date: null });
    let started = 1;
    await timed('both schedulers queued', () => airflow.until('tasks of both schedulers', 300, () => {
      if (queuing() === '2') { return 'yes'; }
      if (runs("state in ('queued', 'running')") < 4) { start(`both-${started++}`); }
      return '';
    }));

    const ended = () => airflow.until('the end of all runs', 300, () => (runs("state in ('queued', 'running')") === 0 ? 'yes' : ''));
    await timed('all runs ended', ended);

    airflow.kubectl('delete', 'pod', schedulers()[0].metadata.name, '--wait=false');
    start('after');
    await timed('the run after it ended', ended);
    expect(runs("state = 'success'")).toBe(started + 1);
    expect(airflow.sql("select max(try_number) from task_instance where dag_id = 'two_tasks'")).toBe('1');
  }, 800_000);

  test('applied again, nothing changes, and no component was restarted', async () => {
    await timed('scheduler replaced', () => airflow.kubectl('rollout', 'status', airflow.scheduler(), '--timeout=300s'));
    expect(appliedAgain(['-f', airflow.manifests])).toEqual([]);
    const restarts = airflow.pods('app.kubernetes.io/instance=airflow').flatMap(pod => pod.status.containerStatuses)
      .filter(status => status.restartCount > 0).map(status => `${status.name}: ${status.restartCount}`);
    expect(restarts).toEqual([]);
  }, 400_000);
});
