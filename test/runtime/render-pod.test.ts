import { taskManifest } from './pods';
import { PodIdentity, renderPod } from '../../src/runtime';
import { plan } from '../../src/runtime/plan';
import { objectOfTry, podName, SPEC_HASH_ANNOTATION } from '../../src/runtime/render';

const identity: PodIdentity = { dagId: 'my_dag', taskId: 'load', runId: 'manual__2026-01-02T03:04:05+00:00', airflowVersion: '3.3.2', inCluster: false, logicalDate: '2026-01-02T03:04:05Z' };
const manifest = (args: string[] = [], metadata: any = {}) => {
  const made = taskManifest('load', {}, { base: { args } });
  return { ...made, metadata: { ...made.metadata, ...metadata } };
};

test('the pod carries the labels of the operator, over those of the author', () => {
  const { metadata } = renderPod(manifest([], { labels: { dag_id: 'mine', map_index: '7', team: '{{ params.team }}' } }), identity, { params: { team: 'blue' } });
  // As KubernetesPodOperator 10.25.0 builds them.
  expect(metadata.labels).toEqual({
    dag_id: 'my_dag',
    task_id: 'load',
    run_id: 'manual__2026-01-02T0304050000-3c9ea4d7d',
    kubernetes_pod_operator: 'True',
    try_number: '1',
    map_index: '7',
    airflow_version: '3.3.2',
    airflow_kpo_in_cluster: 'False',
    team: 'blue',
  });
});

test('a mapped task, a later try and a runner in the cluster are told apart', () => {
  const { labels } = renderPod(manifest(), { ...identity, mapIndex: 2, tryNumber: 3, inCluster: true, airflowVersion: '2.11.2+local' }).metadata;
  expect(labels).toMatchObject({ map_index: '2', try_number: '3', airflow_kpo_in_cluster: 'True', airflow_version: '2.11.2-local' });
  expect(renderPod(manifest(), { ...identity, mapIndex: -1 }).metadata.labels).not.toHaveProperty('map_index');
});

test('without a DAG there are no labels of Airflow, and the annotation for runners is gone', () => {
  const { metadata, spec } = renderPod(manifest(['{{ run_id }}']), { ...identity, dagId: undefined });
  expect(metadata).toEqual({ name: expect.stringMatching(/^load-[a-z0-9]{8}$/), namespace: 'default', labels: {}, annotations: {} });
  expect(spec).toEqual({ restartPolicy: 'Never', containers: [{ name: 'base', image: 'busybox:1', command: ['true'], args: [identity.runId] }] });
  expect(metadata.annotations).not.toHaveProperty([SPEC_HASH_ANNOTATION]);
});

test('the suffix of the name stands for run, task, map index and try, or is given', () => {
  const name = (more: Partial<PodIdentity>) => renderPod(manifest(), { ...identity, ...more }).metadata.name;
  expect(new Set([{}, { mapIndex: 0 }, { tryNumber: 2 }, { runId: 'r' }].map(name)).size).toBe(4);
  expect(name({ mapIndex: -1, tryNumber: 1 })).toBe(name({}));
  expect([name({ nameSuffix: 'abcdefgh' }), name({ nameSuffix: '' })]).toEqual(['load-abcdefgh', 'load']);
});

test('the input stays as it is, and the same input gives the same pod', () => {
  const given = manifest(["{{ ti.xcom_pull(task_ids='up', key='k') }}", '{{ ds }}'], { namespace: "{{ params.ns or '' }}" });
  const before = structuredClone(given);
  const context = { xcom: { up: { k: [1, 'a'] } }, params: { ns: 'mine' } };
  const pod = renderPod(given, identity, context);
  expect(given).toEqual(before);
  expect(renderPod(given, identity, context)).toEqual(pod);
  expect([pod.metadata.namespace, pod.spec.containers[0].args]).toEqual(['mine', ["[1, 'a']", '2026-01-02']]);
  pod.spec.containers[0].command.push('x');
  expect(given).toEqual(before);
  // As for the operator, an empty text is no namespace.
  expect(renderPod(given, identity, { ...context, params: { ns: '' } }).metadata.namespace).toBe('default');
});

test('a PodTemplate is the pod it holds', () => {
  expect(renderPod(taskManifest('load', {}, {}, 'PodTemplate'), identity)).toMatchObject({ kind: 'Pod', metadata: { labels: { task_id: 'load' } }, spec: { restartPolicy: 'Never' } });
});

test.each<[string, any, string]>([
  ['{{ ti.xcom_pull(task_ids="up") }}', {}, "the XCom of 'up' is not known"],
  ['{{ params.dy }}', { params: { day: 1 } }, "undefined value: the template asks for 'dy' of an object with the keys 'day'; give it with '--params dy=VALUE'"],
  ['{{ var.value.b }}', {}, "there is no variable 'b'; give it with '--var b=VALUE'"],
  ['{{ conn.b.host }}', {}, "there is no connection 'b'; give it with '--conn b=URI'"],
  ['{{ data_interval_end }}', {}, "undefined value 'data_interval_end': it is not known; give it in '--context-file'"],
  ['{{ conf.get("core", "x") }}', {}, "undefined value 'conf'"],
  ['{{ execution_date }}', {}, "undefined value 'execution_date': Airflow 3 has no 'execution_date' any more; write 'logical_date'"],
  ['{{ x }}', { var: { value: { n: 5 } }, parms: {} }, "the context has no 'parms'; did you mean 'params'?"],
  ['{{ params.f }}', { params: { f: () => 1 } }, 'params.f must be a JSON value'],
])('%s with %j is an error', (text, context, message) => {
  expect(() => renderPod(manifest([text]), identity, context)).toThrow(message);
});

test('PM-38 an error shows the template and not what a secret of it became', () => {
  const context = { var: { value: { token: 's3cr3t-value' } } };
  const render = () => renderPod(manifest(['{{ var.value.token }} {{ nothing }}']), identity, context);
  expect(render).toThrow("undefined value 'nothing'");
  try { render(); } catch (error) { expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('s3cr3t-value'); }
});

test('NM-04 a task that asks for no random suffix has none in Airflow, and one of its own for each try of the runner', () => {
  const [planned] = plan([taskManifest('load', { randomNameSuffix: false })]).tasks;
  expect(renderPod(planned.object, identity).metadata.name).toBe('load');
  expect(renderPod(planned.object, { ...identity, nameSuffix: 'abcdefgh' }).metadata.name).toBe('load-abcdefgh');
  const name = (tryNumber: number) => objectOfTry(planned, { runId: 'r', tryNumber, namespace: 'n', xcom: () => null }).metadata.name;
  expect(name(1)).toMatch(/^load-[a-z0-9]{8}$/);
  expect(name(2)).not.toBe(name(1));
  expect(name(1)).toBe(podName(planned, 'r', 1));
});

test('what only Airflow 2 has is there for Airflow 2', () => {
  const two = { ...identity, airflowVersion: '2.11.2' };
  expect(renderPod(manifest(["{{ conf.get('core', 'x') }} {{ execution_date | ds }} {{ yesterday_ds }} {{ tomorrow_ds_nodash }}"]), two, { conf: { core: { x: 'y' } } }).spec.containers[0].args)
    .toEqual(['y 2026-01-02 2026-01-01 20260103']);
});

test('an identity that is none is an error', () => {
  expect(() => renderPod(manifest(), { ...identity, tryNumber: 0 })).toThrow("'tryNumber' of the identity must be a whole number from 1, got 0");
  expect(() => renderPod(manifest(), { ...identity, inCluster: 'no' as any })).toThrow("'inCluster' of the identity must be true or false");
  expect(() => renderPod({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }, identity)).toThrow("Secret 's' is no task");
});
