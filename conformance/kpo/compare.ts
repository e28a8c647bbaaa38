import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './differences';
import { hostileCases } from './hostile';
import { LAYER_CASES } from './layer-cases';
import { MANIFEST_CASES } from './manifest-cases';
import { Server } from './server';
import { generateNothing, randomCases } from './wide';
import { PodMutation } from '../../src';
import { KpoCase, podHash, podOf, Recorded, RecordedSeed, recorded, refusal, verdict } from '../../test/tasks/kpo';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    airflow: { type: 'string', default: '3.3' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '300' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
    server: { type: 'boolean', default: false },
    hostile: { type: 'boolean', default: false },
  },
});

const FIXTURE = join(__dirname, `../../test/tasks/kpo-${options.hostile ? 'hostile' : 'pods'}${options.airflow === '3.3' ? '' : `-${options.airflow}`}.json`);

/** The cases with what the real operator made of them. */
async function build(cases: KpoCase[]): Promise<Recorded[]> {
  const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'provider.py')], {
    input: JSON.stringify(cases.map(withSettings)), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'],
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

/** The operator gets mutations as the text of an airflow_local_settings.py. */
function withSettings({ over, ...kpo }: KpoCase): object {
  if (!over) { return kpo; }
  const { podMutations, ...others } = over;
  const settings = podMutations && PodMutation.toAirflowLocalSettings(podMutations.map(each => new PodMutation(each)));
  return { ...kpo, over: { ...others, settings } };
}

/** Why PodTask gives no pod, in words. */
function errorOf(kpo: KpoCase): string {
  try {
    return refusal(podOf(kpo)) ?? '';
  } catch (error) {
    return (error as Error).message;
  }
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
  const byHand = options.hostile ? [] : [...MANIFEST_CASES, ...LAYER_CASES, ...generateNothing()];
  const airflow = other ? '2.11.2' : '3.3.2';
  const all = await build([...byHand, ...(options.hostile ? hostileCases : randomCases)(seed, count, airflow)]);
  const mended: { [reason: string]: number } = {};
  const refusals: { [reason: string]: number } = {};
  const counts: { [verdict: string]: number } = { equal: 0, refused: 0, mended: 0, documented: 0, different: 0 };
  for (const kpo of all) {
    const found = verdict(kpo);
    counts[typeof found === 'string' ? found : 'different'] += 1;
    if (found === 'documented' && kpo.mayRefuse !== undefined) {
      const reason = errorOf(kpo).replace(/"[^"]*"|'[^']*'|\{.*\}/g, '…').slice(0, 200);
      refusals[reason] = (refusals[reason] ?? 0) + 1;
      if (options.hostile && refusals[reason] === 1) { console.error(`\nrefused ${kpo.id}: ${errorOf(kpo).slice(0, 400)}`); }
    }
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
  if (options.hostile) { Object.entries(refusals).forEach(([reason, times]) => console.error(`refused ${times} times: ${reason}`)); }
  for (const [reason, times] of Object.entries(mended)) { console.error(`mended ${times} times: ${reason}`); }
  console.log(`${counts.equal} equal, ${counts.different} different, ${counts.documented} documented deviations, ` +
    `${counts.refused} refused by both, ${counts.mended} mended where the API server would refuse the operator's pod`);
  if (options.server) { console.log(`${judged} pods of PodTask given to the API server, ${refusedOurs} refused`); }
  process.exitCode = counts.different + refusedOurs > 0 ? 1 : 0;
}

void main();
