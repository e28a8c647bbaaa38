import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { SPARK_CASES } from './spark-cases';
import { randomSparkCases } from './spark-random';
import { podHash } from '../../test/tasks/kpo';
import { recordedSpark, sparkVerdict } from '../../test/tasks/spark';

const FIXTURE = join(__dirname, '../../test/tasks/spark-applications.json');

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '200' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
  },
});

const seed = Number(options.seed);
const all = [...SPARK_CASES, ...randomSparkCases(seed, Number(options.count))];
const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'spark.py')], { input: JSON.stringify(all), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'] });
const results = JSON.parse(output.toString());
const recorded = all.map(asked => recordedSpark(JSON.parse(JSON.stringify(asked)), results[asked.id]));
const counts: { [verdict: string]: number } = { equal: 0, refused: 0, mended: 0, documented: 0, different: 0 };
const mended: { [reason: string]: number } = {};
for (const each of recorded) {
  const found = sparkVerdict(each);
  counts[typeof found === 'string' ? found : 'different'] += 1;
  if (found === 'mended') { mended[each.refused!] = (mended[each.refused!] ?? 0) + 1; }
  if (typeof found !== 'string' && counts.different <= Number(options.show)) {
    console.error(`\n${each.id}: ${JSON.stringify(each.kwargs).slice(0, 2000)}`);
    differences(found.ours, found.theirs).forEach(line => console.error(`  ${line.slice(0, 500)}`));
  }
}
if (options.record) {
  const hashes = recorded.slice(SPARK_CASES.length).map(({ application }) => application === undefined ? null : podHash(application));
  const random = { seed, applications: hashes };
  const cases = recorded.slice(0, SPARK_CASES.length).map(each => JSON.stringify(each));
  writeFileSync(FIXTURE, `{ "random": ${JSON.stringify(random)}, "cases": [\n${cases.join(',\n')}\n] }\n`);
}
for (const [reason, times] of Object.entries(mended)) { console.error(`mended ${times} times: ${reason}`); }
console.log(`${counts.equal} equal, ${counts.different} different, ${counts.documented} documented deviations, ${counts.refused} refused by both, ${counts.mended} mended`);
process.exitCode = counts.different > 0 ? 1 : 0;
