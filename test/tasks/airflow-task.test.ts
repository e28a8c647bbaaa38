import { chart, synth } from '../util';
import { PodTask } from 'cdk8s-airflow';

afterEach(() => { jest.restoreAllMocks(); });

type Waits = 'not at all' | 'itself' | 'by way of another';

test.each<[string, Waits, string[]]>([
  ['is said, because it is none of tasks', 'not at all', [
    "[chart/second] 'node.addDependency' orders manifests and not tasks, so that 'second' does not wait for 'first'; name it in 'dependsOn'",
  ]],
  ["is not said beside 'dependsOn'", 'itself', []],
  ["is not said beside 'dependsOn' of a task between them", 'by way of another', []],
])('a dependency of constructs %s', (_, waits, expected) => {
  const said = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const scope = chart();
  const first = new PodTask(scope, 'first', { image: 'busybox:1' });
  const between = new PodTask(scope, 'between', { image: 'busybox:1', renderAs: 'PodTemplate', dependsOn: [first] });
  const dependsOn = { 'not at all': [], 'itself': [first], 'by way of another': [between] }[waits];
  const second = new PodTask(scope, 'second', { image: 'busybox:1', renderAs: 'PodTemplate', dependsOn });
  second.node.addDependency(first);
  synth(scope);
  expect(said.mock.calls.map(([message]) => String(message)).filter(message => message.includes('addDependency'))).toEqual(expected);
});
