import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { LAYER_CASES } from './layer-cases';
import { MANIFEST_CASES } from './manifest-cases';
import { Server } from './server';
import { generateNothing, randomCases } from './wide';
import { KpoCase, podHash, podOf, Recorded, RecordedSeed, recorded, verdict } from '../../test/tasks/kpo';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    airflow: { type: 'string', default: '3.3' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '300' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
    server: { type: 'boolean', default: false },
  },
});

const FIXTURE = join(__dirname, `../../test/tasks/kpo-pods${options.airflow === '3.3' ? '' : `-${options.airflow}`}.json`);

/** The cases with what the real operator made of them. */
async function build(cases: KpoCase[]): Promise<Recorded[]> {
  const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'provider.py')], {
    input: JSON.stringify(cases), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'],
  });
  const results = JSON.parse(output.toString());
  if (options.server) {
    const server = await Server.connect();
    for (const result of Object.values<any>(results)) {
      if (result.pod) { result.error = await server.refusal(result.pod); }
    }
    for (const kpo of cases) { await judgeOurs(server, kpo); }
    await server.close();
  }
  return cases.map(kpo => recorded(kpo, results[kpo.id]));
}

/** Counts the pods of PodTask that the API server refuses: what it would say has to be said at synth. */
async function judgeOurs(server: Server, kpo: KpoCase): Promise<void> {
  let ours: any;
  try {
    ours = podOf(kpo);
  } catch {
    return;
  }
  judged += 1;
  const problem = await server.refusal({ ...ours, metadata: { ...ours.metadata, name: `${ours.metadata.name}-00000000` } });
  if (problem === undefined) { return; }
  refusedOurs += 1;
  console.error(`\n${kpo.id}: the API server refuses PodTask's pod: ${problem}`);
}

let judged = 0;
let refusedOurs = 0;

async function main(): Promise<void> {
  const [seed, count] = [Number(options.seed), Number(options.count)];
  const other = options.airflow !== '3.3';
  const byHand = [...MANIFEST_CASES, ...LAYER_CASES, ...generateNothing()];
  const all = await build([...byHand, ...randomCases(seed, count, other ? '2.11.2' : '3.3.2')]);
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
    const random: RecordedSeed = { seed, count, pods: all.slice(byHand.length).map(kpo => kpo.refused === undefined ? podHash(kpo.pod) : null) };
    // Of another Airflow a hash is enough: the cases stand in the record of this one.
    const cases = other ? [] : all.slice(0, byHand.length).map(kpo => JSON.stringify(kpo));
    writeFileSync(FIXTURE, `{ "random": ${JSON.stringify(random)}, "cases": [\n${cases.join(',\n')}\n] }\n`);
  }
  for (const [reason, times] of Object.entries(mended)) { console.error(`mended ${times} times: ${reason}`); }
  console.log(`${counts.equal} equal, ${counts.different} different, ${counts.documented} documented deviations, ` +
    `${counts.refused} refused by both, ${counts.mended} mended where the API server would refuse the operator's pod`);
  if (options.server) { console.log(`${judged} pods of PodTask given to the API server, ${refusedOurs} refused`); }
  process.exitCode = counts.different + refusedOurs > 0 ? 1 : 0;
}

void main();
