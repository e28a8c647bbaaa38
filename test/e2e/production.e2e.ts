// npx jest --runInBand --testMatch '**/test/e2e/production.e2e.ts' --testPathIgnorePatterns /node_modules/
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { timed } from './airflow';
import { appliedAgain, kubectl, onCluster, removeNamespace } from './kubectl';
import { ProductionOnCluster } from './production';
import { changing, LAUNCHING, LINE, TWO_TASKS } from './production-dags';
import { cli } from '../cli/run';
import { AirflowVersion } from 'cdk8s-airflow';

/** Judges what is written in the configuration by Airflow's own references, inside the image. */
const UNKNOWN_KEYS = `
import configparser, json, sys
from importlib.resources import files
import yaml
from airflow.providers_manager import ProvidersManager

known = yaml.safe_load(files("airflow").joinpath("config_templates/config.yml").read_text())
known = {section: set(entry["options"]) for section, entry in known.items()}
for _, info in sorted(ProvidersManager().providers.items()):
    for section, entry in (info.data.get("config") or {}).items():
        known.setdefault(section, set()).update(entry["options"])
written = configparser.RawConfigParser()
written.read("/opt/airflow/airflow.cfg")
keys = {(section, key) for section in written.sections() for key in written[section]}
for name in json.loads(sys.argv[1]):
    section, key = name[len("AIRFLOW__"):].lower().split("__")
    for suffix in ("_cmd", "_secret"):
        key = key[:-len(suffix)] if key.endswith(suffix) and key not in known.get(section, ()) else key
    keys.add((section, key))
print(json.dumps([len(keys), sorted(f"[{s}] {k}" for s, k in keys if k not in known.get(s, ()))]))
`;

/** What Airflow, its providers and their libraries say of their own code, whatever is configured. */
const OF_THEIR_OWN = [
  /Using `httpx` with `starlette.testclient` is deprecated/,
  /starlette.middleware.wsgi is deprecated/,
  /appbuilder.app is deprecated/,
  /ProvidersManager.hooks is deprecated/,
  /The `airflow.utils.state.JobState` attribute is deprecated/,
  /is_authorized_dataset will be renamed/,
];

const SERVER = (airflow: ProductionOnCluster) => (airflow.airflow3() ? 'api-server' : 'webserver');
const inServer = (airflow: ProductionOnCluster, ...command: string[]) =>
  airflow.kubectl('exec', `deploy/airflow-${SERVER(airflow)}`, '-c', SERVER(airflow), '--', ...command);
const containersOf = (pod: any): any[] => [...pod.spec.initContainers ?? [], ...pod.spec.containers];
const every = 'app.kubernetes.io/instance=airflow';

/** What is shown for each version. */
function checks(airflow: ProductionOnCluster): void {
  test('the database was migrated once', () => {
    const jobs = JSON.parse(airflow.kubectl('get', 'jobs', '-l', 'app.kubernetes.io/component=migration', '-o', 'json')).items;
    const current = jobs.filter((job: any) => job.metadata.labels['app.kubernetes.io/version'].startsWith(airflow.airflow3() ? '3.' : '2.'));
    expect(current.map(({ status }: any) => [status.succeeded, status.failed ?? 0])).toEqual([[1, 0]]);
  });

  test('applied again, nothing changes', () => {
    expect(appliedAgain(['-f', airflow.manifests])).toEqual([]);
  });

  test('a DAG from git, triggered with a password through the REST API, runs in task pods of our template', async () => {
    const workers = new Map<string, any>();
    const state = await airflow.runByApi('two_tasks', 300, () => {
      airflow.pods('app.kubernetes.io/component=worker').forEach(pod => workers.set(pod.metadata.labels.task_id, pod));
      airflow.lookAtMemory();
    });
    expect(state).toBe('success');
    expect(airflow.xcoms('two_tasks')).toEqual(['extract|{"rows": 21}', 'load|42']);
    expect([...workers.keys()].sort()).toEqual(['extract', 'load']);
    for (const { spec } of workers.values()) {
      expect(spec.containers.map(({ name }: any) => name)).toEqual(['base']);
      expect(containersOf({ spec }).every(({ securityContext }) => securityContext.readOnlyRootFilesystem)).toBe(true);
      expect(spec.containers[0].resources.requests).toEqual({ cpu: '10m', memory: '256Mi' });
      if (airflow.airflow3()) { expect(JSON.stringify(spec.containers)).not.toMatch(/secretKeyRef|SQL_ALCHEMY|FERNET/); }
    }
  }, 400_000);

  test('its log is on MinIO, and the API gives it when the pod is gone', async () => {
    await airflow.until('the end of the pods', 60, () => (airflow.pods('app.kubernetes.io/component=worker').length === 0 ? 'gone' : ''));
    const log = airflow.logOf('two_tasks', 'extract');
    expect(log).toContain(`s3://airflow/${airflow.namespace}/dag_id=two_tasks/run_id=e2e/task_id=extract/attempt=1.log`);
    expect(log).toContain(LINE);
  }, 120_000);

  test('KubernetesPodOperator runs in the restricted namespace, also deferred, and its XCom arrives', async () => {
    const launched = new Map<string, any>();
    const state = await airflow.runByApi('launching', 300, () => {
      airflow.pods('kubernetes_pod_operator=True').forEach(pod => launched.set(pod.metadata.labels.task_id, pod));
      airflow.lookAtMemory();
    });
    if (state !== 'success') { throw new Error(airflow.logsOfFailed('launching')); }
    expect(airflow.xcoms('launching')).toEqual(['deferred|42', 'direct|{"rows": 21}']);
    expect([...launched.keys()].sort()).toEqual(['deferred', 'direct']);
    for (const { spec } of launched.values()) {
      expect(spec.containers[1]).toMatchObject({
        name: 'airflow-xcom-sidecar', image: `localhost/${airflow.airflow3() ? 'busybox:1' : 'airflow:2.11'}`, securityContext: { runAsUser: 50000, readOnlyRootFilesystem: true },
      });
    }
  }, 500_000);

  test('a push to the repository changes the DAG within the period of git-sync, that of Airflow, and the time of parsing', async () => {
    const description = () => airflow.sql("select description from dag where dag_id = 'changing'");
    expect(description()).toBe('one');
    // Parsing starts a process and imports Airflow, beside everything else on this node: what that takes, this machine says.
    const start = performance.now();
    inServer(airflow, 'python', '-W', 'ignore', '-c', 'import airflow.providers_manager');
    const parsing = Math.max(25, (performance.now() - start) / 1000 * 5);
    airflow.push({ 'changing.py': changing('two') });
    // 10 s and 10 s before it.
    await timed('the push is seen', () => airflow.until('the new DAG', 20 + parsing, () => (description() === 'two' ? 'yes' : '')));
  }, 400_000);

  test('all of it, with database, git server, MinIO and tasks, has room on a node of 6 GiB', () => {
    airflow.lookAtMemory();
    const held = [...airflow.memory].sort(([, one], [, other]) => other - one);
    const mebibytes = held.reduce((sum, [, size]) => sum + size, 0);
    process.stderr.write(`memory, if all held their most at once: ${mebibytes.toFixed(0)} MiB (${held.map(([name, size]) => `${name} ${size.toFixed(0)}`).join(', ')})\n`);
    expect(held.map(([name]) => name)).toEqual(expect.arrayContaining([/^airflow-scheduler/, /^airflow-triggerer/, /^postgres/, /^minio/, /^git-server/, /^launching/].map(expect.stringMatching)));
    expect(mebibytes).toBeGreaterThan(1024);
    expect(mebibytes).toBeLessThan(6 * 1024);
  });

  test('every section and key that is written is one of this Airflow or of an installed provider', () => {
    const variables = new Set(airflow.pods(every).flatMap(containersOf).flatMap(({ env = [] }) => env.map(({ name }: any) => name)));
    // Two names of the image's own scripts begin in the same way, and have no section.
    const names = [...variables].filter(name => /^AIRFLOW__.+__/.test(name));
    expect(names).toContain('AIRFLOW__CORE__FERNET_KEY');
    const [count, unknown] = JSON.parse(inServer(airflow, 'python', '-W', 'ignore', '-c', UNKNOWN_KEYS, JSON.stringify(names)).trim().split('\n').at(-1)!);
    expect(count).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  }, 120_000);

  test('no component was restarted, or warns of anything deprecated that is ours', () => {
    const pods = airflow.pods(every).filter(pod => pod.metadata.labels['app.kubernetes.io/component'] !== 'worker');
    const restarts = pods.flatMap(pod => pod.status.containerStatuses)
      .filter(status => status.restartCount > 0).map(status => `${status.name}: ${status.restartCount}`);
    expect(restarts).toEqual([]);
    const warnings = pods.flatMap(pod => airflow.kubectl('logs', pod.metadata.name, '--all-containers', '--tail=-1').split('\n')
      .filter(line => /deprecat|removed in|RemovedIn/i.test(line) && !OF_THEIR_OWN.some(known => known.test(line))).map(line => `${pod.metadata.name}: ${line}`));
    expect(warnings).toEqual([]);
  }, 120_000);
}

onCluster('Airflow 3.3 of examples/production, applied at once with a database that comes a minute later', () => {
  const airflow = new ProductionOnCluster('e2e-production-3');

  beforeAll(async () => {
    await airflow.surroundings({ 'two_tasks.py': TWO_TASKS, 'launching.py': LAUNCHING, 'changing.py': changing('one') });
    const manifests = airflow.synth(AirflowVersion.V3_3);
    kubectl(['apply', '-f', join(manifests, 'airflow.k8s.yaml')]);
    await new Promise(resolve => setTimeout(resolve, 60_000));
    kubectl(['apply', '-f', manifests]);
    await airflow.booted(600);
  }, 1_300_000);

  afterAll(() => {
    removeNamespace(airflow.namespace);
    airflow.removeFolders();
  });

  checks(airflow);

  test('airflow config lint finds nothing', () => {
    // It reports every executor but the default one.
    expect(inServer(airflow, 'airflow', 'config', 'lint', '--ignore-option', 'executor')).toContain('No issues found');
  }, 120_000);

  test('a changed key rolls those who read it, and nobody else', async () => {
    const pods = () => Object.fromEntries(airflow.pods(every).map(({ metadata }) => [metadata.name, metadata.uid] as const)
      .filter(([name]) => /^airflow-(api-server|dag-processor|scheduler|triggerer)/.test(name)));
    const before = pods();
    const old = airflow.manifests;
    const { stdout } = await cli('diff', old, airflow.synth(AirflowVersion.V3_3, { parallelism: 8 }), '-o', 'json');
    expect(JSON.parse(stdout).changes.map(({ object, reasons }: any) => [object, reasons])).toEqual([
      ['configmap/airflow-config', ['[core] parallelism: 4 → 8']], ['deployment/airflow-scheduler', ['[core] parallelism: 4 → 8']],
    ]);
    kubectl(['apply', '-f', airflow.manifests]);
    await timed('scheduler rolled', () => airflow.kubectl('rollout', 'status', 'deploy/airflow-scheduler', '--timeout=600s'));
    await airflow.until('the end of the old scheduler', 120, () => (Object.keys(pods()).length === Object.keys(before).length ? 'gone' : ''));
    const after = pods();
    const replaced = Object.keys(before).filter(name => after[name] !== before[name]);
    expect(replaced).toEqual([expect.stringMatching(/^airflow-scheduler-/)]);
    expect(airflow.kubectl('exec', 'deploy/airflow-scheduler', '-c', 'scheduler', '--', 'grep', 'parallelism', '/opt/airflow/airflow.cfg')).toContain('parallelism = 8');
  }, 800_000);

  test('what tasks and the triggerer may do ends there', () => {
    const can = (account: string, ...action: string[]) => {
      try {
        return kubectl(['auth', 'can-i', ...action, '-n', airflow.namespace, '--as', `system:serviceaccount:${airflow.namespace}:${account}`]).trim();
      } catch { return 'no'; }
    };
    expect(can('airflow-worker', 'create', 'pods')).toBe('yes');
    expect(can('airflow-worker', 'get', 'secrets')).toBe('no');
    expect(can('airflow-triggerer', 'get', 'pods')).toBe('yes');
    expect(can('airflow-triggerer', 'create', 'pods')).toBe('no');
  });
});

onCluster('Airflow 2.11 of examples/production', () => {
  const airflow = new ProductionOnCluster('e2e-production-2');

  beforeAll(async () => {
    await airflow.surroundings({ 'two_tasks.py': TWO_TASKS, 'launching.py': LAUNCHING, 'changing.py': changing('one') });
    kubectl(['apply', '-f', airflow.synth(AirflowVersion.V2_11)]);
    await airflow.booted(600);
  }, 1_300_000);

  afterAll(() => {
    removeNamespace(airflow.namespace);
    airflow.removeFolders();
  });

  checks(airflow);

  describe('upgraded to 3.3 by the sequence that diff prints', () => {
    interface Report { steps: { title: string; commands: string[] }[] }
    let report: Report;

    beforeAll(async () => {
      const old = airflow.manifests;
      const { code, stdout } = await cli('diff', old, airflow.synth(AirflowVersion.V3_3), '-o', 'json');
      expect(code).toBe(0);
      report = JSON.parse(stdout);
    });

    /** Versions of the pods that have a session of the database. */
    const sessions = () => {
      const alive = () => airflow.pods(every).filter(({ status }) => /^(Pending|Running)$/.test(status.phase));
      // One may end, and another come, while the database is asked.
      const before = alive();
      const addresses = airflow.sql("select distinct client_addr from pg_stat_activity where datname = 'airflow' and client_addr is not null").split('\n').filter(Boolean);
      const pods = [...alive(), ...before];
      return addresses.map(address => pods.find(({ status }) => status.podIP === address)?.metadata.labels['app.kubernetes.io/version'] ?? `unknown pod ${address}`);
    };
    const shell = (command: string, meanwhile: () => void) => new Promise<void>((resolve, reject) => {
      const child = spawn('sh', ['-ec', command], { stdio: ['ignore', 'ignore', 'inherit'] });
      const timer = setInterval(meanwhile, 2000);
      child.on('close', code => {
        clearInterval(timer);
        if (code === 0) { resolve(); } else { reject(new Error(`${command}: exit code ${code}`)); }
      });
    });

    test('no process of 2.11 has a session when the database is migrated', async () => {
      const seen: string[] = [];
      for (const { title, commands } of report.steps) {
        const migration = commands.some(command => command.includes('job/airflow-migration-') && command.includes(' wait '));
        if (migration) { expect(sessions()).toEqual([]); }
        for (const command of commands) { await timed(`${title.slice(0, 40)}: ${command.slice(0, 120)}`, () => shell(command, () => { if (migration) { seen.push(...sessions()); } })); }
      }
      expect(new Set(seen)).toEqual(new Set(['3.3.2']));
    }, 1_300_000);

    test('nothing of 2.11 is left, and applying again changes nothing', () => {
      const kinds = 'deployments,statefulsets,cronjobs,jobs,services,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,ingresses';
      expect(airflow.kubectl('get', kinds, '-l', `${every},app.kubernetes.io/version=2.11.2`, '-o', 'name')).toBe('');
      expect(appliedAgain(['-f', airflow.manifests])).toEqual([]);
    }, 120_000);

    test('the history of the DAG is there, and it runs again', async () => {
      expect(airflow.api('GET', '/dags/two_tasks/dagRuns/e2e')).toMatchObject({ state: 'success' });
      expect(airflow.logOf('two_tasks', 'extract')).toContain(LINE);
      expect(await airflow.runByApi('two_tasks', 240, undefined, 'after')).toBe('success');
    }, 400_000);
  });
});
