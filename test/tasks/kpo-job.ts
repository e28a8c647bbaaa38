import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { KpoCase, normalised, podHash, refusal } from './kpo';
import { JobTask } from '../../src';
import { chart, synth } from '../util';

/** A Job asked of KubernetesJobOperator, and in the same words of JobTask. */
export interface JobCase extends KpoCase {
  readonly job: true;
}

/** What the real operator made of a case: a hash of the normalised Job, or why there is none that the API server takes. */
export interface RecordedJob extends JobCase {
  readonly hash?: string;
  readonly refused?: string;
}

const camel = (text: string) => text.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** The Job that JobTask makes of the operator's parameters. */
export function jobOf({ kwargs: given, files = {} }: JobCase): any {
  const kwargs: any = { ...given };
  const folder = mkdtempSync(join(tmpdir(), 'kpo-'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    kwargs[name === 'job.yaml' ? 'job_template_file' : 'pod_template_file'] = join(folder, name);
  }
  const props: any = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), value]));
  if (props.secrets) {
    props.secrets = props.secrets.map((secret: any) => Object.fromEntries(Object.entries(secret).map(([key, value]) => [camel(key), value])));
  }
  const c = chart();
  new JobTask(c, 'task', { hardening: false, xcomMode: 'airflow', ...props });
  return synth(c)[0];
}

const filled = (object: any) => Object.fromEntries(Object.entries(object ?? {})
  .filter(([, value]) => value !== null && value !== '' && !(typeof value === 'object' && Object.keys(value as object).length === 0)));

/** A Job without what is known to differ and means nothing: that of its pods, and their name and namespace, which Kubernetes gives them. */
export function normalisedJob(job: any, asked: { readonly namespace: boolean; readonly suffix: boolean }): any {
  const { template, ...spec } = job.spec;
  const { name: _, namespace: __, ...own } = template.metadata ?? {};
  // The operator asks its connection, with or without a run.
  const { airflow_kpo_in_cluster: ___, ...labels } = own.labels ?? {};
  const pod = normalised({ metadata: { ...own, labels, name: 'x' }, spec: template.spec }, { namespace: false, suffix: false });
  const outer = normalised({ metadata: job.metadata, spec: { containers: [] } }, asked);
  return { apiVersion: job.apiVersion, kind: job.kind, metadata: outer.metadata, spec: { ...filled(spec), template: pod } };
}

/** The result of the real operator, ready to be recorded. */
export function recordedJob(job: JobCase, result: { pod?: any; error?: string }): RecordedJob & { readonly theirs?: any } {
  const refused = result.error ?? refusal({ metadata: result.pod.spec.template.metadata, spec: result.pod.spec.template.spec });
  if (refused !== undefined) { return { ...job, refused: refused.slice(0, 150) }; }
  const theirs = normalisedJob(result.pod, { ...asked(job), suffix: true });
  return { ...job, hash: podHash(theirs), theirs };
}

/** How JobTask's Job compares, in the words of `verdict` for pods. */
export function jobVerdict(job: RecordedJob & { readonly theirs?: any }): 'equal' | 'refused' | 'mended' | 'documented' | { ours: any; theirs: any } {
  let ours: any;
  let error: string | undefined;
  try {
    ours = jobOf(job);
    error = refusal({ metadata: { ...ours.spec.template.metadata, name: 'x' }, spec: ours.spec.template.spec });
  } catch (e) {
    error = (e as Error).message;
  }
  if (job.refused !== undefined) { return error === undefined ? 'mended' : 'refused'; }
  const mine = error === undefined ? normalisedJob(ours, { ...asked(job), suffix: false }) : { error };
  if (error === undefined && (job.theirs ? isDeepStrictEqual(mine, job.theirs) : podHash(mine) === job.hash)) { return 'equal'; }
  return job.deviation === undefined ? { ours: mine, theirs: job.theirs } : 'documented';
}

const asked = ({ kwargs, files = {} }: KpoCase) => ({
  namespace: [kwargs, kwargs.full_job_spec?.metadata, files['job.yaml'] ?? '']
    .some(place => typeof place === 'string' ? /"?namespace"?: /.test(place) : place?.namespace !== undefined),
});
