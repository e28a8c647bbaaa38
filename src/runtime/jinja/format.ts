import { strftime } from '../dates';
import { fixed, scientific } from './rounding';
import { defined, Dict, fail, KeywordArguments, Moment, numeric, repr, Tuple, typeName, Value } from './values';
import { str } from './write';

const MAX_WIDTH = 10_000;

interface Spec {
  readonly fill: string;
  readonly align?: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision?: number;
  readonly type: string;
}

const width = (text: string) => [...text].length;

function pad(text: string, size: number, fill: string, align: string): string {
  const missing = Math.max(0, size - width(text));
  const left = align === '>' ? missing : align === '^' ? Math.floor(missing / 2) : 0;
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function limited(digits: string): number {
  const number = Number(digits || 0);
  return number <= MAX_WIDTH ? number : fail(`a width of ${digits} is not written here`);
}

/** Digits of a float that is not negative, in the manner of a conversion of C. */
function floatText(value: number, type: string, precision = 6, alternate = false): string {
  if (!Number.isFinite(value)) { return Number.isNaN(value) ? 'nan' : 'inf'; }
  const exponential = (digits: string, exponent: number) =>
    `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  switch (type) {
    case 'f': return fixed(value, precision);
    case '%': return `${fixed(value * 100, precision)}%`;
    case 'e': return exponential(...scientific(value, precision));
  }
  if (alternate) { fail("the flag '#' is not understood with 'g'"); }
  const significant = precision || 1;
  const [digits, exponent] = scientific(value, significant - 1);
  const trimmed = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent < -4 || exponent >= significant) { return exponential(digits.replace(/0+$/, '') || '0', exponent); }
  return trimmed(fixed(value, significant - 1 - exponent));
}

/** `template % values`. */
export function percentFormat(template: string, values: Value): string {
  let next = 0;
  const list = values instanceof Tuple ? values.items : [values];
  const take = (): Value => {
    if (next >= list.length) { fail('there are too few values for the format'); }
    return list[next++];
  };
  let mapped = false;
  const out = template.replace(/%(?:\(([^)]*)\))?([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([^]|$)/g, (all, key: string | undefined, flags: string, size: string | undefined, digits: string | undefined, type: string) => {
    if (type === '%') { return all === '%%' ? '%' : fail(`the format '${all}' is not understood`); }
    if (size === '*' || digits === '*') { fail("'*' in a format is not understood here; write the number"); }
    let value: Value;
    if (key === undefined) { value = take(); } else {
      if (!(values instanceof Dict)) { fail('a format with names takes a dict'); }
      mapped = true;
      const found = values.get(key);
      value = found === undefined ? fail(`the dict has no '${key}'`) : found;
    }
    return converted(defined(value), type, flags, limited(size ?? ''), digits === undefined ? undefined : limited(digits));
  });
  if (next < list.length && !mapped && !(values instanceof Dict)) { fail('not all values are used by the format'); }
  return out;
}

function converted(value: Value, type: string, flags: string, size: number, precision?: number): string {
  const has = (flag: string) => flags.includes(flag);
  const align = has('-') ? '<' : '>';
  const text = (whole: string) => pad(precision === undefined ? whole : [...whole].slice(0, precision).join(''), size, ' ', align);
  if (type === 's') { return text(str(value)); }
  if (type === 'r' || type === 'a') { return type === 'r' || /^[\x20-\x7e]*$/.test(repr(value)) ? text(repr(value)) : fail("'%a' of a text that is not ASCII is not understood"); }
  if (type === 'c') { fail("'%c' is not understood here"); }
  const number = numeric(value);
  if (number === undefined) { return fail(`'%${type}' takes a number, got ${typeName(value)}`); }
  const negative = number < 0 || Object.is(number, -0);
  let digits: string;
  let prefix = negative ? '-' : has('+') ? '+' : has(' ') ? ' ' : '';
  if (/[diu]/.test(type)) {
    const whole = typeof number === 'number' ? toInt(number) : number;
    prefix = whole < 0n ? '-' : has('+') ? '+' : has(' ') ? ' ' : '';
    digits = String(whole < 0n ? -whole : whole).padStart(precision ?? 0, '0');
  } else if (/[xXo]/.test(type)) {
    if (typeof number !== 'bigint') { fail(`'%${type}' takes a whole number`); }
    const magnitude = number < 0n ? -number : number;
    digits = magnitude.toString(type === 'o' ? 8 : 16).padStart(precision ?? 0, '0');
    prefix += has('#') ? `0${type.toLowerCase()}` : '';
    if (type === 'X') { digits = digits.toUpperCase(); prefix = prefix.toUpperCase(); }
  } else if (/[eEfFgG]/.test(type)) {
    if (has('#')) { fail("the flag '#' is not understood with a float"); }
    if (typeof number === 'bigint' && !Number.isSafeInteger(Number(number))) { fail('a whole number so large is not written as a float here'); }
    digits = floatText(Math.abs(Number(number)), type.toLowerCase(), precision);
    if (type !== type.toLowerCase()) { digits = digits.toUpperCase(); }
  } else {
    return fail(`the format '%${type}' is not understood`);
  }
  const zeros = has('0') && !has('-') && /^[\d]/.test(digits) ? Math.max(0, size - prefix.length - digits.length) : 0;
  return pad(prefix + '0'.repeat(zeros) + digits, size, ' ', align);
}

/** Towards zero, as Python's `int()`. */
export function toInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : fail(`${value} is no whole number`);
}

/** `template.format(...)`. */
export function braceFormat(template: string, args: Value[], named: KeywordArguments): string {
  let next = 0;
  let numbered = false;
  return template.replace(/\{\{|\}\}|\{([^{}!:]*)(?:!([^{}:]*))?(?::([^{}]*))?\}|[{}]/g, (all, name: string | undefined, conversion: string | undefined, spec = '') => {
    if (all === '{{' || all === '}}') { return all[0]; }
    if (name === undefined) { fail(`the format '${template}' is not understood here: a single or nested '${all}'`); }
    if (/[.[]/.test(name)) { fail(`'{${name}}' is not understood here; give the part as a value of its own`); }
    let value: Value | undefined;
    if (name === '' || /^\d+$/.test(name)) {
      if (name === '' ? numbered : next > 0) { fail('a format has numbers in all of its braces or in none'); }
      numbered ||= name !== '';
      value = args[name === '' ? next++ : Number(name)];
    } else {
      value = named.get(name);
    }
    if (value === undefined) { fail(`the format has no value for '${all}'`); }
    if (conversion !== undefined && conversion !== 's' && conversion !== 'r') { fail(`'!${conversion}' is not understood in a format`); }
    return formatted(conversion === 'r' ? repr(value) : conversion === 's' ? str(value) : defined(value), spec);
  });
}

/** `format(value, spec)`. */
function formatted(value: Value, spec: string): string {
  if (value instanceof Moment) { return spec === '' ? str(value) : value.pendulum ? fail('a moment in a format takes no spec here; use strftime') : strftime(value.date, spec); }
  if (spec === '') { return str(value); }
  const match = /^(?:([^])?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/u.exec(spec);
  if (!match) { fail(`the format '${spec}' is not understood here`); }
  const [, fill, align, sign, alternate, zero, size, grouping, precision, type] = match;
  const parsed: Spec = {
    fill: fill ?? (zero ? '0' : ' '),
    align: align ?? (zero ? '=' : undefined),
    sign,
    alternate: alternate !== '',
    zero: zero !== '',
    width: limited(size),
    grouping,
    precision: precision === undefined ? undefined : limited(precision),
    type,
  };
  if (typeof value === 'string') { return formattedText(value, parsed); }
  if (typeof value === 'boolean' && type === '') { fail('True and False take no such format here'); }
  const number = numeric(value);
  return number === undefined ? fail(`a value of type ${typeName(value)} takes no format`) : formattedNumber(number, parsed);
}

function formattedText(value: string, spec: Spec): string {
  if (spec.sign || spec.alternate || spec.grouping || spec.align === '=' || !/^s?$/.test(spec.type)) { fail('a text takes no such format'); }
  const text = spec.precision === undefined ? value : [...value].slice(0, spec.precision).join('');
  return pad(text, spec.width, spec.fill, spec.align ?? '<');
}

function formattedNumber(number: bigint | number, spec: Spec): string {
  const negative = number < 0 || Object.is(number, -0);
  const { type, precision, grouping } = spec;
  if (spec.alternate) { fail("'#' in a format is not understood here"); }
  let digits: string;
  if (typeof number === 'bigint' && /^[dn]?$/.test(type)) {
    if (precision !== undefined || type === 'n') { fail('a whole number takes no such format'); }
    digits = String(negative ? -number : number);
  } else if (typeof number === 'bigint' && /^[xXob]$/.test(type)) {
    if (precision !== undefined || grouping) { fail('a whole number takes no such format here'); }
    digits = (negative ? -number : number).toString({ x: 16, X: 16, o: 8, b: 2 }[type]);
    if (type === 'X') { digits = digits.toUpperCase(); }
  } else if (/^[eEfFgG%]$/.test(type)) {
    if (typeof number === 'bigint' && !Number.isSafeInteger(Number(number))) { fail('a whole number so large is not written as a float here'); }
    digits = floatText(Math.abs(Number(number)), type.toLowerCase(), precision);
    if (/[EFG]/.test(type)) { digits = digits.toUpperCase(); }
  } else {
    return fail(`the format '${type}' of a ${typeof number === 'bigint' ? 'whole number' : 'float'} is not understood here`);
  }
  if (grouping) {
    if (spec.zero || spec.align === '=') { fail('zeros before groups of digits are not understood here'); }
    const [whole, rest] = /^(\d+)([^]*)$/.exec(digits)?.slice(1) ?? ['', digits];
    digits = whole.replace(/\B(?=(?:\d{3})+$)/g, grouping) + rest;
  }
  const prefix = negative ? '-' : spec.sign.replace('-', '');
  if (spec.align === '=') { return prefix + pad(digits, spec.width - prefix.length, spec.fill, '>'); }
  return pad(prefix + digits, spec.width, spec.fill, spec.align ?? '>');
}
