import { Dice, Parts } from './generate';
import { PodMutation, PodMutationProps } from '../../src';
import { MutationData, MutationSubject } from '../../src/pod/mutation';

/** A pod as Airflow hands it to its hook, and what is done to it. */
export interface MutationCase {
  readonly id: string;
  readonly pod: any;
  readonly mutations: PodMutation[];
  readonly data: MutationData[];
  /** The same pod for the step in TypeScript. */
  readonly subject: MutationSubject;
  /** Whether parts that the client takes as dictionaries are such, and not models. */
  readonly dictionaries: boolean;
}

const QUEUES = ['default', 'gpu', 'large'];
const DAGS = ['etl', 'report.daily', 'Übung', '任务'];
const LABELS: { [dagId: string]: string } = { 'etl': 'etl', 'report.daily': 'report.daily', 'Übung': 'bung-c6ea7b9de', '任务': '-0e46d8d6b' };
const TAINT = { key: 'dedicated', operator: 'Equal', value: 'x', effect: 'NoSchedule' };

function pod(dice: Dice, parts: Parts): { pod: any; subject: MutationSubject } {
  const maker = dice.of('KubernetesExecutor' as const, 'KubernetesPodOperator' as const);
  const operator = maker === 'KubernetesPodOperator';
  const queue = dice.of(...QUEUES);
  const base = parts.container(operator ? dice.of('base', 'main') : 'base');
  if (!operator) { base.args = ['python', '-m', 'airflow.sdk.execution_time.execute_workload', '--json-string', JSON.stringify({ ti: { queue } })]; }
  // The operator's merge may give a variable twice.
  if (base.env && dice.chance(0.3)) { base.env = [...base.env, { name: base.env[0].name, value: 'again' }]; }
  const sidecar = { name: 'airflow-xcom-sidecar', image: 'alpine:3', resources: { requests: { cpu: '1m' } } };
  const place = operator ? dice.of('nowhere', 'containers', 'initContainers') : 'nowhere';
  const others = dice.some(['side', 'logs'], 0).map(name => parts.container(name));
  return {
    subject: { maker, ...(operator ? {} : { queue }) },
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'task-abc',
        namespace: 'ns',
        labels: {
          ...parts.labels(), dag_id: LABELS[dice.of(...DAGS)], try_number: dice.of('1', '2'), [operator ? 'kubernetes_pod_operator' : 'kubernetes_executor']: 'True',
        },
        ...(dice.chance(0.7) ? { annotations: parts.annotations() } : {}),
      },
      spec: {
        ...dice.fields({
          volumes: () => parts.volumes(),
          securityContext: parts.podContext,
          nodeSelector: parts.nodeSelector,
          affinity: parts.affinity,
          tolerations: parts.tolerations,
          imagePullSecrets: () => [{ name: 'quay' }],
          hostAliases: () => [{ ip: '10.0.0.1', hostnames: ['a'] }],
          dnsConfig: parts.dnsConfig,
          priorityClassName: () => 'high',
          terminationGracePeriodSeconds: () => 60,
          initContainers: () => [...parts.initContainers(['init-a', 'init-b']), ...(place === 'initContainers' ? [sidecar] : [])],
        }),
        containers: [base, ...others, ...(place === 'containers' ? [sidecar] : [])],
        restartPolicy: 'Never',
      },
    },
  };
}

/** Jinja is refused in a mutation. */
const plain = (value: any) => JSON.parse(JSON.stringify(value).replace(/\{\{ *([\w.]+) *\}\}/g, '$1'));

/** A mutation that a seed decides. */
export function randomMutation(dice: Dice, parts: Parts, name: string): PodMutationProps {
  const worker = dice.chance(0.3);
  const part = (container: string, whole: boolean) => {
    const { command, args, ...fields } = dice.fields(parts.containerFields());
    return { name: container, ...(whole ? { image: 'added:1' } : {}), ...fields };
  };
  const merge = () => plain(dice.fields({
    metadata: () => dice.fields({ labels: parts.labels, annotations: parts.annotations, finalizers: () => ['example.com/x'] }),
    spec: () => dice.fields({
      containers: () => dice.some(['base', 'side', 'new', 'airflow-xcom-sidecar'], 1).map(container => part(container, container === 'new' || dice.chance(0.3))),
      initContainers: () => dice.some(['init-a', 'new-init', 'airflow-xcom-sidecar'], 1).map(container => part(container, container === 'new-init')),
      volumes: () => parts.volumes(),
      nodeSelector: parts.nodeSelector,
      affinity: parts.affinity,
      tolerations: parts.tolerations,
      securityContext: parts.podContext,
      priorityClassName: () => 'urgent',
      topologySpreadConstraints: () => [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      automountServiceAccountToken: parts.bool,
      terminationGracePeriodSeconds: () => dice.of(0, 30),
    }),
  }));
  const set = () => plain(dice.fields({
    'metadata.labels[cost-centre]': () => '42',
    'metadata.annotations[example.com/x]': () => 'set',
    'spec.nodeSelector[pool]': () => 'spot',
    'spec.tolerations[-]': () => dice.of({ ...TAINT }, { key: 'spot', operator: 'Exists' }),
    'spec.tolerations': () => [{ operator: 'Exists' }],
    'spec.imagePullSecrets[-]': () => ({ name: dice.of('quay', 'hub') }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms':
      () => [{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['spot'] }] }],
    'spec.securityContext.fsGroup': parts.id,
    'spec.volumes[scratch]': () => ({ emptyDir: { sizeLimit: '1Gi' } }),
    'spec.volumes[cache].emptyDir.sizeLimit': () => '2Gi',
    'spec.containers[*].imagePullPolicy': () => 'Always',
    'spec.containers[*].env[HTTP_PROXY]': () => ({ value: 'http://proxy:3128' }),
    'spec.containers[base].env[MODE]': () => dice.of<any>({ value: 'set' }, { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }),
    'spec.containers[base].env[RUN_DATE].value': () => 'only where it is',
    'spec.containers[base].envFrom[-]': () => ({ configMapRef: { name: dice.of('settings', 'more') } }),
    'spec.containers[base].volumeMounts[/scratch/]': () => ({ name: 'scratch', mountPath: '/scratch' }),
    'spec.containers[base].volumeMounts[/data].readOnly': () => true,
    'spec.containers[base].ports[443/TCP]': () => ({}),
    'spec.containers[base].ports[http]': () => ({ containerPort: 8080 }),
    'spec.containers[base].resources.limits[memory]': () => dice.of('3Gi', '512Mi'),
    'spec.containers[base].resources.requests': () => ({ cpu: '250m', memory: '1Gi' }),
    'spec.containers[base].securityContext.capabilities.drop': () => ['ALL'],
    'spec.containers[base].lifecycle.preStop.exec.command': () => ['true'],
    'spec.containers[side].image': () => 'mirror/side:1',
    'spec.containers[airflow-xcom-sidecar].resources.limits[memory]': () => '32Mi',
    'spec.initContainers[*].securityContext.runAsUser': parts.id,
    'spec.dnsConfig.searches': () => ['svc'],
  }));
  const unset = () => dice.some([
    'metadata.annotations[note]', 'metadata.labels[team]', 'spec.nodeSelector[disk]', 'spec.nodeSelector', 'spec.affinity', 'spec.tolerations',
    'spec.priorityClassName', 'spec.volumes[host]', 'spec.containers[*].livenessProbe', 'spec.containers[base].resources.limits[cpu]', 'spec.containers[base].env[MODE]',
    'spec.containers[base].env', 'spec.containers[base].volumeMounts[/data]', 'spec.containers[base].ports[443/TCP]', 'spec.containers[side]', 'spec.initContainers[init-a]',
    'spec.securityContext.runAsUser', 'spec.containers[airflow-xcom-sidecar].resources.requests', 'spec.hostAliases', 'spec.containers[base].securityContext.capabilities',
  ], 1, 6);
  return {
    name,
    ...(dice.chance(0.3) ? { labels: parts.map(['team', 'tier']) } : {}),
    ...(dice.chance(0.2) ? { dagIds: dice.some(DAGS, 1) } : {}),
    ...(worker ? { podsOf: ['KubernetesExecutor'] as const, ...(dice.chance(0.5) ? { queues: dice.some(QUEUES, 1) } : {}) }
      : dice.chance(0.3) ? { podsOf: ['KubernetesPodOperator'] as const } : {}),
    ...dice.fields({ merge, set, unset }),
  } as PodMutationProps;
}

/** Random mutations of random pods, which a seed decides. */
export function mutationCases(seed: number, count: number): MutationCase[] {
  const dice = new Dice(seed + 0x20000);
  const parts = new Parts(dice);
  return Array.from({ length: count }, (_, i) => {
    const mutations = dice.some(['one', 'two', 'three'], 1).map(name => new PodMutation(randomMutation(dice, parts, name)));
    return { id: `seed ${seed} #${i}`, ...pod(dice, parts), mutations, data: PodMutation._all(mutations, 'mutations'), dictionaries: dice.chance(0.3) };
  });
}

/** A pod without what is null or empty, which both leave in other places, and with amounts as texts. */
export function withoutEmpty(value: any, amount = false): any {
  if (Array.isArray(value)) { return value.map(item => withoutEmpty(item)); }
  if (value === null || typeof value !== 'object') { return amount && value !== null ? String(value) : value; }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEmpty(item, amount || key === 'limits' || key === 'requests')])
    .filter(([, item]) => item !== null && item !== undefined && !(typeof item === 'object' && Object.keys(item).length === 0)));
}
