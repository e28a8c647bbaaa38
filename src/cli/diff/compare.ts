/** A leaf in which two values differ; what one of them does not have is undefined. */
export interface Difference {
  /** Such as `spec.template.spec.containers[base].image`: items of a list by their names, where they have any. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const isObject = (value: unknown): value is { [key: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands for an item of a list: the key by which Kubernetes merges it. */
function nameOf(item: unknown): string | undefined {
  if (!isObject(item)) { return undefined; }
  for (const key of ['name', 'mountPath', 'containerPort', 'port']) {
    if (typeof item[key] === 'string' || typeof item[key] === 'number') { return String(item[key]); }
  }
  return undefined;
}

function byName(list: unknown[]): Map<string, unknown> | undefined {
  const names = list.map(nameOf);
  return names.every(name => name !== undefined) && new Set(names).size === names.length
    ? new Map(list.map((item, i) => [names[i]!, item])) : undefined;
}

/** The leaves in which two JSON values differ, in the order of the first, then of the second. */
export function compare(before: unknown, after: unknown, path = ''): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) { return []; }
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap(key => compare(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [byName(before), byName(after)];
    if (old && now) {
      const found = [...new Set([...old.keys(), ...now.keys()])].flatMap(name => compare(old.get(name), now.get(name), `${path}[${name}]`));
      // The same items in another order.
      return found.length > 0 ? found : [{ path, before: [...old.keys()].join(', '), after: [...now.keys()].join(', ') }];
    }
  }
  return [{ path, before, after }];
}
