import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployed } from './deploy';
import { AirflowVersion, Executor, SecretRef, TaskLogs } from '../../src';

const s3 = () => TaskLogs.s3({
  bucket: 'airflow',
  endpoint: 'http://minio:9000',
  credentials: { accessKeyId: SecretRef.existing('minio', 'user'), secretAccessKey: SecretRef.existing('minio', 'password') },
});
/** Components with a container that holds a variable whose name begins so. */
const holders = ({ pods }: Deployed, prefix: string) => Object.entries(pods)
  .filter(([, pod]: any) => [...pod.spec.initContainers ?? [], ...pod.spec.containers]
    .some(({ env }: any) => env?.some(({ name }: any) => name.startsWith(prefix))))
  .map(([name]) => name).sort();
const containers = (deployed: Deployed, component: string) => deployed.pods[component].spec.containers.map(({ name }: any) => name);
const groomed = (deployed: Deployed) => Object.keys(deployed.pods).filter(name => containers(deployed, name).includes('log-groomer')).sort();

describe('logs elsewhere', () => {
  const deployed = new Deployed({ logs: s3() });

  test('airflow.cfg says where, and contradicting it is an error', () => {
    expect(deployed.config).toMatchObject({
      'logging.remote_logging': 'True', 'logging.remote_base_log_folder': 's3://airflow', 'logging.remote_log_conn_id': 'airflow_logs',
    });
    expect(() => new Deployed({ logs: s3(), config: { logging: { remote_logging: false } } }))
      .toThrow("'config.logging.remote_logging' is 'False', but 'logs' makes it 'True'; remove it from 'config'");
  });

  test('on Airflow 3 only the API server and the triggerer hold the credential: a task asks for it', () => {
    expect(holders(deployed, 'AIRFLOW_LOGS_')).toEqual(['api-server', 'triggerer']);
    expect(holders(new Deployed({ logs: s3(), executor: Executor.local() }), 'AIRFLOW_LOGS_')).toEqual(['api-server', 'triggerer']);
  });

  test('on Airflow 2 those hold it who write or read', () => {
    const version = AirflowVersion.V2_11;
    expect(holders(new Deployed({ logs: s3(), version }), 'AIRFLOW_LOGS_')).toEqual(['triggerer', 'webserver', 'worker']);
    expect(holders(new Deployed({ logs: s3(), version, executor: Executor.local() }), 'AIRFLOW_LOGS_')).toEqual(['scheduler', 'triggerer', 'webserver']);
  });

  test('the API server may reach the place', () => {
    expect(deployed.find('NetworkPolicy', 'airflow-api-server').spec.egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 9000 }] });
  });

  test('a URL with a password is held by every process: each reads the whole logging configuration, and ends where the server is not named', () => {
    const logs = TaskLogs.elasticsearch({ host: SecretRef.existing('es', 'url') });
    expect(holders(new Deployed({ logs }), 'AIRFLOW__ELASTICSEARCH__HOST')).toEqual(['api-server', 'dag-processor', 'migration', 'scheduler', 'triggerer', 'worker']);
  });
});

test('one volume for all pods, which the API server only reads', () => {
  const deployed = new Deployed({ logs: TaskLogs.persistentVolumeClaim() });
  for (const component of ['api-server', 'dag-processor', 'scheduler', 'triggerer', 'worker']) {
    const { spec } = deployed.pods[component];
    expect(spec.volumes.filter(({ name }: any) => name === 'logs')).toEqual([{ name: 'logs', persistentVolumeClaim: { claimName: 'airflow-logs' } }]);
    expect(spec.containers[0].volumeMounts.filter(({ name }: any) => name === 'logs')).toEqual([
      { name: 'logs', mountPath: '/opt/airflow/logs', ...(component === 'api-server' ? { readOnly: true } : {}) },
    ]);
  }
  expect(() => new Deployed({ logs: TaskLogs.persistentVolumeClaim(), logFiles: { sizeLimit: '1Gi' } })).toThrow("'logFiles.sizeLimit' is of folders inside the pods");
  expect(new Deployed({ logs: TaskLogs.persistentVolumeClaim(), version: AirflowVersion.V2_11 }).container('webserver').volumeMounts
    .filter(({ name }: any) => name === 'logs')).toEqual([{ name: 'logs', mountPath: '/opt/airflow/logs' }]);
});

describe('log files', () => {
  test('a groomer is beside those who write ever more files', () => {
    expect(groomed(new Deployed())).toEqual(['dag-processor', 'triggerer']);
    expect(groomed(new Deployed({ executor: Executor.local() }))).toEqual(['dag-processor', 'scheduler', 'triggerer']);
    expect(groomed(new Deployed({ version: AirflowVersion.V2_11 }))).toEqual(['scheduler', 'triggerer']);
    expect(groomed(new Deployed({ logFiles: { groomer: false } }))).toEqual([]);
  });

  test('it holds nothing but the folder and its settings', () => {
    const deployed = new Deployed({ logFiles: { retentionDays: 3, frequencyMinutes: 60, sizeLimit: '1Gi' } });
    const groomer = deployed.pods['dag-processor'].spec.containers.find(({ name }: any) => name === 'log-groomer');
    expect(groomer).toMatchObject({
      env: [{ name: 'AIRFLOW__LOG_RETENTION_DAYS', value: '3' }, { name: 'AIRFLOW__LOG_CLEANUP_FREQUENCY_MINUTES', value: '60' }],
    });
    expect(groomer.volumeMounts).toEqual([{ name: 'logs', mountPath: '/opt/airflow/logs' }]);
    expect(deployed.pods.worker.spec.volumes).toContainEqual({ name: 'logs', emptyDir: { sizeLimit: '1Gi' } });
  });

  test('the groomer ends when it is told to, although the script of the image traps the signal and sleeps', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'groomer-'));
    writeFileSync(join(folder, 'clean-logs'), 'trap "exit" INT TERM\necho grooming\nwhile true; do\n  sleep 600\ndone\n');
    const { command: [program, ...args] } = new Deployed().pods.triggerer.spec.containers.find(({ name }: any) => name === 'log-groomer');
    // A group of its own: without a namespace of processes, the sleep outlives the first one.
    const groomer = spawn(program, args.map((arg: string) => arg.replace('/clean-logs', join(folder, 'clean-logs'))), { detached: true });
    try {
      await once(groomer.stdout, 'data');
      groomer.kill('SIGTERM');
      expect(await once(groomer, 'exit')).toEqual([0, null]);
    } finally {
      process.kill(-groomer.pid!, 'SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    [{ retentionDays: 0 }, "'logFiles.retentionDays' must be a whole number of at least 1, got 0"],
    [{ sizeLimit: 'much' }, "'logFiles.sizeLimit' must be a quantity such as '10Gi', got 'much'"],
  ])('fails for %j', (logFiles, message) => {
    expect(() => new Deployed({ logFiles })).toThrow(message);
  });
});
