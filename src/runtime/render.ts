import { createHash } from 'node:crypto';
import { mapActionTexts } from './action';
import { MappedXCom, PodIdentity, RenderContext, TemplateContext, XComSource, XComUnknown } from './context';
import { ManifestError } from './errors';
import { mapIndexes } from './expand';
import { TemplateError } from './jinja/values';
import { jsonNode } from './json';
import { withLateNames } from './late-names';
import { objectKindOf } from './object-kind';
import { PlannedTask, taskOf } from './plan';
import { checkTemplate, renderTemplate } from './template';
import { DEFAULT_AIRFLOW_VERSION } from './version';
import { mapTemplatedFields } from '../pod/jinja';
import { Manifest } from '../pod/manifest';
import { mutatePod } from '../pod/mutation';
import { hash, NAME_LENGTH, safeLabelValue } from '../pod/names';
import { shown } from '../pod/shown';
import { TASK_ANNOTATION } from '../pod/task-annotation';

/** The key of a task's result. */
export const RESULT_KEY = 'return_value';
export const MANAGED_BY = 'cdk8s-airflow';
/** Selects the pods of a run. */
export const RUN_LABEL = 'cdk8s-airflow/run-id';
export const TASK_LABEL = 'cdk8s-airflow/task-id';
export const TRY_LABEL = 'cdk8s-airflow/try-number';
export const MAP_LABEL = 'cdk8s-airflow/map-index';
/** Tells a pod of the same task and try from one that a changed manifest made. */
export const SPEC_HASH_ANNOTATION = 'cdk8s-airflow/spec-hash';
/** What tasks push: their result, and what KubernetesJobOperator adds. */
const XCOM_KEYS = [RESULT_KEY, 'job_name', 'job_namespace', 'job'];
const TASK_PATH = `metadata.annotations.${TASK_ANNOTATION}`;
/** What Linux takes as one argument or variable, in bytes. */
const MAX_ARGUMENT_BYTES = 131_071;
/** The backstop of a pod that outlives its runner: seven days. */
const BACKSTOP_SECONDS = 7 * 24 * 3600;

export interface TryOptions {
  readonly runId: string;
  readonly tryNumber: number;
  readonly dagId?: string;
  readonly logicalDate?: string;
  /** @default DEFAULT_AIRFLOW_VERSION */
  readonly airflowVersion?: string;
  readonly namespace: string;
  /** The XCom of an upstream task: null where it pushed none, undefined where it is not known yet. */
  readonly xcom: XComSource;
  /** Leave a text as it is where its XCom is not known yet. */
  readonly placeholders?: boolean;
  /** What templates may name. @default - nothing */
  readonly context?: RenderContext;
  /** The object that it goes with. */
  readonly owner?: { readonly name: string; readonly uid: string };
}

/** The labels that every object of a run carries. */
export function runLabels(runId: string): { [key: string]: string } {
  return { 'app.kubernetes.io/managed-by': MANAGED_BY, [RUN_LABEL]: safeLabelValue(runId) };
}

/** The labels by which the objects of a task, or of one of its map indexes, are found. */
export function taskLabels({ task: { taskId }, mapIndex }: PlannedTask): { [key: string]: string } {
  return { [TASK_LABEL]: safeLabelValue(taskId), ...(mapIndex === undefined ? {} : { [MAP_LABEL]: String(mapIndex) }) };
}

/** The name of the pod, or other object, of a task's try: the same for the same run, so that creating it twice is no harm. */
export function podName({ object, task: { taskId }, mapIndex }: PlannedTask, runId: string, tryNumber: number): string {
  return suffixed(object.metadata.name!, nameSuffix({ runId, taskId, tryNumber, mapIndex }));
}

/**
 * The pod that Airflow's KubernetesPodOperator would create: Jinja rendered, named, with Airflow's labels where there is a DAG.
 *
 * Pure: the same input gives the same pod, and the input stays as it is. A Pod without the task annotation is not rendered, only named and labelled.
 *
 * @param manifest a Pod or PodTemplate as PodTask synthesises it
 * @param identity what the pod is for
 * @param context what its templates may name
 * @throws ManifestError for a manifest that is no task, a template that cannot be rendered as Airflow would, and a value that a template names and nobody gave
 */
export function renderPod(manifest: Manifest, identity: PodIdentity, context: RenderContext = {}): Manifest {
  const planned = taskOf({ manifest, source: 'the manifest' });
  if (!planned) {
    throw new ManifestError(`${manifest.kind} '${manifest.metadata?.name}' is no task`, "give a Pod, or a PodTemplate with the annotation 'cdk8s-airflow/task'");
  }
  return objectOfOperator(instanceAt(planned, identity.mapIndex, context), identity, context);
}

/** A task as it is for a map index; a task that is not mapped as it is. */
function instanceAt(planned: PlannedTask, mapIndex: number | undefined, context: RenderContext): PlannedTask {
  if (!planned.task.expand) { return mapIndex === undefined || mapIndex < 0 ? planned : { ...planned, mapIndex }; }
  const { taskId } = planned.task;
  const instances = instancesOf(planned, context);
  if (!instances) { throw new ManifestError(`task '${taskId}' is mapped over an XCom that is not known`, "give it as 'xcom' of the context"); }
  const instance = mapIndex === undefined ? undefined : instances[mapIndex];
  if (!instance) {
    throw new ManifestError(`task '${taskId}' is mapped and has ${instances.length} map indexes from 0 on, got ${mapIndex === undefined ? 'none' : mapIndex}`, "give 'mapIndex'");
  }
  return instance;
}

/** A task for each of its map indexes, as far as the XComs of the context tell; itself where it is not mapped. Undefined where they do not. */
export function instancesOf(planned: PlannedTask, context: RenderContext): PlannedTask[] | undefined {
  if (!planned.task.expand) { return [planned]; }
  try {
    return mapIndexes(planned, contextXcom(context));
  } catch (error) {
    if (error instanceof XComUnknown) { return undefined; }
    throw error;
  }
}

/** What the operator would create, a Pod or a Job and the like. @param placeholders leave a text as it is where its XCom is not known */
export function objectOfOperator(planned: PlannedTask, identity: PodIdentity, context: RenderContext, placeholders = false): Manifest {
  checkIdentity(identity);
  return withoutAnnotation(rendered(planned, identity, context, contextXcom(context), placeholders));
}

/**
 * The pod, or other object, that is created for a try of a task; of a task that only does something, the ConfigMap that says what.
 *
 * @throws ManifestError where a template cannot be rendered, or an argument becomes longer than Linux takes.
 */
export function objectOfTry(planned: PlannedTask, options: TryOptions): Manifest {
  const { task } = planned;
  const identity = identityOf(planned, options);
  const object = rendered(planned, identity, options.context ?? {}, xcomOfTry(planned, options), options.placeholders);
  object.metadata.namespace = options.namespace;
  if (task.action !== undefined) { return object; }
  const own = { ...runLabels(options.runId), ...taskLabels(planned), [TRY_LABEL]: String(options.tryNumber) };
  const kind = objectKindOf(object);
  const labelled = kind ? kind.withPodLabels(object, own) : object;
  labelled.metadata.labels = { ...object.metadata.labels, ...own };
  labelled.metadata.annotations![SPEC_HASH_ANNOTATION] = createHash('sha256').update(JSON.stringify([labelled.metadata, labelled.spec])).digest('hex').slice(0, 16);
  // What nobody waits for outlives the run.
  if (task.wait === false) { return labelled; }
  // After the hash: another runner of the same run may have neither the same backstop nor an owner.
  const bounded = kind ? kind.withBackstop(labelled, BACKSTOP_SECONDS)
    : { ...labelled, spec: { ...labelled.spec, activeDeadlineSeconds: labelled.spec.activeDeadlineSeconds ?? BACKSTOP_SECONDS } };
  if (options.owner) {
    bounded.metadata.ownerReferences = [...bounded.metadata.ownerReferences ?? [], { apiVersion: 'v1', kind: 'ConfigMap', name: options.owner.name, uid: options.owner.uid }];
  }
  return bounded;
}

/**
 * Finds what is wrong with the templates of tasks before anything runs; and gives the tasks with their namespaces rendered, which cannot wait.
 *
 * @throws ManifestError
 */
export function checkTemplates(tasks: PlannedTask[], options: Omit<TryOptions, 'namespace' | 'xcom' | 'tryNumber'> & { readonly tryNumber?: number }): PlannedTask[] {
  return tasks.map(planned => {
    if (!planned.templated) { return planned; }
    (planned.task.expand && instancesOf(planned, options.context ?? {}) || []).forEach(instance => checkTemplates([instance], options));
    const known = { tryNumber: 1, ...options, namespace: '', xcom: () => undefined };
    const context = new TemplateContext(identityOf(planned, known), options.context ?? {}, xcomOfTry(planned, known));
    let { namespace } = planned.object.metadata;
    const check = (text: string, path: string) => failing(planned, path, text, () => checkTemplate(text, context));
    const { name, baseContainerName } = planned.task;
    if (name !== undefined) { check(name, 'name'); }
    if (baseContainerName !== undefined) { check(baseContainerName, 'base_container_name'); }
    mapTexts(planned, (text, path) => {
      if (path === TASK_PATH) { return text; }
      return failing(planned, path, text, () => {
        checkTemplate(text, context);
        if (path === 'metadata.namespace') { namespace = renderTemplate(text, context); }
        return text;
      });
    });
    const { namespace: _, ...metadata } = planned.object.metadata;
    return { ...planned, object: { ...planned.object, metadata: { ...metadata, ...(namespace ? { namespace } : {}) } } };
  });
}

/** The object of a task with every text rendered that Airflow's operator renders. */
function mapTexts({ object, task }: PlannedTask, render: (text: string, path: string) => string): Manifest {
  const kind = objectKindOf(object);
  return kind ? kind.mapTexts(object, render, task) : object.kind === 'ConfigMap' ? mapActionTexts(object, render) : mapTemplatedFields(object, render, task);
}

/** A task with the names that it has for one try, where they are templates. @throws ManifestError */
export function withNamesOfTry(planned: PlannedTask, options: TryOptions): PlannedTask {
  const names = new TemplateContext(identityOf(planned, options), options.context ?? {}, xcomOfTry(planned, options));
  return withLateNames(planned, renderer(planned, names));
}

/** Renders the texts of a task. @param placeholders where an XCom is not known, there is no text yet */
function renderer(planned: PlannedTask, names: TemplateContext, placeholders = false): (text: string, path: string) => string | undefined {
  return (text, path) => failing(planned, path, text, () => {
    try {
      return renderTemplate(text, names);
    } catch (error) {
      if (error instanceof XComUnknown && placeholders) { return undefined; }
      throw error;
    }
  });
}

function rendered(given: PlannedTask, identity: PodIdentity, context: RenderContext, xcom: XComSource, placeholders = false): Manifest {
  const render = renderer(given, new TemplateContext(identity, context, xcom), placeholders);
  const planned = withLateNames(given, render);
  const object: Manifest = structuredClone(!planned.templated ? planned.object
    : mapTexts(planned, (text, path) => path === TASK_PATH ? text : render(text, path) ?? text));
  const kind = objectKindOf(object);
  checkArguments((object.spec?.template?.spec ?? object.spec)?.containers?.[0] ?? {}, planned.task.taskId);
  const { name, namespace, labels, annotations, ...metadata } = object.metadata;
  const complete: Manifest = {
    ...object,
    metadata: {
      ...metadata,
      name: suffixed(name!, identity.nameSuffix ?? (planned.task.randomNameSuffix === false ? '' : nameSuffix(identity))),
      namespace: namespace || 'default',
      labels: { ...labels, ...(kind ? {} : airflowLabels(identity)) },
      annotations: { ...annotations },
    },
  };
  const { mutations = [] } = planned.task;
  if (kind) { return kind.ofOperator(complete, airflowLabels(identity), mutations); }
  const pod = complete.kind === 'Pod' ? { ...complete, spec: { ...complete.spec, restartPolicy: 'Never' } } : complete;
  return mutatePod(pod, mutations, { maker: 'KubernetesPodOperator' });
}

/** The labels that KubernetesPodOperator puts on its pods, over the author's. */
function airflowLabels({ dagId, taskId, runId, mapIndex = -1, tryNumber = 1, airflowVersion, inCluster }: PodIdentity): { [key: string]: string } {
  if (dagId === undefined) { return {}; }
  return {
    dag_id: safeLabelValue(dagId),
    task_id: safeLabelValue(taskId),
    run_id: safeLabelValue(runId),
    kubernetes_pod_operator: 'True',
    ...(mapIndex >= 0 ? { map_index: String(mapIndex) } : {}),
    try_number: String(tryNumber),
    airflow_version: airflowVersion.replace('+', '-'),
    airflow_kpo_in_cluster: inCluster ? 'True' : 'False',
  };
}

function suffixed(name: string, suffix: string): string {
  return suffix === '' ? name : `${name.slice(0, NAME_LENGTH).replace(/^[-.]+|[-.]+$/g, '')}-${suffix}`;
}

/** Where KubernetesPodOperator takes random characters. */
function nameSuffix({ runId, taskId, mapIndex = -1, tryNumber = 1 }: Pick<PodIdentity, 'runId' | 'taskId' | 'mapIndex' | 'tryNumber'>): string {
  return hash(JSON.stringify([runId, taskId, mapIndex, tryNumber]), 8);
}

function identityOf({ task, mapIndex = -1 }: PlannedTask, options: TryOptions): PodIdentity {
  const { runId, dagId, tryNumber, logicalDate, airflowVersion = DEFAULT_AIRFLOW_VERSION } = options;
  const own = { taskId: task.taskId, runId, tryNumber, mapIndex };
  // Whatever the task says of its name: a second try is another pod.
  return { ...own, dagId, logicalDate, airflowVersion, inCluster: false, nameSuffix: nameSuffix(own) };
}

function checkIdentity(identity: PodIdentity): void {
  for (const name of ['taskId', 'runId', 'airflowVersion'] as const) {
    if (typeof identity[name] !== 'string' || identity[name] === '') { throw new ManifestError(`'${name}' of the identity must be a text, got ${shown(identity[name])}`); }
  }
  if (typeof identity.inCluster !== 'boolean') { throw new ManifestError(`'inCluster' of the identity must be true or false, got ${shown(identity.inCluster)}`); }
  for (const [name, least] of [['mapIndex', -1], ['tryNumber', 1]] as const) {
    const value = identity[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= least)) { throw new ManifestError(`'${name}' of the identity must be a whole number from ${least}, got ${shown(value)}`); }
  }
}

/** XComs of the tasks that a task waits for; a task of a run pushes its result and nothing else. */
function xcomOfTry({ task, upstream }: PlannedTask, { context, xcom }: TryOptions): XComSource {
  const given = context?.xcom && contextXcom(context);
  return (taskId, key) => {
    if (given && Object.hasOwn(context!.xcom!, taskId)) { return given(taskId, key); }
    if (!upstream.includes(taskId)) { throw new TemplateError(`it pulls the XCom of '${taskId}', which task '${task.taskId}' does not wait for; add it to 'dependsOn'`); }
    if (!XCOM_KEYS.includes(key)) { throw new TemplateError(`xcom_pull knows the keys ${XCOM_KEYS.map(known => `'${known}'`).join(', ')} only, got '${key}'`); }
    return xcom(taskId, key);
  };
}

function contextXcom({ xcom = {} }: RenderContext): XComSource {
  return (taskId, key) => {
    if (!Object.hasOwn(xcom, taskId)) { return undefined; }
    const at = (keys: { readonly [key: string]: any }, where: string) => Object.hasOwn(keys, key) ? jsonNode(keys[key], `${where}.${key}`) : null;
    const given = xcom[taskId];
    return Array.isArray(given) ? new MappedXCom(given.map((keys, i) => at(keys, `xcom.${taskId}[${i}]`))) : at(given, `xcom.${taskId}`);
  };
}

/** The annotation is for runners of the manifest; the pod that they make needs it no more. */
function withoutAnnotation(pod: Manifest): Manifest {
  const { [TASK_ANNOTATION]: _, ...annotations } = pod.metadata.annotations!;
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

function failing<T>({ task }: PlannedTask, path: string, text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof XComUnknown ? `the XCom of '${error.message}' is not known` : (error as Error).message;
    throw new ManifestError(`template at ${path} of task '${task.taskId}' cannot be rendered: ${reason}`, `the template is: ${text.slice(0, 200)}`);
  }
}

function checkArguments(container: any, taskId: string): void {
  const texts: [string, string][] = [
    ...(container.command ?? []).map((text: string, i: number): [string, string] => [`command[${i}]`, text]),
    ...(container.args ?? []).map((text: string, i: number): [string, string] => [`args[${i}]`, text]),
    ...(container.env ?? []).map((env: any): [string, string] => [`env '${env.name}'`, `${env.name}=${env.value ?? ''}`]),
  ];
  for (const [where, text] of texts) {
    const bytes = Buffer.byteLength(String(text));
    if (bytes > MAX_ARGUMENT_BYTES) {
      throw new ManifestError(`${where} of task '${taskId}' has ${bytes} bytes, Linux takes ${MAX_ARGUMENT_BYTES} at most`,
        'pass a smaller part of the XCom, or the address of a file that holds the value');
    }
  }
}
