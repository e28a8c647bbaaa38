import { Yaml } from 'cdk8s';
import { WorkerPodTemplate } from './worker-pod-template';
import { closest } from '../pod/closest';
import { refuseLiteral } from '../pod/credentials';
import { overrideByPlace } from '../pod/executor-override';
import { hasJinja } from '../pod/jinja';
import { mergePods } from '../pod/merge';
import { podPathText, podTexts } from '../pod/pod-path';
import { PYTHON_KEYWORDS, pythonModel, pythonText } from '../pod/python';
import { toWire } from '../pod/schema';
import { BASE_CONTAINER } from '../pod/task-parameters';
import { checkPropNames } from '../private/known-props';
import * as kplus from '../private/kplus';
import { hasMember, shown } from '../private/prop-types';

/** What differs in the pod of some tasks under KubernetesExecutor. */
export interface WorkerPodOverrideProps {
  /** Its name in Python and, with `.yaml`, as a template file: lower-case letters, digits and `_`. */
  readonly name: string;

  /**
   * A pod in wire JSON with what differs. The container of the task is called `base`; others are further containers.
   * Name, namespace, command and the labels of the task are Airflow's.
   */
  readonly pod: kplus.k8s.KubePodProps | { [key: string]: any };
}

/** Labels and annotations by which Airflow knows whose pod it is. */
const IDENTITY = ['dag_id', 'task_id', 'run_id', 'try_number', 'map_index', 'airflow-worker', 'kubernetes_executor', 'airflow_version'];

/**
 * What differs in the pod of some tasks under KubernetesExecutor: resources, secrets, node placement, a sidecar.
 *
 * DAGs written by hand use it through a Python module beside them, `@task(executor_config=gpu)`, or by the path of a template file that
 * `AirflowKubernetesDeployment.addWorkerPodTemplate` mounts.
 *
 * @see https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/kubernetes_executor.html#pod-override
 */
export class WorkerPodOverride {
  /**
   * A Python module with one `executor_config` for each override, under its name. It belongs beside the DAGs, which import it:
   * `from pod_overrides import gpu`.
   *
   * @param overrides with names that differ
   * @param template the pod of all other tasks. Airflow merges by place: with the template given, containers are told apart by their names, and what Airflow
   * cannot be told is refused; without it, a container beside `base` comes upon the one at its place there.
   */
  public static toPythonModule(overrides: WorkerPodOverride[], template?: WorkerPodTemplate): string {
    const wrong = Array.isArray(overrides) ? overrides.findIndex(override => !hasMember(override, 'toPodTemplateFile')) : 0;
    if (wrong >= 0) { throw new Error(`a Python module takes a list of WorkerPodOverride, got ${shown(Array.isArray(overrides) ? overrides[wrong] : overrides)}`); }
    if (overrides.length === 0) { throw new Error('a Python module of no override; give at least one WorkerPodOverride'); }
    const twice = overrides.find(({ name }, i) => overrides.findIndex(other => other.name === name) !== i);
    if (twice) { throw new Error(`two overrides are called '${twice.name}'; give one of them another 'name'`); }
    const configs = overrides.map(({ name, _pod }) => {
      const config = { pod_override: pythonModel('Pod', template ? overTemplate(name, _pod, template) : _pod) };
      return `${name} = ${pythonText(config, 0, name.length + 3)}\n`;
    });
    return `"""Made by cdk8s-airflow. The executor_config of tasks, by name."""\n\nfrom kubernetes.client import models as k8s\n\n${configs.join('\n')}`;
  }

  /** Its name. */
  public readonly name: string;

  /** What differs, `base` first. @internal */
  public readonly _pod: any;

  constructor(props: WorkerPodOverrideProps) {
    checkPropNames(props, { name: true, pod: true }, 'WorkerPodOverride', 'WorkerPodOverrideProps');
    this.name = props.name;
    if (typeof props.name !== 'string' || !/^[a-z_][a-z0-9_]{0,62}$/.test(props.name) || PYTHON_KEYWORDS.has(props.name) || props.name === 'k8s') {
      throw new Error(`WorkerPodOverride: 'name' must be a name in Python of at most 63 lower-case letters, digits and '_', other than 'k8s', got ${shown(props.name)}`);
    }
    try {
      if (props.pod === undefined) { throw new Error("'pod' is missing; give the part of the pod that differs, such as { spec: { nodeSelector: { … } } }"); }
      this._pod = withBaseFirst(toWire('Pod', props.pod, 'pod', { partial: true }) ?? {});
      // Without what models of the Python client demand, the module would not load.
      toWire('Pod', { apiVersion: 'v1', kind: 'Pod', ...this._pod }, 'pod');
      assertOwn(this._pod);
    } catch (error) {
      throw new Error(`WorkerPodOverride '${props.name}': ${(error as Error).message}`, { cause: error });
    }
  }

  /**
   * The whole pod of the tasks as the text of a `pod_template_file`: the deployment's pod with this one merged over it.
   *
   * @param template the pod of all other tasks
   */
  public toPodTemplateFile(template: WorkerPodTemplate): string {
    const layers = [{ source: "the deployment's 'workers'", pod: template.toJson() }, { source: `WorkerPodOverride '${this.name}'`, pod: this._pod, replaces: true }];
    return Yaml.stringify(mergePods(layers));
  }
}

function overTemplate(name: string, pod: any, template: WorkerPodTemplate): any {
  try {
    return overrideByPlace(pod, template.toJson());
  } catch (error) {
    throw new Error(`WorkerPodOverride '${name}': ${(error as Error).message}`, { cause: error });
  }
}

/** The container of the task first: Airflow merges by place. */
function withBaseFirst(pod: any): any {
  if (pod.spec === undefined) { return pod; }
  const containers: any[] = pod.spec.containers ?? [];
  const base = containers.find(({ name }) => name === BASE_CONTAINER);
  const others = containers.filter(container => container !== base);
  const alike = base ? undefined : others.find(({ name }) => name === undefined || closest(String(name), [BASE_CONTAINER]).length > 0);
  if (alike) {
    throw new Error(`the container of the task is called '${BASE_CONTAINER}', got ${alike.name === undefined ? 'one without a name' : `'${alike.name}'`}`);
  }
  return { ...pod, spec: { ...pod.spec, containers: [base ?? { name: BASE_CONTAINER }, ...others] } };
}

/** Throws where it would take from Airflow what Airflow needs, or hold a credential itself: DAGs are read by many. */
function assertOwn(pod: any): void {
  const { metadata = {}, spec = {} } = pod;
  const base = spec.containers?.[0] ?? {};
  const taken = [
    ...['name', 'generateName', 'namespace'].filter(key => metadata[key] !== undefined).map(key => `metadata.${key}`),
    ...['labels', 'annotations'].flatMap(map => IDENTITY.filter(key => metadata[map]?.[key] !== undefined).map(key => `metadata.${map}.${key}`)),
    ...['command', 'args'].filter(key => base[key] !== undefined).map(key => `spec.containers[${BASE_CONTAINER}].${key}`),
  ];
  if (taken.length > 0) { throw new Error(`'pod.${taken[0]}' is Airflow's own: it finds and starts the task by it; remove it`); }
  if ((spec.restartPolicy ?? 'Never') !== 'Never') {
    throw new Error(`'pod.spec.restartPolicy' must be 'Never', got '${spec.restartPolicy}': a task that ended must not begin again; use 'retries' in the DAG`);
  }
  for (const list of ['initContainers', 'containers']) {
    for (const container of spec[list] ?? []) {
      for (const { name, value } of container.env ?? []) { refuseLiteral(name, value, `pod.spec.${list}[${container.name}].env`); }
    }
  }
  const jinja = podTexts(pod).find(({ text }) => hasJinja(text));
  if (jinja) {
    throw new Error(`'pod.${podPathText(jinja.path)}' holds Jinja, which Airflow does not render in executor_config: ${jinja.text.slice(0, 80)}; write the text itself`);
  }
}

