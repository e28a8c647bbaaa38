import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dagOf, dagVerdict, RecordedDag } from './kpo-dag';

// What the real KubernetesPodOperator of generated DAG files built: conformance/kpo/compare.sh --dags --record
const RECORD: RecordedDag[] = JSON.parse(readFileSync(join(__dirname, 'kpo-dags.json'), 'utf8'));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test.each(RECORD.map(record => [record.asked.id, record] as const))('the operator in the DAG makes PodTask\'s pod: %s', (_, { asked, text, pod }) => {
  expect(dagOf(asked)).toBe(text);
  const found = dagVerdict(asked, pod);
  if (found !== 'equal') { expect(found.ours).toEqual(found.theirs); }
});
