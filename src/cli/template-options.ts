import { nodeAt, readContextFile } from './context-file';
import { RenderContext } from '../runtime/context';
import { ManifestError } from '../runtime/errors';
import { ExactJson, JsonNode, parseJson } from '../runtime/json';

/** The options that say what templates may name. */
export interface TemplateOptions {
  readonly var?: string[];
  readonly conn?: string[];
  readonly params?: string[];
  readonly conf?: string;
  readonly logicalDate?: string;
  readonly contextFile?: string;
}

/**
 * What templates may name, of a command line: the context file, and over it the single options.
 *
 * @throws ManifestError
 */
export function templateContext(options: TemplateOptions): RenderContext {
  const file = options.contextFile === undefined ? new Map<string, JsonNode>() : readContextFile(options.contextFile);
  const entriesAt = (path: string): [string, JsonNode][] => {
    const node = nodeAt(file, path);
    return node?.kind === 'object' ? [...node.entries] : [];
  };
  const object = (...entries: [string, JsonNode][]) => values({ kind: 'object', entries: new Map(entries) });
  const texts = (name: string, given: string[] = []) => given.map((_, i) => pair(name, given, i)).map(([key, value]): [string, JsonNode] => [key, { kind: 'string', value }]);
  const all: any = Object.fromEntries([...file].map(([key, node]) => [key, deep(key, node)]));
  const variables = texts('var', options.var);
  // What an option gives is the whole variable: its value is JSON, too.
  const left = entriesAt('var.json').filter(([key]) => !variables.some(([name]) => name === key));
  const conf = [...entriesAt('dag_run.conf'), ...options.conf === undefined ? [] : configuration(options.conf)];
  return {
    ...all,
    // As in Airflow the conf of a run lies over its params ('dag_run_conf_overrides_params').
    params: object(...entriesAt('params'), ...conf, ...(options.params ?? []).flatMap((_, i, given) => parameters(given, i))),
    dag_run: { conf: object(...conf) },
    var: { value: object(...entriesAt('var.value'), ...variables), json: object(...left) },
    conn: object(...entriesAt('conn'), ...texts('conn', options.conn)),
  };
}

/** One level of JavaScript, whose values keep their digits and the order of their keys. */
function values(node: JsonNode): { [key: string]: any } {
  if (node.kind !== 'object') { return {}; }
  return Object.fromEntries([...node.entries].map(([key, value]) => [key, value.kind === 'string' ? value.value : new ExactJson(value)]));
}

function deep(key: string, node: JsonNode): any {
  if (node.kind === 'string') { return node.value; }
  if (node.kind !== 'object') { throw new ManifestError(`'${key}' in the context file must be a text`); }
  if (key !== 'xcom' && key !== 'conf') { return values(node); }
  // Of a mapped task, a list of them.
  return Object.fromEntries([...node.entries].map(([name, inner]) => [name, inner.kind === 'array' ? inner.items.map(values) : values(inner)]));
}

/** `--params`: a JSON object, or NAME=VALUE, whose value is JSON where it can be read as such and else text. */
function parameters(given: string[], i: number): [string, JsonNode][] {
  if (given[i].trimStart().startsWith('{')) {
    const node = parseJson(given[i], "the value of '--params'");
    return node.kind === 'object' ? [...node.entries] : [];
  }
  const [name, value] = pair('params', given, i);
  try {
    return [[name, parseJson(value)]];
  } catch {
    return [[name, { kind: 'string', value }]];
  }
}

/** `--conf`, a JSON object as `airflow dags trigger` takes it. */
function configuration(text: string): Map<string, JsonNode> {
  const node = parseJson(text, "the value of '--conf'");
  if (node.kind !== 'object') { throw new ManifestError(`'--conf' must be a JSON object, got a JSON ${node.kind}`, 'for example --conf \'{"day": "2026-01-31"}\''); }
  return node.entries;
}

/** What is given may be a secret, so no message shows it. */
function pair(option: string, given: string[], i: number): [string, string] {
  const text = given[i];
  const equals = text.indexOf('=');
  const which = given.length > 1 ? ` (number ${i + 1} of ${given.length})` : '';
  if (equals < 1) { throw new ManifestError(`'--${option}' must be ${option === 'conn' ? 'ID=URI' : 'NAME=VALUE'}, got ${equals < 0 ? "a text without '='" : "nothing before the '='"}${which}`, `for example --${option} ${option === 'conn' ? 'db=postgres://user@host/database' : 'name=value'}`); }
  return [text.slice(0, equals), text.slice(equals + 1)];
}
