import { isKeyed, itemKey, PodPath, podPathText } from './pod-path';
import { CONTAINER_RULES } from './rules/container-rules';
import { LIKELY_RULES } from './rules/likely-rules';
import { SCHEDULING_RULES } from './rules/scheduling-rules';
import { VOLUME_RULES } from './rules/volume-rules';
import { Rules } from './rules/words';
import { SCHEMA } from './schema-data';

const RULES: Rules = { ...CONTAINER_RULES, ...SCHEDULING_RULES, ...VOLUME_RULES };

/** What Kubernetes refuses of a pod's spec beyond the types of its fields: names, ranges, what excludes each other. Texts with Jinja are not judged. */
export function brokenRules(spec: any): string[] {
  return inValue(RULES, 'PodSpec', spec, ['spec'], spec);
}

/** What Kubernetes takes, and what nobody means: names that no object can have, amounts of memory below a byte. */
export function unlikely(spec: any): string[] {
  return inValue(LIKELY_RULES, 'PodSpec', spec, ['spec'], spec);
}

/** The same of a value of any type of the schema, which stands at a path of a pod. */
export function brokenAt(type: string, value: any, path: PodPath): string[] {
  return inValue(RULES, type, value, path, {});
}

/** The same of an object of which only a part is known: what it lacks, and what it would have to be equal to, is not judged. */
export function brokenPart(type: string, value: any, path: PodPath): string[] {
  const complete = Object.entries(SCHEMA[type] ?? {}).every(([key, of]) => !of.endsWith('!') || value[key] !== undefined);
  return complete ? ownProblems(RULES, type, value, path, {}).filter(problem => !/ (needs|must be equal) /.test(problem)) : [];
}

function inValue(rules: Rules, type: string, value: any, path: PodPath, spec: any): string[] {
  if (value === null || typeof value !== 'object') { return []; }
  const plain = type.replace(/!$/, '');
  if (plain.startsWith('[]')) {
    const field = path[path.length - 1];
    const step = (item: any, i: number) => isKeyed(field) ? itemKey(field, item) : String(i);
    return value.flatMap((item: any, i: number) => inValue(rules, plain.slice(2), item, [...path, step(item, i)], spec));
  }
  if (!Object.hasOwn(SCHEMA, plain)) { return []; }
  const objects = Object.entries(value).filter(([, item]) => typeof item === 'object');
  return [...ownProblems(rules, plain, value, path, spec), ...objects.flatMap(([key, item]) => inValue(rules, SCHEMA[plain][key] ?? 'object', item, [...path, key], spec))];
}

/** A problem that begins with a field is one of that field; the spec of a pod goes without saying. */
function ownProblems(rules: Rules, type: string, value: any, path: PodPath, spec: any): string[] {
  return (rules[type]?.(value, spec) ?? []).map(problem => problem.startsWith("'")
    ? `'${path.length > 1 || path[0] !== 'spec' ? `${podPathText(path)}.` : ''}${problem.slice(1)}` : `'${podPathText(path)}' ${problem}`);
}
