import { filled } from './filled';
import { PodLayer } from './merge';
import { throwProblems } from './problems';
import { jobProblems } from './rules/job-rules';
import { taskPod } from './task-pod';
import { TaskPodOptions } from './task-pod-options';

/** What the runner adds to a name: `-` and eight characters; and `job-` stands before it. */
export const JOB_PREFIX = 'job-';
const JOB_NAME_LENGTH = 50;

/** KubernetesJobOperator's parameters that shape the Job, in wire JSON. */
export interface JobParameters {
  readonly backoffLimit?: number;
  readonly completionMode?: string;
  readonly completions?: number;
  readonly manualSelector?: boolean;
  readonly parallelism?: number;
  readonly selector?: any;
  readonly suspend?: boolean;
  readonly ttlSecondsAfterFinished?: number;
}

export interface TaskJobOptions {
  /** The Jobs below the parameters, lowest first. Their pod templates are layers of `pod`, too. */
  readonly layers: readonly PodLayer[];
  readonly parameters: JobParameters;
  readonly pod: TaskPodOptions;
}

/** The pods of the templates of Jobs, as layers below all others. */
export function templateLayers(jobs: readonly PodLayer[]): PodLayer[] {
  return jobs.filter(({ pod: job }) => job.spec?.template !== undefined)
    .map(({ source, pod: job }) => ({ source, pod: { ...job.spec.template, metadata: withoutIdentity(job.spec.template.metadata) } }));
}

/**
 * The Job of a task, metadata and spec: its layers merged field by field, `false` and `0` being values, and the parameters over them; its pods are those of
 * {@link taskPod}. The author's labels and annotations are on the Job and on its pods.
 *
 * @throws Error that lists what the API server would refuse.
 */
export function taskJob({ layers, parameters, pod: options }: TaskJobOptions): { metadata: any; spec: any } {
  const { labels, annotations, activeDeadlineSeconds } = options.parameters;
  const pod = taskPod(options);
  const metadata = layers.reduce((lower, { pod: { metadata: upper = {} } }) => ({
    ...lower, ...filled(upper), labels: { ...lower.labels, ...upper.labels }, annotations: { ...lower.annotations, ...upper.annotations },
  }), {} as any);
  const fields = layers.reduce((lower, { pod: { spec: { template: _, ...upper } = {} as any } }) => ({ ...lower, ...filled(upper) }), {} as any);
  const spec = {
    parallelism: 1,
    ...fields,
    ...filled({ ...parameters, activeDeadlineSeconds }),
    template: { metadata: withoutIdentity(pod.metadata), spec: pod.spec },
  };
  throwProblems(jobProblems(spec));
  return {
    metadata: filled({ ...metadata, labels: { ...metadata.labels, ...labels }, annotations: { ...metadata.annotations, ...annotations } }),
    spec,
  };
}

/** The name of the Job before the runner's suffix, of a slug. */
export function jobName(slug: string): string {
  return `${JOB_PREFIX}${slug.slice(0, JOB_NAME_LENGTH).replace(/^[-.]+|[-.]+$/g, '')}`;
}

/** Pods get names of their own from the Job. */
function withoutIdentity(metadata: any = {}): any {
  const { name: _, namespace: __, ...others } = metadata;
  return others;
}
