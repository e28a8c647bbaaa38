import { parse } from 'yaml';
import { podHash, refusal } from './kpo';
import { PodMutation, WorkerPodOverride, WorkerPodTemplate } from '../../src';
import { mergePods } from '../../src/pod/merge';
import { mutatePod } from '../../src/pod/mutation';
import { safeLabelValue, slug } from '../../src/pod/names';

/** A task under KubernetesExecutor, and of what its pod is made. */
export interface ExecutorCase {
  readonly id: string;
  /** Its version. */
  readonly airflow: string;
  readonly identity: {
    readonly dag_id: string; readonly task_id: string; readonly run_id: string; readonly try_number: number; readonly map_index: number;
  };
  readonly queue: string;
  readonly template: WorkerPodTemplate;
  readonly override?: WorkerPodOverride;
  /** How Airflow gets the override: as executor_config from a module, or as a template file. */
  readonly as?: 'module' | 'file';
  readonly mutations: PodMutation[];
}

/** What the executor is given. */
export function executorInput({ id, identity, queue, template, override, as, mutations }: ExecutorCase): any {
  return {
    id,
    identity,
    queue,
    template: override && as === 'file' ? override.toPodTemplateFile(template) : template.toYaml(),
    ...(override && as === 'module' ? { module: WorkerPodOverride.toPythonModule([override], template), override: override.name } : {}),
    ...(mutations.length > 0 ? { settings: PodMutation.toAirflowLocalSettings(mutations) } : {}),
  };
}

/**
 * The pod that is meant: the template, what Airflow says of the task, and what differs, merged by name; and then mutated.
 *
 * @param args what the container of the task starts, which only Airflow knows
 */
export function meantPod({ airflow, identity, queue, template, override, as, mutations }: ExecutorCase, args: string[]): any {
  const { dag_id, task_id, run_id, try_number, map_index } = identity;
  const ids = { dag_id, task_id, run_id, try_number: String(try_number), ...(map_index >= 0 ? { map_index: String(map_index) } : {}) };
  const dynamic = {
    metadata: {
      name: slug(`${dag_id}-${task_id}`),
      namespace: 'tasks',
      labels: {
        ...Object.fromEntries(Object.entries(ids).map(([key, value]) => [key, safeLabelValue(value)])),
        'airflow-worker': '7',
        'airflow_version': airflow,
        'kubernetes_executor': 'True',
      },
      annotations: ids,
    },
    spec: { containers: [{ name: 'base', args, env: [{ name: 'AIRFLOW_IS_K8S_EXECUTOR_POD', value: 'True' }] }] },
  };
  const layer = (source: string, pod: any) => ({ source, pod, replaces: true });
  const base = override && as === 'file' ? parse(override.toPodTemplateFile(template)) : template.toJson();
  const merged = mergePods([layer('template', base), layer('Airflow', dynamic), ...(override && as === 'module' ? [layer('override', override._pod)] : [])]);
  return mutatePod(merged, PodMutation._all(mutations, 'mutations'), { maker: 'KubernetesExecutor', queue });
}

/** A pod without what means nothing: null and empty values, variables that a later one of their name overrules, whether an amount is a number or a text. */
export function comparable(pod: any): any {
  const plain = (value: any, amount = false): any => {
    if (Array.isArray(value)) { return value.map(item => plain(item)); }
    if (value === null || typeof value !== 'object') { return amount && value !== null ? String(value) : value; }
    const entries = Object.entries(value).map(([key, item]) => [key, plain(item, amount || key === 'limits' || key === 'requests')] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== null && item !== '' && !(typeof item === 'object' && Object.keys(item).length === 0)));
  };
  const overruled = (env: any[], i: number) => env.slice(i + 1).some(({ name }) => name === env[i].name);
  const container = ({ env = [], ...rest }: any) => ({ ...rest, env: env.filter((_: any, i: number) => !overruled(env, i)) });
  const { spec } = pod;
  return plain({ ...pod, spec: { ...spec, containers: spec.containers.map(container), initContainers: (spec.initContainers ?? []).map(container) } });
}

/** The hash of the executor's pod, with its arguments; or why it is none. */
export interface RecordedPod {
  readonly hash?: string;
  readonly args?: string[];
  readonly refused?: string;
}

/** The executor's result, ready to be compared and recorded. */
export function recordedPod(result: { pod?: any; error?: string }): RecordedPod & { pod?: any } {
  const refused = result.error ?? refusal(result.pod);
  if (refused !== undefined) { return { refused: refused.slice(0, 150) }; }
  const { metadata } = result.pod;
  const pod = comparable({ ...result.pod, metadata: { ...metadata, name: metadata.name.slice(0, -9) } });
  return { pod, hash: podHash(pod), args: result.pod.spec.containers[0].args };
}

/** True where the pod is the one that is meant; else what was meant. */
export function equalsMeant(executor: ExecutorCase, found: RecordedPod): true | any {
  const meant = comparable(meantPod(executor, found.args ?? []));
  return found.hash === podHash(meant) ? true : meant;
}
