import { queueOf } from './kueue';
import type { ObjectEnd, ObjectKind } from './object-kind';
import { mapTemplatedFields } from '../pod/jinja';
import { Manifest } from '../pod/manifest';
import { mutatePod } from '../pod/mutation';
import { pythonDict } from '../pod/python-dict';
import { TASK_ANNOTATION } from '../pod/task-annotation';

/** Kubernetes' Job: its conditions are the truth, not its pods. */
export const JOB: ObjectKind = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  plural: 'jobs',
  controller: 'the controller of Jobs',
  problem: job => {
    const [base] = job.spec?.template?.spec?.containers ?? [];
    return base === undefined ? "has no container in 'spec.template'" : base.image ? undefined : `has no 'image' in container '${base.name}'`;
  },
  image: job => job.spec.template.spec.containers[0].image,
  mapTexts: (job, render, paths) => {
    const template = mapTemplatedFields(job.spec.template, (text, path) => render(text, `spec.template.${path}`), paths);
    return { ...ownTexts(job, render), spec: { ...job.spec, template } };
  },
  withPodLabels,
  ofOperator: (job, labels, mutations) => {
    const { spec, ...labelled } = withPodLabels(job, labels);
    return { ...labelled, spec: { ...spec, template: mutatePod(spec.template, mutations, { maker: 'KubernetesPodOperator' }) } };
  },
  withBackstop: (job, seconds) => ({ ...job, spec: { ...job.spec, activeDeadlineSeconds: job.spec.activeDeadlineSeconds ?? seconds } }),
  reading: job => ({
    accepted: job.status?.startTime !== undefined,
    idle: job.spec.suspend === true ? suspended(job) : null,
    end: ending(job.status),
  }),
  isTaskPod: (pod, job) => pod.metadata.ownerReferences?.some((owner: any) => owner.uid === job.metadata.uid) ?? false,
  baseContainer: job => job.spec.template.spec.containers[0].name,
  succeededPods: job => job.status?.succeeded ?? 0,
  xcoms: job => ({ job_name: job.metadata.name, job_namespace: job.metadata.namespace, job: pythonDict('Job', job) }),
};

function withPodLabels(job: Manifest, labels: { readonly [key: string]: string }): Manifest {
  const { metadata, spec } = job.spec.template;
  return { ...job, spec: { ...job.spec, template: { metadata: { ...metadata, labels: { ...metadata?.labels, ...labels } }, spec } } };
}

/** The object's own metadata, rendered where the operator renders what it is made of. */
export function ownTexts(object: Manifest, render: (text: string, path: string) => string): Manifest {
  const { labels, annotations, namespace, ...metadata } = object.metadata;
  const texts = (map: { [key: string]: string } | undefined, at: string) => map && Object.fromEntries(Object.entries(map).map(([key, text]) =>
    [key, key === TASK_ANNOTATION ? text : render(text, `metadata.${at}.${key}`)]));
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(namespace === undefined ? {} : { namespace: render(namespace, 'metadata.namespace') }),
      ...(labels ? { labels: texts(labels, 'labels') } : {}),
      ...(annotations ? { annotations: texts(annotations, 'annotations') } : {}),
    },
  };
}

function suspended(job: Manifest): string {
  const queue = queueOf(job);
  return queue === undefined ? 'Suspended' : `Suspended: in queue '${queue}' of Kueue`;
}

function ending(status: any): ObjectEnd | null {
  // A condition that is not "True" is none; Airflow's operator takes any.
  const condition = (type: string) => status?.conditions?.find((c: any) => c.type === type && c.status === 'True');
  const failed = condition('Failed');
  if (failed) {
    // Why the pods failed is for them to say.
    const failure = failed.reason === 'DeadlineExceeded' ? 'timeout' : 'unknown';
    return { failure, reason: failed.reason ?? 'JobFailed', message: failed.message ?? 'the Job failed' };
  }
  return condition('Complete') ? { failure: null, reason: null, message: null } : null;
}
