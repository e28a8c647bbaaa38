import { Deployed, podOf } from './deploy';
import { AirflowConnection, AirflowObjects, AirflowVersion, DatabaseCleanupProps, Executor, PodCleanupProps, SecretRef } from '../../src';

const spec = (deployed: Deployed, name: string) => deployed.find('CronJob', `airflow-${name}`).spec;

describe('the clean-up of task pods', () => {
  test('may list and delete pods of its namespace, and nothing else', () => {
    const deployed = new Deployed({ podCleanup: {} });
    expect(deployed.container('pod-cleanup').args).toEqual(['airflow', 'kubernetes', 'cleanup-pods', '--namespace=ns']);
    expect(deployed.find('Role', 'airflow-pod-cleanup').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['delete', 'list'] }]);
    expect(spec(deployed, 'pod-cleanup')).toMatchObject({
      schedule: '*/15 * * * *', concurrencyPolicy: 'Forbid', successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1, jobTemplate: { spec: { backoffLimit: 1 } },
    });
    expect(podOf(deployed.workload('pod-cleanup')).spec.restartPolicy).toBe('Never');
    const again = new Deployed({ podCleanup: { podOverride: { spec: { restartPolicy: 'OnFailure' } } } });
    expect(podOf(again.workload('pod-cleanup')).spec.restartPolicy).toBe('OnFailure');
  });

  test('takes its props', () => {
    const props: PodCleanupProps = {
      schedule: '@hourly', successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 5, minPendingMinutes: 60, nodeSelector: { disk: 'ssd' },
    };
    const deployed = new Deployed({ podCleanup: props });
    expect(deployed.container('pod-cleanup').args).toContain('--min-pending-minutes=60');
    expect(spec(deployed, 'pod-cleanup')).toMatchObject({
      schedule: '@hourly', successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 5, jobTemplate: { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } },
    });
  });
});

test.each(['0 */24 * * *', '*/60 * * * *', '@every 1.5h'])('a schedule may be %s', schedule => {
  expect(spec(new Deployed({ podCleanup: { schedule } }), 'pod-cleanup').schedule).toBe(schedule);
});

describe('the clean-up of the database', () => {
  test('keeps 90 days', () => {
    const deployed = new Deployed({ databaseCleanup: {} });
    expect(deployed.container('database-cleanup').args.slice(3)).toEqual(['90']);
    expect(spec(deployed, 'database-cleanup').schedule).toBe('0 0 * * 0');
    expect(deployed.objects.filter(object => object.kind === 'Role' && object.metadata.name === 'airflow-database-cleanup')).toEqual([]);
  });

  test('takes its props', () => {
    const props: DatabaseCleanupProps = { retentionDays: 7, tables: ['log', 'job'], skipArchive: true, batchSize: 1000 };
    expect(new Deployed({ databaseCleanup: props }).container('database-cleanup').args.slice(3))
      .toEqual(['7', '--skip-archive', '--batch-size', '1000', '--tables', 'log,job']);
  });
});

// What db_cleanup.py of the version's wheel lists, and its neighbours do not.
test.each([
  ['2.11.2', ['dataset_event', 'sla_miss', 'task_fail', 'callback_request']],
  ['3.0.6', ['_xcom_archive', 'asset_event', 'dag_version', 'deadline', 'sla_miss', 'callback_request']],
  ['3.2.2', ['revoked_token', 'sla_miss', 'callback_request']],
  ['3.3.0', ['connection_test_request', 'task_state_store', 'sla_miss', 'callback_request']],
  ['3.3.2', ['callback', 'partitioned_asset_key_log', 'revoked_token']],
])('the clean-up of the database knows the tables of Airflow %s', (version, tables) => {
  expect(new Deployed({ version: AirflowVersion.of(version), databaseCleanup: { tables } }).container('database-cleanup').args.slice(4)).toEqual(['--tables', tables.join(',')]);
});

describe('connections, variables and pools', () => {
  const connection: Required<AirflowConnection> = {
    connType: 'postgres',
    host: 'db',
    port: 5432,
    login: SecretRef.existing('mine', 'login'),
    password: SecretRef.existing('mine', 'password'),
    schema: 'dwh',
    extra: { sslmode: 'require' },
    description: 'the warehouse',
  };
  const objects: Required<AirflowObjects> = {
    connections: { warehouse: connection, plain: { connType: 'http', login: 'me', extra: SecretRef.existing('mine', 'extra') } },
    variables: { team: 'da$ta', token: SecretRef.external({ store: 'vault', remoteKey: 'token' }) },
    pools: { narrow: { slots: 1, description: 'one by one', includeDeferred: true }, wide: { slots: -1 } },
    job: { priorityClassName: 'low' },
  };
  const deployed = new Deployed({ objects });

  test('are imported by a Job whose manifest holds no secret', () => {
    expect(deployed.pods.objects.spec.priorityClassName).toBe('low');
    const { args } = deployed.container('objects');
    expect(JSON.parse(args[3])).toEqual([
      ['connections', ['--overwrite'], {
        warehouse: {
          conn_type: 'postgres',
          host: 'db',
          port: 5432,
          schema: 'dwh',
          description: 'the warehouse',
          extra: '{"sslmode":"require"}',
          login: { env: 'AIRFLOW_OBJECT_SECRET_0' },
          password: { env: 'AIRFLOW_OBJECT_SECRET_1' },
        },
        plain: { conn_type: 'http', login: 'me', extra: { env: 'AIRFLOW_OBJECT_SECRET_2' } },
      }],
      ['variables', [], { team: 'da$$ta', token: { env: 'AIRFLOW_OBJECT_SECRET_3' } }],
      ['pools', [], {
        narrow: { slots: 1, description: 'one by one', include_deferred: true }, wide: { slots: -1, description: '', include_deferred: false },
      }],
    ]);
    expect(deployed.env('objects')).toMatchObject({
      AIRFLOW_OBJECT_SECRET_0: 'mine/login',
      AIRFLOW_OBJECT_SECRET_1: 'mine/password',
      AIRFLOW_OBJECT_SECRET_2: 'mine/extra',
      AIRFLOW_OBJECT_SECRET_3: 'airflow-variable-token/variable-token',
    });
    expect(deployed.find('ExternalSecret', 'airflow-variable-token')).toBeDefined();
  });

  test('are another Job when they are others', () => {
    expect(new Deployed({ objects: { variables: { a: 'b' } } }).airflow.objects!.workload.name)
      .not.toBe(new Deployed({ objects: { variables: { a: 'c' } } }).airflow.objects!.workload.name);
    expect(new Deployed().airflow.objects).toBeUndefined();
  });
});

test.each<[string, () => unknown, string]>([
  ['pods of no executor', () => new Deployed({ executor: Executor.local(), podCleanup: {} }), "'podCleanup' deletes the pods of KubernetesExecutor, the executor is LocalExecutor"],
  ['a minute that there is not', () => new Deployed({ podCleanup: { schedule: '99 * * * *' } }), "got '99 * * * *'"],
  ['a step of nothing', () => new Deployed({ podCleanup: { schedule: '*/0 * * * *' } }), "got '*/0 * * * *'"],
  ['a month that there is not', () => new Deployed({ podCleanup: { schedule: '0 0 1 13 *' } }), "got '0 0 1 13 *'"],
  ['an abbreviation that there is not', () => new Deployed({ podCleanup: { schedule: '@often' } }), "got '@often'"],
  ['a schedule that is none', () => new Deployed({ podCleanup: { schedule: 'daily' } }), "'podCleanup.schedule' must be five fields of cron such as '*/15 * * * *', got 'daily'"],
  ['too few minutes', () => new Deployed({ podCleanup: { minPendingMinutes: 1 } }), "'podCleanup.minPendingMinutes' must be at least 5, got 1"],
  ['no days', () => new Deployed({ databaseCleanup: { retentionDays: 0 } }), "'databaseCleanup.retentionDays' must be at least 1, got 0"],
  ['a table that is none', () => new Deployed({ databaseCleanup: { tables: ['task_instances'] } }),
    "'databaseCleanup.tables' must hold names of tables that 'airflow db clean' of Airflow 3.3.2 knows, such as 'log', got 'task_instances'; did you mean 'task_instance'"],
  ['transactions of a version without them', () => new Deployed({ version: AirflowVersion.of('3.0.6'), databaseCleanup: { batchSize: 5 } }),
    "'databaseCleanup.batchSize' is an option of 'airflow db clean' of Airflow 3.1 and newer, the version is 3.0.6; remove it"],
  ['a table of a later version', () => new Deployed({ version: AirflowVersion.of('3.1.8'), databaseCleanup: { tables: ['revoked_token'] } }), "of Airflow 3.1.8 knows, such as 'log', got 'revoked_token'"],
  ['a table of an earlier one', () => new Deployed({ databaseCleanup: { tables: ['sla_miss'] } }), "of Airflow 3.3.2 knows, such as 'log', got 'sla_miss'"],
  ['a table of Airflow 2', () => new Deployed({ databaseCleanup: { tables: ['task_fail'] } }), "such as 'log', got 'task_fail'"],
  ['an extra that is text', () => new Deployed({ objects: { connections: { a: { connType: 'postgres', extra: '{"sslmode":"require"}' as any } } } }),
    "'objects.connections.a.extra' must be an object, such as { sslmode: 'require' }, or a SecretRef to its JSON, got a text; write the object itself"],
  ['an extra that is a list', () => new Deployed({ objects: { connections: { a: { connType: 'postgres', extra: [1] as any } } } }), "'objects.connections.a.extra' must be an object, got [1]"],
  ['a connection without a type', () => new Deployed({ objects: { connections: { a: { host: 'db' } as any } } }), "'objects.connections.a.connType' is missing"],
  ['a port that is text', () => new Deployed({ objects: { connections: { a: { connType: 'http', port: '80' as any } } } }), "'objects.connections.a.port' must be a number, got \"80\""],
  ['a login that is none', () => new Deployed({ objects: { connections: { a: { connType: 'http', login: 1 as any } } } }), "'objects.connections.a.login' must be a text or a SecretRef, got 1"],
  ['a variable that is null', () => new Deployed({ objects: { variables: { a: null as any } } }), "'objects.variables.a' must"],
  ['a variable that is a number', () => new Deployed({ objects: { variables: { a: 1 as any } } }), "'objects.variables.a' must be a text or a SecretRef, got 1; write another value as the text"],
  ['a variable that is an object', () => new Deployed({ objects: { variables: { a: { env: 'HOME' } as any } } }), "'objects.variables.a' must be a text or a SecretRef, got {\"env\":\"HOME\"}"],
  ['nothing', () => new Deployed({ objects: {} }), "'objects' is empty"],
  ['a literal', () => new Deployed({ objects: { connections: { a: { connType: 'http', password: 'x' as any } } } }), "'objects.connections.a.password' must be a SecretRef"],
  ['an id', () => new Deployed({ objects: { connections: { 'a b': { connType: 'http' } } } }), 'the id of a connection must be'],
  ['half a slot', () => new Deployed({ objects: { pools: { a: { slots: 0.5 } } } }), "'objects.pools.a.slots' must be a whole number of at least -1, got 0.5"],
])('refuses %s', (_, make, message) => { expect(make).toThrow(message); });
