import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { LAYER_CASES } from './layer-cases';
import { layeredCases } from './layers';
import { MANIFEST_CASES } from './manifest-cases';
import { KpoCase, refusal } from '../../test/tasks/kpo';
import { RecordedTemplate, templateCase, templateVerdict } from '../../test/tasks/kpo-template';

const FIXTURE = join(__dirname, '../../test/tasks/kpo-templates.json');

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
const all: { asked: KpoCase; given: KpoCase }[] = [];
const refused: { [reason: string]: number } = {};
for (const asked of [...byHand, ...layeredCases(Number(options.seed), Number(options.count))]) {
  try {
    all.push({ asked, given: templateCase(asked) });
  } catch (error) {
    const reason = /would hold Jinja|of its own|another one of the task/.exec((error as Error).message)?.[0] ?? 'no pod';
    refused[reason] = (refused[reason] ?? 0) + 1;
  }
}
const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'provider.py')], {
  input: JSON.stringify(all.map(({ given }) => given)), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'],
});
const results = JSON.parse(output.toString());
const recorded: RecordedTemplate[] = [];
let different = 0;
for (const { asked, given } of all) {
  const { pod, error } = results[given.id];
  const found = error === undefined ? templateVerdict(asked, pod) : { ours: 'a template file', theirs: error };
  const bad = error ?? refusal(pod);
  if (found === 'equal' && bad === undefined) {
    if (byHand.includes(asked)) { recorded.push({ asked, file: given.files!['task.yaml'], pod }); }
    continue;
  }
  different += 1;
  if (different > Number(options.show)) { continue; }
  console.error(`\n${given.id}: ${JSON.stringify(asked.kwargs)}\n  ${bad ?? ''}`);
  if (found !== 'equal') { differences(found.ours, found.theirs).forEach(line => console.error(`  ${line.slice(0, 500)}`)); }
}
if (options.record) { writeFileSync(FIXTURE, `[\n${recorded.map(item => JSON.stringify(item)).join(',\n')}\n]\n`); }
for (const [reason, times] of Object.entries(refused)) { console.error(`no file ${times} times: ${reason}`); }
console.log(`${all.length - different} equal, ${different} different`);
process.exitCode = different > 0 ? 1 : 0;
