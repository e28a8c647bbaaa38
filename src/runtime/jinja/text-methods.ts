import { bind, Binder } from './arguments';
import { braceFormat } from './format';
import { equals, fail, iterate, List, Tuple, typeName, Value } from './values';

/** What Python takes for a space. */
export const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LINE_END = /\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/g;
/** Letters whose capital is written otherwise at the beginning of a word, or whose rules differ between versions of Unicode. */
const BEYOND = /[^\0-\u01c3\u01cd-\u01f0\u0250-\u058f\u0600-\u06ff\u0900-\u0dff\u3040-\u9fff\uac00-\ud7a3\u{1f300}-\u{1faff}\u2000-\u206f\u20a0-\u20bf]|[\u0149\u01f0\u0345\u0390\u03b0\u0587]/u;

type Method = (text: string, args: Value[], named: Map<string, Value>) => Value;

/** A text whose letters are changed as Python changes them. */
export function cased(text: string, change: (text: string) => string): string {
  if (BEYOND.test(text)) { fail('capital letters beyond the usual scripts are not made here'); }
  return change(text);
}

export const upper = (text: string): string => cased(text, all => all.toUpperCase());
export const lower = (text: string): string => cased(text, all => all.toLowerCase());

/** The first character as a capital, as it begins a word. */
function titled(char: string): string {
  return cased(char, all => (all === 'ß' ? 'Ss' : all.toUpperCase()));
}

export function capitalize(text: string): string {
  const [first = '', ...rest] = text;
  // A sigma is written otherwise at the end of a word, which the whole decides.
  return titled(first) + (rest.includes('Σ') ? fail('a capital sigma is not made small here') : lower(rest.join('')));
}

function title(text: string): string {
  if (text.includes('Σ')) { fail('a capital sigma is not made small here'); }
  let within = false;
  return [...text].map(char => {
    const out = within ? lower(char) : titled(char);
    within = char.toLowerCase() !== char.toUpperCase();
    return out;
  }).join('');
}

export function strip(text: string, chars: string | undefined, sides: 'both' | 'left' | 'right'): string {
  const out = [...text];
  const space = new RegExp(`^${SPACE}$`);
  const drop = (char: string) => (chars === undefined ? space.test(char) : [...chars].includes(char));
  if (sides !== 'right') { while (out.length > 0 && drop(out[0])) { out.shift(); } }
  if (sides !== 'left') { while (out.length > 0 && drop(out[out.length - 1])) { out.pop(); } }
  return out.join('');
}

export function splitLines(text: string, keepEnds = false): string[] {
  const out: string[] = [];
  let at = 0;
  for (const match of text.matchAll(LINE_END)) {
    out.push(text.slice(at, match.index + (keepEnds ? match[0].length : 0)));
    at = match.index + match[0].length;
  }
  if (at < text.length) { out.push(text.slice(at)); }
  return out;
}

export function center(text: string, width: number, fill = ' '): string {
  const missing = width - [...text].length;
  if (missing <= 0) { return text; }
  const left = Math.floor(missing / 2) + (missing % 2) * (width % 2);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

function split(text: string, separator: string | undefined, limit: number, fromRight: boolean): string[] {
  const most = limit < 0 ? Infinity : limit;
  if (separator === '') { fail('a text is not split at an empty one'); }
  const out: string[] = [];
  let rest = separator === undefined ? strip(text, undefined, fromRight ? 'right' : 'left') : text;
  if (separator === undefined && rest === '') { return []; }
  const pattern = new RegExp(fromRight ? `^([^]*?)${SPACE}+((?:(?!${SPACE})[^])*)$` : `^((?:(?!${SPACE})[^])*)${SPACE}+([^]*)$`);
  while (out.length < most) {
    let parts: [string, string] | undefined;
    if (separator === undefined) {
      const found = pattern.exec(rest);
      parts = found ? [found[1], found[2]] : undefined;
    } else {
      const at = fromRight ? rest.lastIndexOf(separator) : rest.indexOf(separator);
      parts = at < 0 ? undefined : [rest.slice(0, at), rest.slice(at + separator.length)];
    }
    if (!parts) { break; }
    out.push(fromRight ? parts[1] : parts[0]);
    rest = fromRight ? parts[0] : parts[1];
    if (separator === undefined && rest === '') { return fromRight ? out.reverse() : out; }
  }
  if (separator === undefined) { rest = strip(rest, undefined, fromRight ? 'right' : out.length < most ? 'right' : 'left'); }
  if (rest !== '' || separator !== undefined) { out.push(rest); }
  return fromRight ? out.reverse() : out;
}

const texts = (value: Value): string => (typeof value === 'string' ? value : fail(`a text is taken here, got a value of type ${typeName(value)}`));
const list = (items: string[]): List => new List(items);

/** The part of a text between positions, and where it begins. */
function range(text: string, given: Binder): [string[], number, boolean] {
  const chars = [...text];
  const clamp = (value: number) => Math.min(chars.length, Math.max(0, value < 0 ? value + chars.length : value));
  const wanted = given.integer(1, 0);
  const start = clamp(wanted);
  const end = clamp(given.integer(2, chars.length));
  return [chars.slice(start, Math.max(start, end)), start, wanted > chars.length || end < start];
}

function find(text: string, given: Binder, last: boolean): number {
  const needle = given.text(0);
  const [chars, start, beyond] = range(text, given);
  if (beyond) { return -1; }
  const part = chars.join('');
  const at = last ? part.lastIndexOf(needle) : part.indexOf(needle);
  return at < 0 ? -1 : start + [...part.slice(0, at)].length;
}

function ends(text: string, given: Binder, at: 'startsWith' | 'endsWith'): boolean {
  const [chars, , beyond] = range(text, given);
  const options = given.value(0) instanceof Tuple ? iterate(given.value(0)) : [given.value(0)];
  return options.map(texts).some(option => !beyond && chars.join('')[at](option));
}

const every = (pattern: RegExp): Method => (text, args, named) => {
  bind(args, named, 'a method', []);
  return text !== '' && [...text].every(char => pattern.test(char));
};
const side = (name: string, sides: 'both' | 'left' | 'right'): Method => (text, args, named) => strip(text, bind(args, named, name, ['chars?'], 1).optionalText(0), sides);
const padded = (name: string, put: (text: string, width: number, fill: string) => string): Method => (text, args, named) => {
  const given = bind(args, named, name, ['width', 'fillchar?'], 2);
  const fill = given.optionalText(1) ?? ' ';
  return [...fill].length === 1 ? put(text, given.size(0), fill) : fail(`the second argument of ${name} is one character`);
};
const simple = (name: string, change: (text: string) => Value): Method => (text, args, named) => {
  bind(args, named, name, []);
  return change(text);
};
const splitting = (name: string, fromRight: boolean): Method => (text, args, named) => {
  const given = bind(args, named, name, ['sep?', 'maxsplit?']);
  return list(split(text, given.optionalText(0), given.integer(1, -1), fromRight));
};

/** Methods of Python's str. */
export const TEXT_METHODS: { readonly [name: string]: Method } = {
  capitalize: simple('capitalize', capitalize),
  casefold: simple('casefold', text => (/^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : fail('casefold takes ASCII here'))),
  center: padded('center', center),
  count: (text, args, named) => {
    const given = bind(args, named, 'count', ['sub', 'start?', 'end?'], 3);
    const [chars, , beyond] = range(text, given);
    const needle = given.text(0);
    if (beyond) { return 0n; }
    return BigInt(needle === '' ? chars.length + 1 : chars.join('').split(needle).length - 1);
  },
  endswith: (text, args, named) => ends(text, bind(args, named, 'endswith', ['suffix', 'start?', 'end?'], 3), 'endsWith'),
  find: (text, args, named) => BigInt(find(text, bind(args, named, 'find', ['sub', 'start?', 'end?'], 3), false)),
  format: (text, args, named) => braceFormat(text, args, named),
  index: (text, args, named) => {
    const at = find(text, bind(args, named, 'index', ['sub', 'start?', 'end?'], 3), false);
    return at < 0 ? fail('substring not found') : BigInt(at);
  },
  isalnum: every(/[\p{L}\p{N}]/u),
  isalpha: every(/\p{L}/u),
  isascii: simple('isascii', text => /^[\0-\x7f]*$/.test(text)),
  isdecimal: every(/\p{Nd}/u),
  isdigit: (text, args, named) => (/[^\0-\x7f]/.test(text) ? fail('isdigit takes ASCII here') : every(/\d/)(text, args, named)),
  isnumeric: (text, args, named) => (/[^\0-\x7f]/.test(text) ? fail('isnumeric takes ASCII here') : every(/\d/)(text, args, named)),
  islower: simple('islower', text => cased(text, all => all) === text && /\p{Ll}/u.test(text) && !/[\p{Lu}\p{Lt}]/u.test(text)),
  isupper: simple('isupper', text => cased(text, all => all) === text && /\p{Lu}/u.test(text) && !/[\p{Ll}\p{Lt}]/u.test(text)),
  isspace: every(new RegExp(SPACE)),
  join: (text, args, named) => iterate(bind(args, named, 'join', ['iterable'], 1).value(0)).map(texts).join(text),
  ljust: padded('ljust', (text, width, fill) => text + fill.repeat(Math.max(0, width - [...text].length))),
  lower: simple('lower', lower),
  lstrip: side('lstrip', 'left'),
  partition: (text, args, named) => {
    const separator = bind(args, named, 'partition', ['sep'], 1).text(0) || fail('a text is not split at an empty one');
    const at = text.indexOf(separator);
    return new Tuple(at < 0 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  removeprefix: (text, args, named) => {
    const prefix = bind(args, named, 'removeprefix', ['prefix'], 1).text(0);
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, args, named) => {
    const suffix = bind(args, named, 'removesuffix', ['suffix'], 1).text(0);
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  replace: (text, args, named) => {
    const given = bind(args, named, 'replace', ['old', 'new', 'count?'], 3);
    return replaceAll(text, given.text(0), given.text(1), given.integer(2, -1));
  },
  rfind: (text, args, named) => BigInt(find(text, bind(args, named, 'rfind', ['sub', 'start?', 'end?'], 3), true)),
  rindex: (text, args, named) => {
    const at = find(text, bind(args, named, 'rindex', ['sub', 'start?', 'end?'], 3), true);
    return at < 0 ? fail('substring not found') : BigInt(at);
  },
  rjust: padded('rjust', (text, width, fill) => fill.repeat(Math.max(0, width - [...text].length)) + text),
  rpartition: (text, args, named) => {
    const separator = bind(args, named, 'rpartition', ['sep'], 1).text(0) || fail('a text is not split at an empty one');
    const at = text.lastIndexOf(separator);
    return new Tuple(at < 0 ? ['', '', text] : [text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  rsplit: splitting('rsplit', true),
  rstrip: side('rstrip', 'right'),
  split: splitting('split', false),
  splitlines: (text, args, named) => {
    const keep = bind(args, named, 'splitlines', ['keepends?']).value(0);
    return list(splitLines(text, keep !== undefined && !equals(keep, false)));
  },
  startswith: (text, args, named) => ends(text, bind(args, named, 'startswith', ['prefix', 'start?', 'end?'], 3), 'startsWith'),
  strip: side('strip', 'both'),
  swapcase: simple('swapcase', text => (/^[\0-\x7f]*$/.test(text) ? text.replace(/[a-z]|[A-Z]/g, char => (char > 'Z' ? char.toUpperCase() : char.toLowerCase())) : fail('swapcase takes ASCII here'))),
  title: simple('title', title),
  upper: simple('upper', upper),
  zfill: (text, args, named) => {
    const width = bind(args, named, 'zfill', ['width'], 1).size(0);
    const sign = /^[+-]/.test(text) ? text[0] : '';
    return sign + '0'.repeat(Math.max(0, width - [...text].length)) + text.slice(sign.length);
  },
};

/** Further names that a text has in Python. */
export const OTHER_TEXT_METHODS = ['encode', 'expandtabs', 'format_map', 'isidentifier', 'isprintable', 'istitle', 'maketrans', 'translate'];

/** `text.replace(old, new, count)` of Python, which counts code points. */
export function replaceAll(text: string, old: string, by: string, count: number): string {
  const pieces = old === '' ? ['', ...text, ''] : text.split(old);
  if (count < 0 || count >= pieces.length - 1) { return pieces.join(by); }
  return pieces.slice(0, count + 1).join(by) + (count + 1 < pieces.length ? (old + pieces.slice(count + 1).join(old)) : '');
}
