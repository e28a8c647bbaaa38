import { Expansion } from './expansion';
import { Manifest } from './manifest';
import type { MutationData } from './mutation';
import { isObject } from './schema';
import { XCOM_MODES, XComMode } from './xcom';

/** The annotation that makes a manifest self-contained: what only a runner needs, as JSON. */
export const TASK_ANNOTATION = 'cdk8s-airflow/task';

/** What becomes of the pod when the task has ended: KubernetesPodOperator's `on_finish_action`. */
export const ON_FINISH_ACTIONS = ['delete_pod', 'keep_pod', 'delete_succeeded_pod', 'delete_active_pod'] as const;
export type OnFinishAction = typeof ON_FINISH_ACTIONS[number];

/** What becomes of the pods of a Job, or of another object, that is deleted. */
export const PROPAGATION_POLICIES = ['Foreground', 'Background', 'Orphan'] as const;
export type PropagationPolicy = typeof PROPAGATION_POLICIES[number];

/** What a task does that makes no object of its own: the operator whose parameters are the data of its ConfigMap. */
export const TASK_ACTIONS = ['DeleteJob', 'PatchJob', 'CreateResource', 'DeleteResource'] as const;
export type TaskAction = typeof TASK_ACTIONS[number];

/** The path in {@link TaskAnnotation.templated} that tells that `name` is that of a layer, whose dots stay. */
export const LAYER_NAME = 'metadata.name';

/** The value of {@link TASK_ANNOTATION}. A new field is optional; a changed meaning is a new version. */
export interface TaskAnnotation {
  readonly version: 1;
  /** As the user wrote it; the object's name is a slug of it. */
  readonly taskId: string;
  /** Task ids that must have ended with success first, sorted. */
  readonly dependsOn: string[];
  /** Further tries after the first one failed. */
  readonly retries: number;
  readonly doXcomPush: boolean;
  readonly xcomMode: XComMode;
  /** Seconds from the pod's scheduling to its start. */
  readonly startupTimeoutSeconds: number;
  readonly onFinishAction: OnFinishAction;
  /** Whether Airflow's operator adds random characters to the name; absent for true. */
  readonly randomNameSuffix?: boolean;
  /** Jinja that a run makes the name of the object of; absent where the manifest has it. */
  readonly name?: string;
  /** Jinja that a run makes the name of the base container of; absent where the manifest has it. */
  readonly baseContainerName?: string;
  /** Paths of further texts to render, beside those that KubernetesPodOperator always renders; absent for none. */
  readonly templated?: string[];
  /** Paths of texts among those that KubernetesPodOperator renders which are left as they are; absent for none. */
  readonly asWritten?: string[];
  /** Of a Job and the like: the task ends with it, and not as soon as it is made; absent for true. */
  readonly wait?: boolean;
  /** Of a Job and the like: how it is deleted when the task is ended before its time; absent for `Foreground`. */
  readonly onKillPropagationPolicy?: PropagationPolicy;
  /** Of a Job: its XCom is that of its pod and not a list where there is one pod only; absent for true. */
  readonly unwrapSingle?: boolean;
  /** Of a ConfigMap: what is to be done; absent for other kinds. */
  readonly action?: TaskAction;
  /** Mutations that wait for labels of Airflow, which only a run has; absent for none. */
  readonly mutations?: MutationData[];
  /** Of a Pod: what the task is mapped over, and what its pods are made of; absent for a task that is not mapped. */
  readonly expand?: Expansion;
}

/**
 * The task annotation of a Pod or PodTemplate; undefined where the manifest is not a task.
 *
 * @throws Error that says which field is wrong, or that the version is newer than this library.
 */
export function readTaskAnnotation(manifest: Manifest): TaskAnnotation | undefined {
  const text = manifest.metadata?.annotations?.[TASK_ANNOTATION];
  if (text === undefined) { return undefined; }
  const where = `annotation '${TASK_ANNOTATION}' of ${manifest.kind} '${manifest.metadata?.name}'`;
  let value: any;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${where} is not JSON: ${(error as Error).message}; synthesise the manifest again instead of editing it`);
  }
  if (!isObject(value)) {
    throw new Error(`${where} must be a JSON object, got ${text.slice(0, 60)}; synthesise the manifest again instead of editing it`);
  }
  if (value.version !== 1) {
    throw new Error(`${where} has version ${JSON.stringify(value.version)}, this library reads version 1; use the release of cdk8s-airflow that wrote it`);
  }
  const expected: { [field: string]: (v: any) => boolean } = {
    taskId: v => typeof v === 'string' && v !== '',
    dependsOn: v => Array.isArray(v) && v.every(id => typeof id === 'string'),
    retries: v => Number.isInteger(v) && v >= 0,
    doXcomPush: v => typeof v === 'boolean',
    xcomMode: v => XCOM_MODES.includes(v),
    startupTimeoutSeconds: v => typeof v === 'number' && v > 0,
    onFinishAction: v => ON_FINISH_ACTIONS.includes(v),
    randomNameSuffix: v => v === undefined || typeof v === 'boolean',
    name: v => v === undefined || typeof v === 'string',
    baseContainerName: v => v === undefined || typeof v === 'string',
    templated: v => v === undefined || (Array.isArray(v) && v.every(path => typeof path === 'string')),
    asWritten: v => v === undefined || (Array.isArray(v) && v.every(path => typeof path === 'string')),
    wait: v => v === undefined || typeof v === 'boolean',
    onKillPropagationPolicy: v => v === undefined || PROPAGATION_POLICIES.includes(v),
    unwrapSingle: v => v === undefined || typeof v === 'boolean',
    action: v => v === undefined || TASK_ACTIONS.includes(v),
    mutations: v => v === undefined || (Array.isArray(v) && v.every(mutation => Array.isArray(mutation?.ops))),
    expand: v => v === undefined || (Array.isArray(v?.factors) && v.factors.length > 0 && typeof v.pod?.parameters === 'object'),
  };
  for (const [field, ok] of Object.entries(expected)) {
    if (!ok(value[field])) {
      throw new Error(`${where} has a bad '${field}': ${JSON.stringify(value[field])}; synthesise the manifest again instead of editing it`);
    }
  }
  return value as TaskAnnotation;
}
