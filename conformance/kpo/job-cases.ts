import { layeredCases } from './layers';
import { JobCase } from '../../test/tasks/kpo-job';

const IMAGE = { image: 'busybox:1' };
const one = (id: string, kwargs: any, more: Partial<JobCase> = {}): JobCase => ({ id, job: true, kwargs: { ...IMAGE, ...kwargs }, ...more });
const TEMPLATE = { metadata: { labels: { pod: 'full' } }, spec: { containers: [{ name: 'main', image: 'other', args: ['x'] }], restartPolicy: 'Never', nodeSelector: { a: 'b' } } };
const FILE = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: filed, namespace: there, labels: {file: "yes"}}\nspec:\n  backoffLimit: 4\n  completions: 2\n'
  + '  template:\n    spec: {containers: [{name: base, image: filed, env: [{name: A, value: "1"}]}], affinity: {nodeAffinity: {}}, serviceAccountName: robot}\n';

/** By hand; the ids are those of the provider's own tests where there is one. */
export const JOB_CASES: JobCase[] = [
  one('plain', {}),
  one('JB-01 backoff_limit', { backoff_limit: 6 }),
  one('JB-02 completion_mode', { completion_mode: 'NonIndexed' }),
  one('JB-02 Indexed', { completion_mode: 'Indexed', completions: 3, parallelism: 2 }),
  one('JB-03 completions', { completions: 1 }),
  one('JB-04 manual_selector', { manual_selector: true, selector: { matchLabels: { foo: 'bar' } }, labels: { foo: 'bar' } }),
  one('JB-05 parallelism', { parallelism: 2 }),
  one('JB-05 parallelism 0', { parallelism: 0 }),
  one('JB-07 suspend', { suspend: true }),
  one('JB-07 not suspended', { suspend: false }),
  one('JB-08 ttl', { ttl_seconds_after_finished: 60 }),
  one('JB-08 ttl 0', { ttl_seconds_after_finished: 0, backoff_limit: 0 }),
  one('active_deadline_seconds is of both', { active_deadline_seconds: 30 }),
  one('JB-09 name', { name: 'test' }),
  one('labels and annotations are of both', { labels: { a: 'b' }, annotations: { c: 'd' }, namespace: 'n' }),
  one('JB-10 full_job_spec', { full_job_spec: { metadata: { name: 'hello', namespace: 'mynamespace', labels: { foo: 'bar' } }, spec: { template: TEMPLATE } } }),
  one('JB-11 parameters win', {
    labels: { foo: 'ours', more: 'x' }, backoff_limit: 2, full_job_spec: { metadata: { labels: { foo: 'bar', kept: 'y' } }, spec: { backoffLimit: 1, completions: 3, template: TEMPLATE } },
  }),
  one('JB-12 template file', {}, { files: { 'job.yaml': FILE } }),
  one('JB-12 template file without an image of the parameters', { image: undefined, parallelism: 3 }, { files: { 'job.yaml': FILE } }),
  one('JB-13 file under full_job_spec', { full_job_spec: { spec: { completions: 5, template: { spec: { containers: [] } } } } }, { files: { 'job.yaml': FILE } }),
  one('what no parameter says', {
    full_job_spec: { spec: { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] }, podReplacementPolicy: 'Failed', template: TEMPLATE } },
  }),
  one('JB-16 a name is made a label', { name: 'My.Job_x' }),
  one('a long name', { name: 'x'.repeat(70) }),
  one('XCom', { do_xcom_push: true, wait_until_job_complete: true }),
  one('parallelism of a layer', { full_job_spec: { spec: { parallelism: 5, template: TEMPLATE } } },
    { deviation: 'the default 1 of the parameter wins over the 5 that the author wrote' }),
  one('false and 0 over a layer', { backoff_limit: 0, suspend: false, full_job_spec: { spec: { backoffLimit: 3, suspend: true, template: TEMPLATE } } },
    { deviation: 'false and 0 are values' }),
];

/** The random pods of {@link layeredCases}, each as the template of a random Job. */
export function randomJobs(seed: number, count: number): JobCase[] {
  let state = seed * 2654435761 % 2 ** 32;
  const next = (n: number) => { state = (state * 1664525 + 1013904223) % 2 ** 32; return Math.floor(state / 2 ** 32 * n); };
  const maybe = (make: () => any) => next(2) === 0 ? {} : make();
  return layeredCases(seed, count).map(({ kwargs, ...rest }): JobCase => ({
    ...rest,
    job: true,
    id: `job-${rest.id}`,
    kwargs: {
      ...kwargs,
      // Who pushes waits.
      ...(kwargs.do_xcom_push ? { wait_until_job_complete: true } : {}),
      ...maybe(() => ({ backoff_limit: next(7) })),
      ...maybe(() => ({ completions: 1 + next(4), ...maybe(() => ({ completion_mode: ['Indexed', 'NonIndexed'][next(2)] })) })),
      ...maybe(() => ({ parallelism: 1 + next(4) })),
      ...maybe(() => ({ suspend: next(2) === 0 })),
      ...maybe(() => ({ ttl_seconds_after_finished: next(100) })),
      ...maybe(() => ({
        full_job_spec: {
          metadata: { labels: { layer: 'job' }, annotations: { from: 'job' } },
          spec: { template: { spec: { containers: [] } }, ...maybe(() => ({ backoffLimit: 1 + next(5) })), ...maybe(() => ({ podReplacementPolicy: 'Failed' })) },
        },
      })),
    },
  })).map(one_ => one_.kwargs.backoff_limit === 0 && one_.kwargs.full_job_spec?.spec.backoffLimit
    ? { ...one_, deviation: one_.deviation ?? 'false and 0 are values' } : one_);
}
