import * as fc from 'fast-check';
import { canonicalQuantity, formatQuantity, parseQuantity } from '../../src/pod/quantity';

test.each([
  ['0.5', '500m'], ['1024Mi', '1Gi'], [64000, '64k'], [0.25, '250m'], ['1.5Gi', '1536Mi'], ['100Ti', '100Ti'], ['0', '0'], ['1000m', '1'], ['1e3', '1e3'], ['0.1Mi', '104857600m'],
])('%s is written as %s', (given, expected) => {
  expect(canonicalQuantity(given)).toBe(expected);
});

test.each(['', 'x', '1x', '1 Gi', '.', '1mi'])('%j is no quantity', text => {
  expect(parseQuantity(text)).toBeUndefined();
});

test('what is written is the same quantity', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.boolean(), (value, binary) => {
    expect(parseQuantity(formatQuantity(value, binary))).toBe(value);
  }));
});
