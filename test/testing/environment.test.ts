import { expand } from '../../src/testing/environment';

test.each([
  ['$(A)', 'a'], ['x$(A)y$(B)', 'xayb'], ['$(MISSING)', '$(MISSING)'], ['$$(A)', '$(A)'], ['$$', '$'], ['$A ${A} $', '$A ${A} $'], ['$(A', '$(A'], ['$$$(A)', '$a'],
])('%s becomes %s', (text, expected) => {
  expect(expand(text, new Map([['A', 'a'], ['B', 'b']]))).toBe(expected);
});
