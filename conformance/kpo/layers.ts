import { Dice, generate, parameterMakers, Parts, withNameServers } from './generate';
import { KpoCase } from '../../test/tasks/kpo';

/** Names of one layer do not occur in another, as two volumes of one name are no pod. */
export function layer(dice: Dice, parts: Parts, prefix: string, containers: string[], initContainers: string[]): any {
  const volumes = parts.volumes(prefix);
  const spec = dice.fields({
    volumes: () => volumes,
    initContainers: () => dice.some(initContainers, 1).map(name => parts.container(name, prefix)),
    securityContext: parts.podContext,
    nodeSelector: parts.nodeSelector,
    affinity: parts.affinity,
    tolerations: parts.tolerations,
    serviceAccountName: () => `${prefix}account`,
    automountServiceAccountToken: () => false,
    imagePullSecrets: () => [{ name: `${prefix}registry` }],
    hostAliases: () => [{ ip: '10.0.0.1', hostnames: [`${prefix}host`] }],
    dnsPolicy: () => dice.of('ClusterFirst', 'Default'),
    dnsConfig: parts.dnsConfig,
    priorityClassName: () => `${prefix}priority`,
    runtimeClassName: () => `${prefix}runtime`,
    schedulerName: () => `${prefix}scheduler`,
    terminationGracePeriodSeconds: () => dice.of(1, 60),
    activeDeadlineSeconds: () => dice.of(10, 600),
    restartPolicy: () => dice.of('Never', 'OnFailure', 'Always'),
    topologySpreadConstraints: () => [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    // False in the upper of two layers is lost by the operator.
    enableServiceLinks: () => prefix === 't-' ? parts.bool() : true,
    shareProcessNamespace: () => true,
  });
  return {
    ...(dice.chance(0.7) ? { apiVersion: 'v1', kind: 'Pod' } : {}),
    metadata: dice.fields({
      name: () => `${prefix}pod`,
      namespace: () => `${prefix}space`,
      labels: parts.labels,
      annotations: parts.annotations,
      finalizers: () => [`example.com/${prefix}x`],
      generateName: () => `${prefix}made-`,
    }),
    spec: { ...spec, containers: containers.map(name => parts.mainContainer(name, prefix)) },
  };
}

/** Jinja where the operator would leave it as text is refused by ours, and so not part of the comparison. */
export const plain = (value: any) => JSON.parse(JSON.stringify(value).replace(/\{\{ *([\w.]+) *\}\}/g, '$1'));

/** Mounts only of volumes that the pod has. */
export function withVolumes(pods: any[], kwargs: any): void {
  const containers = pods.flatMap(pod => [...pod.spec.containers, ...pod.spec.initContainers ?? []]);
  const mounts = [...containers, ...kwargs.init_containers ?? []].flatMap(c => c.volumeMounts ?? []).concat(kwargs.volume_mounts ?? []);
  const volumes = [...pods.flatMap(pod => pod.spec.volumes ?? []), ...kwargs.volumes ?? []].map(volume => volume.name);
  const missing = [...new Set(mounts.map(mount => mount.name))].filter(name => !volumes.includes(name));
  if (missing.length > 0) { kwargs.volumes = [...kwargs.volumes ?? [], ...missing.map(name => ({ name, emptyDir: {} }))]; }
}

/** Cases of a template, a full pod spec and arguments, in which the operator's merge gives the pod that is meant. */
function generateLayers(seed: number, count: number): KpoCase[] {
  const dice = new Dice(seed + 0x10000);
  const parts = new Parts(dice);
  const makers = parameterMakers(dice, parts);
  return Array.from({ length: count }, (_, i) => {
    const template = dice.chance(0.8);
    const full = !template || dice.chance(0.5);
    const sidecars = dice.some(['side', 'logs'], 0);
    // Container 0 is the base container; others are in one layer, or in the same places of both.
    const templatePod = template ? plain(layer(dice, parts, 't-', [dice.of('base', 'main'), ...sidecars], ['init-a', 'init-b'])) : undefined;
    const fullPod = full ? plain(layer(dice, parts, 'f-', [template ? 'base' : dice.of('base', 'main'), ...template && dice.chance(0.5) ? sidecars : []], ['init-b', 'init-c'])) : undefined;
    const kwargs: KpoCase['kwargs'] = {};
    for (const parameter of dice.some(Object.keys(makers), 0, dice.of(3, 10))) {
      kwargs[parameter] = parameter === 'env_from' ? [{ configMapRef: { name: 'argument' } }] : makers[parameter]();
    }
    if (dice.chance(0.5)) { kwargs.image = 'busybox:2'; }
    // What is false or zero does not win over a layer below in the operator; it does in ours.
    for (const parameter of ['hostnetwork', 'automount_service_account_token', 'termination_grace_period']) {
      if (!kwargs[parameter]) { delete kwargs[parameter]; }
    }
    withNameServers(kwargs);
    const pods = [templatePod, fullPod].filter(pod => pod !== undefined);
    withVolumes(pods, kwargs);
    const file = template && dice.chance(0.6);
    return {
      id: `seed ${seed} layers #${i}`,
      kwargs: {
        ...kwargs,
        ...(file ? { pod_template_file: 'pod.yaml' } : template ? { pod_template_dict: templatePod } : {}),
        ...(full ? { full_pod_spec: fullPod } : {}),
      },
      ...(file ? { files: { 'pod.yaml': JSON.stringify(templatePod, null, 1) } } : {}),
    };
  });
}

/** Random cases without a run of a task, `count` of arguments alone and as many with layers below them. */
export function layeredCases(seed: number, count: number): KpoCase[] {
  return [...generate(seed, count), ...generateLayers(seed, count)];
}
