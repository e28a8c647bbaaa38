import * as fc from 'fast-check';
import { fromJson, repr } from '../../src/runtime/jinja/values';
import { inexactInteger, parseJson } from '../../src/runtime/json';

test('what JavaScript accepts as JSON is accepted, but for numbers that become infinite, and nothing else', () => {
  const accepts = (read: (text: string) => unknown, text: string) => {
    try { read(text); return true; } catch { return false; }
  };
  const finite = (text: string) => JSON.parse(text, (_, value) => {
    if (value === Infinity || value === -Infinity) { throw new Error('infinite'); }
    return value;
  });
  const anything = fc.oneof(
    fc.json(),
    fc.json().chain(text => fc.tuple(fc.nat(text.length), fc.constantFrom(',', '}', ']', '"', '\\', '0', '-', 'e', ' ', '\t', 'NaN')).map(([at, extra]) => text.slice(0, at) + extra + text.slice(at))),
    fc.json().chain(text => fc.nat(text.length).map(at => text.slice(0, at))),
  );
  fc.assert(fc.property(anything, text => { expect(accepts(parseJson, text)).toBe(accepts(finite, text)); }), { numRuns: 2000 });
});

test.each([
  ['NaN', 'a value was expected at offset 0'],
  ['{"a": hello}', 'a value was expected at offset 6, got "hello}"'],
  ['[1, 2', "',' or ']' was expected at offset 5"],
  ['1 2', 'there is more after the value at offset 2'],
  ['1e400', 'a number that is too large at offset 0'],
])('%s is refused with the place', (text, message) => {
  expect(() => parseJson(text)).toThrow(message);
});

test('nesting is limited', () => {
  expect(() => parseJson('['.repeat(201) + ']'.repeat(201))).not.toThrow();
  expect(() => parseJson('['.repeat(100_000))).toThrow('nested deeper than 200 levels');
});

test('digits and the order of keys are kept', () => {
  expect(repr(fromJson(parseJson('{"b": 1.0, "2": 12345678901234567890, "__proto__": {"x": null}}'))))
    .toBe("{'b': 1.0, '2': 12345678901234567890, '__proto__': {'x': None}}");
});

test.each([
  ['{"a": [1, {"id": 9007199254740993}], "b": 9007199254740995}', '9007199254740993'],
  ['[-9007199254740993]', '-9007199254740993'],
  ['[9007199254740992, 1e300, 0.1, "9007199254740993", null, true]', undefined],
])('of %s the first integer that JavaScript rounds is %s', (text, found) => {
  expect(inexactInteger(parseJson(text))).toBe(found);
});
