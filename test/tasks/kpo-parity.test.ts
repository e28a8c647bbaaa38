import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Recorded, verdict } from './kpo';

// Pods that the real KubernetesPodOperator built: conformance/kpo/compare.sh --record
const RECORDED: Recorded[] = JSON.parse(readFileSync(join(__dirname, 'kpo-pods.json'), 'utf8'));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test('the record holds enough pods', () => expect(RECORDED.filter(kpo => kpo.pod).length).toBeGreaterThan(100));

test.each(RECORDED.map(kpo => [kpo.id, kpo] as const))('PodTask gives the pod of KubernetesPodOperator: %s', (_, kpo) => {
  const found = verdict(kpo);
  // Whole pods in the message, so that it shows where they differ.
  if (typeof found !== 'string') { expect(found.ours).toEqual(found.theirs); }
});
