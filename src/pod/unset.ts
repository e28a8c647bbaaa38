import { isKeyed, itemKey, locate, parsePodPath, PodPath, podPathText } from './pod-path';

/**
 * A pod without what the paths name. A list that becomes empty goes as well.
 *
 * @throws Error for a path that matches nothing; it says what there is.
 */
export function unset(pod: any, paths: readonly string[]): any {
  return paths.reduce((rest, text) => {
    const path = parsePodPath(text);
    if (path.length < 2) { throw new Error(`'unset' of '${text}' would leave no pod; name a part of it`); }
    return without(rest, path, 0, text);
  }, pod);
}

function without(value: any, path: PodPath, depth: number, text: string): any {
  const step = path[depth];
  const key = locate(value, path[depth - 1], step);
  if (key === undefined) {
    const found = depth === 0 ? 'the pod' : `'${podPathText(path.slice(0, depth))}'`;
    throw new Error(`'unset' of '${text}' matches nothing: ${found} has ${names(value, path[depth - 1])}`);
  }
  const last = depth === path.length - 1;
  const inner = last ? undefined : without(value[key], path, depth + 1, text);
  const keep = !last && !(Array.isArray(inner) && inner.length === 0);
  if (Array.isArray(value)) { return value.flatMap((item, i) => i !== key ? [item] : keep ? [inner] : []); }
  const { [key]: _, ...others } = value;
  return keep ? { ...value, [key]: inner } : others;
}

function names(value: any, field: string | undefined): string {
  if (value === null || typeof value !== 'object') { return 'no parts'; }
  const all = Array.isArray(value) && isKeyed(field) ? value.map(item => itemKey(field!, item)) : Object.keys(value);
  return all.length === 0 ? 'no parts' : all.map(name => `'${name}'`).join(', ');
}
