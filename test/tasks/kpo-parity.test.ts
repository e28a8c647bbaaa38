import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Recorded, RecordedSeed, verdict } from './kpo';
import { layeredCases } from '../../conformance/kpo/layers';

// Pods that the real KubernetesPodOperator built: conformance/kpo/compare.sh --record --count 120
const RECORD: { random: RecordedSeed; cases: Recorded[] } = JSON.parse(readFileSync(join(__dirname, 'kpo-pods.json'), 'utf8'));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test.each(RECORD.cases.map(kpo => [kpo.id, kpo] as const))('PodTask gives the pod of KubernetesPodOperator: %s', (_, kpo) => {
  const found = verdict(kpo);
  // Whole pods in the message, so that it shows where they differ.
  if (typeof found !== 'string') { expect(found.ours).toEqual(found.theirs); }
});

test('PodTask gives the pods of KubernetesPodOperator for random parameters and layers', () => {
  const { seed, pods } = RECORD.random;
  const cases = layeredCases(seed, pods.length / 2);
  const built = pods.filter(hash => hash !== null);
  expect(built.length).toBeGreaterThan(200);
  const different = cases.filter((kpo, i) => typeof verdict({ ...kpo, ...(pods[i] === null ? { refused: 'recorded' } : { hash: pods[i] }) }) !== 'string');
  // `conformance/kpo/compare.sh` shows where they differ.
  expect(different.map(kpo => kpo.id)).toEqual([]);
});
