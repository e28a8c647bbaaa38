import { AirflowVersion } from '../../airflow/version';

/** A mapping of the StatsD exporter. */
export interface StatsdMapping {
  readonly match: string;
  readonly match_type?: 'regex';
  readonly name: string;
  readonly labels?: { [label: string]: string };
}

/** Letters before each metric: `[metrics] statsd_prefix`. */
export const STATSD_PREFIX = 'airflow';

/** What the official chart maps, to the same names. */
const CHART: StatsdMapping[] = [
  glob('dagrun.dependency-check.*.*', 'dagrun_dependency_check', 'dag_id'),
  regex('operator_successes_(.*)', 'operator_successes', 'operator'),
  regex('operator_failures_(.*)', 'operator_failures', 'operator'),
  { match: 'airflow.scheduler_heartbeat', match_type: 'regex', name: 'airflow_scheduler_heartbeat', labels: { type: 'counter' } },
  glob('dag.*.*.duration', 'task_duration', 'dag_id', 'task_id'),
  glob('dagrun.duration.success.*', 'dagrun_duration', 'dag_id'),
  glob('dagrun.duration.failed.*', 'dagrun_failed', 'dag_id'),
  glob('dagrun.schedule_delay.*', 'dagrun_schedule_delay', 'dag_id'),
  glob('dag_processing.last_runtime.*', 'dag_processing_last_runtime', 'dag_file'),
  glob('dag_processing.last_run.seconds_ago.*', 'dag_processing_last_run_seconds_ago', 'dag_file'),
  glob('pool.open_slots.*', 'pool_open_slots', 'pool'),
  glob('pool.used_slots.*', 'pool_used_slots', 'pool'),
  glob('pool.starving_tasks.*', 'pool_starving_tasks', 'pool'),
  glob('executor.open_slots.*', 'executor_open_slots', 'executor'),
  glob('executor.queued_tasks.*', 'executor_queued_tasks', 'executor'),
  glob('executor.running_tasks.*', 'executor_running_tasks', 'executor'),
];

/** What else Airflow writes into names: as names, each DAG, task, Job and host would be a metric of its own. */
const MORE: StatsdMapping[] = [
  // Expressions, because the exporter does not find a pattern that is the beginning of another one.
  regex('dagrun\\.dependency-check\\.([^.]*)$', 'dagrun_dependency_check', 'dag_id'),
  regex('dagrun\\.(.+)\\.first_task_scheduling_delay$', 'dagrun_first_task_scheduling_delay', 'dag_id'),
  glob('dag.*.*.queued_duration', 'task_queued_duration', 'dag_id', 'task_id'),
  glob('dag.*.*.scheduled_duration', 'task_scheduled_duration', 'dag_id', 'task_id'),
  glob('task.cpu_usage.*.*', 'task_cpu_usage', 'dag_id', 'task_id'),
  glob('task.mem_usage.*.*', 'task_mem_usage', 'dag_id', 'task_id'),
  glob('task_removed_from_dag.*', 'task_removed_from_dag', 'dag_id'),
  glob('task_restored_to_dag.*', 'task_restored_to_dag', 'dag_id'),
  regex('task_instance_created_(.*)', 'task_instance_created', 'operator'),
  glob('ti.start.*.*', 'ti_start', 'dag_id', 'task_id'),
  glob('ti.finish.*.*.*', 'ti_finish', 'dag_id', 'task_id', 'state'),
  ...['scheduled', 'queued', 'running', 'deferred'].map(state => glob(`ti.${state}.*.*.*`, `ti_${state}`, 'queue', 'dag_id', 'task_id')),
  {
    match: 'airflow.local_task_job.task_exit.*.*.*.*',
    name: 'airflow_local_task_job_task_exit',
    // Each run of a task has a Job of its own.
    labels: { dag_id: '$2', task_id: '$3', return_code: '$4' },
  },
  ...['queued', 'running', 'deferred', 'scheduled'].map(kind => glob(`pool.${kind}_slots.*`, `pool_${kind}_slots`, 'pool')),
  glob('dag_processing.last_duration.*.*', 'dag_processing_last_duration', 'bundle', 'dag_file'),
  regex('dag_processing\\.last_duration\\.([^.]*)$', 'dag_processing_last_duration', 'dag_file'),
  regex('dag_processing\\.last_num_of_db_queries\\.(.*)', 'dag_processing_last_num_of_db_queries', 'dag_file'),
  // A host's name may hold dots.
  regex('triggers\\.running\\.(.*)', 'triggers_running', 'hostname'),
  regex('triggerer\\.capacity_left\\.(.*)', 'triggerer_capacity_left', 'hostname'),
];

/** The mappings of a deployment: the first that matches is taken. */
export const STATSD_MAPPINGS: StatsdMapping[] = [...CHART, ...MORE];

/** Airflow 3.2 and later write a metric twice: under a name that holds what it is about, which the mappings read, and under one without it. */
export function hasLegacyNames(version: AirflowVersion): boolean {
  return version._isAtLeast('3.2.0');
}

function glob(match: string, name: string, ...labels: string[]): StatsdMapping {
  return { match: `${STATSD_PREFIX}.${match}`, name: `${STATSD_PREFIX}_${name}`, labels: numbered(labels) };
}

function regex(match: string, name: string, ...labels: string[]): StatsdMapping {
  return { match: `${STATSD_PREFIX}\\.${match}`, match_type: 'regex', name: `${STATSD_PREFIX}_${name}`, labels: numbered(labels) };
}

function numbered(labels: string[]): { [label: string]: string } {
  return Object.fromEntries(labels.map((label, i) => [label, `$${i + 1}`]));
}
