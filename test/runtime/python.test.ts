import { fromJson, repr } from '../../src/runtime/jinja/values';
import { parseJson } from '../../src/runtime/json';
import { jinjaJson, pythonNumber } from '../../src/runtime/python';

// What Python 3 answers to repr(json.loads(…)).
test.each([
  ['"it\'s"', '"it\'s"'],
  ['"it\'s \\"so\\""', '\'it\\\'s "so"\''],
  ['"a\\n\\t\\\\"', "'a\\n\\t\\\\'"],
  ['"\\u0000\\u00a0\\u200b\\ud83d\\ude00é"', "'\\x00\\xa0\\u200b😀é'"],
  ['[true, false, null, [], {}]', '[True, False, None, [], {}]'],
])('%s is written as Python writes it', (json, text) => {
  expect(repr(fromJson(parseJson(json)))).toBe(text);
});

test.each([
  ['1', '1'], ['-0', '0'], ['1.0', '1.0'], ['-0.0', '-0.0'], ['1e3', '1000.0'], ['1e15', '1000000000000000.0'], ['1e16', '1e+16'], ['1.5e-5', '1.5e-05'],
  ['0.0001', '0.0001'], ['0.1', '0.1'], ['123456789012345680', '123456789012345680'], ['1.7976931348623157e308', '1.7976931348623157e+308'], ['1e22', '1e+22'],
])('the number %s is written %s', (json, text) => {
  expect(pythonNumber(json)).toBe(text);
});

test('tojson sorts keys, has Python\'s spaces, is ASCII and safe within HTML', () => {
  expect(jinjaJson(parseJson('{"b": [1.0, "<é&\'>"], "a": {}}'))).toBe('{"a": {}, "b": [1.0, "\\u003c\\u00e9\\u0026\\u0027\\u003e"]}');
  expect(jinjaJson(parseJson('{"a": [1], "b": []}'), 2)).toBe('{\n  "a": [\n    1\n  ],\n  "b": []\n}');
});
