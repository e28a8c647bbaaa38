import { Chart } from 'cdk8s';
import { JobTask, NodePool, PodTask } from '../../src';
import { WARNING_METADATA } from '../../src/private/warnings';
import { Deployed } from '../deployment/deploy';
import { chart, synth } from '../util';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

const pools = (scope: Chart) => {
  new NodePool(scope, 'default', { labels: { pool: 'default' } });
  new NodePool(scope, 'gpu', { labels: { pool: 'gpu' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] });
};
const task = (props: object, withPools = true) => {
  const scope = chart();
  const made = new PodTask(scope, 'train', { image: 'busybox:1', ...props });
  // Also pools that are declared later count.
  if (withPools) { pools(scope); }
  return { scope, made };
};

test('a task that no pool of the app takes is refused, with the nearest label', () => {
  expect(() => synth(task({ nodeSelector: { pool: 'gpus' } }).scope))
    .toThrow("the pod of task 'train' finds no place in the node pools of the app: no node has the label pool=gpus of 'nodeSelector'; did you mean 'gpu'?");
  expect(() => synth(task({ nodeSelector: { pool: 'gpu' } }).scope)).toThrow("'gpu' has the taint gpu:NoSchedule, which it does not tolerate");
  expect(() => synth(task({ nodeSelector: { pool: 'gpu' }, tolerations: [{ key: 'gpu', operator: 'Exists' }] }).scope)).not.toThrow();
  expect(() => synth(task({ nodeSelector: { pool: 'gpus' } }, false).scope)).not.toThrow();
});

test('the pods of a Job are checked as well, also where nothing is synthesised', () => {
  const scope = chart();
  new JobTask(scope, 'build', { image: 'busybox:1', nodeSelector: { pool: 'gpus' }, renderAs: 'none' });
  pools(scope);
  expect(() => synth(scope)).toThrow("a pod of task 'build' finds no place in the node pools of the app: no node has the label pool=gpus of 'nodeSelector'; did you mean 'gpu'?");
});

test('a preference that no pool meets is warned about', () => {
  const preference = { matchExpressions: [{ key: 'pool', operator: 'In', values: ['spot'] }] };
  const { scope, made } = task({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] } } });
  synth(scope);
  expect(made.node.metadata.filter(({ type }) => type === WARNING_METADATA).map(({ data }) => data)).toContain(
    "the pod of task 'train' prefers nodes that are in no pool of the app: no node has the label pool=spot of 'affinity.nodeAffinity'; nodes have pool=default, pool=gpu");
});

test('the pods of a deployment are checked as well', () => {
  const problems = (props: object) => {
    const deployed = new Deployed(props);
    const scope = Chart.of(deployed.airflow);
    pools(scope);
    try { synth(scope); } catch (error) { return (error as Error).message; }
    return 'none';
  };
  expect(problems({ scheduler: { nodeSelector: { pool: 'cpu' } } })).toContain("the pod of 'scheduler' finds no place in the node pools of the app: no node has the label pool=cpu");
  expect(problems({ workers: { nodeSelector: { pool: 'spot' } } })).toContain("a pod of 'workers' finds no place in the node pools of the app: no node has the label pool=spot");
  expect(problems({ workers: { nodeSelector: { pool: 'default' } }, podCleanup: {} })).toBe('none');
});

test.each<[any, string]>([
  [{ label: {} }, "[chart/p] NodePool: unknown prop 'label'; did you mean 'labels'?"],
  [{ labels: { 'a b': 'c' } }, "[chart/p] 'labels' must have keys of at most 63 letters"],
  [{ taints: [{ key: 'a', effect: 'NoScedule' }] }, "[chart/p] taints[0].effect: expected one of 'NoSchedule', 'PreferNoSchedule', 'NoExecute', got 'NoScedule'"],
  [{ taints: [{ key: '', effect: 'NoSchedule' }] }, "[chart/p] 'taints[0].key' must be a text, got \"\""],
  [{ taints: {} }, "[chart/p] 'taints' must be a list"],
])('refused: %#', (props, message) => {
  expect(() => new NodePool(chart(), 'p', props)).toThrow(message);
});
