import { k8s } from 'cdk8s-plus-28';
import { Deployed, envOf } from './deploy';
import { ComponentProps } from '../../src';

const all: Required<ComponentProps> = {
  replicas: 2,
  resources: { limits: { memory: k8s.Quantity.fromString('3Gi') } },
  env: [{ name: 'A', value: '1' }, { name: 'B', valueFrom: { secretKeyRef: { name: 'b', key: 'key' } } }],
  labels: { team: 'data' },
  annotations: { note: 'x' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'spot', operator: 'Exists' }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  priorityClassName: 'high',
  serviceAccountAnnotations: { role: 'arn' },
};

test.each([
  ['scheduler', 'scheduler'], ['apiServer', 'api-server'], ['dagProcessor', 'dag-processor'], ['triggerer', 'triggerer'],
])('all props of %s reach its objects', (prop, component) => {
  const deployed = new Deployed({ [prop]: all });
  const { spec } = deployed.workload(component);
  const name = `airflow-${component}`;
  expect(spec.replicas).toBe(2);
  expect(deployed.find('PodDisruptionBudget', name).spec.selector).toEqual(spec.selector);
  expect(spec.template.metadata).toMatchObject({ labels: { team: 'data' }, annotations: { 'note': 'x', 'cdk8s-airflow/config-hash': expect.any(String) } });
  expect(spec.template.spec).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    priorityClassName: 'high',
  });
  expect(spec.template.spec.containers[0].resources).toEqual({ limits: { memory: '3Gi' } });
  expect(deployed.env(component)).toMatchObject({ A: '1', B: 'b/key' });
  expect(deployed.find('ServiceAccount', name).metadata.annotations).toEqual({ role: 'arn' });
  // The selector is immutable: what a user adds must not be in it.
  expect(spec.selector.matchLabels).not.toHaveProperty('team');
});

test('the props of the migration reach its Job', () => {
  const { replicas, ...props } = all;
  const deployed = new Deployed({ migration: props });
  const { spec } = deployed.workload('migration').spec.template;
  expect(spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, priorityClassName: 'high', containers: [{ resources: { limits: { memory: '3Gi' } } }] });
  expect(envOf(spec.containers[0])).toMatchObject({ A: '1' });
});

test('pods of a component prefer different nodes, and only those of this deployment', () => {
  const { affinity } = new Deployed().workload('scheduler').spec.template.spec;
  expect(affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchLabels).toEqual({
    'app.kubernetes.io/name': 'airflow', 'app.kubernetes.io/instance': 'airflow', 'app.kubernetes.io/component': 'scheduler',
  });
});

test('a changed airflow.cfg replaces the pods that have read it, and leaves the Jobs alone', () => {
  const hash = (deployed: Deployed, component: string) => deployed.workload(component).spec.template.metadata.annotations['cdk8s-airflow/config-hash'];
  const [one, two] = [new Deployed(), new Deployed({ config: { core: { parallelism: 7 } } })];
  for (const component of ['scheduler', 'api-server', 'dag-processor', 'triggerer']) { expect(hash(one, component)).not.toBe(hash(two, component)); }
  expect(one.workload('migration').metadata.name).toBe(two.workload('migration').metadata.name);
});

test('a changed worker template replaces no pod: the scheduler reads the file for each task', () => {
  const [one, two] = [new Deployed(), new Deployed({ workers: { nodeSelector: { disk: 'ssd' } } })];
  expect(one.workload('scheduler')).toEqual(two.workload('scheduler'));
  expect(one.find('ConfigMap', 'airflow-pod-template')).not.toEqual(two.find('ConfigMap', 'airflow-pod-template'));
});

test('a changed Job is another Job', () => {
  const name = (nodeSelector?: { [key: string]: string }) => new Deployed({ migration: { nodeSelector } }).workload('migration').metadata.name;
  expect(name()).toMatch(/^airflow-migration-[0-9a-f]{10}$/);
  expect(name()).toBe(name());
  expect(name({ disk: 'ssd' })).not.toBe(name());
});
