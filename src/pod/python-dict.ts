import { SCHEMA } from './schema-data';

/**
 * An object as `to_dict()` of the Kubernetes client for Python gives it, in which Airflow's operators push it as an XCom: names of fields in snake_case, and
 * None for every field that is not there. Times stay texts.
 *
 * @param type a type of the schema, such as `Job`
 */
export function pythonDict(type: string, value: any): any {
  if (value === null || value === undefined) { return null; }
  if (type.startsWith('[]')) { return value.map((item: any) => pythonDict(type.slice(2), item)); }
  if (type.startsWith('{}')) { return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pythonDict(type.slice(2), item)])); }
  const fields = Object.hasOwn(SCHEMA, type) ? SCHEMA[type] : undefined;
  if (fields === undefined) { return value; }
  const known = Object.entries(fields).map(([name, of]) => [pythonName(name), pythonDict(of.replace(/!$/, ''), value[name])]);
  // The table has no status, which only the server writes.
  const others = Object.entries(value).filter(([name]) => !Object.hasOwn(fields, name)).map(([name, item]) => [pythonName(name), snakeCase(item)]);
  return Object.fromEntries([...known, ...others]);
}

function snakeCase(value: any): any {
  if (Array.isArray(value)) { return value.map(snakeCase); }
  if (value === null || typeof value !== 'object') { return value; }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [pythonName(name), snakeCase(item)]));
}

/** Words of Python's own. */
const RESERVED = ['exec', 'from', 'continue'];

/** As OpenAPI's generator for Python names a field: `podIPs` → `pod_i_ps`, `clusterIP` → `cluster_ip`. */
function pythonName(name: string): string {
  if (RESERVED.includes(name)) { return `_${name}`; }
  return name.replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
