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

function inValue(rules: Rules, type: string, value: any, path: PodPath, spec: any): string[] {
  const plain = type.replace(/!$/, '');
  if (value === undefined || value === null) { return []; }
  if (plain.startsWith('[]')) {
    const field = path[path.length - 1];
    const step = (item: any, i: number) => isKeyed(field) ? itemKey(field, item) : String(i);
    return value.flatMap((item: any, i: number) => inValue(rules, plain.slice(2), item, [...path, step(item, i)], spec));
  }
  if (!Object.hasOwn(SCHEMA, plain)) { return []; }
  // A problem that begins with a field is one of that field.
  const own = (rules[plain]?.(value, spec) ?? []).map(problem => problem.startsWith("'")
    ? `'${path.length > 1 ? `${podPathText(path)}.` : ''}${problem.slice(1)}` : `'${podPathText(path)}' ${problem}`);
  return [...own, ...Object.entries(value).flatMap(([key, item]) => inValue(rules, SCHEMA[plain][key] ?? 'object', item, [...path, key], spec))];
}
