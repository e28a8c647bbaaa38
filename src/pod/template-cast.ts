import { SCHEMA } from './schema-data';

/**
 * A pod template with its scalars cast to the types that Kubernetes wants, as KubernetesPodOperator casts them: `true` becomes `'True'` and `0644` `'420'`
 * where a text is meant. Null counts as not given;
 * in a list of texts it is refused.
 *
 * @param text the YAML that the template was read from: a scalar that another reader of YAML 1.1 may take for something else is refused
 * @throws Error that names the scalar to put in quotes.
 */
export function castTemplate(template: any, text = '', type: 'Pod' | 'Job' = 'Pod'): any {
  return cast(type, template, '', text);
}

function cast(type: string, value: any, path: string, text: string): any {
  const plain = type.replace(/!$/, '');
  if (Array.isArray(value)) {
    if (!plain.startsWith('[]')) { return value; }
    const item = plain.slice(2).replace(/!$/, '');
    const none = item === 'string' ? value.indexOf(null) : -1;
    if (none >= 0) { throw new Error(`${path}[${none}]: null stands where a text is meant, and Kubernetes would take it for an empty one; write '', or take it out`); }
    return value.filter(each => each !== null).map((each, i) => cast(item, each, `${path}[${i}]`, text));
  }
  if (value !== null && typeof value === 'object') {
    const typeOf = (key: string) => plain.startsWith('{}') ? plain.slice(2) : Object.hasOwn(SCHEMA, plain) ? SCHEMA[plain][key] ?? 'object' : 'object';
    return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null)
      .map(([key, item]) => [key, cast(typeOf(key), item, path === '' ? key : `${path}.${key}`, text)]));
  }
  if (plain === 'string' || plain === 'Quantity' || plain.startsWith('=')) { return toText(value, path, text); }
  if ((plain === 'int32' || plain === 'int64') && typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) { return Number(value); }
  return value;
}

/** Numbers that read as such but are no plain decimal ones: PyYAML and other readers disagree about them, or Python writes them otherwise. */
const FLOATS = /(?<![\w.:/-])[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*|\d[\d_]*(?=[eE]))(?:[eE][-+]?\d+)?(?![\w.])/g;
/** No octal number, which PyYAML takes for a text and other readers for a decimal one. */
const LEADING_ZEROS = /(?<![\w.:/-])[-+]?0[\d_]*[89][\d_]*(?![\w.:-])/g;

function toText(value: any, path: string, text: string): any {
  const doubtful = (what: string) => new Error(`${path}: ${what} stands where a text is meant, and readers of YAML differ about it; put it in quotes`);
  if (typeof value === 'boolean') {
    if (/(^|[\s[{,:-])[yYnN](?=[\s\]},]|$)/m.test(text)) { throw doubtful("a bare 'y' or 'n'"); }
    return value ? 'True' : 'False';
  }
  if (typeof value === 'number') {
    const written = Number.isInteger(value)
      ? [...text.match(FLOATS) ?? [], ...text.match(LEADING_ZEROS) ?? []].some(token => Number(token.replace(/_/g, '')) === value) || !Number.isSafeInteger(value)
      : !(Math.abs(value) >= 1e-4 && Math.abs(value) < 1e16);
    if (written) { throw doubtful(`the number ${value}`); }
    return String(value);
  }
  // cdk8s reads a date as a time and gives it as text.
  const date = typeof value === 'string' && /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d\.\d{3}Z$/.exec(value);
  if (date && text !== '' && !text.includes(value)) {
    if (value.endsWith('T00:00:00.000Z') && new RegExp(`${date[1]}(?![Tt ]+\\d)`).test(text)) { return date[1]; }
    throw doubtful('a time');
  }
  return value;
}
