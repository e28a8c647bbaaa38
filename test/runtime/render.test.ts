import { taskManifest } from './pods';
import { parseJson } from '../../src/runtime/json';
import { plan } from '../../src/runtime/plan';
import { podName, objectOfTry, SPEC_HASH_ANNOTATION, TryOptions } from '../../src/runtime/render';

const upstream = taskManifest('up');
const planned = (spec: any, options: any = {}) => plan([upstream, taskManifest('My.Task_1', { dependsOn: ['up'], ...options }, spec)]).tasks[1];
const render = (spec: any, options: Partial<TryOptions> = {}) => objectOfTry(planned(spec), {
  runId: 'r', tryNumber: 1, namespace: 'n', xcom: () => parseJson('{"k": 5}'), ...options,
});
const PULL = "{{ ti.xcom_pull(task_ids='up')['k'] }}";

test('templated fields are rendered and others are not', () => {
  const pod = render({
    base: { command: [`echo ${PULL}`], args: [PULL], env: [{ name: 'X', value: PULL }], workingDir: PULL },
    nodeSelector: { a: PULL },
    serviceAccountName: PULL,
  });
  expect(pod.spec).toMatchObject({
    containers: [{ command: ['echo 5'], args: ['5'], env: [{ name: 'X', value: '5' }], workingDir: PULL }], nodeSelector: { a: '5' }, serviceAccountName: PULL,
  });
});

test('the pod is named and labelled for its run, task and try', () => {
  const task = planned({});
  const pod = objectOfTry(task, { runId: 'manual__2026-01-01T00:00:00+00:00', tryNumber: 2, namespace: 'n', xcom: () => null });
  expect(pod.metadata.name).toMatch(/^My\.Task_1-[a-z0-9]{8}$/);
  expect(pod.metadata.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'cdk8s-airflow', 'cdk8s-airflow/run-id': 'manual__2026-01-01T0000000000-daff4c10d', 'cdk8s-airflow/task-id': 'My.Task_1', 'cdk8s-airflow/try-number': '2',
  });
  expect(pod.spec).toMatchObject({ restartPolicy: 'Never', activeDeadlineSeconds: 604800 });
});

test('the same run, task and try give the same name, any other gives another', () => {
  const task = planned({});
  const names = [podName(task, 'r', 1), podName(task, 'r', 2), podName(task, 'q', 1), podName(plan([upstream]).tasks[0], 'r', 1)];
  expect(new Set(names).size).toBe(4);
  expect(podName(planned({}), 'r', 1)).toBe(names[0]);
});

test('a long name keeps room for the hash', () => {
  const manifest = taskManifest('a'.repeat(60));
  expect(podName(plan([manifest]).tasks[0], 'r', 1)).toMatch(/^a{54}-[a-z0-9]{8}$/);
});

test('the hash tells a changed manifest, and not who runs it', () => {
  const hashOf = (spec: any, options = {}) => render(spec, options).metadata.annotations![SPEC_HASH_ANNOTATION];
  expect(hashOf({})).toBe(hashOf({}, { owner: { name: 'o', uid: 'u' } }));
  expect(hashOf({})).not.toBe(hashOf({ base: { args: ['x'] } }));
});

test('the pod goes with its owner', () => {
  expect(render({}, { owner: { name: 'o', uid: 'u' } }).metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }]);
});

test("the author's own deadline is kept", () => {
  expect(render({ activeDeadlineSeconds: 5 }).spec.activeDeadlineSeconds).toBe(5);
});

test('an XCom that is not known is an error, or stays as text where that is asked for', () => {
  const spec = { base: { args: [PULL] } };
  expect(() => render(spec, { xcom: () => undefined })).toThrow("template at spec.containers[0].args[0] of task 'My.Task_1' cannot be rendered: the XCom of 'up' is not known");
  expect(render(spec, { xcom: () => undefined, placeholders: true }).spec.containers[0].args).toEqual([PULL]);
});

test('a task may not pull from one that it does not wait for', () => {
  const spec = { base: { args: ["{{ ti.xcom_pull(task_ids=('o' + 'ther')) }}"] } };
  expect(() => render(spec)).toThrow("it pulls the XCom of 'other', which task 'My.Task_1' does not wait for; add it to 'dependsOn'");
});

test('an argument that Linux would not take is refused before the pod is made', () => {
  const xcom = () => parseJson(`{"k": "${'x'.repeat(131_072)}"}`);
  expect(() => render({ base: { args: [PULL] } }, { xcom })).toThrow("args[0] of task 'My.Task_1' has 131072 bytes, Linux takes 131071 at most");
  expect(() => render({ base: { env: [{ name: 'X', value: PULL }] } }, { xcom })).toThrow("env 'X' of task");
});

test('a pod that somebody wrote by hand is run as it is written', () => {
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'docker', args: ['ps', '--format', '{{.Names}}', PULL] }] } };
  const { tasks } = plan([manifest]);
  expect(tasks[0].upstream).toEqual([]);
  expect(objectOfTry(tasks[0], { runId: 'r', tryNumber: 1, namespace: 'n', xcom: () => null }).spec.containers[0].args).toEqual(['ps', '--format', '{{.Names}}', PULL]);
});

test('finalizers and owners of the manifest are kept', () => {
  const manifest = taskManifest('t');
  const other = { apiVersion: 'v1', kind: 'Job', name: 'j', uid: 'v' };
  Object.assign(manifest.metadata, { finalizers: ['example.com/wait'], ownerReferences: [other] });
  const { metadata } = objectOfTry(plan([manifest]).tasks[0], { runId: 'r', tryNumber: 1, namespace: 'n', xcom: () => null, owner: { name: 'o', uid: 'u' } });
  expect(metadata.finalizers).toEqual(['example.com/wait']);
  expect(metadata.ownerReferences).toEqual([other, { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }]);
});
