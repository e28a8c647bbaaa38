import { MetricReports } from './alerts';
import { Wire } from '../../private/component-graph';
import { specHash } from '../../private/hash';

interface Panel {
  readonly title: string;
  readonly unit?: string;
  /** Legend → query. */
  readonly queries: { [legend: string]: string };
}

/** A dashboard of Grafana for one deployment. `series` are the matchers of its own series. */
export function dashboard(title: string, series: string, reports: MetricReports): Wire {
  const of = (metric: string, more = '') => `airflow_${metric}{${series}${more}}`;
  const rate = (metric: string, more = '') => `sum(rate(${of(metric, more)}[$__rate_interval]))`;
  const mean = (metric: string, by: string) => `sum by (${by}) (rate(${of(`${metric}_sum`, `,${by}!=""`)}[$__rate_interval])) `
    + `/ sum by (${by}) (rate(${of(`${metric}_count`, `,${by}!=""`)}[$__rate_interval]))`;
  const rows: { [row: string]: Panel[] } = {
    'Scheduling': [
      {
        title: 'Heartbeats a minute',
        queries: {
          scheduler: `60 * ${rate('scheduler_heartbeat')}`,
          triggerer: `60 * ${rate('triggerer_heartbeat')}`,
          ...(reports.dagProcessor ? { 'DAG processor': `60 * ${rate('dag_processor_heartbeat')}` } : {}),
        },
      },
      { title: 'Scheduler loop, 90 %', unit: 's', queries: { loop: of('scheduler_scheduler_loop_duration', ',quantile="0.9"') } },
      {
        title: 'Tasks that the scheduler looks at',
        queries: { 'executable': of('scheduler_tasks_executable'), 'without a slot in their pool': of('scheduler_tasks_starving') },
      },
      { title: 'DAG runs: delay of their start', unit: 's', queries: { '{{dag_id}}': mean('dagrun_schedule_delay', 'dag_id') } },
    ],
    'Tasks': [
      {
        title: 'Tasks a minute',
        queries: { succeeded: `60 * ${rate('ti_successes')}`, failed: `60 * ${rate('ti_failures')}` },
      },
      reports.queuedDuration
        ? { title: 'Time in the queue', unit: 's', queries: { '{{dag_id}}': mean('task_queued_duration', 'dag_id') } }
        : {
          title: 'Tasks in the queue',
          queries: reports.queuedTasks
            ? { '{{dag_id}}': `sum by (dag_id) (${of('ti_queued', ',dag_id!=""')})` } : { all: `sum(${of('pool_queued_slots', ',pool!=""')})` },
        },
      { title: 'Duration of tasks', unit: 's', queries: { '{{dag_id}}': mean('task_duration', 'dag_id') } },
      { title: 'Failures a minute, by operator', queries: { '{{operator}}': `60 * sum by (operator) (rate(${of('operator_failures', ',operator!=""')}[$__rate_interval]))` } },
    ],
    'Executors and pools': [
      {
        title: 'Executors',
        queries: Object.fromEntries(['running_tasks', 'queued_tasks', 'open_slots'].map(what => [`${what.replace('_', ' ')} {{executor}}`, of(`executor_${what}`)])),
      },
      { title: 'Open slots of pools', queries: { '{{pool}}': of('pool_open_slots', ',pool!=""') } },
      {
        title: 'Slots in use',
        queries: Object.fromEntries(['running', 'queued', 'deferred'].map(what => [`${what} {{pool}}`, of(`pool_${what}_slots`, ',pool!=""')])),
      },
      {
        title: 'Triggers',
        queries: {
          'running {{hostname}}': of('triggers_running', ',hostname!=""'),
          ...(reports.triggererCapacity ? { 'room {{hostname}}': of('triggerer_capacity_left', ',hostname!=""') } : {}),
        },
      },
    ],
    'DAG files': [
      { title: 'Parsing of all files', unit: 's', queries: { all: of('dag_processing_total_parse_time') } },
      { title: 'Slowest files', unit: 's', queries: { '{{dag_file}}': `topk(10, ${mean('dag_processing_last_duration', 'dag_file')})` } },
      { title: 'Import errors', queries: { files: of('dag_processing_import_errors') } },
      { title: 'DAGs', queries: { DAGs: of('dagbag_size') } },
    ],
  };
  return {
    // What an import leaves alone: the same deployment is the same dashboard.
    uid: `airflow-${specHash([title, series])}`,
    title: `Airflow / ${title}`,
    tags: ['airflow'],
    editable: true,
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }] },
    panels: panels(rows),
  };
}

/** Four panels in a row, below its title. */
function panels(rows: { [row: string]: Panel[] }): Wire[] {
  const found: Wire[] = [];
  Object.entries(rows).forEach(([title, row], y) => {
    const top = y * 9;
    found.push({ id: found.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y: top, w: 24, h: 1 }, panels: [] });
    row.forEach((panel, x) => found.push({
      id: found.length + 1,
      type: 'timeseries',
      title: panel.title,
      datasource: { type: 'prometheus', uid: '${datasource}' },
      gridPos: { x: x * 6, y: top + 1, w: 6, h: 8 },
      fieldConfig: { defaults: { unit: panel.unit ?? 'short', min: 0 }, overrides: [] },
      options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
      targets: Object.entries(panel.queries).map(([legendFormat, expr], i) => ({
        refId: String.fromCharCode(65 + i), expr, legendFormat, datasource: { type: 'prometheus', uid: '${datasource}' },
      })),
    }));
  });
  return found;
}
