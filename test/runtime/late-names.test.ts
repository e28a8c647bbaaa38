import { end, FakeCluster } from './fake-cluster';
import { running, SCHEDULED } from './pods';
import { JobTask, PodMutation, PodTask, PodTaskProps } from '../../src';
import { PodIdentity, RenderContext, renderPod } from '../../src/runtime';
import { Engine } from '../../src/runtime/engine';
import { plan } from '../../src/runtime/plan';
import { checkTemplates, objectOfOperator, objectOfTry, withNamesOfTry } from '../../src/runtime/render';
import { chart, synth } from '../util';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

const identity: PodIdentity = { taskId: 'task', runId: 'r', airflowVersion: '3.3.2', inCluster: false, logicalDate: '2026-01-02T03:04:05Z', nameSuffix: '' };
const context: RenderContext = { params: { c: 'main', empty: '' } };

function manifest(props: Partial<PodTaskProps>): any {
  const scope = chart();
  new PodTask(scope, 'The_Task', { image: 'busybox:1', hardening: false, ...props });
  return synth(scope)[0];
}

test('until it is rendered the manifest has names that Kubernetes takes', () => {
  const { metadata, spec } = manifest({ name: 'load_{{ ds }}', baseContainerName: '{{ params.c }}' });
  expect([metadata.name, spec.containers[0].name]).toEqual(['the-task', 'base']);
});

test('rendered as the operator does: the name is made a DNS label after that', () => {
  const names = (props: Partial<PodTaskProps>) => {
    const { metadata, spec } = renderPod(manifest(props), identity, context);
    return [metadata.name, ...spec.containers.map((container: any) => container.name)];
  };
  // As KubernetesPodOperator 10.25.0 builds them.
  expect(names({ name: 'Load.{{ params.c }}_{{ ds }}', baseContainerName: '{{ params.c }}-1' })).toEqual(['load-main-2026-01-02', 'main-1']);
  expect(names({ baseContainerName: '{{ params.c }}', doXcomPush: true })).toEqual(['the-task', 'main', 'airflow-xcom-sidecar']);
  expect(names({ name: `{{ ds }}${'-x'.repeat(50)}` })).toEqual([`2026-01-02${'-x'.repeat(22)}`, 'base']);
  expect(names({ name: `{{ ds }}${'-x'.repeat(50)}`, randomNameSuffix: false })).toEqual([`2026-01-02${'-x'.repeat(50)}`, 'base']);
  expect(names({ podTemplateDict: { metadata: { name: 'of-{{ params.c }}' }, spec: { containers: [{ name: 'base' }] } } })).toEqual(['of-main', 'base']);
});

test('a name that podTemplateDict gives keeps its dots, and one that the argument or an item gives does not', () => {
  const podTemplateDict = { metadata: { name: 'of.{{ params.c }}' }, spec: { containers: [{ name: 'base' }] } };
  const name = (props: Partial<PodTaskProps>, mapIndex?: number) => renderPod(manifest(props), { ...identity, mapIndex }, context).metadata.name;
  // As KubernetesPodOperator 10.25.0 builds them.
  expect(name({ podTemplateDict })).toBe('of.main');
  expect(name({ podTemplateDict, name: 'by.{{ params.c }}' })).toBe('by-main');
  const long = { metadata: { name: `of.{{ params.c }}${'-x'.repeat(50)}` } };
  expect(name({ podTemplateDict: { ...podTemplateDict, ...long }, randomNameSuffix: false })).toBe(`of.main${'-x'.repeat(50)}`);
  const mapped = { podTemplateDict, expand: { arguments: [['a'], ['b']] } };
  expect([0, 1].map(mapIndex => name(mapped, mapIndex))).toEqual(['of.main', 'of.main']);
  const named = { podTemplateDict, expand: { name: ['x.{{ ds }}', 'x.y'] } };
  expect([0, 1].map(mapIndex => name(named, mapIndex))).toEqual(['x-2026-01-02', 'x-y']);
});

test('what podTemplateDict and fullPodSpec say of the container is treated as under any other name', () => {
  const layer = { spec: { containers: [{ name: 'base', workingDir: '/{{ ds }}', args: ['x\n'] }] } };
  const withNames = (props: Partial<PodTaskProps>) => {
    const [planned] = checkTemplates(plan([manifest({ ...props, baseContainerName: '{{ params.c }}' })]).tasks, { runId: 'r', context, logicalDate: identity.logicalDate });
    const options = { runId: 'r', tryNumber: 1, namespace: 'n', context, logicalDate: identity.logicalDate, xcom: () => undefined };
    return objectOfTry(withNamesOfTry(planned, options), options).spec.containers[0];
  };
  expect(withNames({ podTemplateDict: layer })).toMatchObject({ name: 'main', workingDir: '/2026-01-02', args: ['x'] });
  expect(withNames({ fullPodSpec: { spec: { containers: [{ name: 'base', args: ['x\n'] }] } } })).toMatchObject({ name: 'main', args: ['x\n'] });
});

test('a mutation that names the container by its rendered name finds it, and those after it are done after it', () => {
  const podMutations = [
    new PodMutation({ name: 'pull', set: { 'spec.containers[main].imagePullPolicy': 'Always', 'spec.containers[other].tty': true } }),
    new PodMutation({ name: 'keep', set: { 'spec.containers[base].imagePullPolicy': 'Never' }, labels: { team: 'x' } }),
  ];
  const task = manifest({ baseContainerName: '{{ params.c }}', podMutations });
  expect(task.spec.containers[0].imagePullPolicy).toBeUndefined();
  expect(renderPod(task, identity, context).spec.containers).toEqual([expect.objectContaining({ name: 'main', imagePullPolicy: 'Always' })]);
  const labelled = renderPod(manifest({ baseContainerName: '{{ params.c }}', podMutations, labels: { team: 'x' } }), identity, context);
  expect(labelled.spec.containers[0].imagePullPolicy).toBe('Never');
});

test('a Job is named and its pods have the container', () => {
  const scope = chart();
  new JobTask(scope, 'task', { image: 'busybox:1', name: 'Load_{{ params.c }}', baseContainerName: '{{ params.c }}' });
  const [object] = synth(scope);
  expect([object.metadata.name, object.spec.template.spec.containers[0].name]).toEqual(['job-task', 'base']);
  const job = objectOfOperator(plan([object]).tasks[0], identity, context);
  expect([job.metadata.name, job.spec.template.spec.containers[0].name]).toEqual(['job-load-main', 'main']);
});

test.each<[string, Partial<PodTaskProps>, string]>([
  ['no name', { name: 'load/{{ ds }}' }, "task 'The_Task': 'name' must be 1 to 220 letters, digits, '-', '_' or '.', got 'load/2026-01-02'"],
  ['an empty name', { name: '{{ params.empty }}' }, "task 'The_Task': 'name' must be 1 to 220 letters"],
  ['no container name', { baseContainerName: '{{ ds }}_x' }, "task 'The_Task': 'base_container_name' must be at most 63 lower-case letters"],
  ['an empty container name', { baseContainerName: '{{ params.empty }}' }, "task 'The_Task': 'base_container_name' must be at most 63 lower-case letters"],
  ['the name of another container', { baseContainerName: '{{ params.c }}', initContainers: [{ name: 'main', image: 'busybox:1' }] }, "'base_container_name' is 'main', and another container of its pod is called so"],
  ['nothing', { name: '{{ params.nope }}' }, "template at name of task 'The_Task' cannot be rendered"],
])('Jinja that comes to %s is an error', (_, props, message) => {
  expect(() => renderPod(manifest(props), identity, context)).toThrow(message);
});

test('what is wrong with the templates is said before anything runs', () => {
  const { tasks } = plan([manifest({ name: '{{ nope }}' })]);
  expect(() => checkTemplates(tasks, { runId: 'r' })).toThrow("template at name of task 'The_Task' cannot be rendered");
});

test('a layer that the operator does not render must not hold Jinja as a name', () => {
  expect(() => manifest({ fullPodSpec: { metadata: { name: '{{ ds }}' } } })).toThrow("'fullPodSpec' holds Jinja at 'metadata.name', where KubernetesPodOperator does not render it");
  const task = new PodTask(chart(), 'task', { image: 'busybox:1', name: '{{ ds }}', renderAs: 'none' });
  expect(() => task.toPodTemplateFile()).toThrow("a template file would hold Jinja at 'metadata.name', where KubernetesPodOperator does not render it");
});

test('each item of a mapped task may have a template of its own', () => {
  const mapped = manifest({ expand: { name: ['first-{{ ds }}', 'second'] }, baseContainerName: '{{ params.c }}' });
  const names = [0, 1].map(mapIndex => {
    const { metadata, spec } = renderPod(mapped, { ...identity, mapIndex }, context);
    return [metadata.name, spec.containers[0].name];
  });
  expect(names).toEqual([['first-2026-01-02', 'main'], ['second', 'main']]);
});

test('a run watches the container by its rendered name, and a name that is wrong fails its task alone', async () => {
  const cluster = new FakeCluster((pod, fake) => {
    const [{ name }] = pod.spec.containers;
    if (name === 'base') { return end(0)(pod, fake); }
    // As `base` it would never have run.
    fake.set(pod.metadata.name!, { ...running(), containerStatuses: [{ name, state: { running: {} } }] });
    fake.set(pod.metadata.name!, { phase: 'Failed', conditions: [SCHEDULED], containerStatuses: [{ name, state: { terminated: { exitCode: 7, reason: 'Error' } } }] });
  });
  const scope = chart();
  const task = (id: string, props: Partial<PodTaskProps>) => new PodTask(scope, id, { image: 'busybox:1', ...props });
  task('good', { name: 'load-{{ params.c }}', baseContainerName: '{{ params.c }}' });
  task('bad', { name: 'a b{{ params.c }}', retries: 2 });
  const { tasks } = await new Engine({
    plan: plan(synth(scope)), api: cluster.api, runId: 'r', namespaceOf: () => 'n', logs: false, concurrency: 1, emit: () => undefined, templates: { context },
  }).run();
  expect(tasks).toMatchObject([
    { name: 'good', exitCode: 7, reason: 'Error', pod: { name: expect.stringMatching(/^load-main-.{8}$/) } },
    { name: 'bad', state: 'failed', attempts: 0, failure: 'config', pod: null },
  ]);
});
