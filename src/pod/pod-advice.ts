import { commandAdvice } from './command-advice';
import { hasJinja, mapTemplatedFields } from './jinja';
import { jinjaProblem } from './jinja-syntax';
import { PodPath, podPathText, podTexts, valueAt } from './pod-path';
import { unlikely } from './pod-rules';
import { XCOM_SIDECAR_NAME } from './xcom';

/** Labels that the operator and the runner set on the pod of each run. */
const RUN_LABELS = ['dag_id', 'task_id', 'run_id', 'try_number', 'kubernetes_pod_operator', 'airflow_version', 'airflow_kpo_in_cluster'];

/** A finished pod, and the paths of what else than its templated fields is rendered. */
interface Pod {
  readonly metadata: any;
  readonly spec: any;
  readonly templated: readonly string[];
}

/** What the API server takes, and what will most likely not do what its author meant; each with its repair. */
export function podAdvice(pod: Pod): string[] {
  const { metadata, spec } = pod;
  return [
    ...spec.containers.slice(0, 1).flatMap((c: any) => commandAdvice(c.command, c.args)),
    ...unlikely(spec),
    ...spec.containers.flatMap((c: any) => c.env ?? []).filter(({ value }: any) => /^\/\S*\s+$/.test(value ?? ''))
      .map(({ name, value }: any) => `the variable '${name}' is '${value}', a path with a blank at its end; take the blank out`),
    ...rootProblems(spec),
    ...RUN_LABELS.filter(key => metadata.labels?.[key] !== undefined)
      .map(key => `the label '${key}' is overwritten when the task runs, by what the run is; use another key`),
    ...unrendered(pod).filter(({ path }) => isFreeText(path))
      .map(({ path, text }) => `Jinja in '${podPathText(path)}' stays as it is, for KubernetesPodOperator does not render it there: ${text.slice(0, 80)}; `
        + "write the text itself, or the whole into 'podTemplateDict', all of which is rendered"),
  ];
}

/** Jinja where nobody renders it and no text of that kind can stand: in names, keys and the like. */
export function misplacedJinja(pod: Pod): string[] {
  return unrendered(pod).filter(({ path }) => !isFreeText(path))
    .map(({ path, text }) => `'${podPathText(path)}' holds Jinja, which KubernetesPodOperator does not render there: ${text.slice(0, 80)}; `
      + "write the value itself, or the whole into 'podTemplateDict', all of which is rendered");
}

/**
 * Jinja that is rendered, and that no renderer can read.
 *
 * @param further texts beside those of the pod
 */
export function brokenJinja(pod: Pod, further: any): string[] {
  const problem = (text: string, where: string) => {
    const found = jinjaProblem(text);
    return found === undefined ? [] : [`the Jinja${where} cannot be read: ${found}; braces that are meant as such stand in {% raw %}`];
  };
  return [
    ...jinjaTexts(pod).filter(({ rendered }) => rendered).flatMap(({ path, text }) => problem(text, ` of '${podPathText(path)}'`)),
    ...podTexts(further).flatMap(({ text }) => problem(text, '')),
  ];
}

function unrendered(pod: Pod): { path: PodPath; text: string }[] {
  return jinjaTexts(pod).filter(({ path, rendered }) => !rendered && path[2] !== XCOM_SIDECAR_NAME);
}

/** The texts of a pod that hold Jinja, and whether it is rendered there. */
function jinjaTexts({ metadata: { labels, annotations }, spec, templated }: Pod): { path: PodPath; text: string; rendered: boolean }[] {
  const pod = { metadata: { labels, annotations }, spec };
  const without = mapTemplatedFields(pod, text => hasJinja(text) ? '' : text);
  return podTexts(pod).filter(({ text }) => hasJinja(text))
    .map(({ path, text }) => ({ path, text, rendered: valueAt(without, path) !== text || templated.includes(podPathText(path)) }));
}

/** In a container, but for what names something. */
function isFreeText(path: PodPath): boolean {
  return ['containers', 'initContainers'].includes(path[1]) && !['valueFrom', 'securityContext', 'ports'].some(step => path.includes(step));
}

function rootProblems(spec: any): string[] {
  return [...spec.initContainers ?? [], ...spec.containers].flatMap((c: any) => {
    const context = { ...spec.securityContext, ...c.securityContext };
    return context.runAsNonRoot === true && context.runAsUser === 0
      ? [`container '${c.name}' is to run as user 0 and not as root, so that it never starts; give 'runAsUser' another number, or 'runAsNonRoot: false'`] : [];
  });
}
