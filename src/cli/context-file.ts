import { readFileSync } from 'node:fs';
import { ManifestError } from '../runtime/errors';
import { JsonNode, parseJson } from '../runtime/json';

/** What must be an object, by its path. */
const OBJECTS = ['params', 'var', 'var.value', 'var.json', 'conn', 'xcom', 'conf', 'dag_run', 'dag_run.conf'];
/** All that an object has. */
const KEYS: [path: string, keys: string[]][] = [['var', ['value', 'json']], ['dag_run', ['conf']]];
const EXAMPLE = 'for example {"params": {"day": 1}, "var": {"value": {"bucket": "b"}}}';

/**
 * The content of `--context-file`.
 *
 * @throws ManifestError
 */
export function readContextFile(path: string): Map<string, JsonNode> {
  let text: string;
  try {
    // Editors of Windows put a mark in front that nobody sees.
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new ManifestError(`the context file '${path}' cannot be read: ${(error as Error).message}`, "give '--context-file' the path of a JSON file");
  }
  const node = parseJson(text, `the context file '${path}'`);
  if (node.kind !== 'object') { throw new ManifestError(`the context file '${path}' must hold a JSON object`, EXAMPLE); }
  const problem = problemOf(node.entries);
  if (problem !== undefined) { throw new ManifestError(`in the context file '${path}', ${problem}`, EXAMPLE); }
  return node.entries;
}

/** What stands at a path, whose keys have a dot between them. */
export function nodeAt(file: Map<string, JsonNode>, path: string): JsonNode | undefined {
  return path.split('.').reduce<JsonNode | undefined>((node, key) => node?.kind === 'object' ? node.entries.get(key) : undefined, { kind: 'object', entries: file });
}

/** What no template could name. */
function problemOf(file: Map<string, JsonNode>): string | undefined {
  const entries = (path: string) => {
    const node = nodeAt(file, path);
    return node?.kind === 'object' ? [...node.entries] : [];
  };
  const scalar = OBJECTS.find(path => (nodeAt(file, path) ?? { kind: 'object' }).kind !== 'object');
  if (scalar !== undefined) { return `'${scalar}' must be an object`; }
  for (const [path, keys] of KEYS) {
    const other = entries(path).find(([key]) => !keys.includes(key));
    if (other) { return `'${path}' has ${keys.map(key => `'${key}'`).join(' and ')} and no '${other[0]}'`; }
  }
  const number = entries('var.value').find(([, node]) => node.kind !== 'string');
  if (number) { return `'var.value.${number[0]}' must be a text, as a variable is; one that holds JSON may stand in 'var.json'`; }
  const section = entries('conf').find(([, node]) => node.kind !== 'object');
  if (section) { return `'conf.${section[0]}' must be an object of options`; }
  const task = entries('xcom').find(([, node]) => (node.kind === 'array' ? node.items : [node]).some(keys => keys.kind !== 'object'));
  return task && `'xcom.${task[0]}' must be an object such as {"return_value": 1}, or of a mapped task a list of them`;
}
