import { AirflowVersion } from '../../airflow/version';
import { Wire } from '../../private/component-graph';

/** What some versions do not report. */
export interface MetricReports {
  /** Heartbeats of the DAG processor: from 3.2 on. */
  readonly dagProcessor: boolean;
  /** How many triggers more a triggerer could run: from 3.0 on. */
  readonly triggererCapacity: boolean;
  /** How long a task was in the queue: Airflow 3 has the metric, but nothing sends it. */
  readonly queuedDuration: boolean;
  /** How many instances of a task are in the queue: from 3.2 on. */
  readonly queuedTasks: boolean;
}

/** Of one version. */
export function metricReports(version: AirflowVersion): MetricReports {
  const since = (number: string) => version._isAtLeast(number);
  return { dagProcessor: since('3.2.0'), triggererCapacity: since('3.0.0'), queuedDuration: !since('3.0.0'), queuedTasks: since('3.2.0') };
}

/** What the alerts of a deployment follow from. */
export interface AlertOptions {
  /** The matchers of the deployment's own series: `namespace="…",job="…"`. */
  readonly series: string;
  /** The deployment, for the texts. */
  readonly name: string;
  readonly reports: MetricReports;
  /** False where KEDA takes the last triggerer away when there is nothing to wait for. */
  readonly triggererStays: boolean;
  readonly queuedSeconds: number;
  readonly parseSeconds: number;
}

/** The alerts, as rules of Prometheus. A metric whose name held its subject is there twice: with its label, and without for all of them. */
export function alerts({ series, name, reports, triggererStays, queuedSeconds, parseSeconds }: AlertOptions): Wire[] {
  const of = (metric: string, more = '') => `airflow_${metric}{${series}${more}}`;
  const rule = (alert: string, severity: string, minutes: number, expr: string, summary: string, description: string): Wire => ({
    alert, expr, for: `${minutes}m`, labels: { severity }, annotations: { summary: `${name}: ${summary}`, description },
  });
  const silent = (alert: string, heartbeat: string, who: string, effect: string) => rule(alert, 'critical', 5,
    `absent(${of(heartbeat)}) or sum(rate(${of(heartbeat)}[5m])) == 0`,
    `no heartbeat of the ${who}`, `The ${who} has not sent a heartbeat for five minutes: ${effect}`);
  const per = (metric: string) => `sum(rate(${of(`${metric}_sum`, ',dag_id!=""')}[15m])) / sum(rate(${of(`${metric}_count`, ',dag_id!=""')}[15m]))`;
  return [
    silent('AirflowSchedulerHeartbeatMissing', 'scheduler_heartbeat', 'scheduler', 'no task is started.'),
    ...(triggererStays ? [silent('AirflowTriggererHeartbeatMissing', 'triggerer_heartbeat', 'triggerer', 'deferred tasks do not go on.')] : []),
    ...(reports.dagProcessor ? [
      silent('AirflowDagProcessorHeartbeatMissing', 'dag_processor_heartbeat', 'DAG processor', 'changes of DAGs are not seen.'),
    ] : []),
    ...(reports.queuedDuration ? [
      rule('AirflowTasksQueuedTooLong', 'warning', 5, `${per('task_queued_duration')} > ${queuedSeconds}`,
        'tasks wait too long in the queue', `Tasks waited {{ $value | humanizeDuration }} in the queue on average of 15 minutes, more than ${queuedSeconds} s.`),
    ] : []),
    ...(reports.queuedTasks ? [
      rule('AirflowTasksQueuedTooLong', 'warning', 1,
        `min_over_time(${of('ti_queued', ',dag_id!=""')}[${queuedSeconds}s]) > 0 `
          + `unless on(dag_id, task_id) increase(${of('ti_start', ',dag_id!=""')}[${queuedSeconds}s]) > 0`,
        'a task waits too long in the queue', `{{ $labels.dag_id }}.{{ $labels.task_id }} has been in the queue '{{ $labels.queue }}' for ${queuedSeconds} s.`),
    ] : []),
    rule('AirflowTasksNotStarting', 'critical', 15,
      `sum(${of('pool_queued_slots', ',pool!=""')}) > 0 unless on() sum(increase(${of('ti_start', ',dag_id=""')}[15m])) > 0`,
      'queued tasks do not start', '{{ $value }} slots of pools are taken by queued tasks, and no task has started for 15 minutes: look at workers, quotas and images.'),
    rule('AirflowDagParsingSlow', 'warning', 15, `${of('dag_processing_total_parse_time')} > ${parseSeconds}`,
      'the parsing of DAGs is slow', `All DAG files take {{ $value | humanizeDuration }}, more than ${parseSeconds} s: look for work at the top of DAG files.`),
    rule('AirflowDagImportErrors', 'warning', 5, `${of('dag_processing_import_errors')} > 0`,
      'DAG files with errors', '{{ $value }} DAG files cannot be imported; the user interface shows why.'),
    rule('AirflowPoolStarving', 'warning', 15, `${of('pool_open_slots', ',pool!=""')} <= 0 and on() ${of('scheduler_tasks_starving')} > 0`,
      'a pool has no room', 'Pool {{ $labels.pool }} has had no open slot for 15 minutes, and tasks wait for one.'),
    ...(reports.triggererCapacity ? [
      rule('AirflowTriggererFull', 'warning', 10, `${of('triggerer_capacity_left', ',hostname!=""')} <= 0`,
        'a triggerer has no room', 'Triggerer {{ $labels.hostname }} runs as many triggers as it may: add another, or raise [triggerer] capacity.'),
    ] : []),
  ];
}
