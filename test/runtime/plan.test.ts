import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { taskManifest } from './pods';
import { checkNamespaces, plan } from '../../src/runtime/plan';

const ids = (manifests: any, only?: string[]) => plan(manifests, only).tasks.map(({ task }) => task.taskId);

test('a task comes after the ones it waits for, else in the order of the manifests', () => {
  const manifests = [taskManifest('c', { dependsOn: ['b'] }), taskManifest('a'), taskManifest('b', { dependsOn: ['a'] }), taskManifest('d')];
  expect(ids(manifests)).toEqual(['a', 'd', 'b', 'c']);
});

test('a pull in a template is a dependency, too', () => {
  const [, second] = plan([taskManifest('load', {}, { base: { args: ["{{ ti.xcom_pull(task_ids='extract') }}"] } }), taskManifest('extract')]).tasks;
  expect(second.task.taskId).toBe('load');
  expect(second.upstream).toEqual(['extract']);
});

test('a pull that names a DAG is one where it is the own', () => {
  const manifests = [taskManifest('load', {}, { base: { args: ["{{ ti.xcom_pull('extract', dag_id='etl') }}"] } }), taskManifest('extract')];
  const order = (dagId?: string) => plan(manifests, undefined, dagId).tasks.map(({ task }) => task.taskId);
  expect([order('etl'), order('other'), order()]).toEqual([['extract', 'load'], ['load', 'extract'], ['load', 'extract']]);
});

test('every order respects every dependency', () => {
  const edges = fc.integer({ min: 1, max: 12 }).chain(size => fc.tuple(fc.constant(size), fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)))));
  fc.assert(fc.property(edges, ([size, pairs]) => {
    const needs = Array.from({ length: size }, (_, i) => [...new Set(pairs.filter(([a, b]) => a === i && b < i).map(([, b]) => `t${b}`))]);
    const order = ids(needs.map((dependsOn, i) => taskManifest(`t${i}`, { dependsOn })).reverse());
    needs.forEach((dependsOn, i) => dependsOn.forEach(id => expect(order.indexOf(id)).toBeLessThan(order.indexOf(`t${i}`))));
  }));
});

test.each([
  ['a cycle', [taskManifest('a', { dependsOn: ['c'] }), taskManifest('b', { dependsOn: ['a'] }), taskManifest('c', { dependsOn: ['b'] })], "wait for each other: 'a' -> 'b' -> 'c' -> 'a'"],
  ['a task that waits for itself', [taskManifest('a', { dependsOn: ['a'] })], "task 'a' waits for itself"],
  ['an unknown upstream task', [taskManifest('extract'), taskManifest('b', { dependsOn: ['extrat'] })], "waits for 'extrat', which is not among these manifests (manifest 2); did you mean 'extract'?"],
  ['one id twice', [taskManifest('a'), taskManifest('a')], "task id 'a' is used twice: in manifest 1 and in manifest 2"],
  ['no task', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }], 'there is no task'],
  ['no manifest', [{ hello: 1 } as any], 'manifest 1 is no Kubernetes manifest'],
  ['a pod without containers', [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} }], "Pod 'p' in manifest 1 has no container"],
  ['a pod without an image', [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }] } }], "Pod 'p' in manifest 1 has no 'image' in container 'c'"],
  ['a broken annotation', [{ ...taskManifest('a'), metadata: { name: 'a', annotations: { 'cdk8s-airflow/task': '{' } } }], 'is not JSON'],
])('%s is refused', (_, manifests, message) => {
  expect(() => plan(manifests)).toThrow(message);
});

test('a selection brings what it waits for', () => {
  const manifests = [taskManifest('a'), taskManifest('b', { dependsOn: ['a'] }), taskManifest('c')];
  expect(ids(manifests, ['b'])).toEqual(['a', 'b']);
  expect(() => ids(manifests, ['d'])).toThrow("there is no task 'd'");
});

test('a PodTemplate is the pod it holds, and other kinds are left alone with a note', () => {
  const { tasks, notes } = plan([taskManifest('t', {}, {}, 'PodTemplate'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }]);
  expect(tasks[0].object).toMatchObject({ kind: 'Pod', metadata: { name: 't' }, spec: { containers: [{ name: 'base' }] } });
  expect(notes).toEqual(['not tasks, left alone: 1 Secret; apply what the tasks need with kubectl first']);
});

test('a Pod without an annotation runs with the defaults, a PodTemplate without one does not', () => {
  const plain = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'plain' }, spec: { containers: [{ name: 'x', image: 'i' }] } };
  expect(plan([plain]).tasks[0].task).toMatchObject({ taskId: 'plain', doXcomPush: false, retries: 0, onFinishAction: 'delete_pod' });
  expect(() => plan([{ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'x' }, template: { spec: plain.spec } }])).toThrow('there is no task');
});

test('a namespace that contradicts the manifest is refused', () => {
  const manifest = taskManifest('a');
  manifest.metadata.namespace = 'one';
  expect(() => checkNamespaces(plan([manifest]).tasks, 'two')).toThrow("task 'a' is for namespace 'one', not for 'two'");
  expect(() => checkNamespaces(plan([manifest]).tasks, 'one')).not.toThrow();
});

describe('from files', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'plan-')); });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('a directory, a file and YAML text give the same tasks', () => {
    const text = `${stringify(taskManifest('a'))}---\n${stringify(taskManifest('b'))}---\n`;
    writeFileSync(join(folder, 'x.k8s.yaml'), text);
    writeFileSync(join(folder, 'README.md'), '# no manifest');
    expect([ids(folder), ids(join(folder, 'x.k8s.yaml')), ids(text)]).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b']]);
  });

  test('a List is its items', () => {
    writeFileSync(join(folder, 'x.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [taskManifest('a')] }));
    expect(ids(folder)).toEqual(['a']);
  });

  test('YAML is read as kubectl reads it', () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: yes, containers: [{name: base, args: [2026-01-01], image: i}]}\n';
    expect(plan(text).tasks[0].object.spec).toMatchObject({ hostNetwork: true, containers: [{ args: ['2026-01-01'] }] });
  });

  test('errors name the file and the document', () => {
    writeFileSync(join(folder, 'x.yaml'), 'apiVersion: v1\nkind: Pod\n---\na: [');
    expect(() => ids(join(folder, 'x.yaml'))).toThrow('x.yaml, document 2 is not valid YAML');
    expect(() => ids(join(folder, 'nope'))).toThrow('there is no file or directory');
    rmSync(join(folder, 'x.yaml'));
    expect(() => ids(folder)).toThrow('holds no *.yaml, *.yml or *.json file');
  });
});

test('a chain of twenty thousand tasks can be selected by its end', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => taskManifest(`t${i}`, { dependsOn: i > 0 ? [`t${i - 1}`] : [] }));
  expect(plan(chain, ['t19999']).tasks).toHaveLength(20_000);
});
