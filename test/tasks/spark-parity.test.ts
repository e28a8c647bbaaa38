import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordedSpark, sparkVerdict } from './spark';
import { SPARK_CASES } from '../../conformance/kpo/spark-cases';
import { randomSparkCases } from '../../conformance/kpo/spark-random';

// What the real SparkKubernetesOperator sent: conformance/kpo/compare.sh --spark --count 300 --record
const RECORD: { random: { seed: number; applications: (string | null)[] }; cases: RecordedSpark[] } =
  JSON.parse(readFileSync(join(__dirname, 'spark-applications.json'), 'utf8'));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test('the record is of the cases that there are', () => expect(RECORD.cases.map(({ id }) => id)).toEqual(SPARK_CASES.map(({ id }) => id)));

test.each(RECORD.cases.map(recorded => [recorded.id, recorded] as const))('the application of the operator: %s', (_, recorded) => {
  const found = sparkVerdict(recorded);
  if (typeof found !== 'string') { expect(found.ours).toEqual(found.theirs); }
  if (recorded.deviation !== undefined) { expect(found).toBe('documented'); }
});

test('the applications of the operator: random templates', () => {
  const { seed, applications } = RECORD.random;
  const found = randomSparkCases(seed, applications.length).map((asked, i) => {
    const hash = applications[i];
    return [asked.id, sparkVerdict({ ...JSON.parse(JSON.stringify(asked)), ...(hash === null ? { refused: 'by the record' } : { hash }) })];
  });
  expect(found.filter(([, verdict]) => typeof verdict !== 'string')).toEqual([]);
  expect(found.filter(([, verdict]) => verdict === 'equal').length).toBeGreaterThan(applications.length / 2);
});
