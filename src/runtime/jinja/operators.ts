import { DAY_MS, plusMicros } from '../dates';
import { percentFormat } from './format';
import {
  Delta, defined, Dict, equals, fail, hashKey, iterate, List, Markup, Moment, numeric, Sequence, Tuple, typeName, Value, View,
} from './values';

/** What a text, list or number may grow to. */
const MAX_LENGTH = 1_000_000;
const MAX_BITS = 4096;

/** A whole number as a float, which is exact up to 2 ** 53. */
export function toFloat(value: bigint | number): number {
  return typeof value === 'number' ? value : Number(value);
}

function unsupported(operator: string, a: Value, b: Value): never {
  return fail(`the operator ${operator} does not take values of type ${typeName(defined(a))} and ${typeName(defined(b))}`);
}

function sized<T extends string | Value[]>(value: T): T {
  return value.length <= MAX_LENGTH ? value : fail(`a value of more than ${MAX_LENGTH} parts is not made here`);
}

function whole(value: bigint): bigint {
  return value < 2n ** BigInt(MAX_BITS) && value > -(2n ** BigInt(MAX_BITS)) ? value : fail('a number so large is not made here');
}

/** An operator of Python between two values. */
export function binary(operator: string, a: Value, b: Value): Value {
  defined(a);
  defined(b);
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) { return arithmetic(operator, x, y); }
  if (operator === '%' && typeof a === 'string') { return sized(percentFormat(a, b)); }
  if (a instanceof Moment || b instanceof Moment || a instanceof Delta) { return moved(operator, a, b); }
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') { return sized(a + b); }
    if (a instanceof List && b instanceof List) { return new List(sized([...a.items, ...b.items])); }
    if (a instanceof Tuple && b instanceof Tuple) { return new Tuple(sized([...a.items, ...b.items])); }
  }
  if (operator === '*') {
    const [sequence, times] = typeof b === 'bigint' || typeof b === 'boolean' ? [a, BigInt(b)] : typeof a === 'bigint' || typeof a === 'boolean' ? [b, BigInt(a)] : unsupported(operator, a, b);
    const count = Number(times < 0n ? 0n : times);
    const repeat = (items: Value[]) => (items.length * count <= MAX_LENGTH ? Array.from({ length: count }, () => items).flat() : fail(`a value of more than ${MAX_LENGTH} parts is not made here`));
    if (typeof sequence === 'string') { return sequence.length * count <= MAX_LENGTH ? sequence.repeat(count) : fail(`a text of more than ${MAX_LENGTH} characters is not made here`); }
    if (sequence instanceof List) { return new List(repeat(sequence.items)); }
    if (sequence instanceof Tuple) { return new Tuple(repeat(sequence.items)); }
  }
  return unsupported(operator, a, b);
}

function arithmetic(operator: string, a: bigint | number, b: bigint | number): Value {
  const integers = typeof a === 'bigint' && typeof b === 'bigint';
  if (b === 0n || b === 0) {
    if (/[/%]/.test(operator)) { fail('division by zero'); }
    if (operator === '**' && a === 0) { return 1; }
  }
  switch (operator) {
    case '+': return integers ? whole(a + b) : toFloat(a) + toFloat(b);
    case '-': return integers ? whole(a - b) : toFloat(a) - toFloat(b);
    case '*': return integers ? whole(a * b) : toFloat(a) * toFloat(b);
    case '/':
      if (integers && [a, b].some(value => !Number.isSafeInteger(Number(value)))) { fail('numbers so large are not divided here'); }
      return toFloat(a) / toFloat(b);
    case '//': return integers ? floorDiv(a, b) : floatDivMod(toFloat(a), toFloat(b))[0];
    case '%': return integers ? a - floorDiv(a, b) * b : floatDivMod(toFloat(a), toFloat(b))[1];
    default: return power(a, b);
  }
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && (a < 0n) !== (b < 0n) ? quotient - 1n : quotient;
}

/** As CPython's `float_divmod`. */
function floatDivMod(a: number, b: number): [number, number] {
  let mod = a % b;
  let div = (a - mod) / b;
  if (mod !== 0) {
    if ((b < 0) !== (mod < 0)) { mod += b; div -= 1; }
  } else {
    mod = b < 0 ? -0 : 0;
  }
  if (div === 0) { return [Object.is(a / b, -0) || a / b < 0 ? -0 : 0, mod]; }
  const floor = Math.floor(div);
  return [div - floor > 0.5 ? floor + 1 : floor, mod];
}

function power(a: bigint | number, b: bigint | number): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint' && b >= 0n) {
    const bits = BigInt(a.toString(2).length) * b;
    return bits <= BigInt(MAX_BITS) ? a ** b : fail('a number so large is not made here');
  }
  const result = toFloat(a) ** toFloat(b);
  // Other results may differ in their last digit from those of Python's own library.
  if (Number.isSafeInteger(result) && Number.isInteger(toFloat(a)) && Number.isInteger(toFloat(b))) { return result; }
  return fail('a power that is no whole number is not computed here');
}

function moved(operator: string, a: Value, b: Value): Value {
  if ([a, b].some(value => value instanceof Moment && value.dayOnly)) { fail('a day is not added to here; add to the moment'); }
  if (a instanceof Moment && b instanceof Delta && (operator === '+' || operator === '-')) {
    return new Moment(plusMicros(a.date, operator === '+' ? b.micros : -b.micros), a.pendulum);
  }
  if (a instanceof Delta && b instanceof Moment && operator === '+') { return moved('+', b, a); }
  if (a instanceof Moment && b instanceof Moment && operator === '-') {
    if (!a.date.naive !== !b.date.naive) { fail('a moment with a time zone and one without cannot be subtracted'); }
    const days = a.pendulum || b.pendulum ? Math.floor(a.date.ms / DAY_MS) - Math.floor(b.date.ms / DAY_MS) : undefined;
    return new Delta((a.date.ms - b.date.ms) * 1000 + a.date.us - b.date.us, days);
  }
  if (a instanceof Delta && b instanceof Delta && a.between === undefined && b.between === undefined) {
    if (operator === '+') { return new Delta(a.micros + b.micros); }
    if (operator === '-') { return new Delta(a.micros - b.micros); }
  }
  if (a instanceof Delta && typeof b === 'bigint' && operator === '*' && a.between === undefined) { return new Delta(a.micros * Number(b)); }
  return unsupported(operator, a, b);
}

/** A comparison of Python. */
export function compare(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case '==': return equals(a, b);
    case '!=': return !equals(a, b);
    case 'in': return contains(b, a);
    case 'not in': return !contains(b, a);
    case '<': return order(a, b, operator) < 0;
    case '<=': return order(a, b, operator) <= 0;
    case '>': return order(a, b, operator) > 0;
    default: return order(a, b, operator) >= 0;
  }
}

/** Below 0 where `a` comes first. @throws TemplateError where Python has no order */
export function order(a: Value, b: Value, operator = '<'): number {
  defined(a);
  defined(b);
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) {
    if (Number.isNaN(x) || Number.isNaN(y)) { fail('nan has no order'); }
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (typeof a === 'string' && typeof b === 'string') { return codePointOrder(a, b); }
  if ((a instanceof List && b instanceof List) || (a instanceof Tuple && b instanceof Tuple)) {
    const at = a.items.findIndex((item, i) => i >= b.items.length || !equals(item, b.items[i]));
    if (at < 0) { return a.items.length - b.items.length; }
    return at >= b.items.length ? 1 : order(a.items[at], b.items[at], operator);
  }
  if (a instanceof Moment && b instanceof Moment) {
    if (a.dayOnly !== b.dayOnly) { unsupported(operator, a, b); }
    if (!a.date.naive !== !b.date.naive) { fail('a moment with a time zone and one without cannot be compared'); }
    return a.date.ms - b.date.ms || a.date.us - b.date.us;
  }
  if (a instanceof Delta && b instanceof Delta) { return a.micros - b.micros; }
  return unsupported(operator, a, b);
}

function codePointOrder(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) { return x[i].codePointAt(0)! - y[i].codePointAt(0)!; }
  }
  return x.length - y.length;
}

function contains(container: Value, item: Value): boolean {
  defined(container);
  if (typeof container === 'string') { return typeof defined(item) === 'string' ? container.includes(item as string) : unsupported('in', item, container); }
  if (container instanceof Markup) { unsupported('in', item, container); }
  if (container instanceof Dict || (container instanceof View && container.kind === 'keys')) {
    const hashed = hashKey(item);
    return iterate(container).some(key => hashKey(key) === hashed);
  }
  return iterate(container).some(other => equals(other, item));
}

/** A position in a sequence, from its end where it is below 0; undefined outside. */
export function indexed<T>(items: T[], index: bigint): T | undefined {
  return items[Number(index < 0n ? BigInt(items.length) + index : index)];
}

/** `value[from:to:step]`. */
export function slice(value: Value, [from, to, step]: (Value | undefined)[]): Value {
  const number = (part: Value | undefined): bigint | undefined => {
    if (part === undefined || part === null) { return undefined; }
    const found = numeric(defined(part));
    return typeof found === 'bigint' ? found : fail(`the parts of a slice are whole numbers, got ${typeName(part)}`);
  };
  const cut = <T>(items: T[]): T[] => {
    const size = BigInt(items.length);
    const by = number(step) ?? 1n;
    if (by === 0n) { fail('the step of a slice cannot be 0'); }
    const [least, most] = by > 0n ? [0n, size] : [-1n, size - 1n];
    const clamp = (part: bigint | undefined, otherwise: bigint) => {
      if (part === undefined) { return otherwise; }
      const at = part < 0n ? part + size : part;
      return at < least ? least : at > most ? most : at;
    };
    const [start, stop] = by > 0n ? [clamp(number(from), 0n), clamp(number(to), size)] : [clamp(number(from), size - 1n), clamp(number(to), -1n)];
    const out: T[] = [];
    for (let i = start; by > 0n ? i < stop : i > stop; i += by) { out.push(items[Number(i)]); }
    return out;
  };
  defined(value);
  if (typeof value === 'string') { return cut([...value]).join(''); }
  if (value instanceof List) { return new List(cut(value.items)); }
  if (value instanceof Tuple) { return new Tuple(cut(value.items)); }
  if (value instanceof Sequence) { fail(`${value.what} is not cut here; put |list before it`); }
  return fail(`a value of type ${typeName(value)} cannot be cut`);
}
