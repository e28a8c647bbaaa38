import { SCHEMA } from './schema-data';
import { shown } from './shown';

/** What {@link pythonText} writes: JSON, names and calls. */
export type PythonValue =
  string | number | boolean | null | PythonName | PythonCall | readonly PythonValue[] | { readonly [key: string]: PythonValue };

/** Text that stands as it is: the name of something imported, or another expression. */
export class PythonName {
  constructor(public readonly text: string) {}
}

/** A call with keyword arguments; those that are undefined are left out. */
export class PythonCall {
  /**
   * @param args by keyword, or by place
   * @param then a method that is called on what it gives
   */
  constructor(
    public readonly name: string,
    public readonly args: { readonly [keyword: string]: PythonValue | undefined } | readonly PythonValue[],
    public readonly then?: PythonCall,
  ) {}
}

/** Python that is longer than this is broken into lines. */
const LINE = 100;

/**
 * A Python expression for a value. Whatever a text holds, Python reads the same text again.
 *
 * @param indent the spaces before the line in which it stands
 * @param before what stands before it in the line, in characters
 */
export function pythonText(value: PythonValue, indent = 0, before = 0): string {
  if (value === null || value === undefined) { return 'None'; }
  if (typeof value === 'boolean') { return value ? 'True' : 'False'; }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) { throw new Error(`${value} is no JSON number`); }
    return String(value);
  }
  if (typeof value === 'string') { return pythonString(value); }
  if (value instanceof PythonName) { return value.text; }
  if (value instanceof PythonCall) {
    const args = Object.entries(value.args).filter(([, arg]) => arg !== undefined) as [string, PythonValue][];
    const call = group(`${value.name}(`, ')', args.map(([keyword, arg]) => [Array.isArray(value.args) ? '' : `${keyword}=`, arg]), indent, before);
    const last = call.slice(call.lastIndexOf('\n') + 1);
    return value.then ? `${call}.${pythonText(value.then, indent, last.length + 1 - (call.includes('\n') ? indent : -before))}` : call;
  }
  if (Array.isArray(value)) { return group('[', ']', value.map(item => ['', item]), indent, before); }
  return group('{', '}', Object.entries(value).map(([key, item]) => [`${pythonString(key)}: `, item as PythonValue]), indent, before);
}

function group(open: string, close: string, items: [string, PythonValue][], indent: number, before: number): string {
  const line = `${open}${items.map(([key, item]) => key + pythonText(item, 0, -Infinity)).join(', ')}${close}`;
  if (items.length === 0 || indent + before + line.length <= LINE) { return line; }
  const inner = ' '.repeat(indent + 4);
  const lines = items.map(([key, item]) => `${inner}${key}${pythonText(item, indent + 4, key.length + 1)},\n`);
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`;
}

/** JSON's escapes are Python's; a lone surrogate is one in both. What could hide or turn a line for the reader is escaped as well. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Attributes of the Python client whose names do not follow from the wire's. */
const ATTRIBUTES: { [key: string]: string } = { exec: '_exec', targetWWNs: 'target_wwns' };

/** The attribute of a model of the Python client that stands for a key of the wire: `fsGroup` → `fs_group`, `hostIPC` → `host_ipc`. */
function modelAttribute(key: string): string {
  return ATTRIBUTES[key] ?? key.replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2').replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();
}

/** Wire JSON of a type of the Kubernetes schema (`Pod`, `[]Volume`) as models of the Python client, which is imported as `k8s`. */
export function pythonModel(type: string, value: any): PythonValue {
  if (value === undefined || value === null) { return value; }
  if (type.startsWith('[]')) { return value.map((item: any) => pythonModel(type.slice(2), item)); }
  if (type.startsWith('{}')) { return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pythonModel(type.slice(2), item)])); }
  if (!Object.hasOwn(SCHEMA, type)) { return value; }
  const model = type === 'ResourceClaim' ? 'CoreV1ResourceClaim' : `V1${type}`;
  return new PythonCall(`k8s.${model}`, Object.fromEntries(Object.entries(value).map(([key, item]) =>
    [modelAttribute(key), pythonModel(SCHEMA[type][key].replace(/!$/, ''), item)])));
}

/** True for what Python takes for a name, of ASCII letters. */
export function isPythonName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text) && !PYTHON_KEYWORDS.has(text);
}

/** Throws where a text is not the path of something that Python imports. */
export function assertImportPath(path: string, prop: string): void {
  const names = typeof path === 'string' ? path.split('.') : [];
  if (names.length < 2 || !names.every(isPythonName)) {
    throw new Error(`'${prop}' must be where Python imports it, such as 'my_package.callbacks.MyCallback', got ${shown(path)}`);
  }
}

/** Python's own words, which cannot be names. */
export const PYTHON_KEYWORDS = new Set(('False None True and as assert async await break class continue def del elif else except finally for from global '
  + 'if import in is lambda nonlocal not or pass raise return try while with yield').split(' '));
