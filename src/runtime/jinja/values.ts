import { PythonDate } from '../dates';
import { JsonNode } from '../json';
import { floatRepr, reprString } from '../python';

/** A template cannot be rendered as Airflow would render it. */
export class TemplateError extends Error {}

/** What Jinja finds where nothing is; every use but a test for it is an error, unless it is what an `if` without `else` gives, which is empty. */
export class Undefined {
  constructor(public readonly message: string, public readonly empty = false) {}
}

export class List {
  constructor(public items: Value[]) {}
}

export class Tuple {
  constructor(public readonly items: Value[]) {}
}

/** Keys are found as Python finds them: 1, 1.0 and True are the same. */
export class Dict {
  public readonly entries = new Map<string, [Value, Value]>();

  constructor(/** What to do about a key that is not there. */ public readonly missing?: (key: string) => string) {}

  public get(key: Value): Value | undefined {
    return this.entries.get(hashKey(key))?.[1];
  }

  public set(key: Value, value: Value): void {
    const hashed = hashKey(key);
    this.entries.set(hashed, [this.entries.get(hashed)?.[0] ?? key, value]);
  }
}

/** What Python makes item by item, and writes as an address: it can be walked once. */
export class Iterator {
  constructor(private items: Value[], public readonly what: string) {}

  public take(): Value[] {
    const { items } = this;
    this.items = [];
    return items;
  }
}

/** `keys()`, `values()` and `items()` of a dict. */
export class View {
  constructor(public readonly kind: 'keys' | 'values' | 'items', private readonly dict: Dict) {}

  public get items(): Value[] {
    const entries = [...this.dict.entries.values()];
    return entries.map(([key, value]) => (this.kind === 'keys' ? key : this.kind === 'values' ? value : new Tuple([key, value])));
  }
}

/** A `range`, or XComs of several tasks in Airflow 2: a list in all but how it is written. */
export class Sequence {
  constructor(public readonly items: Value[], public readonly what: string, public readonly text?: string) {}
}

/** Text that is safe in HTML: it escapes what it is put together with, which is not done here. */
export class Markup {
  constructor(public readonly text: string) {}
}

/** A moment, or the day that its `date()` gives. */
export class Moment {
  constructor(public readonly date: PythonDate, public readonly pendulum: boolean, public readonly dayOnly = false) {}
}

/** A duration in microseconds; of one between two moments of pendulum also the days that their dates are apart. */
export class Delta {
  constructor(public readonly micros: number, public readonly between?: number) {}
}

export type KeywordArguments = Map<string, Value>;

export class Callable {
  constructor(public readonly name: string, public readonly call: (args: Value[], named: KeywordArguments) => Value) {}
}

/** Something with attributes that is no value itself: `ti`, `var.value`, a namespace. */
export class Thing {
  constructor(
    public readonly name: string,
    public readonly attribute: (name: string) => Value | undefined,
    /** What `thing[key]` finds beside attributes. */
    public readonly item?: (key: Value) => Value | undefined,
    public readonly assign?: (name: string, value: Value) => void,
    public readonly call?: (args: Value[], named: KeywordArguments) => Value,
  ) {}
}

/** A value as Python knows it: whole numbers are bigint, floats are number. */
export type Value = null | boolean | bigint | number | string
  | Undefined | List | Tuple | Dict | Iterator | View | Sequence | Markup | Moment | Delta | Callable | Thing;

export function fail(message: string): never {
  throw new TemplateError(message);
}

/** Jinja's StrictUndefined in a place where a value is needed. */
export function defined<T extends Value>(value: T): Exclude<T, Undefined> {
  if (value instanceof Undefined) { fail(value.message); }
  return value as Exclude<T, Undefined>;
}

/** The undefined value that is written as nothing. */
export function isEmpty(value: Value): boolean {
  return value instanceof Undefined && value.empty;
}

export function typeName(value: Value): string {
  if (value === null) { return 'NoneType'; }
  switch (typeof value) {
    case 'boolean': return 'bool';
    case 'bigint': return 'int';
    case 'number': return 'float';
    case 'string': return 'str';
  }
  if (value instanceof View) { return `dict_${value.kind}`; }
  const names: [any, string][] = [
    [List, 'list'], [Tuple, 'tuple'], [Dict, 'dict'], [Markup, 'Markup'], [Moment, 'datetime'], [Delta, 'timedelta'], [Callable, 'function'], [Undefined, 'undefined'],
  ];
  return names.find(([type]) => value instanceof type)?.[1] ?? (value as Thing).name ?? (value as any).what;
}

/** A number of any kind, `True` being 1, as Python has it; undefined for what is none. */
export function numeric(value: Value): bigint | number | undefined {
  return typeof value === 'boolean' ? BigInt(value) : typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

export function truthy(value: Value): boolean {
  if (isEmpty(value)) { return false; }
  defined(value);
  if (value === null || value === false || value === '' || value === 0 || value === 0n) { return false; }
  if (value instanceof Dict) { return value.entries.size > 0; }
  if (value instanceof List || value instanceof Tuple || value instanceof View || value instanceof Sequence) { return value.items.length > 0; }
  if (value instanceof Markup) { return value.text !== ''; }
  return !(value instanceof Delta) || value.micros !== 0;
}

/** What a loop, a filter or `in` walks over. */
export function iterate(value: Value): Value[] {
  if (isEmpty(value)) { return []; }
  defined(value);
  if (typeof value === 'string') { return [...value]; }
  if (value instanceof Dict) { return [...value.entries.values()].map(([key]) => key); }
  if (value instanceof Iterator) { return value.take(); }
  if (value instanceof List) { return [...value.items]; }
  if (value instanceof Tuple || value instanceof View || value instanceof Sequence) { return value.items; }
  return fail(`a value of type ${typeName(value)} cannot be walked over`);
}

export function isIterable(value: Value): boolean {
  return typeof value === 'string' || [Dict, Iterator, List, Tuple, View, Sequence, Markup].some(type => value instanceof type);
}

export function length(value: Value): bigint {
  if (value instanceof Iterator) { fail('what is made item by item has no length; put |list before it'); }
  if (value instanceof Markup) { return BigInt([...value.text].length); }
  return BigInt(iterate(value).length);
}

export function equals(a: Value, b: Value): boolean {
  if (isEmpty(a)) { return isEmpty(b) || defined(b) === a; }
  if (isEmpty(b)) { return defined(a) === b; }
  defined(a);
  defined(b);
  const [x, y] = [numeric(a), numeric(b)];
  // eslint-disable-next-line eqeqeq -- 1 and 1.0
  if (x !== undefined && y !== undefined) { return x == y; }
  if (typeof a === 'string' || typeof b === 'string' || a === null || b === null) {
    if (a instanceof Markup || b instanceof Markup) { return String((a as Markup).text ?? a) === String((b as Markup).text ?? b); }
    return a === b;
  }
  if ((a instanceof List && b instanceof List) || (a instanceof Tuple && b instanceof Tuple)) {
    return a.items.length === b.items.length && a.items.every((item, i) => equals(item, b.items[i]));
  }
  if (a instanceof Dict && b instanceof Dict) {
    return a.entries.size === b.entries.size && [...a.entries].every(([key, [, item]]) => b.entries.has(key) && equals(item, b.entries.get(key)![1]));
  }
  if (a instanceof Moment && b instanceof Moment) {
    return a.dayOnly === b.dayOnly && !a.date.naive === !b.date.naive && a.date.ms === b.date.ms && a.date.us === b.date.us;
  }
  if (a instanceof Delta && b instanceof Delta) { return a.micros === b.micros; }
  if ([a, b].some(value => value instanceof View || value instanceof Sequence || value instanceof Markup)) { fail(`values of type ${typeName(a)} and ${typeName(b)} are not compared here; put |list after them`); }
  return a === b;
}

/** Equal for values that Python's dict takes for the same key. */
export function hashKey(key: Value): string {
  const number = numeric(defined(key));
  if (number !== undefined) { return `n${typeof number === 'number' && Number.isInteger(number) ? BigInt(number) : number}`; }
  if (typeof key === 'string') { return `s${key}`; }
  if (key === null) { return 'none'; }
  if (key instanceof Tuple) { return `(${key.items.map(item => JSON.stringify(hashKey(item))).join()})`; }
  if (key instanceof Moment) { return `d${key.date.ms} ${key.date.us} ${!key.date.naive} ${key.dayOnly}`; }
  return fail(`a value of type ${typeName(key)} cannot be a key`);
}

export function fromJson(node: JsonNode): Value {
  switch (node.kind) {
    case 'null': return null;
    case 'number': return /[.eE]/.test(node.text) ? Number(node.text) : BigInt(node.text);
    case 'array': return new List(node.items.map(fromJson));
    case 'object': {
      const dict = new Dict();
      node.entries.forEach((item, key) => dict.set(key, fromJson(item)));
      return dict;
    }
    default: return node.value;
  }
}

/** @throws TemplateError for what Python's `json` refuses, too */
export function toJson(value: Value): JsonNode {
  if (value === null) { return { kind: 'null' }; }
  if (value instanceof Markup) { return { kind: 'string', value: value.text }; }
  if (value instanceof List || value instanceof Tuple) { return { kind: 'array', items: value.items.map(toJson) }; }
  if (value instanceof Dict) {
    return {
      kind: 'object',
      entries: new Map([...value.entries.values()].map(([key, item]) => [typeof key === 'string' ? key : fail('the keys of a dict written as JSON must be texts here'), toJson(item)])),
    };
  }
  switch (typeof value) {
    case 'boolean': return { kind: 'boolean', value };
    case 'bigint': return { kind: 'number', text: String(value) };
    case 'number': return Number.isFinite(value) ? { kind: 'number', text: floatRepr(value) } : fail('infinity and nan are no JSON');
    case 'string': return { kind: 'string', value };
  }
  return fail(`a value of type ${typeName(defined(value))} is no JSON; make a text of it first`);
}

/** As Python's `repr()`. */
export function repr(value: Value): string {
  defined(value);
  if (value === null) { return 'None'; }
  switch (typeof value) {
    case 'boolean': return value ? 'True' : 'False';
    case 'bigint': return String(value);
    case 'number': return floatRepr(value);
    case 'string': return reprString(value);
  }
  const all = (items: Value[]) => items.map(repr).join(', ');
  if (value instanceof List) { return `[${all(value.items)}]`; }
  if (value instanceof Tuple) { return value.items.length === 1 ? `(${repr(value.items[0])},)` : `(${all(value.items)})`; }
  if (value instanceof Dict) { return `{${[...value.entries.values()].map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`; }
  if (value instanceof View) { return `dict_${value.kind}([${all(value.items)}])`; }
  if (value instanceof Sequence) { return value.text ?? fail(`${value.what} is written by Airflow with its length only; put |list after it`); }
  if (value instanceof Thing) { fail(`'${value.name}' is written as an address in Airflow; name a part of it`); }
  return fail(`a value of type ${typeName(value)} is not written within another here`);
}
