import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { stringify } from 'yaml';
import { cli } from './run';
import {
  AirflowAuth, AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, CeleryResultBackend, Executor,
  MetadataDatabase, SecretRef,
} from '../../src';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'diff-'));
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Report { changes: { object: string; change: string; effect: string; reasons: string[] }[]; steps: { title: string; commands: string[] }[] }

let count = 0;
function write(...manifests: object[]): string {
  const file = join(folder, `${count++}.yaml`);
  writeFileSync(file, manifests.map(manifest => stringify(manifest)).join('---\n'));
  return file;
}

function deployment(props: Partial<AirflowKubernetesDeploymentProps> = {}): string {
  const app = new App();
  new AirflowKubernetesDeployment(new Chart(app, 'airflow', { namespace: 'ns' }), 'airflow', {
    database: MetadataDatabase.postgres({ host: '10.0.0.1', password: SecretRef.existing('db', 'password') }), ...props,
  });
  const file = join(folder, `${count++}.yaml`);
  writeFileSync(file, app.synthYaml());
  return file;
}

async function diff(before: string, after: string): Promise<Report> {
  const { code, stdout, stderr } = await cli('diff', before, after, '-o', 'json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}
const commands = ({ steps }: Report) => steps.flatMap(step => step.commands);
const metadata = { name: 'x', namespace: 'ns' };

test('what is the same needs nothing', async () => {
  const file = deployment();
  expect(await cli('diff', file, deployment())).toEqual({ code: 0, stdout: '', stderr: 'nothing is different\n' });
  expect(await diff(file, deployment())).toEqual({ changes: [], steps: [] });
});

test('a changed key of airflow.cfg is the reason of the ConfigMap and of the workloads that it rolls', async () => {
  const [before, after] = [deployment({ config: { core: { parallelism: 16 } } }), deployment({ config: { core: { parallelism: 24 } } })];
  const { changes, steps } = await diff(before, after);
  const reason = '[core] parallelism: 16 → 24';
  expect(changes).toContainEqual({ object: 'configmap/airflow-config', namespace: 'ns', change: 'changed', effect: 'updated', reasons: [reason] });
  expect(changes).toContainEqual({ object: 'deployment/airflow-scheduler', namespace: 'ns', change: 'changed', effect: 'rolls', reasons: [reason] });
  expect(changes.map(({ effect }) => effect).filter(effect => !['updated', 'rolls'].includes(effect))).toEqual([]);
  expect(steps).toEqual([{ title: 'everything', commands: [`kubectl apply -f ${after}`] }]);
});

test('image, variable, secret, resources and replicas are told apart', async () => {
  const workload = (replicas: number, container: object) => write({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas, template: { spec: { containers: [{ name: 'main', ...container }] } } },
  });
  const secret = (key: string) => ({ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key } } });
  const { changes } = await diff(
    workload(1, { image: 'a:1', env: [{ name: 'MODE', value: 'fast' }, secret('old')], resources: { limits: { memory: '1Gi' } } }),
    workload(2, { image: 'a:2', env: [{ name: 'MODE', value: 'slow' }, secret('new'), { name: 'MORE', value: '' }], resources: { limits: { memory: '2Gi' } } }),
  );
  expect(changes).toEqual([{
    object: 'deployment/x',
    namespace: 'ns',
    change: 'changed',
    effect: 'rolls',
    reasons: [
      'replicas: 1 → 2',
      'image of main: a:1 → a:2',
      'variable MODE of main: fast → slow',
      'secret of main: PASSWORD changed, old → new',
      'variable MORE of main: nothing → \'\'',
      'resources.limits.memory of main: 1Gi → 2Gi',
    ],
  }]);
});

test('what a Secret holds is not printed', async () => {
  const secret = (data: object) => write({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: data });
  const { code, stdout } = await cli('diff', secret({ token: 'abc', gone: 'xyz' }), secret({ token: 'def' }));
  expect([code, stdout]).toEqual([0, expect.stringContaining('key token\n')]);
  expect(stdout).toContain('key gone');
  expect(stdout).not.toMatch(/abc|def|xyz/);
});

test.each<[string, object, object, string, string]>([
  ['StatefulSet', { spec: { serviceName: 'a' } }, { spec: { serviceName: 'b' } }, 'cannot be changed: spec.serviceName', 'kubectl -n ns delete statefulset/x --cascade=orphan --ignore-not-found'],
  ['Deployment', { spec: { selector: { matchLabels: { a: 'b' } } } }, { spec: { selector: { matchLabels: { a: 'c' } } } },
    'cannot be changed: spec.selector.matchLabels.a', 'kubectl -n ns delete deployment/x --ignore-not-found'],
  ['RoleBinding', { roleRef: { name: 'a' } }, { roleRef: { name: 'b' } }, 'cannot be changed: roleRef.name', 'kubectl -n ns delete rolebinding/x --ignore-not-found'],
  ['ConfigMap', { immutable: true, data: { a: '1' } }, { immutable: true, data: { a: '2' } }, 'cannot be changed: data.a', 'kubectl -n ns delete configmap/x --ignore-not-found'],
  ['PersistentVolumeClaim', { spec: { storageClassName: 'a' } }, { spec: { storageClassName: 'b' } },
    'cannot be changed: spec.storageClassName', '# persistentvolumeclaim/x holds data: make another claim, or copy the data before you delete it'],
])('an immutable field of a %s is named, and what to do', async (kind, before, after, reason, command) => {
  const apiVersion = { StatefulSet: 'apps/v1', Deployment: 'apps/v1', RoleBinding: 'rbac.authorization.k8s.io/v1' }[kind] ?? 'v1';
  const file = write({ apiVersion, kind, metadata, ...after });
  const report = await diff(write({ apiVersion, kind, metadata, ...before }), file);
  expect(report.changes[0]).toMatchObject({ effect: 'recreated', reasons: expect.arrayContaining([reason]) });
  expect(commands(report)).toEqual([command, `kubectl apply -f ${file}`]);
});

test('what may be changed is not called immutable', async () => {
  const set = (spec: object) => write({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { serviceName: 'a', ...spec } });
  expect((await diff(set({ replicas: 1 }), set({ replicas: 2 }))).changes[0].effect).toBe('updated');
  expect((await diff(set({ template: { spec: { nodeName: 'a' } } }), set({ template: { spec: { nodeName: 'b' } } }))).changes[0].effect).toBe('rolls');
  const claim = (storage: string) => write({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { resources: { requests: { storage } } } });
  expect((await diff(claim('1Gi'), claim('2Gi'))).changes[0].effect).toBe('updated');
});

test('removed objects are deleted by name, but for those that hold data', async () => {
  const object = (kind: string, apiVersion = 'v1', more: object = { namespace: 'ns' }) => ({ apiVersion, kind, metadata: { name: 'x', ...more } });
  const kept = object('ConfigMap');
  const after = write(kept);
  const before = write(kept, object('Service'), object('Secret'), object('PersistentVolumeClaim'), object('ScaledObject', 'keda.sh/v1alpha1'),
    object('PriorityClass', 'scheduling.k8s.io/v1', {}));
  const report = await diff(before, after);
  expect(report.changes.map(({ change }) => change)).toEqual(Array(5).fill('removed'));
  expect(commands(report)).toEqual([
    `kubectl apply -f ${after}`,
    'kubectl -n ns delete service/x scaledobject.keda.sh/x --ignore-not-found',
    'kubectl delete priorityclass/x --ignore-not-found',
  ]);
  expect((await cli('diff', before, after)).stdout).toMatch(/secret\/x +stays until it is deleted +it holds data: delete it by hand/);
});

test('where nothing is left there is nothing to apply', async () => {
  const { steps } = await diff(write({ apiVersion: 'v1', kind: 'ConfigMap', metadata }), write());
  expect(steps.flatMap(step => step.commands)).toEqual(['kubectl -n ns delete configmap/x --ignore-not-found']);
});

test('a downgrade is told of, before the migration that would fail', async () => {
  const { steps } = await diff(deployment(), deployment({ version: AirflowVersion.V2_11 }));
  const titles = steps.map(({ title }) => title);
  const at = titles.indexOf('this is a downgrade: Airflow 2.11.2 cannot use the database of 3.3.2, and its migration, which follows, would fail');
  expect(steps[at].commands).toEqual([
    "# bring back the copy of the database from before the upgrade, or run 'airflow db downgrade --to-version 2.11.2' with the image of Airflow 3.3.2",
    ': "${DATABASE_RESTORED:?set it when the database is one of Airflow 2.11.2, and go on from here}"',
  ]);
  expect(titles[at + 1]).toBe('what the migration needs, and the migration');
  const upgrade = await diff(deployment({ version: AirflowVersion.V2_11 }), deployment());
  expect(upgrade.steps.filter(({ title }) => title.includes('downgrade'))).toEqual([]);
});

describe('an upgrade from 2.11 to 3.3', () => {
  const props = { auth: AirflowAuth.fab({ users: [{ username: 'a', email: 'a@b.c', password: SecretRef.existing('a', 'b') }] }), databaseCleanup: {} };
  let before: string;
  let after: string;
  beforeAll(() => { [before, after] = [deployment({ version: AirflowVersion.V2_11, ...props }), deployment(props)]; });

  test('stops what has the database, migrates, applies and prunes', async () => {
    const report = await diff(before, after);
    const job = report.changes.find(({ object }) => object.startsWith('job/airflow-migration-'))!;
    expect(job).toMatchObject({ change: 'replaced', effect: 'runs', reasons: expect.arrayContaining(['image of migration: apache/airflow:2.11.2 → apache/airflow:3.3.2']) });
    const oldJobs = report.changes.filter(({ change }) => change === 'replaced').map(({ reasons }) => `job/${reasons[0].replace('takes the place of ', '')}`);
    const label = 'app.kubernetes.io/component';
    const instance = 'app.kubernetes.io/instance=airflow';
    expect(commands(report)).toEqual([
      'kubectl -n ns patch cronjob/airflow-database-cleanup -p \'{"spec":{"suspend":true}}\'',
      'kubectl -n ns scale deployment/airflow-scheduler deployment/airflow-webserver statefulset/airflow-triggerer --replicas=0',
      `kubectl -n ns wait pod -l '${instance},${label} in (scheduler, triggerer, webserver)' --for=delete --timeout=120s`,
      `kubectl -n ns delete job -l '${instance},${label} in (create-user, database-cleanup, migration)' --ignore-not-found`,
      `kubectl -n ns delete pod -l '${instance},${label} in (worker)' --ignore-not-found`,
      `kubectl apply -f ${after} -l '!${label}'`,
      `kubectl apply -f ${after} -l '${instance},${label} in (migration, secret-bootstrap)'`,
      `minutes=60; until kubectl -n ns wait ${job.object} --for=condition=Complete --timeout=1m; do kubectl -n ns logs ${job.object} --tail=20 || true; `
        + `failed=$(kubectl -n ns get ${job.object} -o jsonpath='{.status.conditions[?(@.type=="Failed")].message}'); `
        + '[ -z "$failed" ] && [ $((minutes -= 1)) -gt 0 ] || { echo "$failed"; exit 1; }; done',
      `kubectl apply -f ${after}`,
      'kubectl -n ns patch cronjob/airflow-database-cleanup -p \'{"spec":{"suspend":false}}\'',
      ...['deployment/airflow-scheduler', 'deployment/airflow-api-server', 'deployment/airflow-dag-processor', 'statefulset/airflow-triggerer']
        .map(name => `kubectl -n ns rollout status ${name} --timeout=15m`),
      'kubectl -n ns delete configmap/airflow-webserver-config serviceaccount/airflow-webserver role/airflow-webserver rolebinding/airflow-webserver '
        + `networkpolicy/airflow-webserver service/airflow-webserver deployment/airflow-webserver ${oldJobs.join(' ')} --ignore-not-found`,
    ]);
  });

  test('names every object that changed, each with a reason', async () => {
    const { changes } = await diff(before, after);
    expect(changes.filter(({ change, reasons }) => change === 'changed' && reasons.length === 0)).toEqual([]);
    const names = changes.map(({ object }) => object);
    for (const name of ['deployment/airflow-scheduler', 'statefulset/airflow-triggerer', 'deployment/airflow-webserver', 'deployment/airflow-api-server', 'secret/airflow-jwt-secret']) {
      expect(names).toContain(name);
    }
  });

  test('is printed as a script that a shell takes', async () => {
    const { stdout } = await cli('diff', before, after);
    expect(execFileSync('sh', ['-n'], { input: stdout, encoding: 'utf8' })).toBe('');
    // A kubectl that fails once is not asked for anything more.
    const { status, stdout: asked } = spawnSync('sh', { input: `kubectl() { echo "$1"; return 1; }\n${stdout}`, encoding: 'utf8' });
    expect([status, asked.trim().split('\n').length]).toEqual([1, 1]);
    expect(stdout.split('\n').filter(line => line !== '' && !/^(#|kubectl |minutes=60; )/.test(line))).toEqual(['set -eu']);
  });
});

test('a migration that fails, or has not ended after an hour, ends the script', async () => {
  const { stdout } = await cli('diff', deployment({ version: AirflowVersion.V2_11 }), deployment());
  const migration = stdout.slice(stdout.indexOf('minutes=60'), stdout.indexOf('# ', stdout.indexOf('minutes=60')));
  /** What a kubectl hears that waits so, and finds the Job failed so. */
  const heard = (wait: string, get: string) => {
    const kubectl = `kubectl() { echo "$3" >&2; case "$3" in wait) ${wait};; get) ${get};; esac; }`;
    const { status, stdout: said, stderr } = spawnSync('sh', { input: `set -eu\n${kubectl}\n${migration}\necho next`, encoding: 'utf8' });
    return { status, said: said.trim(), calls: stderr.trim().split('\n') };
  };
  const minute = ['wait', 'logs', 'get'];
  expect(heard('true', 'true')).toEqual({ status: 0, said: 'next', calls: ['wait'] });
  expect(heard('[ $minutes -lt 59 ]', 'true')).toEqual({ status: 0, said: 'next', calls: [...minute, ...minute, 'wait'] });
  expect(heard('false', '[ $minutes -ge 60 ] || echo "too often"')).toEqual({ status: 1, said: 'too often', calls: [...minute, ...minute] });
  expect(heard('false', 'true')).toEqual({ status: 1, said: '', calls: Array.from({ length: 60 }, () => minute).flat() });
  // A Job that nobody can read is not waited for.
  expect(heard('false', 'return 1')).toEqual({ status: 1, said: '', calls: minute });
});

test('an upgrade ends task pods in all of their namespaces, and no others', async () => {
  // Task pods of 2.11 read them in their own namespace.
  const keys = { fernetKey: SecretRef.existing('keys', 'fernet'), secretKey: SecretRef.existing('keys', 'secret') };
  const before = deployment({ version: AirflowVersion.V2_11, workers: { namespaces: ['team-a', 'team-b'] }, ...keys });
  const report = await diff(before, deployment({ workers: { namespaces: ['team-b', 'team-c'] }, ...keys }));
  const pods = "delete pod -l 'app.kubernetes.io/instance=airflow,app.kubernetes.io/component in (worker)' --ignore-not-found";
  expect(commands(report).filter(command => / delete pod /.test(command))).toEqual(['ns', 'team-a', 'team-b'].map(name => `kubectl -n ${name} ${pods}`));
});

test('an upgrade first applies the servers through which the migration reaches the database', async () => {
  const report = await diff(deployment({ version: AirflowVersion.V2_11 }), deployment({ pgbouncer: {} }));
  const { commands: first } = report.steps.find(({ title }) => title === 'what the migration needs, and the migration')!;
  expect(first.slice(1)).toEqual([
    expect.stringMatching(/-l 'app.kubernetes.io\/instance=airflow,app.kubernetes.io\/component in \(migration, pgbouncer, secret-bootstrap\)'$/),
    'kubectl -n ns rollout status deployment/airflow-pgbouncer --timeout=15m',
    expect.stringMatching(/^minutes=60; until kubectl -n ns wait job\/airflow-migration-/),
  ]);
});

test('an autoscaler that takes over begins with the pods that are there', async () => {
  const scheduler = (replicas?: number) => write({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { ...(replicas === undefined ? {} : { replicas }), selector: {}, template: {} },
  });
  const keeps = async (before?: number, after?: number) => commands(await diff(scheduler(before), scheduler(after))).filter(command => /last-applied/.test(command));
  expect(await keeps(3)).toEqual([
    "kubectl -n ns apply view-last-applied deployment/x -o yaml | sed '/^  replicas: /d' | kubectl -n ns apply set-last-applied -f -",
  ]);
  expect([await keeps(1), await keeps(undefined, 3), await keeps(3, 2)]).toEqual([[], [], []]);
});

test('Celery workers are stopped as well, the broker is not; what a scaler scales is held and let go', async () => {
  const props = {
    executor: Executor.celery({
      broker: CeleryBroker.developmentRedis(),
      resultBackend: CeleryResultBackend.redis({ host: 'airflow-redis', database: 1, password: SecretRef.existing('airflow-broker-password', 'broker-password') }),
      workers: [{ keda: { maxReplicas: 3 } }],
    }),
    database: MetadataDatabase.postgres({ host: '10.0.0.1', password: SecretRef.existing('db', 'password') }),
  };
  const report = await diff(deployment({ ...props, version: AirflowVersion.of('3.2.2') }), deployment(props));
  const [stop, , , everything] = report.steps.map(step => step.commands);
  expect(stop).toEqual([
    'kubectl -n ns annotate scaledobject.keda.sh/airflow-celery-worker autoscaling.keda.sh/paused-replicas=0 --overwrite',
    expect.stringMatching(/^kubectl -n ns scale .*statefulset\/airflow-celery-worker .*--replicas=0$/),
  ]);
  expect(stop[1]).not.toContain('redis');
  expect(everything).toEqual(expect.arrayContaining([
    'kubectl -n ns annotate scaledobject.keda.sh/airflow-celery-worker autoscaling.keda.sh/paused-replicas-',
    'kubectl -n ns scale statefulset/airflow-celery-worker --replicas=1',
  ]));
});
