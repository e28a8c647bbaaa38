import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Testing } from 'cdk8s';
import { CANCELLED, end, FakeCluster } from './fake-cluster';
import { PodTask, PodTaskProps } from '../../src';
import { Engine } from '../../src/runtime/engine';
import { RunEvent } from '../../src/runtime/events';
import { Journal } from '../../src/runtime/journal';
import { plan } from '../../src/runtime/plan';
import { MAP_LABEL, renderPod } from '../../src/runtime/render';
import { RunResult } from '../../src/runtime/result';

let folder: string;
let events: RunEvent[];
beforeEach(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  folder = mkdtempSync(join(tmpdir(), 'expand-'));
  events = [];
});
afterEach(() => { jest.restoreAllMocks(); rmSync(folder, { recursive: true }); });

/** What the sidecar says of an XCom. */
function xcomMessage(value: unknown): string {
  const text = JSON.stringify(value);
  return `v1 json ${Buffer.byteLength(text)} ${createHash('sha256').update(text).digest('hex')}\n${text}`;
}

type Scope = (id: string, props?: PodTaskProps) => PodTask;

function manifests(make: (task: Scope) => void): any[] {
  const chart = new Chart(new App(), 'chart', { labels: { 'of-chart': 'yes' } });
  make((id, props = {}) => new PodTask(chart, id, {
    ...(props.expandKwargs === undefined && props.expand?.image === undefined ? { image: 'busybox:1' } : {}), doXcomPush: true, renderAs: 'PodTemplate', ...props,
  }));
  return Testing.synth(chart);
}

/** Pods end with what `xcoms` has for their task, or their map index. */
function cluster(xcoms: { [task: string]: unknown }): FakeCluster {
  return new FakeCluster((pod, fake) => {
    const { 'cdk8s-airflow/task-id': task, [MAP_LABEL]: index } = pod.metadata.labels!;
    const value = xcoms[index === undefined ? task : `${task}[${index}]`];
    end(value instanceof Error ? 1 : 0, value === undefined || value instanceof Error ? 'v1 empty' : xcomMessage(value))(pod, fake);
  });
}

function run(fake: FakeCluster, given: any[], options = {}): Promise<RunResult> {
  return new Engine({
    plan: plan(given), api: fake.api, runId: 'r', namespaceOf: () => 'n', logs: false, concurrency: 16, emit: event => events.push(event), ...options,
  }).run();
}
const short = ({ tasks }: RunResult) => tasks.map(({ name, mapIndex, state, xcom }) => `${name}${mapIndex === undefined ? '' : `[${mapIndex}]`} ${state} ${JSON.stringify(xcom)}`);
const bases = (fake: FakeCluster, task: string) => fake.created.filter(pod => pod.metadata.labels!['cdk8s-airflow/task-id'] === task)
  .sort((a, b) => Number(a.metadata.labels![MAP_LABEL]) - Number(b.metadata.labels![MAP_LABEL])).map(pod => pod.spec.containers[0]);

test('a task runs for each combination of its lists, the last one varying fastest; texts are rendered, what the chart added stays', async () => {
  const fake = cluster({});
  const result = await run(fake, manifests(task => task('work', {
    renderAs: 'Pod',
    expand: { arguments: [['a'], ['b {{ ti.map_index }}']], envVars: [{ N: '1' }, { N: '2', M: '{{ run_id }}' }, {}] },
    podOverride: { spec: { containers: [{ name: 'base', env: [{ name: 'ALL', value: 'x' }] }] } },
  })));
  expect(short(result)).toEqual([0, 1, 2, 3, 4, 5].map(index => `work[${index}] success null`));
  expect(bases(fake, 'work').map(({ args, env }) => [args[0], ...env.map(({ name, value }: any) => `${name}=${value}`)])).toEqual([
    ['a', 'N=1', 'ALL=x'], ['a', 'N=2', 'M=r', 'ALL=x'], ['a', 'ALL=x'], ['b 3', 'N=1', 'ALL=x'], ['b 4', 'N=2', 'M=r', 'ALL=x'], ['b 5', 'ALL=x'],
  ]);
  expect(new Set(fake.created.map(({ metadata }) => metadata.name)).size).toBe(6);
  expect(fake.created[0].metadata.labels).toMatchObject({ 'of-chart': 'yes', [MAP_LABEL]: '0' });
  expect(fake.created[0].metadata.annotations!['cdk8s-airflow/task']).not.toContain('expand');
  expect(events.filter(event => event.type === 'task').map(event => (event as any).mapIndex)).toContain(5);
});

test('over an XCom: its values are not rendered, and the XComs are a list for the tasks that wait', async () => {
  const items = [['plain'], ['{{ not.jinja }} {% raw %}', 'it\'s\n', '\\'], ['x']];
  const fake = cluster({ 'list': items, 'work[0]': { n: 1 }, 'work[2]': { n: 3 } });
  const result = await run(fake, manifests(task => {
    const work = task('work', { expand: { arguments: task('list').output } });
    task('sum', { arguments: [work.output, '{{ ti.xcom_pull(task_ids="work", map_indexes=2) }}', '{{ ti.xcom_pull(task_ids="work", map_indexes=[1, 0]) }}', work.output.at(1).get('n')] });
  }));
  expect(bases(fake, 'work').map(({ args }) => args)).toEqual(items);
  expect(bases(fake, 'sum')[0].args).toEqual(["[{'n': 1}, {'n': 3}]", "{'n': 3}", "[None, {'n': 1}]", '3']);
  expect(short(result)).toEqual(['list success [["plain"],["{{ not.jinja }} {% raw %}","it\'s\\n","\\\\"],["x"]]', 'work[0] success {"n":1}', 'work[1] success null', 'work[2] success {"n":3}', 'sum success null']);
});

test('over the XComs of a mapped task, of which one item is a list all the same; Airflow 3.3 gives its only XCom bare', async () => {
  const fake = cluster({ 'list': ['busybox:2'], 'one[0]': ['x'] });
  const result = await run(fake, manifests(task => {
    const one = task('one', { expand: { image: task('list').output } });
    task('two', { expand: { cmds: one.output } });
    task('sum', { arguments: [one.output] });
  }));
  expect(bases(fake, 'one')[0].image).toBe('busybox:2');
  expect(bases(fake, 'two').map(({ command }) => command)).toEqual([['x']]);
  expect(bases(fake, 'sum')[0].args).toEqual(["['x']"]);
  expect(result.state).toBe('success');
});

test('a dict is the list of its items; sets of parameters by the operator\'s names', async () => {
  const fake = cluster({ dict: { a: '1', b: '2' }, sets: [{ image: 'busybox:7', env_vars: { A: '{{ ds }}' }, name: 'First.Pod' }, { cmds: ['c'], image: 'busybox:8' }] });
  await run(fake, manifests(task => {
    task('pairs', { expand: { arguments: task('dict').output } });
    task('kwargs', { expandKwargs: task('sets').output });
  }));
  expect(bases(fake, 'pairs').map(({ args }) => args)).toEqual([['a', '1'], ['b', '2']]);
  expect(bases(fake, 'kwargs')).toMatchObject([{ image: 'busybox:7', env: [{ name: 'A', value: '{{ ds }}' }] }, { image: 'busybox:8', command: ['c'] }]);
  expect(fake.created.map(pod => pod.metadata.name)).toEqual(expect.arrayContaining([expect.stringMatching(/^first-pod-.{8}$/), expect.stringMatching(/^kwargs-.{8}$/)]));
});

test('an empty list skips the task and what waits for it, and the run succeeds', async () => {
  const fake = cluster({ list: [] });
  const result = await run(fake, manifests(task => task('after', { dependsOn: [task('work', { expand: { cmds: task('list').output } })] })));
  expect(short(result)).toEqual(['list success []', 'work skipped null', 'after skipped null']);
  expect(result.tasks.map(({ message }) => message)).toEqual([null, 'it is mapped over an empty list', "it waits for 'work', which was skipped"]);
  expect([result.state, fake.created.length]).toEqual(['success', 1]);
});

test('a map index that fails fails the task for those that wait, the others run', async () => {
  const fake = cluster({ 'work[1]': new Error('exit 1') });
  const result = await run(fake, manifests(task => task('after', { dependsOn: [task('work', { expand: { cmds: [['a'], ['b'], ['c']] } })] })));
  expect(short(result)).toEqual(['work[0] success null', 'work[1] failed null', 'work[2] success null', 'after upstream_failed null']);
  expect(result.tasks[3].message).toBe("it waits for 'work', which did not succeed");
});

test.each<[string, unknown, string]>([
  ['a text', 'abc', "its XCom is of the unmappable type 'str', and another task is mapped over it"],
  ['a number', 5, "unmappable type 'number'"],
  ['nothing', undefined, 'it did not push an XCom, and another task is mapped over it'],
  ['too much', Array.from({ length: 1025 }, () => 'a'), 'its XCom has 1025 items, and another task is mapped over it: at most 1024 are'],
])('a task that others are mapped over and that pushes %s fails, as in Airflow', async (_, value, message) => {
  const result = await run(cluster({ list: value }), manifests(task => task('work', { expand: { image: task('list').output } })));
  expect(result.tasks.map(({ state }) => state)).toEqual(['failed', 'upstream_failed']);
  expect(result.tasks[0]).toMatchObject({ failure: 'xcom', exitCode: 0, message: expect.stringContaining(message) });
});

test.each<[string, PodTaskProps, unknown, string]>([
  ['a text', { expand: { arguments: null } }, [['a'], 'b'], "item 1 of the XCom of 'list', over which task 'work' is mapped, must be a list of texts, got \"b\""],
  ['a number in a list', { expand: { arguments: null } }, [[5]], 'must be a list of texts, got a list of 1'],
  ['a map of numbers', { expand: { envVars: null } }, [{ A: 1 }], 'must be an object of names and texts, got an object'],
  ['a bad image', { expand: { image: null } }, ['busybox:1', 'Bad Image'], "map index 1 of task 'work': 'spec.containers[base].image' must be a name such as"],
  ['a bad name', { expand: { name: null } }, ['a b'], "map index 0 of task 'work': 'name' must be 1 to 220 letters"],
  ['another parameter', { expandKwargs: null }, [{ volumes: [] }], "has 'volumes', which is none of the parameters 'image', 'name', "],
  ['no set', { expandKwargs: null }, ['a'], 'must be an object of parameters, got "a"'],
  ['too much for a product', { expand: { arguments: null, cmds: null } }, Array.from({ length: 400 }, () => ['a']), "task 'work' is mapped into 400 × 400 = 160000 pods, and at most 100000"],
  ['what is given', { expandKwargs: null, image: 'busybox:1' }, [{ image: 'busybox:2' }], "'image' is given by the task, and again for the map index"],
])('%s in the list fails the task before a pod is made', async (_, props, value, message) => {
  const fake = cluster({ list: value });
  const result = await run(fake, manifests(task => {
    const { output } = task('list');
    const filled = props.expand ? { expand: Object.fromEntries(Object.keys(props.expand).map(name => [name, output])) } : { expandKwargs: output };
    task('work', { ...props, ...filled });
  }));
  expect(result.tasks[1]).toMatchObject({ name: 'work', state: 'failed', failure: 'config', message: expect.stringContaining(message) });
  expect(fake.created).toHaveLength(1);
});

test('a run that is taken up again does only the map indexes that are left', async () => {
  const given = manifests(task => task('sum', { arguments: [task('work', { expand: { cmds: [['a'], ['b'], ['c']] } }).output] }));
  const journal = () => new Journal(join(folder, 'run.jsonl'));
  const controller = new AbortController();
  const first = new FakeCluster((pod, fake) => {
    if (pod.metadata.labels![MAP_LABEL] === '1') { controller.abort(CANCELLED); } else { end(0, xcomMessage(pod.metadata.labels![MAP_LABEL]))(pod, fake); }
  });
  const one = await run(first, given, { journal: journal(), concurrency: 1, stop: controller.signal });
  expect(one.tasks.map(({ mapIndex, state }) => `${mapIndex} ${state}`)).toEqual(['0 success', '1 cancelled', '2 cancelled', 'undefined cancelled']);
  const again = cluster({ 'work[1]': '1', 'work[2]': '2' });
  const two = await run(again, given, { journal: journal() });
  expect(again.created.map(pod => pod.metadata.labels![MAP_LABEL])).toEqual(['1', '2', undefined]);
  expect(bases(again, 'sum')[0].args).toEqual(["['0', '1', '2']"]);
  const third = cluster({});
  const three = await run(third, given, { journal: journal() });
  expect(third.created).toEqual([]);
  expect(short(three)).toEqual(short(two));
});

test('a manifest that was changed after it was synthesised is refused', () => {
  const [manifest] = manifests(task => task('work', { expand: { cmds: [['a']] } }));
  manifest.template.spec.containers[0].image = 'busybox:2';
  expect(() => plan([manifest])).toThrow("PodTemplate 'work' in manifest 1 is mapped, and its 'spec' is not what the annotation");
});

describe('renderPod', () => {
  const identity = { taskId: 'work', dagId: 'd', runId: 'r', airflowVersion: '3.3.2', inCluster: true };
  test('gives the pod of a map index, with Airflow\'s label', () => {
    const [manifest] = manifests(task => task('work', { expand: { cmds: [['a'], ['b', '{{ ti.map_index }}']] } }));
    const pod = renderPod(manifest, { ...identity, mapIndex: 1 });
    expect(pod.spec.containers[0].command).toEqual(['b', '1']);
    expect(pod.metadata).toMatchObject({ labels: { map_index: '1' }, name: expect.stringMatching(/^work-.{8}$/) });
    expect(pod.metadata.name).not.toBe(renderPod(manifest, { ...identity, mapIndex: 0 }).metadata.name);
    expect(() => renderPod(manifest, identity)).toThrow("task 'work' is mapped and has 2 map indexes from 0 on, got none");
    expect(() => renderPod(manifest, { ...identity, mapIndex: 2 })).toThrow('got 2');
  });

  test('over an XCom of the context, which of a mapped task is a list', () => {
    const [, manifest] = manifests(task => task('work', { expand: { cmds: task('list').output } }));
    const at = (xcom: any, mapIndex = 0) => renderPod(manifest, { ...identity, mapIndex }, { xcom }).spec.containers[0].command;
    expect(at({ list: { return_value: [['a'], ['{{ b }}']] } }, 1)).toEqual(['{{ b }}']);
    expect(() => at({})).toThrow("task 'work' is mapped over an XCom that is not known");
    const [pulls] = manifests(task => task('sum', { arguments: ["{{ ti.xcom_pull(task_ids='m') | length }}"] }));
    expect(renderPod(pulls, { ...identity, taskId: 'sum' }, { xcom: { m: [{ return_value: 1 }, {}, { return_value: 3 }] } }).spec.containers[0].args).toEqual(['2']);
  });
});

