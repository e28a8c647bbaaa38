import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { LAYER_CASES } from './layer-cases';
import { randomCases } from './layers';
import { MANIFEST_CASES } from './manifest-cases';
import { KpoCase, podHash, Recorded, RecordedSeed, recorded, verdict } from '../../test/tasks/kpo';

const FIXTURE = join(__dirname, '../../test/tasks/kpo-pods.json');

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '300' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
  },
});

/** The cases with what the real operator made of them. */
function build(cases: KpoCase[]): Recorded[] {
  const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'provider.py')], {
    input: JSON.stringify(cases), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'],
  });
  const results = JSON.parse(output.toString());
  return cases.map(kpo => recorded(kpo, results[kpo.id]));
}

const [seed, count] = [Number(options.seed), Number(options.count)];
const byHand = [...MANIFEST_CASES, ...LAYER_CASES];
const all = build([...byHand, ...randomCases(seed, count)]);
const mended: { [reason: string]: number } = {};
const counts: { [verdict: string]: number } = { equal: 0, refused: 0, mended: 0, documented: 0, different: 0 };
for (const kpo of all) {
  const found = verdict(kpo);
  counts[typeof found === 'string' ? found : 'different'] += 1;
  if (found === 'mended') { mended[kpo.refused!] = (mended[kpo.refused!] ?? 0) + 1; }
  if (typeof found !== 'string' && counts.different <= Number(options.show)) {
    console.error(`\n${kpo.id}: ${JSON.stringify(kpo.kwargs)}`);
    differences(found.ours, found.theirs).forEach(line => console.error(`  ${line.slice(0, 500)}`));
  }
}
if (options.record) {
  const random: RecordedSeed = { seed, pods: all.slice(byHand.length).map(kpo => kpo.refused === undefined ? podHash(kpo.pod) : null) };
  const cases = all.slice(0, byHand.length).map(kpo => JSON.stringify(kpo));
  writeFileSync(FIXTURE, `{ "random": ${JSON.stringify(random)}, "cases": [\n${cases.join(',\n')}\n] }\n`);
}
for (const [reason, times] of Object.entries(mended)) { console.error(`mended ${times} times: ${reason}`); }
console.log(`${counts.equal} equal, ${counts.different} different, ${counts.documented} documented deviations, ` +
  `${counts.refused} refused by both, ${counts.mended} mended where the API server would refuse the operator's pod`);
process.exitCode = counts.different > 0 ? 1 : 0;
