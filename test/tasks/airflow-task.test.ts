import { chart, synth } from '../util';
import { PodTask } from 'cdk8s-airflow';

afterEach(() => { jest.restoreAllMocks(); });

test.each([
  ['is said, because it is none of tasks', false, [
    "[chart/second] 'node.addDependency' orders manifests and not tasks, so that 'second' does not wait for 'first'; name it in 'dependsOn'",
  ]],
  ["is not said beside 'dependsOn'", true, []],
])('a dependency of constructs %s', (_, also, expected) => {
  const said = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const scope = chart();
  const first = new PodTask(scope, 'first', { image: 'busybox:1' });
  const second = new PodTask(scope, 'second', { image: 'busybox:1', renderAs: 'PodTemplate', ...(also ? { dependsOn: [first] } : {}) });
  second.node.addDependency(first);
  synth(scope);
  expect(said.mock.calls.map(([message]) => String(message)).filter(message => message.includes('addDependency'))).toEqual(expected);
});
