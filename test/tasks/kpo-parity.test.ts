import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Recorded, RecordedSeed, verdict } from './kpo';
import { hostileCases } from '../../conformance/kpo/hostile';
import { randomCases } from '../../conformance/kpo/wide';

// Pods that the real KubernetesPodOperator built: conformance/kpo/compare.sh --record --count 80
const RECORD: { random: RecordedSeed; cases: Recorded[] } = JSON.parse(readFileSync(join(__dirname, 'kpo-pods.json'), 'utf8'));

// The same under Airflow 2.11, with a seed of its own: conformance/kpo/compare.sh 2.11 --record --seed 211 --count 15
const RECORD_2: { random: RecordedSeed } = JSON.parse(readFileSync(join(__dirname, 'kpo-pods-2.11.json'), 'utf8'));

// Values that their place takes badly, overrides and mapped tasks: conformance/kpo/compare.sh --hostile --record --seed 11 --count 40
const HOSTILE: { random: RecordedSeed } = JSON.parse(readFileSync(join(__dirname, 'kpo-hostile.json'), 'utf8'));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test.each(RECORD.cases.map(kpo => [kpo.id, kpo] as const))('PodTask gives the pod of KubernetesPodOperator: %s', (_, kpo) => {
  const found = verdict(kpo);
  // Whole pods in the message, so that it shows where they differ.
  if (typeof found !== 'string') { expect(found.ours).toEqual(found.theirs); }
});

test.each([['3.3.2', RECORD.random], ['2.11.2', RECORD_2.random]] as const)('PodTask gives the pods of KubernetesPodOperator under Airflow %s for random parameters and layers', (version, { seed, count, pods }) => {
  const cases = randomCases(seed, count, version);
  const built = pods.filter(hash => hash !== null);
  expect(built.length).toBeGreaterThan(2 * count);
  const different = cases.filter((kpo, i) => typeof verdict({ ...kpo, ...(pods[i] === null ? { refused: 'recorded' } : { hash: pods[i] }) }) !== 'string');
  // `conformance/kpo/compare.sh` shows where they differ.
  expect(different.map(kpo => kpo.id)).toEqual([]);
});

test('PodTask gives the pods of KubernetesPodOperator, or an error, for hostile values, with overrides and mutations, and for each map index', () => {
  const { seed, count, pods } = HOSTILE.random;
  const verdicts = hostileCases(seed, count, '3.3.2').map((kpo, i) => verdict({ ...kpo, ...(pods[i] === null ? { refused: 'recorded' } : { hash: pods[i] }) }));
  expect(verdicts.filter(found => found === 'equal').length).toBeGreaterThan(count);
  expect(verdicts.flatMap((found, i) => typeof found === 'string' ? [] : [i])).toEqual([]);
});
