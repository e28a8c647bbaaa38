import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { appliedAgain, kubectl, onCluster, removeNamespace, restrictedNamespace } from './kubectl';
import { airflowExample } from '../../examples/airflow/main';

const namespace = 'af-e2e';
/** Everything that a URL has to escape. */
const PASSWORD = 'p@ s/1%+:?#&é';

const inNamespace = (...args: string[]) => kubectl(['-n', namespace, ...args]);
const sql = (query: string) => inNamespace('exec', 'deploy/postgres', '--', 'psql', '-U', 'airflow', '-Atc', query).trim();
const pods = (selector: string): any[] => JSON.parse(inNamespace('get', 'pods', '-l', selector, '-o', 'json')).items;

/** Runs a step and prints how long it took. */
async function timed<T>(what: string, step: () => T | Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await step();
  process.stderr.write(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}

/** Asks once a second until there is an answer. */
async function until<T>(what: string, seconds: number, ask: () => T | undefined): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = ask();
    if (answer !== undefined) { return answer; }
    if (Date.now() > deadline) { throw new Error(`${what}: not within ${seconds} s\n${inNamespace('get', 'pods')}`); }
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}

onCluster('the Airflow of the example, with KubernetesExecutor and DAGs from git', () => {
  const dist = mkdtempSync(join(tmpdir(), 'airflow-'));

  beforeAll(async () => {
    restrictedNamespace(namespace);
    inNamespace('create', 'secret', 'generic', 'airflow-database', `--from-literal=password=${PASSWORD}`);
    inNamespace('apply', '-f', join(__dirname, 'git-server.yaml'));
    const app = new App({ outdir: dist });
    airflowExample(app, {
      namespace,
      airflowImage: 'localhost/airflow:3.3',
      gitSyncImage: 'localhost/git-sync:v4',
      postgresImage: 'localhost/postgres:15',
      repo: 'http://git-server:8080/dags.git',
    });
    app.synth();
    await timed('git server', () => inNamespace('wait', 'pod/git-server', '--for=condition=Ready', '--timeout=120s'));
  }, 300_000);

  afterAll(() => {
    removeNamespace(namespace);
    rmSync(dist, { recursive: true });
  });

  test('boots from nothing but its manifests', async () => {
    kubectl(['apply', '-f', dist]);
    await timed('secrets made', () => inNamespace('wait', 'job', '-l', 'app.kubernetes.io/component=secret-bootstrap', '--for=condition=Complete', '--timeout=120s'));
    await timed('database migrated', () => inNamespace('wait', 'job', '-l', 'app.kubernetes.io/component=migration', '--for=condition=Complete', '--timeout=240s'));
    await timed('all components available', () => [
      'deploy/airflow-api-server', 'deploy/airflow-scheduler', 'deploy/airflow-dag-processor', 'statefulset/airflow-triggerer',
    ].forEach(workload => inNamespace('rollout', 'status', workload, '--timeout=240s')));
  }, 600_000);

  test('is unchanged when it is applied again, and keeps its secrets', () => {
    const secrets = () => JSON.parse(inNamespace('get', 'secrets', '-o', 'json')).items.map((s: any) => [s.metadata.name, s.data]);
    const before = secrets();
    expect(before.map(([name]: [string]) => name)).toEqual(['airflow-database', 'airflow-fernet-key', 'airflow-jwt-secret', 'airflow-secret-key']);
    expect(Buffer.from(before[2][1]['jwt-secret'], 'base64').length).toBeGreaterThanOrEqual(64);
    expect(appliedAgain(['-f', dist])).toEqual([]);
    expect(secrets()).toEqual(before);
  });

  test('every container has a read-only root, and only those that use the Kubernetes API have a token', () => {
    const containers = pods('app.kubernetes.io/instance=airflow').flatMap(pod => [...pod.spec.initContainers ?? [], ...pod.spec.containers]);
    expect(containers.length).toBeGreaterThan(10);
    expect(containers.filter(container => container.securityContext.readOnlyRootFilesystem !== true).map(({ name }) => name)).toEqual([]);
    const withToken = containers.filter(container => container.volumeMounts.some((mount: any) => mount.mountPath.includes('serviceaccount')));
    expect(withToken.map(({ name }) => name).sort()).toEqual(['api-server', 'scheduler', 'secret-bootstrap']);
  });

  test('a DAG of two tasks with an XCom ends green, in pods that hold no secret', async () => {
    await timed('DAG delivered', () => until('the DAG', 120, () => sql("select 1 from serialized_dag where dag_id = 'two_tasks'") || undefined));
    await timed('DAG triggered', () => inNamespace('exec', 'deploy/airflow-scheduler', '-c', 'scheduler', '--', 'airflow', 'dags', 'trigger', 'two_tasks', '-r', 'e2e'));
    const workers = new Map<string, any>();
    const state = await timed('DAG run', () => until('the DAG run', 180, () => {
      pods('app.kubernetes.io/component=worker').forEach(pod => workers.set(pod.metadata.labels.task_id, pod));
      return sql("select state from dag_run where run_id = 'e2e' and state in ('success', 'failed')") || undefined;
    }));
    expect(state).toBe('success');
    expect(sql("select task_id, value from xcom where run_id = 'e2e' and key = 'return_value' order by task_id").split('\n'))
      .toEqual(['extract|{"rows": 21}', 'load|42']);

    // The DAG's own code has looked at environment, token, file system and database; this is what the API server was given.
    expect([...workers.keys()].sort()).toEqual(['extract', 'load']);
    for (const pod of workers.values()) {
      const text = JSON.stringify(pod.spec);
      expect(text).not.toMatch(/secretKeyRef|"secret"|SQL_ALCHEMY|FERNET|serviceAccountToken/);
      expect(pod.spec.automountServiceAccountToken).toBe(false);
      expect(pod.spec.containers.map((container: any) => container.name)).toEqual(['base']);
    }
  }, 400_000);

  test('nothing was restarted', () => {
    const restarts = pods('app.kubernetes.io/instance=airflow').flatMap(pod => [...pod.status.initContainerStatuses ?? [], ...pod.status.containerStatuses])
      .filter(status => status.restartCount > 0).map(status => `${status.name}: ${status.restartCount}`);
    expect(restarts).toEqual([]);
  });
});
