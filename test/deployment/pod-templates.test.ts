import { ApiObject } from 'cdk8s';
import { parse } from 'yaml';
import { database } from './deploy';
import {
  AirflowKubernetesDeployment, AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, PodTask, SecretRef, WorkerPodOverride,
} from '../../src';
import { chart, find, synth } from '../util';

const FOLDER = { name: 'pod-template', mountPath: '/opt/airflow/pod_templates', readOnly: true };
const celery = () => Executor.celery({ broker: CeleryBroker.redis({ host: 'redis', password: SecretRef.existing('broker', 'password') }) });

function deployed(props: Partial<AirflowKubernetesDeploymentProps> = {}) {
  const scope = chart({ namespace: 'ns' });
  const airflow = new AirflowKubernetesDeployment(scope, 'airflow', { database, ...props });
  const task = (id: string, args = ['x']) => new PodTask(scope, id, { image: 'busybox:1', arguments: args, renderAs: 'none' });
  const mounted = (component: { workload: ApiObject }) => component.workload.toJson().spec.template.spec.containers[0].volumeMounts
    .filter((mount: any) => mount.mountPath === FOLDER.mountPath);
  const files = () => find(synth(scope), 'ConfigMap', 'airflow-pod-template').data;
  return { scope, airflow, task, mounted, files };
}

test('a file of the task is mounted in the scheduler and in task pods, at one path', () => {
  const { airflow, task, mounted, files } = deployed();
  const extract = task('extract');
  expect(airflow.addPodTemplate(extract)).toBe('/opt/airflow/pod_templates/extract.yaml');
  expect(airflow.addPodTemplate(task('load'))).toBe('/opt/airflow/pod_templates/load.yaml');

  expect(Object.keys(files())).toEqual(['extract.yaml', 'load.yaml', 'pod_template_file.yaml']);
  expect(files()['extract.yaml']).toBe(extract.toPodTemplateFile());
  expect(mounted(airflow.scheduler)).toEqual([FOLDER]);
  const worker = parse(files()['pod_template_file.yaml']);
  expect(worker.spec.containers[0].volumeMounts.filter((mount: any) => mount.name === 'pod-template')).toEqual([FOLDER]);
  expect(worker.spec.volumes.filter(({ name }: any) => name === 'pod-template')).toEqual([{ name: 'pod-template', configMap: { name: 'airflow-pod-template' } }]);
  expect(airflow.triggerer.workload.toJson().spec.template.spec.volumes.map(({ name }: any) => name)).not.toContain('pod-template');
});

test('without a file nothing is mounted in task pods', () => {
  const { files } = deployed();
  expect(JSON.stringify(parse(files()['pod_template_file.yaml']))).not.toContain('pod_templates');
});

test.each<[string, Partial<AirflowKubernetesDeploymentProps>]>([
  ['LocalExecutor', { executor: Executor.local() }],
  ['LocalExecutor of Airflow 2', { executor: Executor.local(), version: AirflowVersion.V2_11 }],
  ['CeleryExecutor', { executor: celery() }],
])('under %s it is mounted where tasks run', (_, props) => {
  const { airflow, task, mounted, files } = deployed(props);
  airflow.addPodTemplate(task('extract'));
  airflow.addPodTemplate(task('load'));
  expect(Object.keys(files())).toEqual(['extract.yaml', 'load.yaml']);
  const [opener, other] = airflow.celeryWorkers.length > 0 ? [airflow.celeryWorkers[0], airflow.scheduler] : [airflow.scheduler, airflow.triggerer];
  expect(mounted(opener)).toEqual([FOLDER]);
  expect(mounted(other)).toEqual([]);
  expect(opener.workload.toJson().spec.template.spec.volumes).toContainEqual({ name: 'pod-template', configMap: { name: 'airflow-pod-template' } });
});

test('task pods of other namespaces find the files there', () => {
  const { airflow, task, scope } = deployed({ workers: { namespaces: ['team'] } });
  airflow.addPodTemplate(task('extract'));
  const configMaps = synth(scope).filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'airflow-pod-template');
  expect(configMaps.map(({ metadata }) => metadata.namespace)).toEqual(['ns', 'team']);
  expect(configMaps[1].data).toEqual(configMaps[0].data);
});

test('the pod of some tasks of KubernetesExecutor is a file beside', () => {
  const { airflow, files, task } = deployed();
  const gpu = new WorkerPodOverride({ name: 'gpu', pod: { spec: { containers: [{ name: 'base', resources: { limits: { 'nvidia.com/gpu': 1 } } }] } } });
  expect(airflow.addWorkerPodTemplate(gpu)).toBe('/opt/airflow/pod_templates/gpu.yaml');
  airflow.addPodTemplate(task('extract'));
  const pod = parse(files()['gpu.yaml']);
  expect(pod.spec).toMatchObject({ serviceAccountName: 'airflow-worker', containers: [{ name: 'base', resources: { limits: { 'nvidia.com/gpu': 1 } } }] });
  expect(pod.spec.containers[0].volumeMounts).toContainEqual(FOLDER);
});

const message = (action: () => unknown) => {
  try { action(); } catch (error) { return (error as Error).message; }
  return 'no error';
};

test('what cannot be mounted is refused', () => {
  const { airflow, task, scope } = deployed();
  airflow.addPodTemplate(task('extract'));
  expect(message(() => airflow.addPodTemplate(new PodTask(scope, 'other', { name: 'extract', image: 'x', renderAs: 'none' }))))
    .toBe("[chart/airflow] two pod template files are called 'extract.yaml'; give one of them another 'name'");
  expect(message(() => airflow.addPodTemplate(task('jinja', ['{{ ds }}'])))).toContain('[chart/jinja] a template file would hold Jinja');
  expect(message(() => airflow.addWorkerPodTemplate(new WorkerPodOverride({ name: 'pod_template_file', pod: {} }))))
    .toContain("two pod template files are called 'pod_template_file.yaml'");
  expect(message(() => deployed({ executor: Executor.local() }).airflow.addWorkerPodTemplate(new WorkerPodOverride({ name: 'gpu', pod: {} }))))
    .toBe("[chart/airflow] WorkerPodOverride 'gpu' is for pods of KubernetesExecutor, the executor is LocalExecutor");
  airflow.addPodTemplate(task('large', ['x'.repeat(1024 * 1024)]));
  expect(message(() => synth(scope))).toMatch(/\[chart\/airflow\] the pod template files are \d+ bytes, a ConfigMap holds at most 1048576; add fewer of them$/);
});
