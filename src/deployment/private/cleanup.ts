import { airflowComponent, AirflowComponentOptions } from './component';
import { DeploymentContext } from './deployment-context';
import { didYouMean } from '../../pod/closest';
import { toWire } from '../../pod/schema';
import { Component } from '../../private/component-graph';
import { isCronJobSchedule, timeZone } from '../../private/schedule';
import { CronJobProps, DatabaseCleanupProps, PodCleanupProps } from '../cleanup-props';

// The time is that of the run, and only the pod knows it.
const CLEAN_SCRIPT = [
  'import datetime, sys',
  'from airflow.cli import cli_parser',
  'before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=int(sys.argv[1]))',
  'args = cli_parser.get_parser().parse_args(["db", "clean", "--yes", "--verbose", "--clean-before-timestamp", before.isoformat(), *sys.argv[2:]])',
  'args.func(args)',
  '',
].join('\n');

// As in Airflow's airflow/utils/db_cleanup.py, whose command skips others, or ends where no table is left: table → the version that brought it and the one that dropped it.
const TABLES: { readonly [table: string]: readonly [since: string, until?: string] } = {
  ...Object.fromEntries([
    'celery_taskmeta', 'celery_tasksetmeta', 'dag', 'dag_run', 'import_error', 'job', 'log', 'session', 'task_instance', 'task_instance_history', 'task_reschedule',
    'trigger', 'xcom',
  ].map(table => [table, ['2.11']])),
  dataset_event: ['2.11', '3.0'],
  task_fail: ['2.11', '3.0'],
  callback_request: ['2.11', '3.3.2'],
  sla_miss: ['2.11', '3.3.2'],
  _xcom_archive: ['3.0'],
  asset_event: ['3.0'],
  dag_version: ['3.0'],
  deadline: ['3.0'],
  revoked_token: ['3.2'],
  connection_test_request: ['3.3'],
  task_state_store: ['3.3'],
  callback: ['3.3.2'],
  partitioned_asset_key_log: ['3.3.2'],
};

// The command is of one namespace.
const CLEAN_PODS_SCRIPT = [
  'import sys',
  'from airflow.cli import cli_parser',
  'for namespace in sys.argv[1].split(","):',
  '    args = cli_parser.get_parser().parse_args(["kubernetes", "cleanup-pods", "--namespace", namespace, *sys.argv[2:]])',
  '    args.func(args)',
  '',
].join('\n');

/** Deletes task pods that have ended. */
export function podCleanupComponent(context: DeploymentContext, props: PodCleanupProps): Component {
  const minutes = wholeNumber(props.minPendingMinutes, 'podCleanup.minPendingMinutes', 5);
  const { owner, workerNamespaces } = context;
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['delete', 'list'] }];
  return cronJob(context, {
    name: 'pod-cleanup',
    args: [
      ...(workerNamespaces.length > 0 ? ['python', '-c', CLEAN_PODS_SCRIPT, [owner.namespace, ...workerNamespaces].join(',')]
        : ['airflow', 'kubernetes', 'cleanup-pods', `--namespace=${owner.namespace}`]),
      ...(minutes === undefined ? [] : [`--min-pending-minutes=${minutes}`]),
    ],
    rules,
    rulesElsewhere: workerNamespaces.map(namespace => ({ namespace, rules })),
  }, '*/15 * * * *', props, 'podCleanup');
}

/** Deletes old rows of the database. */
export function databaseCleanupComponent(context: DeploymentContext, props: DatabaseCleanupProps): Component {
  const days = wholeNumber(props.retentionDays, 'databaseCleanup.retentionDays', 1) ?? 90;
  const batchSize = wholeNumber(props.batchSize, 'databaseCleanup.batchSize', 1);
  const { version } = context;
  if (batchSize !== undefined && !version._isAtLeast('3.1')) {
    throw new Error(`'databaseCleanup.batchSize' is an option of 'airflow db clean' of Airflow 3.1 and newer, the version is ${version}; remove it`);
  }
  const isThere = ([since, until]: readonly [string, string?]) => version._isAtLeast(since) && !(until && version._isAtLeast(until));
  const known = Object.keys(TABLES).filter(table => isThere(TABLES[table]));
  const unknown = props.tables?.find(table => !known.includes(table));
  if (unknown !== undefined || props.tables?.length === 0) {
    throw new Error(`'databaseCleanup.tables' must hold names of tables that 'airflow db clean' of Airflow ${version} knows, such as 'log', got `
      + (unknown === undefined ? 'none' : `'${unknown}'${didYouMean(unknown, known)}`));
  }
  return cronJob(context, {
    name: 'database-cleanup',
    args: [
      'python', '-c', CLEAN_SCRIPT, String(days),
      ...(props.skipArchive ? ['--skip-archive'] : []),
      ...(batchSize === undefined ? [] : ['--batch-size', String(batchSize)]),
      ...(props.tables ? ['--tables', props.tables.join(',')] : []),
    ],
  }, '0 0 * * 0', props, 'databaseCleanup');
}

function cronJob(
  context: DeploymentContext, options: Pick<AirflowComponentOptions, 'name' | 'args' | 'rules' | 'rulesElsewhere'>, schedule: string, props: CronJobProps, path: string,
): Component {
  const limit = (prop: 'successfulJobsHistoryLimit' | 'failedJobsHistoryLimit') => wholeNumber(props[prop], `${path}.${prop}`, 0) ?? 1;
  if (props.schedule !== undefined && !isCronJobSchedule(props.schedule)) {
    throw new Error(`'${path}.schedule' must be five fields of cron such as '${schedule}', got '${props.schedule}'`);
  }
  return airflowComponent(context, {
    workload: 'CronJob',
    parts: [],
    waitsForMigrations: false,
    flows: [],
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    workloadSpec: {
      schedule: props.schedule ?? schedule,
      ...(props.timeZone === undefined ? {} : { timeZone: timeZone(props.timeZone, `${path}.timeZone`) }),
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: limit('successfulJobsHistoryLimit'),
      failedJobsHistoryLimit: limit('failedJobsHistoryLimit'),
    },
    ...options,
  }, props, path);
}

function wholeNumber(value: number | undefined, path: string, least: number): number | undefined {
  const number = toWire('int32', value, path);
  if (number !== undefined && number < least) { throw new Error(`'${path}' must be at least ${least}, got ${number}`); }
  return number;
}
