import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { JOB_CASES, randomJobs } from './job-cases';
import { jobVerdict, recordedJob } from '../../test/tasks/kpo-job';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '400' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
  },
});

const cases = [...JOB_CASES, ...randomJobs(Number(options.seed), Number(options.count))];
const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'provider.py')], {
  input: JSON.stringify(cases), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'],
});
const results = JSON.parse(output.toString());
const all = cases.map(job => recordedJob(job, results[job.id]));
const counts: { [verdict: string]: number } = { equal: 0, refused: 0, mended: 0, documented: 0, different: 0 };
for (const job of all) {
  const found = jobVerdict(job);
  counts[typeof found === 'string' ? found : 'different'] += 1;
  if (typeof found !== 'string' && counts.different <= Number(options.show)) {
    console.error(`\n${job.id}: ${JSON.stringify(job.kwargs)}`);
    differences(found.ours, found.theirs).forEach(line => console.error(`  ${line.slice(0, 500)}`));
  }
}
if (options.record) {
  const lines = all.slice(0, JOB_CASES.length + 40).map(({ theirs: _, ...job }) => JSON.stringify(job));
  writeFileSync(join(__dirname, '../../test/tasks/kpo-jobs.json'), `[\n${lines.join(',\n')}\n]\n`);
}
console.log(`${counts.equal} equal, ${counts.different} different, ${counts.documented} documented deviations, ` +
  `${counts.refused} refused by both, ${counts.mended} mended where the API server would refuse the operator's Job`);
process.exitCode = counts.different > 0 ? 1 : 0;
