import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordedTemplate, templateCase, templateVerdict } from './kpo-template';

// What the real KubernetesPodOperator built of template files with do_xcom_push=True: conformance/kpo/compare.sh --template-files --record
const RECORD: RecordedTemplate[] = JSON.parse(readFileSync(join(__dirname, 'kpo-templates.json'), 'utf8'));

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

test.each(RECORD.map(record => [record.asked.id, record] as const))('the operator makes PodTask\'s pod of its template file: %s', (_, { asked, file, pod }) => {
  expect(templateCase(asked).files!['task.yaml']).toBe(file);
  const found = templateVerdict(asked, pod);
  if (found !== 'equal') { expect(found.ours).toEqual(found.theirs); }
});
