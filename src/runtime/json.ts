import { ManifestError, XComError } from './errors';
import { shown } from '../pod/shown';

/** A JSON value as it was written: numbers keep their digits and objects the order of their keys, as Python's reader does and JavaScript's does not. */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: JsonNode[] }
  | { readonly kind: 'object'; readonly entries: Map<string, JsonNode> };

const MAX_DEPTH = 200;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * Reads JSON strictly (RFC 8259: no NaN, no comments, no trailing comma), at most 200 levels deep.
 *
 * @param subject what it is, where that may be a secret, which no message shows @default - an XCom
 * @throws ManifestError with the offset, and of an XCom XComError `InvalidJSON` with the place
 */
export function parseJson(text: string, subject?: string): JsonNode {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const fail = (what: string): never => {
    throw subject === undefined ? invalidXcom(text, at, what) : new ManifestError(`${subject} is not valid JSON: ${what} at offset ${at} of ${text.length}`);
  };
  const next = (): string => { match(SPACE); return text[at]; };
  const string = (): string => {
    const literal = match(STRING);
    if (literal === undefined) { return fail(text[at] === '"' ? 'a string that does not end or holds a bad escape' : 'a string was expected'); }
    return JSON.parse(literal);
  };
  const value = (depth: number): JsonNode => {
    if (depth > MAX_DEPTH) { fail(`it is nested deeper than ${MAX_DEPTH} levels`); }
    const first = next();
    if (first === '"') { return { kind: 'string', value: string() }; }
    if (first === '[' || first === '{') {
      at++;
      const close = first === '[' ? ']' : '}';
      const items: JsonNode[] = [];
      const entries = new Map<string, JsonNode>();
      while (next() !== close) {
        if (items.length + entries.size > 0) {
          if (text[at] !== ',') { fail(`',' or '${close}' was expected`); }
          at++;
          next();
        }
        if (first === '[') { items.push(value(depth + 1)); continue; }
        const key = string();
        if (next() !== ':') { fail("':' was expected"); }
        at++;
        entries.set(key, value(depth + 1));
      }
      at++;
      return first === '[' ? { kind: 'array', items } : { kind: 'object', entries };
    }
    for (const [word, node] of WORDS) {
      if (text.startsWith(word, at)) { at += word.length; return node; }
    }
    const number = match(NUMBER);
    if (number) {
      if (!Number.isFinite(Number(number))) { at -= number.length; fail('a number that is too large'); }
      return { kind: 'number', text: number };
    }
    return fail(first === undefined ? 'it ends too early' : 'a value was expected');
  };
  const node = value(0);
  if (next() !== undefined) { fail('there is more after the value'); }
  return node;
}

/** A value that was read by {@link parseJson}, among values of JavaScript. */
export class ExactJson {
  constructor(public readonly node: JsonNode) {}
}

/**
 * A value of JavaScript as JSON knows it.
 *
 * @throws Error for what JSON has no word for
 */
export function jsonNode(value: unknown, where: string): JsonNode {
  if (value instanceof ExactJson) { return value.node; }
  if (value === null) { return { kind: 'null' }; }
  if (Array.isArray(value)) { return { kind: 'array', items: value.map((item, i) => jsonNode(item, `${where}[${i}]`)) }; }
  switch (typeof value) {
    case 'boolean': return { kind: 'boolean', value };
    case 'string': return { kind: 'string', value };
    case 'bigint': return { kind: 'number', text: String(value) };
    case 'number':
      if (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)) { return { kind: 'number', text: String(value) }; }
      break;
    case 'object': {
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      return { kind: 'object', entries: new Map(entries.map(([key, item]) => [key, jsonNode(item, `${where}.${key}`)])) };
    }
  }
  throw new Error(`${where} must be a JSON value, got ${shown(value)}`);
}

/** The first integer that a number of JavaScript does not hold exactly. */
export function inexactInteger(node: JsonNode): string | undefined {
  switch (node.kind) {
    case 'number': return /^-?\d+$/.test(node.text) && BigInt(Number(node.text)) !== BigInt(node.text) ? node.text : undefined;
    case 'array': return node.items.map(inexactInteger).find(found => found !== undefined);
    case 'object': return [...node.entries.values()].map(inexactInteger).find(found => found !== undefined);
    default: return undefined;
  }
}

const WORDS: [string, JsonNode][] = [
  ['true', { kind: 'boolean', value: true }], ['false', { kind: 'boolean', value: false }], ['null', { kind: 'null' }],
];

function invalidXcom(text: string, at: number, what: string): XComError {
  const seen = JSON.stringify(text.slice(at, at + 20));
  return new XComError('InvalidJSON', `the XCom is not valid JSON: ${what} at offset ${at}${at < text.length ? `, got ${seen}` : ''}; it begins with ${JSON.stringify(text.slice(0, 40))}`,
    "write JSON to /airflow/xcom/return.json: a text needs its quotes ('\"hello\"'), NaN and Infinity do not exist");
}
