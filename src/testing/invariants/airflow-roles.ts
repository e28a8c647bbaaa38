import { Manifests, RenderedPod } from './manifests';

/** What a pod does for Airflow; undefined where it runs none of its commands. */
export type AirflowRole = 'scheduler' | 'api-server' | 'webserver' | 'dag-processor' | 'triggerer' | 'celery-worker' | 'flower' | 'task' | 'pod-cleanup' | 'command';

const COMMANDS: [RegExp, AirflowRole][] = [
  [/\bairflow celery worker\b/, 'celery-worker'],
  [/\bairflow celery flower\b/, 'flower'],
  [/\bairflow kubernetes cleanup-pods\b/, 'pod-cleanup'],
  [/\bairflow (scheduler|api-server|webserver|dag-processor|triggerer)\b/, 'command'],
  [/\bairflow [a-z]/, 'command'],
];

/** Finds out by the command of its first container; a pod from a file with `base` runs a task. */
export function roleOf(pod: RenderedPod): AirflowRole | undefined {
  const [main] = pod.spec.containers ?? [];
  if (!main) { return undefined; }
  if (pod.object.kind === 'ConfigMap') { return main.name === 'base' ? 'task' : undefined; }
  const text = commandOf(main);
  const found = COMMANDS.find(([pattern]) => pattern.test(text));
  const name = /\bairflow (scheduler|api-server|webserver|dag-processor|triggerer)\b/.exec(text)?.[1];
  return found && ((name as AirflowRole | undefined) ?? found[1]);
}

/** Command and arguments of a container as one text. */
export function commandOf(container: any): string {
  return [...container.command ?? [], ...container.args ?? []].join(' ');
}

/** The value of an option of airflow.cfg for a pod: of its variables, or of the airflow.cfg that it mounts. */
export function optionOf(manifests: Manifests, pod: RenderedPod, section: string, key: string): string | undefined {
  const name = `AIRFLOW__${section}__${key}`.toUpperCase();
  const variable = (pod.spec.containers[0].env ?? []).find((entry: any) => entry.name === name);
  return (variable && manifests.valueOf(variable, pod.namespace)) ?? configOf(manifests, pod)[`${section}.${key}`];
}

/** True where tasks run in the pod. */
export function runsTasks(manifests: Manifests, pod: RenderedPod): boolean {
  const role = roleOf(pod);
  return role === 'task' || role === 'celery-worker'
    || (role === 'scheduler' && /Local|Sequential/.test(optionOf(manifests, pod, 'core', 'executor') ?? ''));
}

const PARSED = new WeakMap<Manifests, Map<string, { [option: string]: string }>>();

function configOf(manifests: Manifests, pod: RenderedPod): { [option: string]: string } {
  const known = PARSED.get(manifests) ?? new Map<string, { [option: string]: string }>();
  PARSED.set(manifests, known);
  for (const { configMap } of pod.spec.volumes ?? []) {
    const text = configMap && manifests.find('ConfigMap', pod.namespace, configMap.name)?.data?.['airflow.cfg'];
    if (text === undefined) { continue; }
    if (!known.has(text)) { known.set(text, parseConfig(text)); }
    return known.get(text)!;
  }
  return {};
}

function parseConfig(text: string): { [option: string]: string } {
  const found: { [option: string]: string } = {};
  let section = '';
  for (const line of text.split('\n')) {
    const [, header] = /^\[(.*)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) { section = header; } else if (key !== undefined) { found[`${section}.${key}`] = value; }
  }
  return found;
}
