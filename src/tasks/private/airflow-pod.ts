import { checkConfig } from '../../airflow/config';
import { AirflowVersion } from '../../airflow/version';
import { toWire } from '../../pod/schema';
import { PodSettings, Wire } from '../../private/component-graph';
import { AirflowPodProps } from '../airflow-pod-props';

/** A user's settings of a pod as wire JSON. `prefix` stands before the name of a prop in messages: `scheduler.`. */
export function podSettings(props: AirflowPodProps, prefix: string): PodSettings {
  const own = Object.keys(props.labels ?? {}).filter(key => key.startsWith('app.kubernetes.io/'));
  if (own.length > 0) { throw new Error(`'${prefix}labels' must not set '${own[0]}': labels app.kubernetes.io/… say whose pod it is; use another key`); }
  return {
    labels: toWire('{}string', props.labels, `${prefix}labels`),
    annotations: toWire('{}string', props.annotations, `${prefix}annotations`),
    nodeSelector: toWire('{}string', props.nodeSelector, `${prefix}nodeSelector`),
    tolerations: toWire('[]Toleration', props.tolerations, `${prefix}tolerations`),
    affinity: toWire('Affinity', props.affinity, `${prefix}affinity`),
    priorityClassName: props.priorityClassName,
    serviceAccountAnnotations: toWire('{}string', props.serviceAccountAnnotations, `${prefix}serviceAccountAnnotations`),
  };
}

/** The container's own variables and the user's; the user's are checked like airflow.cfg where they stand for an entry of it. */
export function mergeEnv(version: AirflowVersion, own: Wire[], user: AirflowPodProps['env'], path: string): Wire[] {
  const added: Wire[] = toWire('[]EnvVar', user ?? [], path);
  added.forEach(({ name, value }, i) => {
    if (own.some(variable => variable.name === name)) {
      throw new Error(`'${path}[${i}]' sets '${name}', which the deployment sets itself; remove it`);
    }
    if (added.findIndex(variable => variable.name === name) !== i) { throw new Error(`'${path}' sets '${name}' twice; remove one`); }
    if (value !== undefined) { checkOption(version, name, value, `${path}[${i}]`); }
  });
  return [...own, ...added];
}

/** A variable has no types, so that its text may stand for any value that reads like it. */
function checkOption(version: AirflowVersion, name: string, text: string, path: string): void {
  const option = /^AIRFLOW__([A-Z0-9_]+?)__([A-Z0-9_]+)$/.exec(name);
  // A command or the name of a secret is no value.
  if (!option || /_CMD$/.test(name)) { return; }
  const check = (value: unknown) => checkConfig(version, { [option[1].toLowerCase()]: { [option[2].toLowerCase()]: value } }, path);
  const typed = /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  try {
    check(typed);
  } catch (error) {
    if (typed === text) { throw error; }
    check(text);
  }
}
