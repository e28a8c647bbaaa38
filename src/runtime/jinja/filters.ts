import { bind, Binder } from './arguments';
import { getAttribute, getItem } from './attributes';
import { FILTER_NAMES } from './filter-names';
import { percentFormat, toInt } from './format';
import { binary, order, slice, toFloat } from './operators';
import { divideHalfEven, fixed } from './rounding';
import { applyTest } from './tests';
import { capitalize, center, lower, replaceAll, SPACE, splitLines, strip, upper } from './text-methods';
import {
  defined, Dict, fail, hashKey, isIterable, iterate, Iterator, length, List, Markup, Moment,
  numeric, toJson, truthy, Tuple, typeName, Undefined, Value, View,
} from './values';
import { str } from './write';
import { didYouMean } from '../../pod/closest';
import { isoFormat, strftime } from '../dates';
import { jinjaJson } from '../python';

type Filter = (value: Value, args: Value[], named: Map<string, Value>) => Value;

const MAX_LENGTH = 1_000_000;
const generator = (items: Value[]) => new Iterator(items, 'generator');
const ignoreCase = (value: Value): Value => (typeof value === 'string' ? lower(value) : defined(value));
const filter = (name: string, places: string[], work: (value: Value, given: Binder) => Value): Filter => (value, args, named) => work(value, bind(args, named, `the filter ${name}`, places));
const ofText = (name: string, work: (text: string) => Value): Filter => filter(name, [], value => work(text(value, name)));

/** A value as a text; escaping again what was escaped is not done here. */
function text(value: Value, name: string): string {
  return value instanceof Markup ? fail(`the filter ${name} of an escaped text is not understood here`) : str(value);
}

/** What `attribute=` names: keys and attributes with dots between. */
function attributeOf(attribute: Value): (item: Value) => Value {
  if (typeof attribute === 'bigint') { return item => getItem(item, attribute); }
  if (typeof attribute !== 'string') { fail('an attribute is named by a text or a number'); }
  const keys = attribute.split('.').map(key => (/^\d+$/.test(key) ? BigInt(key) : key));
  return item => keys.reduce<Value>((of, key) => getItem(of, key), item);
}

const keyOf = (given: Binder, caseSensitive: number, attribute: number): (item: Value) => Value => {
  const pick = given.has(attribute) && given.value(attribute) !== null ? attributeOf(given.value(attribute)) : (item: Value) => item;
  return given.flag(caseSensitive, false) ? pick : item => ignoreCase(pick(item));
};

function sorted(items: Value[], key: (item: Value) => Value, reverse: boolean): Value[] {
  const keyed = items.map((item, i): [Value, Value, number] => [key(item), item, i]);
  keyed.sort(([a, , i], [b, , j]) => (reverse ? order(b, a) : order(a, b)) || i - j);
  return keyed.map(([, item]) => item);
}

function extreme(name: string, sign: number): Filter {
  return filter(name, ['case_sensitive?', 'attribute?'], (value, given) => {
    const [first, ...rest] = iterate(value);
    const key = keyOf(given, 0, 1);
    if (first === undefined) { return new Undefined(`undefined value: the filter ${name} of nothing`); }
    return rest.reduce((best, item) => (sign * order(key(item), key(best)) > 0 ? item : best), first);
  });
}

function escapeHtml(value: string): string {
  const as: { [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };
  return value.replace(/[&<>'"]/g, char => as[char]);
}

function add(values: Value[], start: Value): Value {
  if (typeof start === 'string') { fail('the filter sum takes no text'); }
  // Since Python 3.12 floats are added with compensation; the sum is given where both ways lead to the same.
  let compensation = 0;
  const naive = values.reduce<Value>((sum, value) => {
    const next = binary('+', sum, value);
    if (typeof next === 'number') {
      const [a, b] = [toFloat(numeric(sum)!), toFloat(numeric(value)!)];
      compensation += Math.abs(a) >= Math.abs(b) ? (a - next) + b : (b - next) + a;
    }
    return next;
  }, start);
  if (typeof naive === 'number' && Number.isFinite(naive) && naive + compensation !== naive) { fail("a sum of such floats depends on Python's version; round what is added"); }
  return naive;
}

function round(value: Value, given: Binder): Value {
  const number = numeric(defined(value));
  const precision = given.integer(0, 0);
  const method = given.has(1) ? given.text(1) : 'common';
  if (number === undefined) { fail(`the filter round takes a number, got a value of type ${typeName(value)}`); }
  if (Math.abs(precision) > 300) { fail(`the precision ${precision} of the filter round is not understood here`); }
  if (method === 'ceil' || method === 'floor') {
    if (precision < 0) { fail('a precision below 0 is not understood here'); }
    const factor = 10n ** BigInt(precision);
    const scaled = binary('*', number, factor);
    const whole = typeof scaled === 'bigint' ? scaled : toInt(Math[method](scaled as number));
    return binary('/', whole, factor);
  }
  if (method !== 'common') { fail(`'method' of the filter round is 'common', 'ceil' or 'floor', got '${method}'`); }
  if (typeof number === 'bigint') {
    if (precision >= 0) { return number; }
    const unit = 10n ** BigInt(-precision);
    return divideHalfEven(number, unit) * unit;
  }
  if (precision < 0) { fail('a precision below 0 is not understood here for floats'); }
  if (!Number.isFinite(number)) { return number; }
  const rounded = Number(fixed(Math.abs(number), precision));
  return number < 0 || Object.is(number, -0) ? -rounded : rounded;
}

function parsedInt(value: string, base: number): bigint | undefined {
  const trimmed = strip(value, undefined, 'both');
  if (/[^\0-\x7f]/.test(trimmed)) { fail('digits of other scripts are not understood here'); }
  const digits = ({ 2: '0[bB]_?|', 8: '0[oO]_?|', 16: '0[xX]_?|' } as { [base: number]: string })[base] ?? '';
  const set = { 2: '[01]', 8: '[0-7]', 10: '\\d', 16: '[\\da-fA-F]' }[base] ?? fail(`the base ${base} is not understood here`);
  const match = new RegExp(`^([+-]?)(?:${digits.replace(/\|$/, '') || '(?!)'})?(${set}(?:_?${set})*)$`).exec(trimmed);
  if (!match) { return undefined; }
  const clean = match[2].replace(/_/g, '');
  const magnitude = BigInt(base === 10 ? clean : `0${{ 2: 'b', 8: 'o', 16: 'x' }[base]}${clean}`);
  return match[1] === '-' ? -magnitude : magnitude;
}

function parsedFloat(value: string): number | undefined {
  const trimmed = strip(value, undefined, 'both');
  if (/[^\0-\x7f]/.test(trimmed)) { fail('digits of other scripts are not understood here'); }
  const [, sign, word] = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(trimmed) ?? [];
  if (word) { return /nan/i.test(word) ? NaN : sign === '-' ? -Infinity : Infinity; }
  const digits = '\\d(?:_?\\d)*';
  return new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`).test(trimmed) ? Number(trimmed.replace(/_/g, '')) : undefined;
}

/** The text that a value is; undefined where it is none. */
function textOf(value: Value): string | undefined {
  return value instanceof Markup ? value.text : typeof value === 'string' ? value : undefined;
}

function float(value: Value): number | undefined {
  const number = numeric(defined(value));
  const written = textOf(value);
  return number !== undefined ? toFloat(number) : written === undefined ? undefined : parsedFloat(written);
}

function int(value: Value, given: Binder): Value {
  const number = numeric(defined(value));
  if (typeof number === 'bigint') { return number; }
  const written = textOf(value);
  const exact = written === undefined ? undefined : parsedInt(written, given.integer(1, 10));
  if (exact !== undefined) { return exact; }
  const read = float(value);
  if (typeof number === 'number' && !Number.isFinite(number) && !Number.isNaN(number)) { fail('infinity is no whole number'); }
  return read !== undefined && Number.isFinite(read) ? toInt(read) : given.has(0) ? given.value(0) : 0n;
}

function mapped(value: Value, args: Value[], named: Map<string, Value>): Value {
  let apply: (item: Value) => Value;
  if (args.length === 0 && named.has('attribute')) {
    const given = bind([], named, 'the filter map', ['attribute', 'default?']);
    const pick = attributeOf(given.value(0));
    apply = item => {
      if (!given.has(1) || given.value(1) === null) { return pick(item); }
      const found = pick(item);
      return found instanceof Undefined ? given.value(1) : found;
    };
  } else {
    const [name, ...rest] = args;
    if (typeof name !== 'string') { return fail('the filter map takes the name of a filter, or attribute='); }
    apply = item => applyFilter(name, item, rest, named);
  }
  return generator(truthy(value) ? iterate(value).map(apply) : []);
}

function selected(keep: boolean, byAttribute: boolean): Filter {
  return (value, args, named) => {
    const [attribute, ...others]: (Value | undefined)[] = byAttribute ? args : [undefined, ...args];
    const pick = byAttribute ? attributeOf(attribute ?? fail('the attribute is missing')) : (item: Value) => item;
    const [name, ...rest] = others;
    if (name === undefined && named.size > 0) { fail('a test is named first'); }
    if (name !== undefined && typeof name !== 'string') { fail('a test is named by a text'); }
    const test = (item: Value) => (name === undefined ? truthy(item) : applyTest(name, item, rest as Value[], named));
    return generator(truthy(value) ? iterate(value).filter(item => test(pick(item)) === keep) : []);
  };
}

function quoted(value: Value, query: boolean): string {
  const encoded = encodeURIComponent(text(value, 'urlencode')).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return query ? encoded.replace(/%20/g, '+') : encoded.replace(/%2F/g, '/');
}

const ofMoment = (name: string, write: (moment: Moment) => string): Filter => filter(name, [], value => {
  if (value === null) { return null; }
  return value instanceof Moment && !value.dayOnly ? write(value) : fail(`the filter ${name} takes a moment, got a value of type ${typeName(defined(value))}`);
});

const escape: Filter = filter('escape', [], value => (value instanceof Markup ? value : new Markup(escapeHtml(str(value)))));
const fallback: Filter = filter('default', ['default_value?', 'boolean?'], (value, given) =>
  (value instanceof Undefined || (given.has(1) && truthy(given.value(1)) && !truthy(value)) ? (given.has(0) ? given.value(0) : '') : value));
const size: Filter = filter('length', [], value => length(value));

const FILTERS: { readonly [name: string]: Filter } = {
  abs: filter('abs', [], value => {
    const number = numeric(defined(value));
    return number === undefined ? fail(`the filter abs takes a number, got a value of type ${typeName(value)}`) : typeof number === 'number' ? Math.abs(number) : number < 0n ? -number : number;
  }),
  attr: filter('attr', ['name'], (value, given) => (value instanceof Dict ? fail('the filter attr of a dict is not understood here; write dict[key]') : getAttribute(value, given.text(0)))),
  batch: filter('batch', ['linecount', 'fill_with?'], (value, given) => {
    const count = given.size(0);
    if (count < 1) { fail('the filter batch takes a count from 1'); }
    const items = iterate(value);
    return generator(Array.from({ length: Math.ceil(items.length / count) }, (_, i) => {
      const line = items.slice(i * count, (i + 1) * count);
      const fill = given.has(1) && given.value(1) !== null ? Array.from({ length: count - line.length }, () => given.value(1)) : [];
      return new List([...line, ...fill]);
    }));
  }),
  capitalize: ofText('capitalize', capitalize),
  center: filter('center', ['width?'], (value, given) => center(text(value, 'center'), given.size(0, 80))),
  count: size,
  d: fallback,
  default: fallback,
  dictsort: filter('dictsort', ['case_sensitive?', 'by?', 'reverse?'], (value, given) => {
    const by = given.has(1) ? given.text(1) : 'key';
    if (!(value instanceof Dict) || (by !== 'key' && by !== 'value')) { return fail("the filter dictsort takes a dict, and by 'key' or 'value'"); }
    const key = (item: Value) => (item as Tuple).items[by === 'key' ? 0 : 1];
    return new List(sorted(new View('items', value).items, given.flag(0, false) ? key : item => ignoreCase(key(item)), given.flag(2, false)));
  }),
  ds: ofMoment('ds', ({ date }) => strftime(date, '%Y-%m-%d')),
  ds_nodash: ofMoment('ds_nodash', ({ date }) => strftime(date, '%Y%m%d')),
  e: escape,
  escape,
  first: filter('first', [], value => {
    const [first] = iterate(value);
    return first === undefined ? new Undefined('undefined value: the filter first of nothing') : first;
  }),
  float: filter('float', ['default?'], (value, given) => float(value) ?? (given.has(0) ? given.value(0) : 0)),
  forceescape: filter('forceescape', [], value => new Markup(escapeHtml(str(value)))),
  format: (value, args, named) => {
    if (args.length > 0 && named.size > 0) { fail('the filter format takes values by place or by name'); }
    const dict = new Dict();
    named.forEach((item, key) => dict.set(key, item));
    return percentFormat(text(value, 'format'), named.size > 0 ? dict : new Tuple(args));
  },
  indent: filter('indent', ['width?', 'first?', 'blank?'], (value, given) => {
    if (typeof defined(value) !== 'string') { fail('the filter indent takes a text; put |string before it'); }
    const pad = typeof given.value(0) === 'string' ? given.text(0) : ' '.repeat(given.size(0, 4));
    const lines = splitLines(`${value as string}\n`);
    const blank = given.flag(2, false);
    const rest = lines.slice(1).map(line => (blank || line !== '' ? pad + line : line));
    return (given.flag(1, false) ? pad : '') + [lines[0], ...rest].join('\n');
  }),
  int: filter('int', ['default?', 'base?'], int),
  items: filter('items', [], value => (value instanceof Undefined ? generator([]) : value instanceof Dict ? generator(new View('items', value).items) : fail('the filter items takes a dict'))),
  join: filter('join', ['d?', 'attribute?'], (value, given) => {
    const items = given.has(1) && given.value(1) !== null ? iterate(value).map(attributeOf(given.value(1))) : iterate(value);
    return items.map(str).join(given.has(0) ? str(given.value(0)) : '');
  }),
  last: filter('last', [], value => {
    if (value instanceof Iterator) { fail('what is made item by item is not read from its end; put |list before it'); }
    const last = iterate(value).at(-1);
    return last === undefined ? new Undefined('undefined value: the filter last of nothing') : last;
  }),
  length: size,
  list: filter('list', [], value => new List(iterate(value))),
  lower: ofText('lower', lower),
  map: mapped,
  max: extreme('max', 1),
  min: extreme('min', -1),
  reject: selected(false, false),
  rejectattr: selected(false, true),
  replace: filter('replace', ['old', 'new', 'count?'], (value, given) => {
    const out = replaceAll(text(value, 'replace'), text(given.value(0), 'replace'), text(given.value(1), 'replace'), given.value(2) === null ? -1 : given.integer(2, -1));
    return out.length <= MAX_LENGTH ? out : fail(`a text of more than ${MAX_LENGTH} characters is not made here`);
  }),
  reverse: filter('reverse', [], value => {
    if (typeof value === 'string') { return [...value].reverse().join(''); }
    return new Iterator(iterate(value).reverse(), 'reverse iterator');
  }),
  round: filter('round', ['precision?', 'method?'], round),
  safe: filter('safe', [], value => new Markup(str(value))),
  select: selected(true, false),
  selectattr: selected(true, true),
  slice: filter('slice', ['slices', 'fill_with?'], (value, given) => {
    const items = iterate(value);
    const count = given.size(0);
    if (count < 1) { fail('the filter slice takes a count from 1'); }
    const [each, extra] = [Math.floor(items.length / count), items.length % count];
    return generator(Array.from({ length: count }, (_, i) => {
      const from = i * each + Math.min(i, extra);
      const part = items.slice(from, from + each + (i < extra ? 1 : 0));
      return new List(given.has(1) && given.value(1) !== null && i >= extra ? [...part, given.value(1)] : part);
    }));
  }),
  sort: filter('sort', ['reverse?', 'case_sensitive?', 'attribute?'], (value, given) => {
    if (typeof given.value(2) === 'string' && given.text(2).includes(',')) { fail('the filter sort takes one attribute here'); }
    return new List(sorted(iterate(value), keyOf(given, 1, 2), given.flag(0, false)));
  }),
  string: filter('string', [], value => (value instanceof Markup ? value : str(value))),
  sum: filter('sum', ['attribute?', 'start?'], (value, given) => {
    const items = given.has(0) && given.value(0) !== null ? iterate(value).map(attributeOf(given.value(0))) : iterate(value);
    return add(items, given.has(1) ? given.value(1) : 0n);
  }),
  title: ofText('title', value => value.split(new RegExp(`((?:[-({\\[<]|${SPACE})+)`)).map(part => {
    const [first = '', ...rest] = part;
    return upper(first) + lower(rest.join(''));
  }).join('')),
  tojson: filter('tojson', ['indent?'], (value, given) => new Markup(jinjaJson(toJson(value), given.has(0) && given.value(0) !== null ? given.size(0) : undefined))),
  trim: filter('trim', ['chars?'], (value, given) => strip(text(value, 'trim'), given.optionalText(0), 'both')),
  truncate: filter('truncate', ['length?', 'killwords?', 'end?', 'leeway?'], (value, given) => {
    if (typeof defined(value) !== 'string') { fail('the filter truncate takes a text; put |string before it'); }
    const [most, end, leeway] = [given.size(0, 255), given.has(2) ? given.text(2) : '...', given.value(3) === null ? 5 : given.size(3, 5)];
    const room = most - [...end].length;
    if (room < 0 || leeway < 0) { fail('the filter truncate needs room for what it ends with, and no leeway below 0'); }
    if ([...value as string].length <= most + leeway) { return value; }
    const cut = slice(value, [undefined, BigInt(room), undefined]) as string;
    const space = cut.lastIndexOf(' ');
    return (given.flag(1, false) || space < 0 ? cut : cut.slice(0, space)) + end;
  }),
  ts: ofMoment('ts', ({ date }) => isoFormat(date)),
  ts_nodash: ofMoment('ts_nodash', ({ date }) => strftime(date, '%Y%m%dT%H%M%S')),
  ts_nodash_with_tz: ofMoment('ts_nodash_with_tz', ({ date }) => isoFormat(date).replace(/[-:]/g, '')),
  unique: filter('unique', ['case_sensitive?', 'attribute?'], (value, given) => {
    const key = keyOf(given, 0, 1);
    const seen = new Set<string>();
    return generator(iterate(value).filter(item => {
      const hashed = hashKey(key(item));
      return !seen.has(hashed) && seen.add(hashed);
    }));
  }),
  upper: ofText('upper', upper),
  urlencode: filter('urlencode', [], value => {
    if (value instanceof Dict) { return [...value.entries.values()].map(pair => pair.map(part => quoted(part, true)).join('=')).join('&'); }
    return typeof value !== 'string' && isIterable(value) ? fail('the filter urlencode takes a text or a dict here') : quoted(value, false);
  }),
  wordcount: ofText('wordcount', value => BigInt(value.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
};

export function applyFilter(name: string, value: Value, args: Value[], named: Map<string, Value>): Value {
  checkFilterName(name);
  return FILTERS[name](value, args, named);
}

/** @throws TemplateError */
export function checkFilterName(name: string): void {
  if (Object.hasOwn(FILTERS, name)) { return; }
  fail(FILTER_NAMES.includes(name) ? `the filter ${name} would answer otherwise than in Airflow` : `there is no filter '${name}'${didYouMean(name, FILTER_NAMES)}`);
}
