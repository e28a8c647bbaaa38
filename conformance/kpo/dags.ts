import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { differences } from './differences';
import { LAYER_CASES } from './layer-cases';
import { layeredCases } from './layers';
import { MANIFEST_CASES } from './manifest-cases';
import { pythonText } from '../../src/pod/python';
import { KpoCase, podOf, refusal } from '../../test/tasks/kpo';
import { dagOf, dagVerdict, RecordedDag } from '../../test/tasks/kpo-dag';

const FIXTURE = join(__dirname, '../../test/tasks/kpo-dags.json');

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '200' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
  },
});

const byHand = [...MANIFEST_CASES, ...LAYER_CASES];
const all: { asked: KpoCase; text: string }[] = [];
let none = 0;
for (const asked of [...byHand, ...layeredCases(Number(options.seed), Number(options.count))]) {
  try {
    all.push({ asked, text: dagOf(asked) });
  } catch {
    none += 1;
  }
}
const values = fc.sample(fc.jsonValue({ maxDepth: 3 }), { numRuns: 500, seed: Number(options.seed) })
  .concat(fc.sample(fc.string({ unit: 'binary' }), { numRuns: 2000, seed: Number(options.seed) }));
const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'dags.py')], {
  input: JSON.stringify({
    dags: Object.fromEntries(all.map(({ asked, text }) => [asked.id, { text, run: asked.run }])),
    literals: values.map(value => [pythonText(value as any), JSON.stringify(value)]),
  }),
  maxBuffer: 1 << 28,
  stdio: ['pipe', 'pipe', 'inherit'],
});
const results = JSON.parse(output.toString());

/** What a run makes of a template may be nothing that a pod can have. */
function rendered(asked: KpoCase): boolean {
  try {
    return Boolean(podOf(asked));
  } catch {
    return false;
  }
}

const recorded: RecordedDag[] = [];
let equal = 0;
let different = 0;
for (const { asked, text } of all) {
  const { pod, error } = results.pods[asked.id];
  if (error !== undefined && asked.run && !rendered(asked)) {
    none += 1;
    continue;
  }
  const found = error === undefined ? dagVerdict(asked, pod) : { ours: 'a DAG', theirs: error };
  const bad = error ?? refusal(pod);
  if (found === 'equal' && bad === undefined) {
    equal += 1;
    if (byHand.includes(asked)) { recorded.push({ asked, text, pod }); }
    continue;
  }
  different += 1;
  if (different > Number(options.show)) { continue; }
  console.error(`\n${asked.id}: ${JSON.stringify(asked.kwargs)}\n  ${bad ?? ''}\n${text}`);
  if (found !== 'equal') { differences(found.ours, found.theirs).forEach(line => console.error(`  ${line.slice(0, 500)}`)); }
}
for (const i of results.literals) { console.error(`another value in Python: ${JSON.stringify(values[i])}`); }
if (options.record) { writeFileSync(FIXTURE, `[\n${recorded.map(item => JSON.stringify(item)).join(',\n')}\n]\n`); }
console.log(`${equal} equal, ${different} different, ${none} without a pod; ${values.length - results.literals.length} of ${values.length} literals`);
process.exitCode = different + results.literals.length > 0 ? 1 : 0;
