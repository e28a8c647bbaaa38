import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobVerdict, RecordedJob } from './kpo-job';

const CASES: RecordedJob[] = JSON.parse(readFileSync(join(__dirname, 'kpo-jobs.json'), 'utf8'));

test.each(CASES.map(job => [job.id, job] as const))('%s: the Job of the real KubernetesJobOperator, a better one, or a refusal of what it refuses', (_, job) => {
  expect(['equal', 'refused', 'mended', 'documented']).toContain(jobVerdict(job));
});

test('most of them are equal', () => {
  expect(CASES.filter(job => jobVerdict(job) === 'equal').length).toBeGreaterThan(CASES.length / 2);
});
