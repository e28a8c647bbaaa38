import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string) => readFileSync(join(__dirname, path), 'utf8');
const page = read('../../docs/DEVIATIONS-deployment.md');
const FILES = ['conformance.test.ts', 'conformance-features.test.ts'];

/** `5, 26 – 29` as numbers. */
function numbers(text: string): number[] {
  return text.split(',').flatMap(part => {
    const [from, to = from] = part.split('–').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** The numbers of tests in the blocks whose title begins so. */
const tested = (title: string) => FILES.flatMap(file => read(file).split(/^describe\(/m).filter(block => block.startsWith(`'${title}`)))
  .flatMap(block => [...block.matchAll(/^ {2}test\(['"]([\d, ]+):/gm)]).flatMap(([, list]) => numbers(list));

/** The numbers in the first column of the page's table below a heading. */
const listed = (heading: string) => [...page.split(`## ${heading}`)[1].split('\n## ')[0].matchAll(/^\| ([\d, –]+) \|/gm)].flatMap(([, list]) => numbers(list));

test.each([
  ['defects of the official chart', 'Defects without a test', 30],
  ['behaviours of the official chart', 'Behaviours without a test', 73],
])('%s: each number has a test or a reason why not, and none has both', (title, heading, count) => {
  const [tests, reasons] = [tested(title), listed(heading)];
  expect([...tests, ...reasons].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  const kind = title.split(' ')[0];
  expect(page).toContain(`${tests.length} of ${count} ${kind} have a test`);
});
