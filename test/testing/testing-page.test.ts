import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cdk8s from 'cdk8s';
import * as ts from 'typescript';
import * as constructs from '../../src';
import * as testing from '../../src/testing';

const page = readFileSync(join(__dirname, '../../docs/testing.md'), 'utf8');

test('the page lists the invariants', () => {
  expect([...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)).toEqual(testing.INVARIANTS);
});

// The page's own tests run.
describe('the example', () => {
  const [, code] = /```ts\n(.*?)```/s.exec(page)!;
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const modules: { [name: string]: unknown } = { 'cdk8s': cdk8s, 'cdk8s-airflow': constructs, 'cdk8s-airflow/testing': testing };
  // eslint-disable-next-line no-new-func
  new Function('require', 'exports', 'test', outputText)((name: string) => modules[name], {}, test);
});
