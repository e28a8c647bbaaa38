import { KEYS, parsePodPath, replaceAt, valueAt } from './pod-path';

/** True where a text holds Jinja that a renderer would touch. */
export function hasJinja(text: string): boolean {
  return /\{\{|\{%|\{#/.test(text);
}

/** True where a renderer leaves another text: Jinja, or a line end that it would take away. */
export function isChangedByRendering(text: string): boolean {
  return hasJinja(text) || /\r|\n$/.test(text);
}

const PULL = /\bxcom_pull\(\s*(?:task_ids\s*=\s*)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
const PULL_WHOLE = new RegExp(`${PULL.source}(?=([^)]*))`, 'g');
const DAG_ID = /\bdag_id\s*=\s*(?:(['"])(.*?)\1|((?:dag|ti|task|task_instance|dag_run)\.dag_id\b)?)/;
const PULL_OF_RESULT = new RegExp(`${PULL.source}\\s*\\)`, 'g');

/**
 * The task ids whose XCom a text pulls by a literal id, in the order of the text; without those of another DAG, or of one that only a run knows.
 */
export function pulledTaskIds(text: string): string[] {
  return [...text.matchAll(PULL_WHOLE)].filter(([, , , others]) => {
    const dagId = DAG_ID.exec(others);
    return dagId === null || dagId[3] !== undefined;
  }).map(idOf);
}

/** The same of those alone that name the DAG by its id. */
export function pulledOfDag(text: string, dagId: string): string[] {
  return [...text.matchAll(PULL_WHOLE)].filter(([, , , others]) => DAG_ID.exec(others)?.[2] === dagId).map(idOf);
}

/** The same of those alone whose result is pulled, and nothing under a key of its own, such as the name of a Job. */
export function pulledResults(text: string): string[] {
  return [...text.matchAll(PULL_OF_RESULT)].map(idOf);
}

function idOf([, single, double]: RegExpMatchArray): string {
  return (single ?? double).replace(/\\(.)/g, '$1');
}

/** A Jinja string literal. */
export function jinjaString(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** A text that renders to the given one, whatever that holds. */
export function verbatim(text: string): string {
  if (!isChangedByRendering(text)) { return text; }
  const escaped = jinjaString(text).replace(/[\r\n{}%#]/g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `{{ ${escaped} }}`;
}

/** Paths in a pod of what is rendered beside the templated fields, and of what is left alone in them. */
export interface TemplatedPaths {
  readonly templated?: readonly string[];
  readonly asWritten?: readonly string[];
}

/**
 * The pod with every field rendered that KubernetesPodOperator renders (its `template_fields`, and what the paths name), and no other.
 * Keys are left alone, but for those of `env`, which are values to Kubernetes.
 */
export function mapTemplatedFields(given: any, render: (text: string, path: string) => string, paths: TemplatedPaths = {}): any {
  const { templated = [], asWritten = [] } = paths;
  const pod = withFurther(given, templated, render);
  const deep = (value: any, path: string): any => {
    if (typeof value === 'string') { return render(value, path); }
    if (Array.isArray(value)) { return value.map((item, i) => deep(item, `${path}[${i}]`)); }
    if (value === null || typeof value !== 'object') { return value; }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, `${path}.${key}`)]));
  };
  const fields = (object: any, path: string, names: string[]): any => {
    if (object === undefined || object === null) { return object; }
    const rendered = names.filter(name => object[name] !== undefined).map(name => [name, deep(object[name], `${path}.${name}`)]);
    return { ...object, ...Object.fromEntries(rendered) };
  };
  const each = (list: any[] | undefined, path: string, change: (item: any, path: string) => any) =>
    list?.map((item, i) => change(item, `${path}[${i}]`));
  const defined = (object: any) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

  const base = pod.spec.containers[0];
  const at = 'spec.containers[0]';
  const container = defined({
    ...fields(base, at, ['image', 'command', 'args', 'resources']),
    env: each(base.env, `${at}.env`, (env, path) => fields(env, path, ['name', 'value'])),
    envFrom: each(base.envFrom, `${at}.envFrom`, (from, path) =>
      from.configMapRef ? { ...from, configMapRef: fields(from.configMapRef, `${path}.configMapRef`, ['name']) } : from),
    volumeMounts: each(base.volumeMounts, `${at}.volumeMounts`, (mount, path) => fields(mount, path, ['name', 'subPath'])),
  });
  const volume = (v: any, path: string) => defined({
    ...fields(v, path, ['name']),
    persistentVolumeClaim: fields(v.persistentVolumeClaim, `${path}.persistentVolumeClaim`, ['claimName']),
    configMap: fields(v.configMap, `${path}.configMap`, ['name']),
  });
  const mapped = {
    ...pod,
    metadata: fields(pod.metadata, 'metadata', ['labels', 'annotations', 'namespace']),
    spec: defined({
      ...fields(pod.spec, 'spec', ['hostname', 'nodeSelector']),
      containers: [container, ...pod.spec.containers.slice(1)],
      volumes: each(pod.spec.volumes, 'spec.volumes', volume),
    }),
  };
  return asWritten.map(parsePodPath).reduce((result, path) => replaceAt(result, path, () => valueAt(given, path)), mapped);
}

/** With those rendered that the annotation names, and of them the names last: by a name the others are found. */
function withFurther(pod: any, templated: readonly string[], render: (text: string, path: string) => string): any {
  const names = (path: string) => Number(Object.values(KEYS).includes(parsePodPath(path).at(-1)!));
  const further = [...templated].sort((a, b) => names(a) - names(b));
  return further.reduce((result, path) => replaceAt(result, parsePodPath(path), text => render(text, path)), pod);
}
