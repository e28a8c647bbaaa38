import fs, { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, JournalEntry } from '../../src/runtime/journal';

let folder: string;
let file: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'journal-')); file = join(folder, 'deep', 'run.jsonl'); });
afterEach(() => rmSync(folder, { recursive: true }));

const started = (task: string): JournalEntry => ({ type: 'started', task, try: 1, namespace: 'n', pod: task, uid: task });
async function opened(): Promise<Journal> {
  const journal = new Journal(file);
  await journal.open('run', 'https://x');
  return journal;
}
const tasks = (journal: Journal) => journal.read().flatMap(entry => (entry.type === 'run' ? [] : [entry.task]));

test('what was written is read by the next runner, once', async () => {
  const first = await opened();
  await Promise.all(['a', 'b', 'c'].map(task => first.append(started(task))));
  await first.close();
  const second = await opened();
  expect(tasks(second)).toEqual(['a', 'b', 'c']);
  expect(second.read().filter(entry => entry.type === 'run')).toHaveLength(1);
  await second.close();
});

test('two runners of one run see each other\'s entries', async () => {
  const [one, other] = [await opened(), await opened()];
  await one.append(started('a'));
  await other.append(started('b'));
  expect([tasks(one), tasks(other)]).toEqual([['a', 'b'], ['a', 'b']]);
  await Promise.all([one.close(), other.close()]);
});

test('a line torn at any byte is dropped, and the next one is not lost', async () => {
  const first = await opened();
  await first.append(started('a'));
  await first.append(started('b'));
  await first.close();
  const whole = readFileSync(file);
  const kept = whole.indexOf('\n', whole.indexOf('\n') + 1) + 1;
  for (let size = kept; size < whole.length - 1; size++) {
    writeFileSync(file, whole.subarray(0, size));
    const journal = await opened();
    await journal.append(started('c'));
    expect(tasks(journal)).toEqual(['a', 'c']);
    await journal.close();
  }
});

test('a line that was changed is dropped', async () => {
  const journal = await opened();
  await journal.append(started('a'));
  await journal.close();
  writeFileSync(file, readFileSync(file, 'utf8').replace('"try":1', '"try":2'));
  appendFileSync(file, 'garbage\n\n');
  expect(tasks(new Journal(file))).toEqual([]);
});

test('the journal of another run or cluster is refused', async () => {
  await (await opened()).close();
  await expect(new Journal(file).open('other', 'https://x')).rejects.toThrow("is that of run 'run' on https://x, not of 'other' on https://x");
  await expect(new Journal(file).open('run', 'https://y')).rejects.toThrow('not of \'run\' on https://y');
});

test('what was read is not read again', async () => {
  const read = jest.spyOn(fs, 'readSync');
  const journal = await opened();
  for (let i = 0; i < 20; i++) {
    await journal.append(started(`t${i}`));
    expect(journal.of(`t${i}`)).toHaveLength(1);
  }
  await journal.close();
  expect(read.mock.results.reduce((sum, { value }) => sum + value, 0)).toBe(readFileSync(file).length);
  read.mockRestore();
});
