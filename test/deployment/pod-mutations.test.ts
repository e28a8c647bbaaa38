import { Deployed } from './deploy';
import { AirflowKubernetesDeploymentProps, AirflowVersion, CeleryBroker, Executor, PodMutation, SecretRef } from '../../src';

const SPOT = new PodMutation({ name: 'spot', podsOf: ['KubernetesExecutor'], set: { 'spec.nodeSelector[pool]': 'spot' } });
const settings = (deployed: Deployed) => deployed.find('ConfigMap', 'airflow-local-settings').data['airflow_local_settings.py'];
const mounted = (pod: any) => pod.spec.containers[0].volumeMounts.some(({ mountPath }: any) => mountPath === '/opt/airflow/config/airflow_local_settings.py');

test('one file: what the user has, the hardening of the sidecar, the mutations, which each call the hook above them', () => {
  const text = settings(new Deployed({
    version: AirflowVersion.V2_11, podLaunching: {}, airflowLocalSettings: 'def pod_mutation_hook(pod):\n    pass\n', podMutations: [SPOT],
  }));
  const places = ['def pod_mutation_hook(pod):\n    pass', 'def _harden_xcom_sidecar', '_POD_MUTATIONS = ', 'pod_mutation_hook = _mutate_pods'].map(part => text.indexOf(part));
  expect(places[0]).toBe(0);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(text).toContain('"ops": [["set", ["spec", "nodeSelector", "pool"], "spot"]]');
});

test('the scheduler, task pods, Celery workers and the triggerer read it, and a change replaces their pods', () => {
  const executor = Executor.multiple([
    Executor.celery({ broker: CeleryBroker.redis({ host: 'redis', password: SecretRef.existing('broker', 'password') }) }), Executor.kubernetes(),
  ]);
  const deployed = new Deployed({ executor, podMutations: [SPOT] });
  expect(Object.entries(deployed.pods).filter(([, pod]) => mounted(pod)).map(([name]) => name)).toEqual(
    expect.arrayContaining(['scheduler', 'worker', 'celery-worker', 'triggerer']));
  const hash = (podMutations: PodMutation[]) => new Deployed({ podMutations }).pods.scheduler.metadata.annotations['cdk8s-airflow/config-hash'];
  expect(hash([SPOT])).not.toBe(hash([new PodMutation({ name: 'spot', unset: ['spec.affinity'] })]));
});

test.each<[Partial<AirflowKubernetesDeploymentProps>, string]>([
  [{ podMutations: [SPOT, SPOT] }, "'podMutations' holds two mutations called 'spot'"],
  [{ podMutations: SPOT as any }, "'podMutations' must be a list of PodMutation, got a PodMutation"],
  [
    { version: AirflowVersion.V2_11, podMutations: [new PodMutation({ name: 'gpu', queues: ['gpu'], unset: ['spec.affinity'] })] },
    "PodMutation 'gpu' selects by 'queues', which the pods of Airflow 2.11.2 do not tell; select by 'labels' or 'dagIds'",
  ],
  [
    { podMutations: [new PodMutation({ name: 'cache', set: { 'spec.containers[base].volumeMounts[/cache]': { name: 'cache' } } })] },
    "[chart/airflow] 'podMutations' make pods of tasks that Kubernetes refuses: container 'base' mounts volume 'cache' at '/cache', but the pod has no such volume",
  ],
])('refused: %#', (props, message) => {
  expect(() => new Deployed(props)).toThrow(message);
});

test('a mount of a volume that only some tasks have is taken where it is for these, and so is one that another mutation brings', () => {
  const mount = { 'spec.containers[base].volumeMounts[/cache]': { name: 'cache' } };
  expect(() => new Deployed({ podMutations: [new PodMutation({ name: 'cache', dagIds: ['etl'], set: mount })] })).not.toThrow();
  const volume = new PodMutation({ name: 'volume', set: { 'spec.volumes[cache]': { emptyDir: {} } } });
  expect(() => new Deployed({ podMutations: [volume, new PodMutation({ name: 'cache', set: mount })] })).not.toThrow();
});

test('a LimitRange is compared with the pods as they are after the mutations', () => {
  const large = new PodMutation({ name: 'large', set: { 'spec.containers[base].resources': { limits: { memory: '64Gi' } } } });
  const props = { limitRanges: [{ max: { memory: '32Gi' } }] };
  expect(() => new Deployed({ ...props, podMutations: [large] })).toThrow("'limitRanges[0].max' has memory 32Gi, so that the API server refuses pods: 'base' of 'airflow-worker'");
  expect(() => new Deployed(props)).not.toThrow();
});
