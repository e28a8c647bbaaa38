import { JsonNode, parseJson } from './json';
import { jsonDumps } from './python';

const TEXT_FIELDS = ['conn_type', 'description', 'host', 'schema', 'login', 'password'] as const;
const FIELDS = [...TEXT_FIELDS, 'port', 'extra'] as const;

const text = (value: string | null | undefined): JsonNode => (value === null || value === undefined ? { kind: 'null' } : { kind: 'string', value });

/**
 * An Airflow connection as templates see it, of its URI, its JSON text, or its fields.
 *
 * @throws Error that says what is wrong with it
 */
export function connectionNode(id: string, given: JsonNode): JsonNode {
  let fields: Map<string, JsonNode>;
  if (given.kind === 'string') {
    const json = given.value.trimStart().startsWith('{');
    fields = json ? objectOf(parseJson(given.value, `connection '${id}'`)) : ofUri(given.value);
  } else {
    fields = objectOf(given);
  }
  const unknown = [...fields.keys()].find(name => !(FIELDS as readonly string[]).includes(name));
  if (unknown !== undefined) { throw new Error(`connection '${id}' has no field '${unknown}'; its fields are ${FIELDS.join(', ')}`); }
  const entries = new Map<string, JsonNode>([['conn_id', { kind: 'string', value: id }]]);
  for (const name of TEXT_FIELDS) {
    const value = fields.get(name) ?? text(null);
    if (value.kind !== 'string' && value.kind !== 'null') { throw new Error(`'${name}' of connection '${id}' must be a text`); }
    entries.set(name, name === 'conn_type' && value.kind === 'string' ? text(normalized(value.value)) : value);
  }
  const port = fields.get('port') ?? text(null);
  const number: JsonNode = port.kind === 'string' ? { kind: 'number', text: port.value } : port;
  if (number.kind !== 'null' && !(number.kind === 'number' && /^\d+$/.test(number.text))) { throw new Error(`'port' of connection '${id}' must be a number`); }
  entries.set('port', number);
  const extra = fields.get('extra') ?? text(null);
  entries.set('extra', extra.kind === 'object' ? text(jsonDumps(extra)) : extra);
  entries.set('extra_dejson', extra.kind === 'string' && extra.value !== '' ? parseJson(extra.value, `'extra' of connection '${id}'`) : extra.kind === 'object' ? extra : { kind: 'object', entries: new Map() });
  return { kind: 'object', entries };
}

function objectOf(node: JsonNode): Map<string, JsonNode> {
  if (node.kind !== 'object') { throw new Error('a connection is a URI such as postgres://user:password@host:5432/database, or an object of its fields'); }
  return node.entries;
}

function normalized(type: string): string {
  return type === 'postgresql' ? 'postgres' : type.replace(/-/g, '_');
}

/** By the rules of Airflow's `Connection.from_uri`. */
function ofUri(uri: string): Map<string, JsonNode> {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/.exec(uri);
  if (!match || uri.split('://').length > 2) {
    throw new Error("it is no connection URI such as postgres://user:password@host:5432/database (in the type write '-' for '_', in a value %3A%2F%2F for '://'); fields as JSON are taken, too");
  }
  const [, scheme, netloc, path, query] = match;
  const at = netloc.lastIndexOf('@');
  const user = at < 0 ? undefined : netloc.slice(0, at);
  const [, login, password] = user === undefined ? [] : /^([^:]*)(?::([^]*))?$/.exec(user)!;
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(netloc.slice(at + 1)) ?? [];
  if (bracketed === undefined && plain === undefined) { throw new Error('its host and port cannot be told apart'); }
  const decode = (part: string) => decodeURIComponent(part);
  const lower = (bracketed ?? plain).toLowerCase();
  const host = decode(lower).includes('/') ? decode(plain) : decode(lower);
  const pairs = query ? query.split('&').filter(pair => pair !== '').map(pair => {
    const [name, ...value] = pair.split('=');
    return [name, value.join('=')].map(part => decode(part.replace(/\+/g, ' ')));
  }) : [];
  const options = new Map(pairs as [string, string][]);
  const extra: JsonNode = !query ? text(null) : options.has('__extra__') ? text(options.get('__extra__'))
    : { kind: 'object', entries: new Map([...options].map(([name, value]) => [name, text(value)])) };
  return new Map<string, JsonNode>([
    ['conn_type', text(scheme.toLowerCase())], ['host', text(host)], ['schema', text(decode(path.slice(1)))],
    ['login', text(login === undefined ? undefined : decode(login))], ['password', text(password === undefined ? undefined : decode(password))],
    ['port', port ? { kind: 'number', text: String(Number(port)) } : text(null)], ['extra', extra],
  ]);
}
