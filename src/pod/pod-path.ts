/** What tells the items of a list apart. */
export const KEYS: { [field: string]: string } = {
  containers: 'name', initContainers: 'name', volumes: 'name', env: 'name', volumeMounts: 'mountPath', volumeDevices: 'devicePath', ports: 'name',
};

/** True for a list whose items are told apart by a name, path or the like, rather than by their place. */
export function isKeyed(field: string | undefined): boolean {
  return field !== undefined && Object.hasOwn(KEYS, field);
}

/**
 * What tells an item of a keyed list from the others: its name, its path, or the number of a port without a name.
 *
 * @throws Error where the item lacks it.
 */
export function itemKey(field: string, item: any): string {
  const key = field === 'ports' && item.name === undefined && item.containerPort !== undefined
    ? `${item.containerPort}/${item.protocol ?? 'TCP'}` : item[KEYS[field]];
  if (typeof key !== 'string') { throw new Error(`an item of '${field}' has no '${KEYS[field]}', by which it is told from the others: ${JSON.stringify(item)}`); }
  return field === 'volumeMounts' ? key.replace(/(?<=.)\/+$/, '') : key;
}

/** An item with what tells it from the others, the opposite of {@link itemKey}; what it says itself stays. */
export function withItemKey(field: string, key: string, item: any): any {
  const port = field === 'ports' ? /^(\d+)\/(\w+)$/.exec(key) : null;
  return port ? { containerPort: Number(port[1]), protocol: port[2], ...item } : { [KEYS[field]]: key, ...item };
}

/** Where a value stands in a pod, such as `['spec', 'containers', 'base', 'args', '0']` for `spec.containers[base].args[0]`. */
export type PodPath = readonly string[];

/**
 * Reads a path such as `spec.containers[base].resources.limits` or `metadata.labels[example.com/team]`.
 *
 * @throws Error where it is none.
 */
export function parsePodPath(text: string): PodPath {
  const steps = [...text.matchAll(/(?:^|\.)([^.[\]]+)|\[([^\]]+)\]/gy)];
  if (steps.map(step => step[0]).join('') !== text || steps.length === 0 || text.startsWith('.')) {
    throw new Error(`'${text}' is no path; write one such as 'spec.containers[base].resources.limits' or 'metadata.labels[example.com/team]'`);
  }
  return steps.map(step => step[1] ?? step[2]);
}

/** The text of a path: what names an item or is no plain word stands in brackets. */
export function podPathText(path: PodPath): string {
  return path.map((step, i) => {
    const item = isKeyed(path[i - 1]) || !/^[A-Za-z]\w*$/.test(step);
    return item && i > 0 ? `[${step}]` : `${i > 0 ? '.' : ''}${step}`;
  }).join('');
}

/** What a path's last step names in an object or list: its key or index; undefined where there is none. `field` is the step before. */
export function locate(parent: any, field: string | undefined, step: string): string | number | undefined {
  if (Array.isArray(parent)) {
    const index = isKeyed(field) ? parent.findIndex(item => itemKey(field!, item) === step) : /^\d+$/.test(step) ? Number(step) : -1;
    return index >= 0 && index < parent.length ? index : undefined;
  }
  return parent !== null && typeof parent === 'object' && Object.hasOwn(parent, step) ? step : undefined;
}

/** Every text in a value, with its path. */
export function podTexts(value: any, path: PodPath = []): { readonly path: PodPath; readonly text: string }[] {
  if (typeof value === 'string') { return [{ path, text: value }]; }
  if (value === null || typeof value !== 'object') { return []; }
  const field = path[path.length - 1];
  const keyed = Array.isArray(value) && isKeyed(field);
  return Object.entries(value).flatMap(([key, item]) => podTexts(item, [...path, keyed ? itemKey(field, item) : key]));
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: any, path: PodPath): any {
  return path.reduce((parent, step, i) => {
    const key = parent === undefined ? undefined : locate(parent, path[i - 1], step);
    return key === undefined ? undefined : parent[key];
  }, value);
}

/** The value with another text at a path; unchanged where nothing stands there. */
export function replaceAt(value: any, path: PodPath, change: (text: any) => any, depth = 0): any {
  if (depth === path.length) { return change(value); }
  const key = locate(value, path[depth - 1], path[depth]);
  if (key === undefined) { return value; }
  const inner = replaceAt(value[key], path, change, depth + 1);
  return Array.isArray(value) ? value.map((item, i) => i === key ? inner : item) : { ...value, [key]: inner };
}
