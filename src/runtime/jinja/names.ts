import { bind } from './arguments';
import { copied } from './attributes';
import { MACROS } from './moments';
import { Callable, Dict, fail, fromJson, iterate, List, Moment, Sequence, TemplateError, Thing, toJson, Undefined, Value } from './values';
import { didYouMean } from '../../pod/closest';
import { MappedXCom, TemplateContext, XComUnknown } from '../context';
import { JsonNode } from '../json';
import { jsonDumps } from '../python';

const MAX_RANGE = 100_000n;
const CONNECTION = ['conn_id', 'conn_type', 'description', 'host', 'schema', 'login', 'password', 'port', 'extra', 'extra_dejson'];

/** A mistake of the caller's in what a name stands for. */
function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError || error instanceof XComUnknown) { throw error; }
    return fail((error as Error).message);
  }
}

/** What the names of a template stand for. */
export class Names {
  private readonly known = new Map<string, Value>();

  constructor(private readonly context: TemplateContext) {}

  /** @throws TemplateError for a name of Airflow's whose value nobody gave */
  public get(name: string): Value {
    const known = this.known.get(name) ?? this.make(name);
    this.known.set(name, known);
    return known;
  }

  /** @throws TemplateError for a name that nothing stands for */
  public check(name: string): void {
    if (this.get(name) instanceof Undefined) { fail((this.get(name) as Undefined).message); }
  }

  private make(name: string): Value {
    const { context } = this;
    const why = context.whyAbsent(name);
    if (why !== undefined) { fail(`undefined value '${name}': ${why}`); }
    const date = context.dates.get(name);
    if (date) { return new Moment(date, true); }
    switch (name) {
      case 'ti': case 'task_instance': return this.thing(name, { xcom_pull: new Callable('xcom_pull', (args, named) => this.pull(args, named)) });
      case 'task': case 'dag': return this.thing(name, {});
      case 'dag_run': return this.thing(name, context.dates.has('dag_run.logical_date') ? { logical_date: new Moment(context.dates.get('dag_run.logical_date')!, true) } : {});
      case 'var': return new Thing(name, kind => (kind === 'value' || kind === 'json' ? this.variables(kind) : fail('var has var.value.NAME and var.json.NAME')));
      case 'conn': return this.connections();
      case 'macros': return new Thing(name, macro => MACROS[macro] ?? (macro === 'json' ? JSON_MODULE
        : fail(`undefined value 'macros.${macro}': the macros here are ${[...Object.keys(MACROS), 'json'].map(known => `macros.${known}`).join(', ')}`)));
      case 'conf': if (context.known.includes('conf')) { return this.options(); }
    }
    const value = context.values.get(name);
    if (value && name === 'params') {
      const params = new Dict(key => `; give it with '--params ${key}=VALUE'`);
      (fromJson(value) as Dict).entries.forEach((entry, key) => params.entries.set(key, entry));
      return params;
    }
    if (value) { return fromJson(value); }
    const removed = context.whyRemoved(name);
    if (removed !== undefined) { return new Undefined(`undefined value '${name}': ${removed}`); }
    return globalValue(name) ?? new Undefined(`undefined value '${name}'${didYouMean(name, context.known)}; known names are ${context.known.map(item => `'${item}'`).join(', ')}`);
  }

  /** Something of Airflow's of which we know some attributes. */
  private thing(name: string, more: { [attribute: string]: Value }): Thing {
    const node = this.context.values.get(name) as Extract<JsonNode, { kind: 'object' }> | undefined;
    const values = new Map([...[...node?.entries ?? []].map(([key, item]): [string, Value] => [key, fromJson(item)]), ...Object.entries(more)]);
    return new Thing(name, attribute => values.get(attribute) ?? (values.has(attribute) ? null
      : fail(`undefined value: '${name}.${attribute}' asks for '${attribute}' of an object with the keys ${[...values.keys()].map(key => `'${key}'`).join(', ')}`
        + (attribute === 'dag_id' ? "; give the DAG id with '--dag-id'" : attribute === 'logical_date' ? "; give it with '--logical-date'" : ''))));
  }

  private variables(kind: 'value' | 'json'): Thing {
    const read = (name: string) => reading(() => fromJson(this.context.variable(kind, name)));
    return new Thing(`var.${kind}`, name => (name === 'get' ? new Callable('get', (args, named) => {
      const given = bind(args, named, `var.${kind}.get`, ['key', 'default?']);
      return given.has(1) && !this.context.hasVariable(kind, given.text(0)) ? given.value(1) : read(given.text(0));
    }) : read(name)));
  }

  private connections(): Thing {
    const read = (id: string): Thing => {
      const { entries } = reading(() => this.context.connection(id)) as Extract<JsonNode, { kind: 'object' }>;
      return new Thing(`conn.${id}`, field => (CONNECTION.includes(field) ? fromJson(entries.get(field)!)
        : fail(`'${field}' of a connection is not understood here; its fields are ${CONNECTION.join(', ')}`)));
    };
    return new Thing('conn', id => (id === 'get' ? new Callable('get', (args, named) => {
      const given = bind(args, named, 'conn.get', ['conn_id', 'default_conn?']);
      return given.has(1) && !this.context.hasConnection(given.text(0)) ? given.value(1) : read(given.text(0));
    }) : read(id)));
  }

  private options(): Thing {
    return new Thing('conf', name => (name === 'get' ? new Callable('get', (args, named) => {
      const given = bind(args, named, 'conf.get', ['section', 'key']);
      return reading(() => fromJson(this.context.option(given.text(0), given.text(1))));
    }) : fail("conf has conf.get('SECTION', 'KEY') here")));
  }

  /** Refuses the XComs of another DAG than that of the run. */
  private checkDag(asked: Value): void {
    const dag = this.context.values.get('dag') as Extract<JsonNode, { kind: 'object' }> | undefined;
    const own = dag && fromJson(dag.entries.get('dag_id')!);
    if (asked === null || asked === own) { return; }
    fail(`xcom_pull asks for the DAG ${typeof asked === 'string' ? `'${asked}'` : 'of another type than a text'}, `
      + (own === undefined ? "and this run has no DAG id; give it with '--dag-id', or leave 'dag_id' out" : `and here are the XComs of a run of '${own}' alone; leave 'dag_id' out`));
  }

  private pull(args: Value[], named: Map<string, Value>): Value {
    const known = ['task_ids', 'key', 'map_indexes', 'dag_id', 'include_prior_dates'];
    const other = [...named.keys()].find(name => !known.includes(name));
    if (args.length > 1 || other !== undefined) { fail(`xcom_pull takes 'task_ids', 'key' and 'map_indexes' here, got ${other ? `'${other}'` : 'a second value without a name'}`); }
    const given = bind(args, named, 'xcom_pull', ['task_ids', 'key?', 'map_indexes?', 'dag_id?', 'include_prior_dates?']);
    if (given.has(3)) { this.checkDag(given.value(3)); }
    if (given.flag(4, false)) { fail("xcom_pull with 'include_prior_dates' asks for XComs of earlier runs, and here are those of this run alone; leave it out"); }
    const key = given.has(1) ? given.text(1) : 'return_value';
    const one = (id: Value): JsonNode | MappedXCom | null => {
      if (typeof id !== 'string') { return fail("'task_ids' of xcom_pull must be a task id or a list of task ids"); }
      const node = reading(() => this.context.xcom(id, key));
      if (node === undefined) { throw new XComUnknown(id); }
      return node;
    };
    const ids = given.value(0);
    const single = typeof ids === 'string';
    const xcoms = single ? [one(ids)] : iterate(ids).map(one);
    const value = (node: JsonNode | null): Value => node === null ? null : fromJson(node);
    // Airflow 2 takes None for not given.
    const airflow2 = this.context.known.includes('conf');
    if (!given.has(2) || (airflow2 && given.value(2) === null)) {
      const rows = xcoms.flatMap(xcom => xcom instanceof MappedXCom ? xcom.pushed.length > 0 || airflow2 ? xcom.pushed : [null] : [xcom]);
      if (airflow2) { return single && !(xcoms[0] instanceof MappedXCom && rows.length > 0) ? value(rows[0] ?? null) : severalOf(rows); }
      return single && rows.length === 1 ? value(rows[0]) : new List(rows.map(value));
    }
    const indexes = given.value(2);
    const several = indexes !== null && typeof indexes !== 'bigint';
    const wanted = (several ? iterate(indexes) : [indexes]).map(index => {
      if (index !== null && typeof index !== 'bigint') { return fail("'map_indexes' of xcom_pull must be a whole number or a list of them"); }
      return index === null ? -1 : Number(index);
    });
    const at = (xcom: JsonNode | MappedXCom | null, index: number) => {
      if (xcom instanceof MappedXCom) { return xcom.items[index] ?? null; }
      return index === -1 ? xcom : null;
    };
    const rows = xcoms.flatMap(xcom => wanted.map(index => at(xcom, index)));
    if (single && !several) { return value(rows[0]); }
    return airflow2 ? severalOf(rows) : new List(rows.map(value));
  }
}

/** What Airflow 2 gives for several rows of its table: those that there are. */
function severalOf(rows: (JsonNode | null)[]): Sequence {
  return new Sequence(rows.flatMap(row => row === null ? [] : [fromJson(row)]), 'what xcom_pull gives for several tasks');
}

const JSON_MODULE = new Thing('macros.json', name => (name === 'dumps' ? new Callable('macros.json.dumps', (args, named) =>
  jsonDumps(toJson(bind(args, named, 'macros.json.dumps', ['obj'], 1).value(0)))) : fail(`'macros.json.${name}' is not understood here; macros.json.dumps(value) is`)));

function globalValue(name: string): Value | undefined {
  switch (name) {
    case 'range': return new Callable(name, (args, named) => {
      if (named.size > 0 || args.length === 0 || args.length > 3 || args.some(arg => typeof arg !== 'bigint')) { fail('range takes one to three whole numbers'); }
      const [start, stop, step] = args.length === 1 ? [0n, args[0] as bigint, 1n] : [args[0] as bigint, args[1] as bigint, (args[2] ?? 1n) as bigint];
      if (step === 0n) { fail('the step of a range cannot be 0'); }
      const items: Value[] = [];
      for (let i = start; step > 0n ? i < stop : i > stop; i += step) {
        if (items.push(i) > MAX_RANGE) { fail(`a range is not longer than ${MAX_RANGE}`); }
      }
      return new Sequence(items, 'range', `range(${start}, ${stop}${step === 1n ? '' : `, ${step}`})`);
    });
    case 'dict': return new Callable(name, (args, named) => {
      if (args.length > 1 || args.some(arg => !(arg instanceof Dict))) { fail('dict takes a dict and names here'); }
      const dict = args.length === 1 ? copied(args[0] as Dict) : new Dict();
      named.forEach((value, key) => dict.set(key, value));
      return dict;
    });
    case 'namespace': return new Callable(name, (args, named) => {
      if (args.length > 1 || args.some(arg => !(arg instanceof Dict))) { fail('namespace takes a dict and names here'); }
      const values = new Map<string, Value>([...(args[0] as Dict | undefined)?.entries.values() ?? []].map(([key, value]) => [key as string, value]));
      named.forEach((value, key) => values.set(key, value));
      return new Thing('namespace', key => (values.has(key) ? values.get(key)! : new Undefined(`undefined value: the namespace has no '${key}'`)), undefined, (key, value) => values.set(key, value));
    });
    case 'joiner': return new Callable(name, (args, named) => {
      const given = bind(args, named, name, ['sep?']);
      let used = false;
      return new Callable('joiner', () => {
        const out = used ? given.has(0) ? given.value(0) : ', ' : '';
        used = true;
        return out;
      });
    });
    case 'cycler': case 'lipsum': return fail(`'${name}' is not understood here`);
    default: return undefined;
  }
}
