import { bind } from './arguments';
import { deltaAttribute, momentAttribute } from './moments';
import { indexed } from './operators';
import { OTHER_TEXT_METHODS, TEXT_METHODS } from './text-methods';
import {
  Callable, defined, Delta, Dict, equals, fail, hashKey, iterate, List, Markup, Moment,
  numeric, Sequence, repr, Thing, Tuple, typeName, Undefined, Value, View,
} from './values';

type Method<T> = (of: T, args: Value[], named: Map<string, Value>) => Value;

const LIST_METHODS: { readonly [name: string]: Method<List> } = {
  append: (list, args, named) => { list.items.push(bind(args, named, 'append', ['object'], 1).value(0)); return null; },
  copy: (list, args, named) => { bind(args, named, 'copy', []); return new List([...list.items]); },
  count: (list, args, named) => BigInt(list.items.filter(other => equals(other, bind(args, named, 'count', ['value'], 1).value(0))).length),
  extend: (list, args, named) => { list.items.push(...iterate(bind(args, named, 'extend', ['iterable'], 1).value(0))); return null; },
  index: (list, args, named) => position(list, bind(args, named, 'index', ['value'], 1).value(0)),
  insert: (list, args, named) => {
    const given = bind(args, named, 'insert', ['index', 'object'], 2);
    list.items.splice(given.integer(0, 0), 0, given.value(1));
    return null;
  },
  pop: (list, args, named) => {
    const at = bind(args, named, 'pop', ['index?'], 1).integer(0, -1);
    const [found] = list.items.splice(at < -list.items.length ? list.items.length : at, 1);
    return found === undefined ? fail('pop from an empty list, or outside it') : found;
  },
  reverse: (list, args, named) => { bind(args, named, 'reverse', []); list.items.reverse(); return null; },
};

const DICT_METHODS: { readonly [name: string]: Method<Dict> } = {
  copy: (dict, args, named) => { bind(args, named, 'copy', []); return copied(dict); },
  get: (dict, args, named) => {
    const given = bind(args, named, 'get', ['key', 'default?'], 2);
    const found = dict.get(given.value(0));
    return found !== undefined ? found : given.has(1) ? given.value(1) : null;
  },
  items: (dict, args, named) => { bind(args, named, 'items', []); return new View('items', dict); },
  keys: (dict, args, named) => { bind(args, named, 'keys', []); return new View('keys', dict); },
  pop: (dict, args, named) => {
    const given = bind(args, named, 'pop', ['key', 'default?'], 2);
    const found = dict.get(given.value(0));
    dict.entries.delete(hashKey(given.value(0)));
    return found !== undefined ? found : given.has(1) ? given.value(1) : fail('the dict has no such key');
  },
  setdefault: (dict, args, named) => {
    const given = bind(args, named, 'setdefault', ['key', 'default?'], 2);
    const found = dict.get(given.value(0));
    if (found !== undefined) { return found; }
    dict.set(given.value(0), given.has(1) ? given.value(1) : null);
    return dict.get(given.value(0))!;
  },
  update: (dict, args, named) => {
    if (args.length > 1 || args.some(arg => !(arg instanceof Dict))) { fail('update takes a dict here'); }
    for (const [key, value] of args.flatMap(arg => [...(arg as Dict).entries.values()])) { dict.set(key, value); }
    named.forEach((value, key) => dict.set(key, value));
    return null;
  },
  values: (dict, args, named) => { bind(args, named, 'values', []); return new View('values', dict); },
};

/** Names that values have in Python and that are not understood here. */
const OTHERS: [any, string[]][] = [
  [List, ['clear', 'remove', 'sort']], [Dict, ['clear', 'fromkeys', 'popitem']], [View, ['isdisjoint', 'mapping']], [Sequence, ['count', 'index', 'start', 'stop', 'step']],
];
const NUMBER = ['real', 'imag', 'numerator', 'denominator', 'bit_length', 'bit_count', 'conjugate', 'as_integer_ratio', 'is_integer', 'hex', 'fromhex', 'to_bytes', 'from_bytes'];

export function copied(dict: Dict): Dict {
  const copy = new Dict();
  dict.entries.forEach((entry, key) => copy.entries.set(key, entry));
  return copy;
}

function position({ items }: List | Tuple, value: Value): Value {
  const at = items.findIndex(other => equals(other, value));
  return at < 0 ? fail('the value is not in the list') : BigInt(at);
}

/** What Python's `getattr` finds. */
function own(of: Value, name: string): Value | undefined {
  const method = <T extends Value>(table: { readonly [method: string]: Method<T> }, self: T) =>
    (Object.hasOwn(table, name) ? new Callable(name, (args, named) => table[name](self, args, named)) : undefined);
  const unknown = (names: string[]) => (names.includes(name) ? fail(`'${name}' of a value of type ${typeName(of)} is not understood here`) : undefined);
  if (of instanceof Thing) { return of.attribute(name); }
  if (of instanceof Moment) { return momentAttribute(of, name); }
  if (of instanceof Delta) { return deltaAttribute(of, name); }
  if (of instanceof Markup) { return fail('a text that was escaped has no methods here'); }
  if (typeof of === 'string') { return method(TEXT_METHODS, of) ?? unknown(OTHER_TEXT_METHODS); }
  if (numeric(of) !== undefined) { return unknown(NUMBER); }
  if (of instanceof Tuple && name === 'count') { return new Callable(name, (args, named) => LIST_METHODS.count(new List(of.items), args, named)); }
  if (of instanceof Tuple && name === 'index') { return new Callable(name, (args, named) => position(of, bind(args, named, 'index', ['value'], 1).value(0))); }
  if (of instanceof Callable) { return fail(`'${of.name}' is called: ${of.name}(…)`); }
  return (of instanceof List ? method(LIST_METHODS, of) : of instanceof Dict ? method(DICT_METHODS, of) : undefined)
    ?? unknown(OTHERS.find(([type]) => of instanceof type)?.[1] ?? []);
}

/** What Python's `of[key]` finds. */
function item(of: Value, key: Value): Value | undefined {
  const number = numeric(key);
  const index = typeof number === 'bigint' ? number : undefined;
  if (of instanceof Dict) { return of.get(key); }
  if (of instanceof Thing) { return of.item?.(key); }
  if (index === undefined) { return undefined; }
  if (typeof of === 'string') { return indexed([...of], index); }
  if (of instanceof Markup) { return fail('a text that was escaped is not cut here'); }
  return of instanceof List || of instanceof Tuple || of instanceof Sequence ? indexed(of.items, index) : undefined;
}

/** `of.name` of Jinja: an attribute, else a key. */
export function getAttribute(of: Value, name: string): Value {
  defined(of);
  if (name.startsWith('__')) { fail(`'${name}' is not safe in a template`); }
  const found = own(of, name);
  return either(found === undefined ? item(of, name) : found, of, name);
}

/** `of[key]` of Jinja: a key, else an attribute. */
export function getItem(of: Value, key: Value): Value {
  defined(of);
  defined(key);
  const found = item(of, key);
  if (found !== undefined) { return found; }
  if (typeof key === 'string' && key.startsWith('__')) { fail(`'${key}' is not safe in a template`); }
  return either(typeof key === 'string' ? own(of, key) : undefined, of, key);
}

/** What was found, which may be None. */
function either(found: Value | undefined, of: Value, key: Value): Value {
  if (found !== undefined) { return found; }
  const has = of instanceof Dict ? `an object with the keys ${[...of.entries.values()].map(([name]) => repr(name)).join(', ') || '(none)'}`
    : of instanceof Thing ? `'${of.name}'` : `a value of type ${typeName(of)}`;
  return new Undefined(`undefined value: the template asks for ${typeof key === 'string' ? `'${key}'` : repr(key)} of ${has}${of instanceof Dict && typeof key === 'string' ? of.missing?.(key) ?? '' : ''}`);
}
