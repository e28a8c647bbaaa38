import { TemplateContext } from './context';
import { isoFormat, PythonDate, strftime } from './dates';
import { JsonNode, parseJson } from './json';
import { jinjaJson, pythonNumber, pythonRepr, pythonStr } from './python';
import { DATE_KEY, dateObject, dateOf, Guard, macros, rewriteDates } from './template-dates';
import { TemplateError, TemplateNames } from './template-names';
import { guardCode, mapCode, UNDEFINED } from './template-source';
import { hasJinja } from '../pod/jinja';

/** Thrown by {@link renderTemplate} where an XCom is not known yet. */
export class XComUnknown extends Error {}

/** Walks over keys, in whatever order they are. */
const WALKS = /\{%[-+]?\s*for\b|\.(?:items|keys|values)\(|\|\s*(?:list|items|first|last|map|batch|slice|unique|reverse|join|select|reject)\b/;

/**
 * A text rendered as Airflow renders a templated field: Jinja, an undefined value is an error, values written as Python writes them.
 *
 * The engine sorts the keys of objects and writes values in its own manner. So every value leaves it as JSON text, which keeps numbers as they are, and
 * is written by us; an object that came from an XCom is recognised and gets its order back; what would still come out differently is an error.
 *
 * @throws TemplateError, XComUnknown
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  if (!hasJinja(text)) { return text; }
  // The engine, 1 MB of WebAssembly, is loaded for whoever needs it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Environment } = require('minijinja-js') as typeof import('minijinja-js');
  const values = new Values();
  const pull = (taskId: unknown, key: string): JsonNode | null => {
    if (typeof taskId !== 'string') { throw new TemplateError("'task_ids' of xcom_pull must be a task id or a list of task ids"); }
    const node = context.xcom(taskId, key);
    if (node === undefined) { throw new XComUnknown(taskId); }
    return node;
  };
  const names = new TemplateNames(text, context, node => { values.learn(node); return literal(node); }, pull);
  const source = translate(text, names);

  // The engine does not survive a callback that throws.
  let failure: Error | undefined;
  const guarded = <T>(otherwise: T, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      failure ??= error as Error;
      return otherwise;
    }
  };
  const environment = new Environment();
  try {
    environment.enablePyCompat();
    environment.keepTrailingNewline = true;
    environment.undefinedBehavior = 'strict';
    environment.addFilter('__str', (json: string) => guarded('', () => pythonStr(values.take(json))));
    environment.addFilter('__json', (json: string, options?: Map<string, any>) => guarded('', () => jinjaJson(values.take(json, false), options?.get('indent'))));
    environment.addFilter('__html', (json: string) => guarded('', () => escapeHtml(pythonStr(values.take(json)))));
    environment.addFilter('__text', (value: unknown) => guarded('', () => {
      if (typeof value !== 'string') { throw new TemplateError('this filter takes a text here; put |string before it'); }
      return value;
    }));
    environment.addFilter('__join', (json: string, separator: unknown = '') => guarded('', () => {
      const list = values.take(json);
      if (list.kind !== 'array' || typeof separator !== 'string') { throw new TemplateError('the filter join takes a list and a separator here'); }
      return list.items.map(pythonStr).join(separator);
    }));
    for (const [name, write] of Object.entries(DATE_FILTERS)) {
      environment.addFilter(name, (value: unknown) => guarded('', () => {
        const date = dateOf(value);
        if (!date) { throw new TemplateError(`the filter ${name} takes a moment`); }
        return write(date);
      }));
    }
    const ti = { xcom_pull: (...args: any[]) => guarded(null, () => pullAny(args, (id, key) => values.give(pull(id, key)))) };
    const rendered = environment.renderStr(source, { ...engineValues(context, source, values, guarded), ti, task_instance: ti });
    if (failure) { throw failure; }
    if (values.unsorted && WALKS.test(text)) {
      throw new TemplateError('the template walks over an XCom whose keys are not in alphabetical order, which would come in another order than in Airflow; use a list');
    }
    return rendered;
  } catch (error) {
    if (failure) { throw failure; }
    throw error instanceof TemplateError ? error : new TemplateError(explain(error as Error));
  } finally {
    environment.free();
  }
}

/**
 * Finds what is wrong with a template whatever the XComs are: names that nothing stands for, bad syntax in a text without XComs.
 *
 * @throws TemplateError
 */
export function checkTemplate(text: string, context: TemplateContext): void {
  if (!hasJinja(text)) { return; }
  translate(text, new TemplateNames(text, context, literal, (taskId, key) => { context.xcom(taskId, key); return undefined; }));
  try {
    renderTemplate(text, context);
  } catch (error) {
    if (!(error instanceof XComUnknown)) { throw error; }
  }
}

/** Airflow's own filters. */
const DATE_FILTERS: { [name: string]: (date: PythonDate) => string } = {
  ds: date => strftime(date, '%Y-%m-%d'),
  ds_nodash: date => strftime(date, '%Y%m%d'),
  ts: date => isoFormat(date),
  ts_nodash: date => strftime(date, '%Y%m%dT%H%M%S'),
  ts_nodash_with_tz: date => isoFormat(date).replace(/[-:]/g, ''),
};

/** The template as the engine gets it. */
function translate(text: string, names: TemplateNames): string {
  return mapCode(text, code => guard(() => {
    names.check(code);
    return guardCode(rewriteDates(code), names.pattern, match => names.replace(match));
  }));
}

/** What the source still names once literals have taken the place of what they could. */
function engineValues(context: TemplateContext, source: string, values: Values, guarded: Guard): { [name: string]: any } {
  const named = (name: string) => new RegExp(`\\b${name}\\b`).test(source);
  const all: { [name: string]: any } = {};
  for (const [name, node] of context.values) {
    if (named(name)) { all[name] = values.give(node); }
  }
  for (const [name, date] of context.dates) {
    if (!name.includes('.')) { all[name] = dateObject(date, guarded); }
  }
  const date = context.dates.get('dag_run.logical_date');
  if (date) { all.dag_run = { logical_date: dateObject(date, guarded) }; }
  return { ...all, macros: macros(guarded) };
}

/** A pull that is not a literal one: several tasks, or an id that the template makes. */
function pullAny(args: any[], pull: (taskId: unknown, key: string) => any): any {
  const options = args.at(-1) instanceof Map ? args.pop() as Map<string, any> : new Map<string, any>();
  const [ids = options.get('task_ids'), key = options.get('key') ?? 'return_value'] = args;
  const other = [...options.keys()].find(name => name !== 'task_ids' && name !== 'key');
  if (other !== undefined || args.length > 2) { throw new TemplateError(`xcom_pull takes 'task_ids' and 'key' here${other ? `, got '${other}'` : ''}`); }
  if (typeof key !== 'string') { throw new TemplateError("'key' of xcom_pull must be a text"); }
  return Array.isArray(ids) ? ids.map(id => pull(id, key)) : pull(ids, key);
}

/** What the reading of the source finds is the author's business. */
function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof XComUnknown || error instanceof TemplateError ? error : new TemplateError((error as Error).message);
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>'"]/g, char => `&#${char.charCodeAt(0)};`).replace(/&#38;/g, '&amp;').replace(/&#60;/g, '&lt;').replace(/&#62;/g, '&gt;');
}

function explain(error: Error): string {
  return error.message.split('\n')[0].replace(/ \(in <string>:\d+\)$/, '');
}

/** A value as a literal of the template language. */
function literal(node: JsonNode): string {
  switch (node.kind) {
    case 'null': return 'none';
    case 'boolean': return String(node.value);
    // A float without an exponent: the engine reads 1e3, but not 1E+3.
    case 'number': return `(${/[.eE]/.test(node.text) ? Number(node.text).toString().replace('e+', 'e').replace(/^(-?\d+)$/, '$1.0') : node.text})`;
    case 'string': return JSON.stringify(node.value);
    case 'array': return `[${node.items.map(literal).join(', ')}]`;
    case 'object': return `({${[...node.entries].map(([key, item]) => `${JSON.stringify(key)}: ${literal(item)}`).join(', ')}})`;
  }
}

/** Objects that came from XComs, so that they are recognised on their way out. */
class Values {
  public unsorted = false;
  private readonly known = new Map<string, JsonNode | null>();

  /** A value for the engine. */
  public give(node: JsonNode | null): any {
    if (node === null) { return null; }
    this.learn(node);
    return toEngine(node);
  }

  public learn(node: JsonNode): void {
    if (node.kind === 'array') { node.items.forEach(item => this.learn(item)); }
    if (node.kind !== 'object') { return; }
    const key = canonical(node);
    const other = this.known.get(key);
    this.known.set(key, other === undefined || (other && pythonRepr(other) === pythonRepr(node)) ? node : null);
    const keys = [...node.entries.keys()];
    this.unsorted ||= keys.some((name, i) => i > 0 && name < keys[i - 1]);
    node.entries.forEach(item => this.learn(item));
  }

  /** The value that the engine wrote as JSON, the keys of its objects in the order in which they came. */
  public take(json: string, ordered = true): JsonNode {
    const value = parseJson(json);
    if (value.kind === 'string' && value.value === UNDEFINED) { throw new TemplateError('undefined value given to a filter'); }
    if (/"__(?:date|delta)":/.test(json) && !/^\{"__date":/.test(json)) { throw new TemplateError('a moment or duration within another value is not written here; use its texts'); }
    if (!ordered && /"__date":/.test(json)) { throw new TemplateError('a moment is no JSON; use its texts, such as ts'); }
    if (!ordered) { return value; }
    const date = value.kind === 'object' && value.entries.get(DATE_KEY);
    if (date && date.kind === 'string') { return { kind: 'string', value: isoFormat(dateOf(date.value)!, ' ') }; }
    const order = (node: JsonNode): JsonNode => {
      if (node.kind === 'array') { return { kind: 'array', items: node.items.map(order) }; }
      if (node.kind !== 'object') { return node; }
      const known = this.known.get(canonical(node));
      if (known) { return known; }
      if (known === null) { throw new TemplateError('two XComs differ only in the order of their keys; pull a single value'); }
      if (node.entries.size > 1) { throw new TemplateError('the order of the keys of a dict made in a template is not kept; write the text out instead'); }
      return { kind: 'object', entries: new Map([...node.entries].map(([key, item]) => [key, order(item)])) };
    };
    return order(value);
  }
}

function toEngine(node: JsonNode): any {
  switch (node.kind) {
    case 'null': return null;
    case 'number': {
      const value = Number(node.text);
      if (!/[.eE]/.test(node.text)) { return Number.isSafeInteger(value) ? value : BigInt(node.text); }
      if (Number.isInteger(value)) { throw new TemplateError(`a value holds ${node.text}, which would become an integer here; name it by a literal path: ti.xcom_pull('task')['key'], params.name`); }
      return value;
    }
    case 'array': return node.items.map(toEngine);
    case 'object': {
      // Without a prototype, a key such as `__proto__` is a key.
      const object = Object.create(null);
      for (const [key, item] of node.entries) { object[key] = toEngine(item); }
      return object;
    }
    default: return node.value;
  }
}

/** Equal for objects that differ in nothing but the order of their keys. */
function canonical(node: JsonNode): string {
  switch (node.kind) {
    case 'array': return `[${node.items.map(canonical).join()}]`;
    case 'object': return `{${[...node.entries].map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).sort().join()}}`;
    case 'number': return pythonNumber(node.text);
    case 'string': return JSON.stringify(node.value);
    default: return pythonRepr(node);
  }
}
