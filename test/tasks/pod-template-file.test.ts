import { parse } from 'yaml';
import { PodTask, PodTaskProps } from '../../src';
import { podSecurityViolations } from '../../src/pod/pod-security';
import { chart } from '../util';

beforeEach(() => { jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined); });
afterEach(() => jest.restoreAllMocks());

const task = (props: Partial<PodTaskProps> = {}) => new PodTask(chart({ namespace: 'etl' }), 'my_task', { image: 'busybox:1', ...props });
const file = (props: Partial<PodTaskProps> = {}) => parse(task(props).toPodTemplateFile());

test('a bare pod, hardened, without what only a runner needs', () => {
  const pod = file({ labels: { team: 'a' } });
  expect(pod).toMatchObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'my-task', namespace: 'etl', labels: { team: 'a' } } });
  expect(pod.metadata.annotations).toBeUndefined();
  expect(pod.spec.containers).toHaveLength(1);
  expect(podSecurityViolations(pod.spec, 'restricted')).toEqual([]);
});

test.each(['native', 'airflow', 'termination'] as const)('no part of the XCom, whose mode is %s: the operator adds its own', xcomMode => {
  const plain = file({ cmds: ['sh', '-c', 'true'] });
  expect(file({ cmds: ['sh', '-c', 'true'], doXcomPush: true, xcomMode })).toEqual(plain);
});

test('an init container may mount the volume of the XCom, which the operator adds', () => {
  const volumeMounts = [{ name: 'xcom', mountPath: '/airflow/xcom' }];
  const props = { doXcomPush: true, initContainers: [{ name: 'first', image: 'busybox:1', volumeMounts }] };
  const { initContainers, volumes } = file(props).spec;
  expect([initContainers[0].volumeMounts, volumes]).toEqual([volumeMounts, undefined]);
  expect(() => task({ ...props, doXcomPush: false })).toThrow("mounts volume 'xcom' at '/airflow/xcom', but the pod has no such volume");
});

test('what is said of the sidecar does not matter to a file without one', () => {
  expect(file({
    doXcomPush: true,
    podOverride: { spec: { initContainers: [{ name: 'airflow-xcom-sidecar', imagePullPolicy: 'Always' }] } },
    unset: ['spec.initContainers[airflow-xcom-sidecar].resources'],
  })).toEqual(file());
});

test('the container of the task comes first and is called base', () => {
  const { containers } = file({
    baseContainerName: 'main', podOverride: { spec: { containers: [{ name: 'side', image: 'side:1' }, { name: 'main', imagePullPolicy: 'Always' }] } },
  }).spec;
  expect(containers.map(({ name, image }: any) => [name, image])).toEqual([['base', 'busybox:1'], ['side', 'side:1']]);
});

const message = (props: Partial<PodTaskProps>) => {
  try { return task(props).toPodTemplateFile(); } catch (error) { return (error as Error).message; }
};

test.each<[string, Partial<PodTaskProps>, string]>([
  ['Jinja', { arguments: ['{{ ds }}'] }, "[chart/my_task] a template file would hold Jinja at 'spec.containers[base].args[0]', where KubernetesPodOperator does not "
    + 'render it: {{ ds }}; put the task into a DagFile, or give the operator this parameter in the DAG'],
  ['Jinja in a label', { labels: { day: '{{ ds }}' } }, "[chart/my_task] a template file would hold Jinja at 'metadata.labels.day'"],
  ['a second container base', { baseContainerName: 'main', podOverride: { spec: { containers: [{ name: 'base', image: 'x' }] } } },
    "[chart/my_task] Airflow calls the first container of a template file 'base', and another one of the task is called so; rename that one"],
  ['a volume of its own for the XCom', { volumes: [{ name: 'xcom', emptyDir: {} }], volumeMounts: [{ name: 'xcom', mountPath: '/airflow/xcom/' }] },
    "[chart/my_task] the task has the volume 'xcom' of its own, and KubernetesPodOperator would add a second one, which Kubernetes refuses; rename or remove it"],
  ['a mount of its own', { volumes: [{ name: 'v', emptyDir: {} }], volumeMounts: [{ name: 'v', mountPath: '/airflow/xcom/' }] },
    "the task has a mount at '/airflow/xcom' of its own"],
])('refused: %s', (_, props, expected) => {
  expect(message(props)).toContain(expected);
});
