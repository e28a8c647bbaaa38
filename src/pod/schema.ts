import { closest, didYouMean } from './closest';
import { CUSTOM_SCHEMA, CUSTOM_SCHEMA_VERSIONS } from './custom-schema-data';
import { throwProblems } from './problems';
import { SCHEMA, SCHEMA_VERSION } from './schema-data';

export { SCHEMA_VERSION };

/** How {@link toWire} judges a value. */
export interface ToWireOptions {
  /** True for a fragment that is merged into something else: required keys may be missing. @default false */
  readonly partial?: boolean;
  /** True where null is Python's None: a key, or a quantity, that is not given. @default false */
  readonly none?: boolean;
}

/**
 * Plain wire JSON of a value that is either wire JSON already or a cdk8s-plus L1 struct, checked key by key against the Kubernetes schema.
 *
 * `type` is a type of the schema (`PodSpec`, or `Spark.DriverSpec` of a custom resource), its words (`=Always|Never`), a list (`[]Toleration`) or a map (`{}Quantity`) of one. Keys
 * keep their order; undefined keys are dropped.
 *
 * @param path where the value stands, for the messages, such as `spec.template.spec`; may be empty
 * @returns a new value, or undefined for undefined
 * @throws Error that lists every problem found
 */
export function toWire(type: string, value: unknown, path: string, options: ToWireOptions = {}): any {
  const named = type.replace(/^(\[\]|\{\})+/, '');
  if (!named.startsWith('=') && !own(SCALARS, named) && !keysOf(named)) {
    throw new Error(`no type '${named}' in the Kubernetes ${SCHEMA_VERSION} schema${didYouMean(named, Object.keys(SCHEMA))}`);
  }
  if (value === undefined) { return undefined; }
  const problems: string[] = [];
  const wire = convert(type, value, { path, partial: options.partial ?? false, none: options.none ?? false, custom: named.includes('.'), problems, ancestors: [] });
  throwProblems(problems);
  return wire;
}

/** The schema's type for a kind of object; undefined for one that the table does not hold, such as a custom resource. */
export function typeOfKind(apiVersion: string, kind: string): string | undefined {
  return own(SCHEMA, kind)?.apiVersion === `=${apiVersion}!` ? kind : undefined;
}

/** The keys of a type; undefined for a scalar and for one that there is not. */
function keysOf(type: string): { [key: string]: string } | undefined {
  return own(SCHEMA, type) ?? own(CUSTOM_SCHEMA, type);
}

/** A type for a message, with the release that knows it so. */
function described(type: string): string {
  const [prefix, name] = type.split('.');
  return name === undefined ? `${type} (Kubernetes ${SCHEMA_VERSION})` : `${name} (${CUSTOM_SCHEMA_VERSIONS[prefix]})`;
}

interface Context {
  readonly path: string;
  readonly partial: boolean;
  readonly none: boolean;
  /** It is of a custom resource, whose schema takes no fraction for a quantity. */
  readonly custom: boolean;
  readonly problems: string[];
  /** The objects around the value, to find a cycle. */
  readonly ancestors: object[];
}

/** The context of what stands inside; written out, since there is one for each value. */
function at({ partial, none, custom, problems, ancestors }: Context, path: string): Context {
  return { path, partial, none, custom, problems, ancestors };
}

/** A type of the table without the mark of what is required. */
function bare(type: string): string {
  return type.endsWith('!') ? type.slice(0, -1) : type;
}

const SCALARS: { [type: string]: (value: unknown, context: Context) => unknown } = {
  string: (value, context) => {
    if (typeof value === 'string') { return value.includes('\0') ? wrong(context, 'a string without NUL characters, which end a text for the kernel', value) : value; }
    const fix = typeof value === 'number' || typeof value === 'boolean' ? `; quote it: '${value}'` : '';
    return wrong(context, 'a string', value, fix);
  },
  boolean: (value, context) => {
    if (typeof value === 'boolean') { return value; }
    const fix = value === 'true' || value === 'false' ? '; write it without quotes' : '';
    return wrong(context, 'true or false', value, fix);
  },
  int32: (value, context) => integer(value, context, INT32_MAX, '32-bit integer'),
  int64: (value, context) => integer(value, context, Number.MAX_SAFE_INTEGER, 'integer'),
  IntOrString: (value, context) => {
    const plain = unwrap(value);
    return typeof plain === 'string' ? plain : integer(plain, context, INT32_MAX, '32-bit integer or a string');
  },
  Quantity: (value, context) => {
    const plain = unwrap(value);
    if (typeof plain === 'number' ? Number.isFinite(plain) : typeof plain === 'string' && QUANTITY.test(plain)) {
      return context.custom && !Number.isInteger(plain) ? String(plain) : plain;
    }
    return wrong(context, "a quantity such as 0.5, '500m' or '512Mi' (suffixes: m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei)", plain, quantityHint(plain, context.path));
  },
  Time: (value, context) => {
    if (isDate(value) && Number.isFinite(value.getTime())) { return value.toISOString(); }
    if (typeof value === 'string' && RFC3339.test(value)) { return value; }
    return wrong(context, "a Date or a time such as '2026-01-31T08:00:00Z'", value);
  },
  object: (value, context) => (isObject(value) ? free(value, context) : wrong(context, 'an object', value)),
};

/** The most that a column of Airflow's database, a field of Kubernetes and a C int hold. */
export const INT32_MAX = 2 ** 31 - 1;
const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function convert(spec: string, value: unknown, context: Context): unknown {
  if (value === null) {
    context.problems.push(`${where(context)}null is not allowed; ${context.path.endsWith(']') ? 'take it out' : 'leave the key out'}`);
    return undefined;
  }
  if (spec.startsWith('[]')) {
    if (!Array.isArray(value)) { return wrong(context, 'a list', value, isObject(value) ? '; write [{ … }]' : typeof value === 'string' && value.length < 40 ? `; write ['${value}']` : ''); }
    return nested(value, context, () => Array.from(value, (item, i) => {
      const there = at(context, `${context.path}[${i}]`);
      return item === undefined ? wrong(there, 'an item', item, '; remove it from the list') : convert(spec.slice(2), item, there);
    }));
  }
  if (spec.startsWith('{}')) {
    if (!isObject(value)) { return wrong(context, 'an object of key and value', value); }
    return nested(value, context, () => Object.fromEntries(given(value, context.none && spec === '{}Quantity').map(([key, item]) =>
      [key, convert(spec.slice(2), item, at(context, join(context.path, key)))])));
  }
  if (spec.startsWith('=')) {
    const allowed = spec.slice(1).split('|');
    if (typeof value === 'string' && allowed.includes(value)) { return value; }
    const near = typeof value === 'string' ? didYouMean(value, allowed) : '';
    return wrong(context, allowed.length === 1 ? `'${allowed[0]}'` : `one of ${allowed.map(a => `'${a}'`).join(', ')}`, value, near);
  }
  const scalar = own(SCALARS, spec);
  if (scalar) { return scalar(value, context); }
  if (!isObject(value)) { return wrong(context, `an object (${spec})`, value, exampleOf(spec, value)); }
  return nested(value, context, () => struct(spec, keysOf(spec)!, value, context));
}

function struct(type: string, keys: { [key: string]: string }, value: object, context: Context): unknown {
  const found: { [key: string]: unknown } = {};
  for (const [written, item] of given(value, context.none)) {
    const key = own(keys, written) ? written : Object.keys(keys).find(k => l1Name(k) === written);
    if (key === undefined) {
      context.problems.push(`${where(context)}unknown key '${written}' of ${described(type)}${unknownKeyHint(type, written, keys)}`);
    } else if (Object.hasOwn(found, key)) {
      context.problems.push(`${where(context)}key '${key}' is given twice, as '${key}' and as '${l1Name(key)}'; remove one`);
    } else if (item !== '' || !/^=.*[^!]$/.test(keys[key])) {
      // An empty word is none to Kubernetes, where it need not be one.
      found[key] = convert(bare(keys[key]), item, at(context, join(context.path, key)));
    }
  }
  if (!context.partial) {
    const missing = requiredOf(keys).filter(key => !Object.hasOwn(found, key)).map(key => `'${key}'`);
    if (missing.length > 0) { context.problems.push(`${where(context)}missing ${missing.join(', ')}, required in ${type.split('.').pop()}`); }
  }
  return found;
}

const required = new Map<object, string[]>();

/** The keys that a type must have. They are found once, since most types have dozens of others. */
function requiredOf(keys: { [key: string]: string }): string[] {
  if (!required.has(keys)) { required.set(keys, Object.keys(keys).filter(key => keys[key].endsWith('!'))); }
  return required.get(keys)!;
}

/** How a value is written that people write as a text, a number or a list. */
const EXAMPLES: { readonly [type: string]: string } = {
  ContainerPort: '{ containerPort: … }',
  EnvFromSource: "{ configMapRef: { name: '…' } }",
  HostAlias: "{ ip: '…', hostnames: ['…'] }",
  NodeSelector: '{ nodeSelectorTerms: [{ matchExpressions: [ … ] }] }',
  ResourceRequirements: "{ limits: { memory: '…' } }",
  Toleration: "{ key: '…', operator: 'Equal', value: '…', effect: 'NoSchedule' }",
};

function exampleOf(type: string, value: unknown): string {
  const example = own(EXAMPLES, type) ?? (typeof value === 'string' && own(keysOf(type)!, 'name') ? '{ name: … }' : undefined);
  return example === undefined ? '' : `; write ${example}`;
}

/** Types that are taken for each other, and where the other one stands. */
const TAKEN_FOR: { [type: string]: [other: string, place: string] } = {
  PodSecurityContext: ['SecurityContext', 'the security context of a container'],
  SecurityContext: ['PodSecurityContext', 'the security context of the pod'],
  PodAffinityTerm: ['WeightedPodAffinityTerm', "'preferredDuringSchedulingIgnoredDuringExecution'; under 'required…' write the fields of 'podAffinityTerm' themselves"],
  NodeSelectorTerm: ['PreferredSchedulingTerm', "'preferredDuringSchedulingIgnoredDuringExecution'; under 'required…' write the fields of 'preference' themselves"],
};

function unknownKeyHint(type: string, written: string, keys: { [key: string]: string }): string {
  const [other, place] = own(TAKEN_FOR, type) ?? ['', ''];
  if (own(own(SCHEMA, other) ?? {}, written)) { return `; it belongs in ${place}`; }
  const amount = type === 'ResourceRequirements' ? /^(?:(limit|request)s?_?)?(memory|cpu)$/i.exec(written) : null;
  if (amount) { return `; write { ${amount[1]?.toLowerCase() ?? 'limit'}s: { ${amount[2].toLowerCase()}: … } }`; }
  if (closest(written, Object.keys(keys)).length > 0) { return didYouMean(written, Object.keys(keys)); }
  const homes = Object.keys(keys).filter(key => own(keysOf(bare(keys[key])) ?? {}, written));
  if (homes.length > 0) { return `; it belongs in ${homes.map(key => `'${key}'`).join(' or ')}`; }
  return `; allowed: ${Object.keys(keys).join(', ') || 'none'}`;
}

/** The name that an L1 struct gives a wire key: jsii takes runs of capitals apart (`hostIPC` → `hostIpc`, `podCIDRs` → `podCidRs`). */
export function l1Name(key: string): string {
  return key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z\d]+)/g, '$1_$2')
    .split('_')
    .map((word, i) => (i === 0 ? word.charAt(0) : word.charAt(0).toUpperCase()) + word.slice(1).toLowerCase())
    .join('');
}

/** Without a schema, whatever JSON can say. */
function free(value: unknown, context: Context): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) { return value; }
  if (Array.isArray(value)) {
    return nested(value, context, () => Array.from(value, (item, i) => free(item, at(context, `${context.path}[${i}]`))));
  }
  if (isObject(value)) {
    return nested(value, context, () => Object.fromEntries(given(value).map(([key, item]) =>
      [key, free(item, at(context, join(context.path, key)))])));
  }
  return wrong(context, 'a JSON value', value);
}

function nested(value: object, context: Context, body: () => unknown): unknown {
  if (context.ancestors.includes(value)) {
    context.problems.push(`${where(context)}the value contains itself; JSON has no cycles`);
    return undefined;
  }
  context.ancestors.push(value);
  const result = body();
  context.ancestors.pop();
  return result;
}

function integer(value: unknown, context: Context, max: number, name: string): unknown {
  if (typeof value === 'number' && Number.isInteger(value) && value <= max && value >= (max === INT32_MAX ? -max - 1 : -max)) { return value; }
  const fix = typeof value === 'string' && /^-?\d+$/.test(value) ? '; write it without quotes' : '';
  return wrong(context, `${/^[aio]/.test(name) ? 'an' : 'a'} ${name}`, value, fix);
}

function wrong(context: Context, allowed: string, got: unknown, fix = ''): undefined {
  context.problems.push(`${where(context)}expected ${allowed}, got ${describe(got)}${fix}`);
  return undefined;
}

function describe(value: unknown): string {
  if (typeof value === 'string') { return value.length > 60 ? `a string of ${value.length} characters` : `'${value}'`; }
  if (typeof value === 'number' || typeof value === 'boolean') { return `the ${typeof value} ${value}`; }
  if (value === undefined) { return 'undefined'; }
  if (Array.isArray(value)) { return 'a list'; }
  if (typeof value !== 'object') { return `a ${typeof value}`; }
  const name = value?.constructor?.name;
  return !name || name === 'Object' ? 'an object' : `a ${name}`;
}

/** `1 GB` and the like, in Kubernetes' words. */
function quantityHint(value: unknown, path: string): string {
  const comma = /^\d+,\d+\w*$/.test(String(value));
  if (comma) { return `; write '${String(value).replace(',', '.')}'`; }
  const [, amount, unit, binary] = /^\s*(\d+(?:\.\d+)?)\s*([kmgtp])(i?)b?\s*$/i.exec(String(value)) ?? [];
  if (amount === undefined) { return ''; }
  if (path.endsWith('.cpu')) { return unit === 'm' || unit === 'M' ? `; write '${amount}m' for thousandths of a core` : ''; }
  const wanted = unit.toUpperCase();
  return `; write '${amount}${wanted}i'${binary ? '' : `, or '${amount}${wanted === 'K' ? 'k' : wanted}' for powers of 1000`}`;
}

/** The wire value of the L1 classes Quantity and IntOrString, known by their shape: users may have another cdk8s-plus beside ours. */
function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) { return value; }
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === 'value' ? (value as { value: unknown }).value : value;
}

/** A plain object; its prototype may come from another realm (jest, vm). */
export function isObject(value: unknown): value is { [key: string]: any } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) { return false; }
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}

function given(value: object, none = false): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined && !(none && item === null));
}

const { hasOwn } = Object;

function own<T>(table: { [key: string]: T }, key: string): T | undefined {
  return hasOwn(table, key) ? table[key] : undefined;
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) { return `${path}['${key}']`; }
  return path === '' ? key : `${path}.${key}`;
}

function where(context: Context): string {
  return context.path === '' ? '' : `${context.path}: `;
}
