import * as fc from 'fast-check';
import { LineSplitter } from '../../src/runtime/lines';

function split(chunks: Buffer[], maxBytes?: number): string[] {
  const splitter = new LineSplitter(maxBytes);
  const lines = chunks.flatMap(chunk => splitter.push(chunk));
  const rest = splitter.end();
  return [...lines, ...rest ? [rest] : []].map(line => line.toString('utf8'));
}

test('lines are the same however the bytes are cut, also within a character', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }).map(text => text.replace(/\n/g, ''))), fc.array(fc.nat(50)), (lines, cuts) => {
    const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
    const chunks: Buffer[] = [];
    let at = 0;
    for (const cut of cuts) { chunks.push(bytes.subarray(at, at + cut)); at += cut; }
    chunks.push(bytes.subarray(at));
    expect(split(chunks)).toEqual(lines.map(line => Buffer.from(line).toString('utf8')));
  }));
});

test('a last line without a line end is not lost', () => {
  expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b']);
});

test('a line that is too long comes in pieces, and the next one is whole', () => {
  expect(split([Buffer.from('abcde'), Buffer.from('fg\nh\n')], 3)).toEqual(['abc', 'def', 'g', 'h']);
});
