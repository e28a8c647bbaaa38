import { connectionNode } from './connection-uri';
import { isoFormat, parseDate, plusMicros, PythonDate, strftime } from './dates';
import { ManifestError } from './errors';
import { JsonNode, jsonNode, parseJson } from './json';
import { didYouMean } from '../pod/closest';
import { REMOVED_NAMES, whyRemoved } from '../pod/removed-names';

/** What a pod is rendered for. */
export interface PodIdentity {
  /** The DAG; its pods carry Airflow's labels. @default - no DAG: no Airflow labels, and templates that name it are errors */
  readonly dagId?: string;
  readonly taskId: string;
  readonly runId: string;
  /** Of a mapped task, from 0. @default - a task that is not mapped */
  readonly mapIndex?: number;
  /** From 1. @default 1 */
  readonly tryNumber?: number;
  /** ISO 8601; UTC where it has no offset. @default - none: `ds`, `ts` and their like are errors */
  readonly logicalDate?: string;
  /** Decides what templates may name; the value of the label `airflow_version`. For example `3.3.2`. */
  readonly airflowVersion: string;
  /** The value of the label `airflow_kpo_in_cluster`. */
  readonly inCluster: boolean;
  /** What the name ends with, after a `-`; '' for nothing. @default - eight characters made of run, task, map index and try */
  readonly nameSuffix?: string;
}

/** What templates may name beside the identity. Names are those of Airflow's template context. */
export interface RenderContext {
  /** `{{ params.NAME }}` */
  readonly params?: { readonly [name: string]: any };
  /** `{{ var.value.NAME }}` and `{{ var.json.NAME }}`; a variable under `value` is read as JSON where `json` does not have it. */
  readonly var?: { readonly value?: { readonly [name: string]: string }; readonly json?: { readonly [name: string]: any } };
  /** `{{ conn.ID.host }}`: a URI, or the connection's fields (conn_type, host, schema, login, password, port, extra, description). */
  readonly conn?: { readonly [id: string]: any };
  /** `{{ ti.xcom_pull(task_ids='ID', key='KEY') }}`; the key of a task's result is `return_value`. Of a mapped task, a list with an object for each map index. */
  readonly xcom?: { readonly [taskId: string]: { readonly [key: string]: any } | readonly { readonly [key: string]: any }[] };
  /** `{{ conf.get('SECTION', 'KEY') }}`, Airflow 2 only. */
  readonly conf?: { readonly [section: string]: { readonly [key: string]: string } };
  /** `{{ dag_run.conf['KEY'] }}`, an empty dict where nothing is given. That Airflow lays it over `params` is for the caller to do, as the command line does. */
  readonly dag_run?: { readonly conf?: { readonly [key: string]: any } };
  /** ISO 8601. @default - none: naming it is an error */
  readonly data_interval_start?: string;
  readonly data_interval_end?: string;
}

/** Thrown where an XCom is not known yet. */
export class XComUnknown extends Error {}

/** The XComs of a mapped task. */
export class MappedXCom {
  /** @param items by map index; null where an index pushed none */
  constructor(public readonly items: readonly (JsonNode | null)[]) {}

  /** Those that were pushed, in the order of the map indexes. */
  public get pushed(): JsonNode[] {
    return this.items.filter(item => item !== null);
  }
}

/** The XCom of a task: null where it pushed none, undefined where it is not known yet. @throws where the task may not be pulled from */
export type XComSource = (taskId: string, key: string) => JsonNode | MappedXCom | null | undefined;

const CONTEXT_KEYS = ['params', 'var', 'conn', 'xcom', 'conf', 'dag_run', 'data_interval_start', 'data_interval_end'];
/** Names that Airflow has and a pod that is rendered without Airflow cannot have. */
const AIRFLOW_ONLY = [
  'inlets', 'outlets', 'inlet_events', 'outlet_events', 'map_index_template', 'task_state_store', 'asset_state_store', 'partition_key', 'partition_date',
  'triggering_asset_events', 'task_reschedule_count', 'templates_dict', 'test_mode', 'try_number', 'exception', 'reason', 'expanded_ti_count',
  'prev_start_date_success', 'prev_end_date_success', 'prev_data_interval_start_success', 'prev_data_interval_end_success',
];
const AIRFLOW_2 = ['execution_date', 'tomorrow_ds', 'tomorrow_ds_nodash', 'yesterday_ds', 'yesterday_ds_nodash'];
/** Further ones of Airflow 2. */
const AIRFLOW_2_ONLY = Object.keys(REMOVED_NAMES).filter(name => name !== 'conf' && !AIRFLOW_2.includes(name));
const OF_LOGICAL_DATE = ['logical_date', 'ds', 'ds_nodash', 'ts', 'ts_nodash', 'ts_nodash_with_tz', 'task_instance_key_str'];
const DAY = 86_400_000_000;

const text = (value: string): JsonNode => ({ kind: 'string', value });
const object = (entries: { [key: string]: JsonNode | undefined }): JsonNode => ({
  kind: 'object', entries: new Map(Object.entries(entries).filter((entry): entry is [string, JsonNode] => entry[1] !== undefined)),
});

/** Everything that a template may name, by Airflow's names. */
export class TemplateContext {
  /** Values that are data. */
  public readonly values = new Map<string, JsonNode>();
  public readonly dates = new Map<string, PythonDate>();
  public readonly mapIndex: number;
  private readonly absent = new Map<string, string>();
  private readonly airflow2: boolean;

  /** @throws ManifestError for a context that is not one */
  constructor(identity: Omit<PodIdentity, 'inCluster'>, private readonly context: RenderContext, public readonly xcom: XComSource) {
    const unknown = Object.keys(context).find(key => !CONTEXT_KEYS.includes(key));
    if (unknown !== undefined) {
      throw new ManifestError(`the context has no '${unknown}'${didYouMean(unknown, CONTEXT_KEYS)}`, `it has ${CONTEXT_KEYS.map(key => `'${key}'`).join(', ')}`);
    }
    const { dagId, taskId, runId, tryNumber = 1 } = identity;
    this.mapIndex = identity.mapIndex ?? -1;
    this.airflow2 = identity.airflowVersion.startsWith('2.');
    const number = (value: number): JsonNode => ({ kind: 'number', text: String(value) });
    const dag = dagId === undefined ? undefined : text(dagId);
    const ti = object({ task_id: text(taskId), dag_id: dag, run_id: text(runId), try_number: number(tryNumber), map_index: number(this.mapIndex) });
    for (const name of ['ti', 'task_instance']) { this.values.set(name, ti); }
    this.values.set('run_id', text(runId));
    this.values.set('task', object({ task_id: text(taskId), dag_id: dag }));
    if (dag) { this.values.set('dag', object({ dag_id: dag })); } else { this.absent.set('dag', "there is no DAG id; give it with '--dag-id'"); }
    this.values.set('params', this.node(context.params ?? {}, 'params'));
    const conf = this.node(context.dag_run?.conf ?? {}, 'dag_run.conf');
    this.values.set('dag_run', object({ run_id: text(runId), dag_id: dag, conf }));
    AIRFLOW_ONLY.forEach(name => this.absent.set(name, 'only Airflow itself knows it'));
    if (this.airflow2) { AIRFLOW_2_ONLY.forEach(name => this.absent.set(name, 'only Airflow itself knows it')); }
    this.addDates(identity);
  }

  /** The names that templates may use. */
  public get known(): string[] {
    return [...this.values.keys(), ...this.dates.keys(), 'var', 'conn', 'macros', ...(this.airflow2 ? ['conf'] : [])].filter(name => !name.includes('.')).sort();
  }

  /** Why a name that Airflow has is not there; undefined for a name that Airflow does not have either. */
  public whyAbsent(name: string): string | undefined {
    return this.absent.get(name);
  }

  /** Why a name that Airflow had is not there any more. */
  public whyRemoved(name: string): string | undefined {
    return this.airflow2 ? undefined : whyRemoved(name);
  }

  public hasVariable(kind: 'value' | 'json', name: string): boolean {
    const { value, json } = this.context.var ?? {};
    return (value !== undefined && Object.hasOwn(value, name)) || (kind === 'json' && json !== undefined && Object.hasOwn(json, name));
  }

  public hasConnection(id: string): boolean {
    return this.context.conn !== undefined && Object.hasOwn(this.context.conn, id);
  }

  /** @throws Error */
  public variable(kind: 'value' | 'json', name: string): JsonNode {
    const given = this.context.var ?? {};
    const has = (values: object | undefined) => values !== undefined && Object.hasOwn(values, name);
    if (kind === 'json' && has(given.json)) { return this.node(given.json![name], `var.json.${name}`); }
    if (has(given.value)) {
      const value = given.value![name];
      if (typeof value !== 'string') { throw new Error(`var.value.${name} must be a text: a variable is one`); }
      return kind === 'value' ? text(value) : parseJson(value, `variable '${name}'`);
    }
    throw new Error(`there is no variable '${name}'; give it with '--var ${name}=VALUE'`);
  }

  /** @throws Error */
  public connection(id: string): JsonNode {
    const given = this.context.conn ?? {};
    if (!Object.hasOwn(given, id)) { throw new Error(`there is no connection '${id}'; give it with '--conn ${id}=URI'`); }
    try {
      return connectionNode(id, this.node(given[id], `conn.${id}`));
    } catch (error) {
      throw new Error(`connection '${id}': ${(error as Error).message}`);
    }
  }

  /** A value of airflow.cfg. @throws Error */
  public option(section: string, key: string): JsonNode {
    if (!this.airflow2) { throw new Error("undefined value: 'conf' is a name of Airflow 2"); }
    const value = this.context.conf?.[section]?.[key];
    if (value === undefined) { throw new Error(`the option '${key}' of section '${section}' is not known; give it as 'conf' in '--context-file'`); }
    return text(value);
  }

  private node(value: unknown, where: string): JsonNode {
    try {
      return jsonNode(value, where);
    } catch (error) {
      throw new ManifestError((error as Error).message, 'give values that JSON has');
    }
  }

  private addDates({ logicalDate, dagId, taskId }: Omit<PodIdentity, 'inCluster'>): void {
    const read = (value: string, name: string): PythonDate => {
      try {
        return parseDate(value);
      } catch (error) {
        throw new ManifestError(`${name}: ${(error as Error).message}`);
      }
    };
    for (const name of ['data_interval_start', 'data_interval_end'] as const) {
      const given = this.context[name];
      if (given === undefined) { this.absent.set(name, "it is not known; give it in '--context-file'"); } else { this.dates.set(name, read(given, name)); }
    }
    const ofDate = [...OF_LOGICAL_DATE, ...(this.airflow2 ? AIRFLOW_2 : [])];
    if (logicalDate === undefined) {
      ofDate.forEach(name => this.absent.set(name, "there is no logical date; give it with '--logical-date'"));
      return;
    }
    const date = read(logicalDate, 'the logical date');
    const ts = isoFormat(date);
    const day = (days: number, format: string) => text(strftime(plusMicros(date, days * DAY), format));
    const values: { [name: string]: JsonNode } = {
      ds: day(0, '%Y-%m-%d'),
      ds_nodash: day(0, '%Y%m%d'),
      ts: text(ts),
      ts_nodash: day(0, '%Y%m%dT%H%M%S'),
      ts_nodash_with_tz: text(ts.replace(/[-:]/g, '')),
    };
    if (dagId === undefined) {
      this.absent.set('task_instance_key_str', "there is no DAG id; give it with '--dag-id'");
    } else {
      values.task_instance_key_str = text(`${dagId}__${taskId}__${strftime(date, '%Y%m%d')}`);
    }
    if (this.airflow2) {
      Object.assign(values, {
        tomorrow_ds: day(1, '%Y-%m-%d'), tomorrow_ds_nodash: day(1, '%Y%m%d'), yesterday_ds: day(-1, '%Y-%m-%d'), yesterday_ds_nodash: day(-1, '%Y%m%d'),
      });
      this.dates.set('execution_date', date);
    }
    for (const [name, value] of Object.entries(values)) { this.values.set(name, value); }
    this.dates.set('logical_date', date);
    this.dates.set('dag_run.logical_date', date);
  }
}
