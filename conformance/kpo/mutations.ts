import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { differences } from './differences';
import { mutationCases, withoutEmpty } from './mutation-cases';
import { PodMutation } from '../../src';
import { mutatePod } from '../../src/pod/mutation';
import { podMutationHook } from '../../src/pod/mutation-python';
import { podHash } from '../../test/tasks/kpo';

const FIXTURE = join(__dirname, '../../test/tasks/pod-mutations.json');

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000' },
    record: { type: 'boolean', default: false },
    show: { type: 'string', default: '5' },
  },
});

const [seed, count] = [Number(options.seed), Number(options.count)];
const cases = mutationCases(seed, count);
const output = execFileSync(options.python ?? 'python3', [join(__dirname, 'mutations.py')], {
  input: JSON.stringify(cases.map(({ id, pod, mutations, dictionaries }) =>
    ({ id, pod, dictionaries, settings: PodMutation.toAirflowLocalSettings(mutations) }))),
  maxBuffer: 1 << 28,
  stdio: ['pipe', 'pipe', 'inherit'],
});
const results = JSON.parse(output.toString());
const counts = { equal: 0, different: 0, changed: 0 };
const hashes: string[] = [];
for (const { id, pod, data, subject, mutations } of cases) {
  const once = mutatePod(pod, data, subject);
  const ours = withoutEmpty({ pod: once, again: mutatePod(once, data, subject) });
  const theirs = withoutEmpty(results[id]);
  hashes.push(podHash(theirs));
  if (!isDeepStrictEqual(ours.pod, withoutEmpty(pod))) { counts.changed += 1; }
  if (isDeepStrictEqual(ours, theirs)) {
    counts.equal += 1;
  } else if ((counts.different += 1) <= Number(options.show)) {
    console.error(`\n${id}: ${JSON.stringify(mutations.map(({ _data }) => _data))}`);
    differences(ours, theirs).forEach(line => console.error(`  ${line.slice(0, 500)}`));
  }
}
if (options.record) {
  writeFileSync(FIXTURE, `${JSON.stringify({ seed, hook: podHash(podMutationHook([])), pods: hashes })}\n`);
}
const twice = cases.filter(({ id, mutations }) =>
  mutations.length === 1 && !isDeepStrictEqual(withoutEmpty(results[id].pod), withoutEmpty(results[id].again))).length;
console.log(`${counts.equal} equal, ${counts.different} different; ${counts.changed} pods changed, ${twice} of those with one mutation once more by the second time`);
process.exitCode = counts.different > 0 ? 1 : 0;
