import { createHash } from 'node:crypto';
import { ManifestError } from './errors';
import { JsonNode } from './json';
import { PlannedTask } from './plan';
import { renderTemplate, TemplateError, XComUnknown } from './template';
import { mapTemplatedFields } from '../pod/jinja';
import { Manifest } from '../pod/manifest';
import { hash, NAME_LENGTH, safeLabelValue } from '../pod/names';
import { TASK_ANNOTATION } from '../pod/task-annotation';

export const MANAGED_BY = 'cdk8s-airflow';
/** Selects the pods of a run. */
export const RUN_LABEL = 'cdk8s-airflow/run-id';
export const TASK_LABEL = 'cdk8s-airflow/task-id';
export const TRY_LABEL = 'cdk8s-airflow/try-number';
/** Tells a pod of the same task and try from one that a changed manifest made. */
export const SPEC_HASH_ANNOTATION = 'cdk8s-airflow/spec-hash';
/** What Linux takes as one argument or variable, in bytes. */
const MAX_ARGUMENT_BYTES = 131_071;
/** The backstop of a pod that outlives its runner: seven days. */
const BACKSTOP_SECONDS = 7 * 24 * 3600;

export interface RenderOptions {
  readonly runId: string;
  readonly tryNumber: number;
  readonly namespace: string;
  /** The XCom of an upstream task: null where it pushed none, undefined where it is not known yet. */
  readonly xcom: (taskId: string) => JsonNode | null | undefined;
  /** Leave a text as it is where its XCom is not known yet. */
  readonly placeholders?: boolean;
  /** The object that the pod goes with. */
  readonly owner?: { readonly name: string; readonly uid: string };
}

/** The labels that every object of a run carries. */
export function runLabels(runId: string): { [key: string]: string } {
  return { 'app.kubernetes.io/managed-by': MANAGED_BY, [RUN_LABEL]: safeLabelValue(runId) };
}

/** The name of the pod of a task's try: the same for the same run, so that creating it twice is no harm. */
export function podName(planned: PlannedTask, runId: string, tryNumber: number): string {
  const prefix = planned.pod.metadata.name!.slice(0, NAME_LENGTH).replace(/^[-.]+|[-.]+$/g, '');
  // The third part is Airflow's map index; -1 is that of a task that is not mapped.
  return `${prefix}-${hash(JSON.stringify([runId, planned.task.taskId, -1, tryNumber]), 8)}`;
}

/**
 * The pod that is created for a try of a task.
 *
 * @throws ManifestError where a template cannot be rendered, or an argument becomes longer than Linux takes.
 */
export function renderPod(planned: PlannedTask, options: RenderOptions): Manifest {
  const { task } = planned;
  const context = {
    taskId: task.taskId,
    runId: options.runId,
    tryNumber: options.tryNumber,
    xcom: (taskId: string) => {
      if (!planned.upstream.includes(taskId)) {
        throw new TemplateError(`it pulls the XCom of '${taskId}', which task '${task.taskId}' does not wait for; add it to 'dependsOn'`);
      }
      return options.xcom(taskId);
    },
  };
  const rendered = !planned.templated ? planned.pod : mapTemplatedFields(planned.pod, (text, path) => {
    if (path === `metadata.annotations.${TASK_ANNOTATION}`) { return text; }
    try {
      return renderTemplate(text, context);
    } catch (error) {
      if (error instanceof XComUnknown && options.placeholders) { return text; }
      const reason = error instanceof XComUnknown ? `the XCom of '${error.message}' is not known` : (error as Error).message;
      throw new ManifestError(`template at ${path} of task '${task.taskId}' cannot be rendered: ${reason}`, `the template is: ${text.slice(0, 200)}`);
    }
  });
  checkArguments(rendered.spec.containers[0], task.taskId);
  const { name: _, labels, annotations, ...metadata } = rendered.metadata;
  const pod: Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: podName(planned, options.runId, options.tryNumber),
      namespace: options.namespace,
      labels: { ...labels, ...runLabels(options.runId), [TASK_LABEL]: safeLabelValue(task.taskId), [TRY_LABEL]: String(options.tryNumber) },
      annotations: { ...annotations },
    },
    spec: { ...rendered.spec, restartPolicy: 'Never' },
  };
  pod.metadata.annotations![SPEC_HASH_ANNOTATION] = createHash('sha256').update(JSON.stringify([pod.metadata, pod.spec])).digest('hex').slice(0, 16);
  // After the hash: another runner of the same run may have neither the same backstop nor an owner.
  pod.spec.activeDeadlineSeconds ??= BACKSTOP_SECONDS;
  if (options.owner) {
    pod.metadata.ownerReferences = [...pod.metadata.ownerReferences ?? [], { apiVersion: 'v1', kind: 'ConfigMap', name: options.owner.name, uid: options.owner.uid }];
  }
  return pod;
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
