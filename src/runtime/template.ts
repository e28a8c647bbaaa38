import { JsonNode, parseJson } from './json';
import { jinjaJson, pythonRepr, pythonStr } from './python';
import { hasJinja } from '../pod/jinja';

/** What templates may refer to. */
export interface TemplateContext {
  readonly taskId: string;
  readonly runId: string;
  readonly tryNumber: number;
  /** The XCom of a task; null where it pushed none, undefined where it is not known yet. @throws where the task may not be pulled from */
  readonly xcom: (taskId: string) => JsonNode | null | undefined;
}

/** A template cannot be rendered as Airflow would render it. */
export class TemplateError extends Error {}

/** Thrown by {@link renderTemplate} where an XCom is not known yet. */
export class XComUnknown extends Error {}

const LITERAL = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/.source;
const STEP = `(?:\\[\\s*(?:${LITERAL}|\\d+)\\s*\\]|\\.[A-Za-z_]\\w*)`;
/** What XComReference writes, and most people: one pull with keys. It is rendered without a detour through JavaScript's numbers and key order. */
const PLAIN_PULL = new RegExp(
  `^\\s*(?:ti|task_instance)\\.xcom_pull\\(\\s*(?:task_ids\\s*=\\s*)?(${LITERAL})\\s*(?:,\\s*key\\s*=\\s*['"]return_value['"]\\s*)?\\)(${STEP}*)\\s*$`);

/**
 * A text rendered as Airflow renders a templated field: Jinja, an undefined value is an error, values written as Python writes them.
 *
 * @throws TemplateError, XComUnknown
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  if (!hasJinja(text)) { return text; }
  // The engine, 1 MB of WebAssembly, is loaded for whoever needs it. A callback must not throw: the engine would not survive it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { Environment } = require('minijinja-js') as typeof import('minijinja-js');
  const values = new Values();
  let failure: Error | undefined;
  const guarded = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      failure ??= error as Error;
      return undefined;
    }
  };
  const pull = (taskId: unknown): JsonNode | null => {
    if (typeof taskId !== 'string') { throw new TemplateError("'task_ids' of xcom_pull must be a task id or a list of task ids"); }
    const node = context.xcom(taskId);
    if (node === undefined) { throw new XComUnknown(taskId); }
    return node;
  };
  const xcomPull = (...args: any[]) => guarded(() => {
    const options = args.at(-1) instanceof Map ? args.pop() as Map<string, any> : new Map<string, any>();
    const known = ['task_ids', 'key'];
    const [ids = options.get('task_ids'), key = options.get('key') ?? 'return_value'] = args;
    const other = [...options.keys()].find(name => !known.includes(name));
    if (other !== undefined || args.length > 2) { throw new TemplateError(`xcom_pull takes 'task_ids' and 'key' here${other ? `, got '${other}'` : ''}`); }
    if (key !== 'return_value') { throw new TemplateError(`xcom_pull knows the key 'return_value' only, got '${key}'`); }
    return Array.isArray(ids) ? ids.map(id => values.give(pull(id))) : values.give(pull(ids));
  });

  const plain: { [name: string]: string } = {};
  const source = wrapOutputs(text, expression => {
    const match = PLAIN_PULL.exec(expression);
    if (!match) { return undefined; }
    const name = `__xcom${Object.keys(plain).length}`;
    plain[name] = guarded(() => follow(pull(unquote(match[1])), match[2], expression)) ?? '';
    return name;
  });

  const environment = new Environment();
  try {
    environment.enablePyCompat();
    environment.keepTrailingNewline = true;
    environment.undefinedBehavior = 'strict';
    environment.addFilter('__str', (value: unknown) => guarded(() => pythonStr(values.take(value))) ?? '');
    environment.addFilter('string', (value: unknown) => guarded(() => pythonStr(values.take(value))) ?? '');
    environment.addFilter('join', (list: unknown, separator: unknown = '') => guarded(() => {
      const node = values.take(list);
      if (node.kind !== 'array' || separator instanceof Map) { throw new TemplateError("the filter 'join' takes a list and a separator here"); }
      return node.items.map(pythonStr).join(String(separator));
    }) ?? '');
    environment.addFilter('tojson', (value: unknown, options?: Map<string, any>) => guarded(() => {
      if (value === UNDEFINED) { throw new TemplateError('the value given to tojson is undefined'); }
      return jinjaJson(values.take(value), options instanceof Map ? options.get('indent') : undefined);
    }) ?? '');
    const ti = { xcom_pull: xcomPull, task_id: context.taskId, run_id: context.runId, try_number: context.tryNumber, map_index: -1 };
    const rendered = environment.renderStr(source, { ti, task_instance: ti, run_id: context.runId, ...plain });
    if (failure) { throw failure; }
    values.check(text);
    return rendered;
  } catch (error) {
    if (failure) { throw failure; }
    throw error instanceof TemplateError ? error : new TemplateError(explain(error as Error));
  } finally {
    environment.free();
  }
}

const UNDEFINED = '\u0000undefined';

function explain(error: Error): string {
  const message = error.message.split('\n')[0].replace(/ \(in <string>:\d+\)$/, '');
  return /undefined value/.test(message) ? `${message}; known names are 'ti', 'task_instance' and 'run_id', and the keys of an XCom` : message;
}

function follow(node: JsonNode | null, path: string, expression: string): string {
  let value: JsonNode = node ?? { kind: 'null' };
  for (const [step] of path.matchAll(new RegExp(STEP, 'g'))) {
    const key = step.startsWith('.') ? `'${step.slice(1)}'` : step.slice(1, -1).trim();
    const next = value.kind === 'object' && !/^\d/.test(key) ? value.entries.get(unquote(key))
      : value.kind === 'array' && /^\d/.test(key) ? value.items[Number(key)] : undefined;
    if (next === undefined) {
      const has = value.kind === 'object' ? `an object with the keys ${[...value.entries.keys()].map(k => `'${k}'`).join(', ') || '(none)'}` : `a value of type ${value.kind}`;
      throw new TemplateError(`undefined value: '${expression.trim()}' asks for ${key} of ${has}`);
    }
    value = next;
  }
  return pythonStr(value);
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' }[char] ?? char));
}

/**
 * Makes every `{{ expression }}` write its value through our filter; numbers and strings the engine writes as Python does, and undefined values are its error.
 * `plain` may answer an expression with the name of a string instead.
 */
function wrapOutputs(text: string, plain: (expression: string) => string | undefined): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const open = text.slice(at).search(/\{[{%#]/);
    if (open < 0) { return out + text.slice(at); }
    out += text.slice(at, at + open);
    at += open;
    const kind = text[at + 1];
    const end = kind === '#' ? endOf(text, '#}', at + 2) : closing(text, at + 2, kind === '{' ? '}}' : '%}');
    if (end < 0) { return out + text.slice(at); }
    const tag = text.slice(at, end);
    const raw = /^\{%[-+]?\s*raw\s*[-+]?%\}$/.test(tag) && /\{%[-+]?\s*endraw\s*[-+]?%\}/.exec(text.slice(end));
    if (raw) {
      const stop = end + raw.index + raw[0].length;
      out += text.slice(at, stop);
      at = stop;
      continue;
    }
    if (kind === '{') {
      const [, left, expression, right] = /^\{\{([-+]?)([^]*?)([-+]?)\}\}$/.exec(tag)!;
      const name = plain(expression);
      out += name === undefined
        ? `{%${left} set __v = (${withUndefined(expression)}) %}{% if __v is undefined or __v is string or (__v is number and __v is not boolean) %}` +
          `{{ __v }}{% else %}{{ __v|__str }}{% endif ${right}%}`
        : `{{${left} ${name} ${right}}}`;
    } else {
      out += kind === '%' ? withUndefined(tag) : tag;
    }
    at = end;
  }
  return out;
}

/** A filter of ours cannot tell an undefined value from None, so tojson gets a mark instead. */
function withUndefined(code: string): string {
  return code.replace(new RegExp(`${LITERAL}|\\|\\s*tojson\\b`, 'g'), part => (/^['"]/.test(part) ? part : `|default('${UNDEFINED}')|tojson`));
}

function endOf(text: string, close: string, from: number): number {
  const found = text.indexOf(close, from);
  return found < 0 ? -1 : found + 2;
}

/** The end of a tag: strings and nested braces in it do not count. */
function closing(text: string, from: number, close: string): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === "'" || char === '"') {
      for (i++; i < text.length && text[i] !== char; i++) { if (text[i] === '\\') { i++; } }
    } else if (depth === 0 && text.startsWith(close, i)) {
      return i + 2;
    } else if (char === '{' || char === '[' || char === '(') {
      depth++;
    } else if ((char === '}' || char === ']' || char === ')') && depth > 0) {
      depth--;
    }
  }
  return -1;
}

/** Values on their way into the engine and back: it sorts keys and knows JavaScript's numbers only, so what came from an XCom is recognised on its way out. */
class Values {
  private readonly known = new Map<string, JsonNode | null>();
  private unsorted = false;

  public give(node: JsonNode | null): any {
    if (node === null) { return null; }
    this.learn(node);
    return toEngine(node);
  }

  public take(value: unknown): JsonNode {
    const read = (item: any): JsonNode => {
      switch (typeof item) {
        case 'undefined': return { kind: 'null' };
        case 'boolean': return { kind: 'boolean', value: item };
        case 'number': return parseJson(String(item));
        case 'bigint': return { kind: 'number', text: String(item) };
        case 'string': return { kind: 'string', value: item };
        default: break;
      }
      if (typeof item === 'function') { throw new TemplateError('a function cannot be written as a value'); }
      const known = this.known.get(canonical(item));
      if (known) { return known; }
      if (known === null) { throw new TemplateError('two XComs differ only in the order of their keys or in how a number is written; pull a single value'); }
      if (Array.isArray(item)) { return { kind: 'array', items: item.map(read) }; }
      const entries = [...item instanceof Map ? item : Object.entries(item)] as [string, any][];
      if (entries.length > 1) { throw new TemplateError('the order of the keys of a dict made in a template is not kept; write the text out instead'); }
      return { kind: 'object', entries: new Map(entries.map(([key, inner]) => [key, read(inner)])) };
    };
    return read(value);
  }

  /** @throws TemplateError where the template walks over keys in an order that is not Python's */
  public check(text: string): void {
    if (this.unsorted && /\{%[-+]?\s*for\b|\.(?:items|keys|values)\(|\|\s*(?:list|items|first|last|map|batch|slice)\b/.test(text)) {
      throw new TemplateError('the template walks over an XCom whose keys are not in alphabetical order, which would come in another order than in Airflow; use a list');
    }
  }

  private learn(node: JsonNode): void {
    if (node.kind !== 'array' && node.kind !== 'object') { return; }
    const key = canonical(toEngine(node));
    const other = this.known.get(key);
    this.known.set(key, other === undefined || (other && pythonRepr(other) === pythonRepr(node)) ? node : null);
    if (node.kind === 'object') {
      const keys = [...node.entries.keys()];
      this.unsorted ||= keys.some((name, i) => i > 0 && name < keys[i - 1]);
      node.entries.forEach(item => this.learn(item));
    } else {
      node.items.forEach(item => this.learn(item));
    }
  }
}

function toEngine(node: JsonNode): any {
  switch (node.kind) {
    case 'null': return null;
    case 'number': return /[.eE]/.test(node.text) || Number.isSafeInteger(Number(node.text)) ? Number(node.text) : BigInt(node.text);
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

/** Equal for values that the engine cannot tell apart. */
function canonical(value: any): string {
  if (Array.isArray(value)) { return `[${value.map(canonical).join()}]`; }
  if (value !== null && typeof value === 'object') {
    const entries = [...value instanceof Map ? value : Object.entries(value)] as [string, any][];
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).sort().join()}}`;
  }
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value ?? null);
}
