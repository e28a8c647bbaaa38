import { AirflowImage, AirflowVersion, PodMutation, PodMutationProps, WorkerPodOverride, WorkerPodTemplate } from '../../src';
import { ExecutorCase } from '../../test/tasks/executor';
import { Dice, Parts } from '../kpo/generate';

const DAGS = ['etl', 'report.daily_Sales', 'Übung', 'x'.repeat(70)];
const TASKS = ['load', 'group.task-1', 'Task_2', 'y'.repeat(240)];

/** Jinja is refused where Airflow renders none. */
const plain = (value: any) => JSON.parse(JSON.stringify(value).replace(/\{\{ *([\w.]+) *\}\}/g, '$1'));

/** Parts of which each name begins with a prefix, so that they do not meet those of another layer. */
function podParts(dice: Dice, parts: Parts, prefix: string): any {
  const volumes = parts.volumes(prefix);
  const mounts = () => parts.mounts(prefix).filter((mount: any) => volumes.some(({ name }: any) => name === mount.name));
  const container = () => {
    const { command, args, volumeMounts, ports, ...fields } = dice.fields(parts.containerFields(prefix));
    return { ...fields, ...(volumeMounts ? { volumeMounts: mounts() } : {}) };
  };
  return { volumes, container };
}

function template(dice: Dice, parts: Parts, version: AirflowVersion): WorkerPodTemplate {
  const { volumes, container } = podParts(dice, parts, 't-');
  const more = (names: string[]) => dice.some(names, 1).map(name => ({ ...container(), name, image: `${name}:1` }));
  return new WorkerPodTemplate({
    name: 'af',
    version,
    image: AirflowImage.of('registry.example.com/airflow:1', { pullSecrets: dice.some(['quay'], 0) }),
    ...plain(dice.fields({
      env: () => dice.some(['MODE', 'T_ONLY'], 1).map(parts.envVar),
      labels: () => parts.map(['team', 'tier', 'x']),
      annotations: parts.annotations,
      nodeSelector: parts.nodeSelector,
      tolerations: parts.tolerations,
      affinity: parts.affinity,
      resources: parts.resources,
      containers: () => more(['side', 'logs-shipper']),
      initContainers: () => more(['init-a', 'init-b']),
      terminationGracePeriodSeconds: () => dice.of(30, 900),
      priorityClassName: () => 'low',
    })),
    volumes: plain(volumes),
  });
}

function override(dice: Dice, parts: Parts): WorkerPodOverride {
  // At times what the template has as well, or has otherwise.
  const prefix = dice.of('o-', 'o-', 'o-', 't-');
  const { volumes: own, container } = podParts(dice, parts, prefix);
  const volumes = own.map((volume: any) => volume.name === 't-data' && dice.chance(0.5) ? { ...volume, emptyDir: { sizeLimit: '1Gi' } } : volume);
  const spec = dice.fields({
    nodeSelector: parts.nodeSelector,
    tolerations: parts.tolerations,
    affinity: parts.affinity,
    securityContext: parts.podContext,
    serviceAccountName: () => 'other',
    automountServiceAccountToken: () => true,
    priorityClassName: () => 'high',
    runtimeClassName: () => 'gvisor',
    terminationGracePeriodSeconds: () => dice.of(60, 60, 60, 0),
    imagePullSecrets: () => [{ name: 'hub' }],
    hostAliases: () => [{ ip: '10.0.0.1', hostnames: ['a'] }],
    initContainers: () => dice.some(['init-b', 'init-c'], 1).map(name => ({ ...container(), name, image: `${name}:2` })),
  });
  const base = dice.chance(0.8) ? [{ name: 'base', ...container(), ...(dice.chance(0.3) ? { image: 'registry.example.com/airflow:2' } : {}) }] : [];
  const others = dice.some(['logs-shipper', 'side', 'third'], 0).map(name => ({ ...container(), name, image: `${name}:2` }));
  return new WorkerPodOverride({
    name: 'chosen',
    pod: plain({
      metadata: dice.fields({ labels: () => parts.map(['team', 'tier', 'x']), annotations: parts.annotations, finalizers: () => ['example.com/x'] }),
      spec: { ...spec, volumes, containers: dice.chance(0.5) ? [...others, ...base] : [...base, ...others] },
    }),
  });
}

function mutation(dice: Dice, airflow3: boolean): PodMutation {
  const selectors: Partial<PodMutationProps>[] = [
    {}, { labels: { team: 'a' } }, { labels: { try_number: '3' } }, { dagIds: dice.some(DAGS, 1) }, { podsOf: ['KubernetesExecutor'] }, { podsOf: ['KubernetesPodOperator'] },
    ...(airflow3 ? [{ queues: ['gpu'] }, { queues: ['gpu', 'default'] }] : []),
  ];
  return new PodMutation({
    name: 'one',
    ...dice.of(...selectors),
    set: {
      'spec.nodeSelector[pool]': 'spot',
      'spec.tolerations[-]': { key: 'spot', operator: 'Exists' },
      'spec.containers[*].env[HTTP_PROXY]': { value: 'http://proxy:3128' },
      'spec.containers[base].resources.limits[memory]': '3Gi',
    },
    unset: ['spec.containers[base].resources.limits[cpu]', 'spec.priorityClassName'],
  });
}

/** Random worker pods, which a seed decides: a template, mostly with what differs for some tasks, as a module or as a file, and at times with a mutation. */
export function executorCases(version: AirflowVersion, seed: number, count: number): ExecutorCase[] {
  const dice = new Dice(seed + 0x30000);
  const parts = new Parts(dice);
  return Array.from({ length: count }, (_, i) => {
    const mapIndex = dice.of(-1, -1, 0, 12);
    return {
      id: `seed ${seed} #${i}`,
      airflow: version.version,
      identity: { dag_id: dice.of(...DAGS), task_id: dice.of(...TASKS), run_id: dice.of('manual__2026-01-02T03:04:05+00:00', 'r-1'), try_number: dice.of(1, 3), map_index: mapIndex },
      queue: dice.of('default', 'gpu'),
      template: template(dice, parts, version),
      ...(dice.chance(0.85) ? { override: override(dice, parts), as: dice.of('module' as const, 'file' as const) } : {}),
      mutations: dice.chance(0.4) ? [mutation(dice, !version.version.startsWith('2'))] : [],
    };
  });
}
