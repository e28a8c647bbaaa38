import * as fc from 'fast-check';
import { pathRewrite } from '../../src/testing/paths';

const rewrite = pathRewrite(new Map([['/airflow/xcom', '/T/x'], ['/data', '/T/d'], ['/data/inner/', '/T/i']]));

test.each([
  ['/airflow/xcom', '/T/x'],
  ['/airflow/xcom/return.json', '/T/x/return.json'],
  ['echo 1 >/airflow/xcom/return.json;', 'echo 1 >/T/x/return.json;'],
  ['f=/airflow/xcom/return.json', 'f=/T/x/return.json'],
  ['"/airflow/xcom"', '"/T/x"'],
  ['/data:/airflow/xcom', '/T/d:/T/x'],
  ['/data/inner/a /data/other', '/T/i/a /T/d/other'],
  ['file:///data/a.csv', 'file:///T/d/a.csv'],
  ['${p#/data/}', '${p#/T/d/}'],
])('%s becomes %s', (text, expected) => {
  expect(rewrite(text)).toBe(expected);
});

test.each([
  '/airflow/xcom2', '/opt/airflow/xcom', 'a/airflow/xcom', '$HOME/airflow/xcom', '${HOME}/airflow/xcom', '~/data', '/database', '/data.csv', '/data-old',
  'https://data/x', '../data', '$(pwd)/data', '/Data', 'é/data', '/dataé',
])('%s stays as it is', text => {
  expect(rewrite(text)).toBe(text);
});

test('text without a mount path never changes, and a mount path as a word always does', () => {
  fc.assert(fc.property(fc.string(), text => {
    fc.pre(!text.includes('/data') && !text.includes('/airflow/xcom'));
    expect(rewrite(text)).toBe(text);
    expect(rewrite(`${text} /data `)).toBe(`${text} /T/d `);
  }));
});
