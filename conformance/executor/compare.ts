import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { executorCases } from './cases';
import { AirflowVersion } from '../../src';
import { equalsMeant, executorInput, recordedPod } from '../../test/tasks/executor';
import { differences } from '../kpo/differences';

const FIXTURE = join(__dirname, '../../test/tasks/executor-pods.json');

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    airflow: { type: 'string', default: '3.3' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '400' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
  },
});

const version = options.airflow === '2.11' ? AirflowVersion.V2_11 : AirflowVersion.V3_3;
const cases = executorCases(version, Number(options.seed), Number(options.count));
const counts = { equal: 0, different: 0, refused: 0 };
/** What is refused at synth never comes to Airflow. */
const inputs = cases.map(executor => {
  try { return executorInput(executor); } catch (error) { return { id: executor.id, error: (error as Error).message }; }
});
const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'executor.py')], {
  input: JSON.stringify(inputs.filter(input => input.error === undefined)), maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'],
});
const { airflow, pods } = JSON.parse(output.toString());
if (airflow !== version.version) { throw new Error(`the environment has Airflow ${airflow}, AirflowVersion says ${version.version}`); }
const reasons: { [reason: string]: number } = {};
const records = cases.map((executor, i) => {
  const { error } = inputs[i];
  if (error !== undefined) {
    counts.refused += 1;
    const reason = error.replace(/'[^']*'/g, "'…'").slice(0, 160);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    return null;
  }
  const { pod, ...found } = recordedPod(pods[executor.id]);
  const meant = equalsMeant(executor, found);
  if (meant === true) {
    counts.equal += 1;
  } else if ((counts.different += 1) <= Number(options.show)) {
    console.error(`\n${executor.id} (${executor.as ?? 'no override'}): ${found.refused ?? ''}`);
    if (pod) { differences(meant, pod).forEach(line => console.error(`  ${line.slice(0, 400)}`)); }
  }
  return found;
});
if (options.record) {
  const all = existsSync(FIXTURE) ? JSON.parse(readFileSync(FIXTURE, 'utf8')) : {};
  all[options.airflow!] = { seed: Number(options.seed), pods: records };
  writeFileSync(FIXTURE, `${JSON.stringify(all)}\n`);
}
for (const [reason, times] of Object.entries(reasons)) { console.error(`refused at synth ${times} times: ${reason}`); }
console.log(`Airflow ${airflow}: ${counts.equal} equal, ${counts.different} different, ${counts.refused} refused at synth`);
process.exitCode = counts.different > 0 ? 1 : 0;
