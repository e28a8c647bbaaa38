import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { generate } from './generate';
import { LAYER_CASES } from './layer-cases';
import { generateLayers } from './layers';
import { MANIFEST_CASES } from './manifest-cases';
import { KpoCase, Recorded, recorded, verdict } from '../../test/tasks/kpo';

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
// Alternating, so that a record that ends early holds both.
const layered = generateLayers(seed, count);
const random = generate(seed, count).flatMap((kpo, i) => [kpo, layered[i]]);
const all = build([...MANIFEST_CASES, ...LAYER_CASES, ...random]);
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
  // Every case by hand, and as many random ones as fit a file that is still read in a review.
  const lines: string[] = [];
  let size = 0;
  for (const kpo of all) {
    const line = JSON.stringify(kpo);
    size += line.length + 2;
    if (size > 280_000) { break; }
    lines.push(line);
  }
  writeFileSync(FIXTURE, `[\n${lines.join(',\n')}\n]\n`);
  console.error(`recorded ${lines.length} cases`);
}
for (const [reason, count] of Object.entries(mended)) { console.error(`mended ${count} times: ${reason}`); }
console.log(`${counts.equal} equal, ${counts.different} different, ${counts.documented} documented deviations, ` +
  `${counts.refused} refused by both, ${counts.mended} mended where the API server would refuse the operator's pod`);
process.exitCode = counts.different > 0 ? 1 : 0;
