import * as fc from 'fast-check';
import { parseDuration } from '../../src/cli/duration';
import { brief, painter, printable, table } from '../../src/cli/text';

test.each([
  ['plain ü 😀\ttab', 'plain ü 😀\ttab'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['a\u001b]0;title\u0007b', 'ab'],
  ['a\u001b]8;;http://x\u001b\\link', 'alink'],
  ['\u001b[2J\u001b[1;1Hx', 'x'],
  ['10%\r50%\r100%', '100%'],
  ['done\r', 'done'],
  ['a\u0008\u0000\u009bb', 'ab'],
  ['abc\u202edef', 'abcdef'],
])('%j is printed as %j', (line, text) => {
  expect(printable(line)).toBe(text);
});

test('no control character reaches the terminal, whatever a task writes', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('\u001b', '[', ']', 'm', '3', ';', '\u0007', '\\', '\r', 'x', '\u0090', '\u0000', 'P') }), line => {
    // eslint-disable-next-line no-control-regex
    expect(printable(line)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  }));
});

test.each([['90', 90], ['90s', 90], ['5m', 300], ['1h30m', 5400], ['1.5h', 5400]])('the duration %s is %d s', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([['0'], ['5x'], [''], ['-1s'], ['m'], ['1m2']])('%j is no duration', text => {
  expect(() => parseDuration(text)).toThrow('give a duration');
});

test('columns line up and no line ends in spaces', () => {
  expect(table(['a', 'bb'], [['long', ''], ['x', 'y']])).toBe('A      BB\nlong\nx      y\n');
});

test('a long value is cut', () => {
  expect(brief('x'.repeat(10), 6)).toBe('"xxxx…');
});

test('colours are for terminals, and not where NO_COLOR is set', () => {
  const [terminal, file] = [{ isTTY: true }, {}] as any[];
  const before = process.env.NO_COLOR;
  try {
    delete process.env.NO_COLOR;
    process.env.TERM = 'xterm';
    expect([painter(terminal)('red', 'x'), painter(file)('red', 'x')]).toEqual(['\u001b[31mx\u001b[0m', 'x']);
    process.env.NO_COLOR = '1';
    expect(painter(terminal)('red', 'x')).toBe('x');
  } finally {
    if (before === undefined) { delete process.env.NO_COLOR; } else { process.env.NO_COLOR = before; }
  }
});
