import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The snapshots of a test file, by name. */
function snapshots(file: string): { [name: string]: string } {
  const exports = {};
  new Function('exports', readFileSync(join(__dirname, '..', file), 'utf8'))(exports);
  return exports;
}

test('what a user reads of a failed task is the same on the embedded cluster and on the real one', () => {
  const embedded = snapshots('runtime/__snapshots__/embedded.test.ts.snap');
  const real = snapshots('e2e/__snapshots__/tasks.e2e.ts.snap');
  const { 'tasks a container that takes too much memory 1': onlyReal, ...both } = real;
  expect(onlyReal).toContain('OOMKilled');
  expect(Object.keys(both).length).toBeGreaterThan(8);
  expect(embedded).toEqual(both);
});
