import { k8s } from 'cdk8s-plus-28';
import { Deployed, envOf } from './deploy';
import { ApiServerProps, CloudIdentity, ComponentProps, HorizontalAutoscaling } from '../../src';

const all: Required<ComponentProps> = {
  replicas: 2,
  podDisruptionBudget: { minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  strategy: { type: 'RollingUpdate' },
  revisionHistoryLimit: 3,
  livenessProbe: { timeoutSeconds: 7 },
  readinessProbe: { tcpSocket: { port: 1 } },
  startupProbe: { exec: { command: ['true'] }, failureThreshold: 9 },
  envFrom: [{ prefix: 'X_', configMapRef: { name: 'more' } }],
  volumes: [{ name: 'ca', configMap: { name: 'ca' } }],
  volumeMounts: [{ name: 'ca', mountPath: '/ca', subPath: 'ca.crt', readOnly: true }],
  containers: [{ name: 'proxy', image: 'proxy:1', securityContext: { runAsUser: 7 } }],
  initContainers: [{ name: 'fetch', image: 'fetch:1' }],
  lifecycle: { preStop: { sleep: { seconds: 5 } } },
  terminationGracePeriodSeconds: 77,
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  schedulerName: 'volcano',
  runtimeClassName: 'gvisor',
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
  serviceAccountName: 'mine',
  podOverride: { metadata: { labels: { over: 'ride' } }, spec: { dnsPolicy: 'Default', containers: [{ name: 'proxy', image: 'proxy:2' }] } },
  unset: ['spec.priorityClassName'],
  resources: { limits: { memory: k8s.Quantity.fromString('3Gi') } },
  env: [{ name: 'A', value: '1' }, { name: 'B', valueFrom: { secretKeyRef: { name: 'b', key: 'key' } } }],
  labels: { team: 'data' },
  annotations: { note: 'x' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'spot', operator: 'Exists' }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  priorityClassName: 'high',
  serviceAccountAnnotations: { role: 'arn' },
  cloudIdentity: CloudIdentity.azure({ clientId: '00000000-0000-0000-0000-000000000000' }),
};

const { serviceAccountAnnotations, cloudIdentity, ...withoutAnnotations } = all;

test.each([
  ['scheduler', 'scheduler'], ['apiServer', 'api-server'], ['dagProcessor', 'dag-processor'], ['triggerer', 'triggerer'],
])('all props of %s reach its objects', (prop, component) => {
  const deployed = new Deployed({ [prop]: withoutAnnotations });
  const { kind, spec } = deployed.workload(component);
  const name = `airflow-${component}`;
  expect(spec).toMatchObject({
    replicas: 2, revisionHistoryLimit: 3, [kind === 'StatefulSet' ? 'updateStrategy' : 'strategy']: { type: 'RollingUpdate' },
  });
  expect(deployed.find('PodDisruptionBudget', name).spec)
    .toEqual({ minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: spec.selector });
  expect(spec.template.metadata).toMatchObject({ labels: { team: 'data', over: 'ride' }, annotations: { 'note': 'x', 'cdk8s-airflow/config-hash': expect.any(String) } });
  expect(spec.template.spec).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    topologySpreadConstraints: [{ ...all.topologySpreadConstraints[0], labelSelector: spec.selector }],
    schedulerName: 'volcano',
    runtimeClassName: 'gvisor',
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
    serviceAccountName: 'mine',
    terminationGracePeriodSeconds: 77,
    dnsPolicy: 'Default',
  });
  expect(spec.template.spec).not.toHaveProperty('priorityClassName');
  const { containers, initContainers, volumes } = spec.template.spec;
  expect(containers[0]).toMatchObject({
    resources: { limits: { memory: '3Gi' } },
    envFrom: all.envFrom,
    lifecycle: all.lifecycle,
    livenessProbe: { timeoutSeconds: 7, failureThreshold: expect.any(Number) },
    readinessProbe: { tcpSocket: { port: 1 } },
    startupProbe: { exec: { command: ['true'] }, failureThreshold: 9 },
    volumeMounts: expect.arrayContaining(all.volumeMounts),
  });
  expect([containers[0].readinessProbe.httpGet, containers[0].startupProbe.httpGet]).toEqual([undefined, undefined]);
  // What the user left open satisfies `restricted`.
  expect(containers[containers.length - 1]).toEqual({
    name: 'proxy', image: 'proxy:2', securityContext: { allowPrivilegeEscalation: false, runAsUser: 7, capabilities: { drop: ['ALL'] } },
  });
  expect(initContainers.map((item: any) => item.name)).toEqual(['wait-for-airflow-migrations', 'fetch']);
  expect(initContainers[1].securityContext.capabilities).toEqual({ drop: ['ALL'] });
  expect(volumes).toContainEqual(all.volumes[0]);
  expect(deployed.env(component)).toMatchObject({ A: '1', B: 'b/key' });
  expect(deployed.objects.filter(object => object.kind === 'ServiceAccount' && object.metadata.name === name)).toEqual([]);
  const binding = deployed.objects.find(object => object.kind === 'RoleBinding' && object.metadata.name === name);
  expect(binding?.subjects[0].name ?? 'mine').toBe('mine');
  // The selector is immutable: what a user adds must not be in it.
  expect(spec.selector.matchLabels).not.toHaveProperty('team');
});

test('the props of the migration reach its Job', () => {
  const { replicas, podDisruptionBudget, strategy, revisionHistoryLimit, livenessProbe, readinessProbe, startupProbe, ...props } = withoutAnnotations;
  const deployed = new Deployed({ migration: props });
  const { spec } = deployed.workload('migration').spec.template;
  expect(spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, serviceAccountName: 'mine', containers: [{ resources: { limits: { memory: '3Gi' } } }, { image: 'proxy:2' }] });
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
  const [one, two] = [new Deployed(), new Deployed({ config: { core: { default_timezone: 'Europe/Berlin' } } })];
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

test('an account that the deployment makes has the annotations', () => {
  const deployed = new Deployed({ scheduler: { serviceAccountAnnotations, cloudIdentity } });
  expect(deployed.find('ServiceAccount', 'airflow-scheduler').metadata.annotations)
    .toEqual({ 'role': 'arn', 'azure.workload.identity/client-id': '00000000-0000-0000-0000-000000000000' });
});

test('a budget may be asked for with one pod, and says maxUnavailable 1 by default with several', () => {
  const budget = (props: ComponentProps) => new Deployed({ scheduler: props }).objects.find(({ kind }) => kind === 'PodDisruptionBudget')?.spec;
  expect(budget({})).toBeUndefined();
  expect(budget({ replicas: 2 }).maxUnavailable).toBe(1);
  expect(budget({ podDisruptionBudget: { maxUnavailable: '50%' } }).maxUnavailable).toBe('50%');
});

describe('a HorizontalPodAutoscaler', () => {
  const deployed = (autoscaling: HorizontalAutoscaling, props: ApiServerProps = {}) => new Deployed({ apiServer: { ...props, autoscaling } });

  test('chooses the number of pods by CPU', () => {
    const one = deployed({ maxReplicas: 5 });
    expect(one.workload('api-server').spec).not.toHaveProperty('replicas');
    expect(one.find('HorizontalPodAutoscaler', 'airflow-api-server').spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'airflow-api-server' },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    });
    expect(one.find('PodDisruptionBudget', 'airflow-api-server').spec.maxUnavailable).toBe(1);
  });

  test('takes all of its props, of which metrics replace CPU unless that is named', () => {
    const metrics = [{ type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: 10 } } }];
    const all2: Required<HorizontalAutoscaling> = {
      minReplicas: 2, maxReplicas: 3, targetCpuUtilization: 70, metrics, behavior: { scaleDown: { stabilizationWindowSeconds: 600 } },
    };
    expect(deployed(all2).find('HorizontalPodAutoscaler').spec).toMatchObject({
      minReplicas: 2, maxReplicas: 3, metrics: [{ resource: { target: { averageUtilization: 70 } } }, metrics[0]], behavior: all2.behavior,
    });
    expect(deployed({ maxReplicas: 3, metrics }).find('HorizontalPodAutoscaler').spec.metrics).toEqual(metrics);
  });

  test.each<[string, () => Deployed, string]>([
    ['two choosers', () => deployed({ maxReplicas: 2 }, { replicas: 2 }), "'apiServer.replicas' and 'apiServer.autoscaling' both choose the number of pods; remove one of them"],
    ['too few', () => deployed({ maxReplicas: 1, minReplicas: 2 }), "'apiServer.autoscaling.maxReplicas' must be a whole number of at least 'minReplicas' (2), got 1"],
    ['none', () => deployed({ maxReplicas: 1, minReplicas: 0 }), "'apiServer.autoscaling.minReplicas' must be a whole number of at least 1, got 0"],
    ['no percentage', () => deployed({ maxReplicas: 2, targetCpuUtilization: 0 }), "'apiServer.autoscaling.targetCpuUtilization' must be at least 1 percent, got 0"],
    ['an unknown key', () => deployed({ maxReplicas: 1, behavior: { scaledown: {} } }), "did you mean 'scaleDown'"],
  ])('refuses %s', (_, make, message) => { expect(make).toThrow(message); });
});

test.each<[string, ComponentProps, string]>([
  ['a variable that is null', { env: [null as any] }, 'scheduler.env[0]: null is not allowed; take it out'],
  ['a probe that asks for nothing', { readinessProbe: { periodSeconds: 3 } }, "'scheduler.readinessProbe' asks for nothing, and the component has no such probe of its own; give it one of 'exec', 'grpc', 'httpGet', 'tcpSocket'"],
  ['two budgets', { podDisruptionBudget: { maxUnavailable: 1, minAvailable: 1 } }, "'scheduler.podDisruptionBudget' must hold one of 'maxUnavailable' and 'minAvailable', and no 'selector'"],
  ['a selector', { podDisruptionBudget: { maxUnavailable: 1, selector: {} } }, "and no 'selector'"],
  ['a container of ours', { initContainers: [{ name: 'wait-for-airflow-migrations' }] }, "'scheduler.initContainers' holds 'wait-for-airflow-migrations', which the deployment has already"],
  ['a volume of ours', { volumes: [{ name: 'tmp', hostPath: { path: '/' } }] }, "volume 'tmp' is {\"name\":\"tmp\",\"emptyDir\":{}} in the deployment and"],
  ['a mount of ours', { volumeMounts: [{ name: 'x', mountPath: '/tmp/' }] }, "mount '/tmp/' of container 'scheduler' is"],
  ['our label', { podOverride: { metadata: { labels: { 'app.kubernetes.io/instance': 'x' } } } }, "'scheduler.podOverride' must not set the label 'app.kubernetes.io/instance'"],
  ['an unknown key of a pod', { podOverride: { spec: { container: [] } } }, "scheduler.podOverride.spec: unknown key 'container'"],
  ['a path to nothing', { unset: ['spec.containers[other]'] }, "'unset' of 'spec.containers[other]' matches nothing: 'spec.containers' has 'scheduler'"],
  ['no component', { unset: ['spec.containers[scheduler]'] }, "'scheduler.unset' must leave the container 'scheduler', which is the component"],
  ['an unknown field of a probe', { livenessProbe: { timeout: 1 } }, "scheduler.livenessProbe: unknown key 'timeout'"],
  ['a strategy of another kind', { strategy: { type: 'OnDelete' } }, "scheduler.strategy.type: expected one of 'Recreate', 'RollingUpdate'"],
])('refuses %s', (_, props, message) => { expect(() => new Deployed({ scheduler: props })).toThrow(message); });
