import { KpoCase } from '../../test/tasks/kpo';

/** Random numbers that a seed decides (mulberry32). */
export class Dice {
  constructor(private state: number) {}

  public next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  public below(n: number): number { return Math.floor(this.next() * n); }
  public chance(p: number): boolean { return this.next() < p; }
  public of<T>(...items: T[]): T { return items[this.below(items.length)]; }

  /** Between `least` and `most` of the items, in their order. */
  public some<T>(items: T[], least = 0, most = items.length): T[] {
    const count = least + this.below(most - least + 1);
    const chosen = new Set<number>();
    while (chosen.size < Math.min(count, items.length)) { chosen.add(this.below(items.length)); }
    return items.filter((_, i) => chosen.has(i));
  }

  /** An object with each of these keys by chance, at least one. */
  public fields(makers: { [key: string]: () => any }): any {
    const keys = this.some(Object.keys(makers), 1);
    return Object.fromEntries(keys.map(key => [key, makers[key]()]));
  }
}

const IMAGES = ['busybox:1', 'registry.example.com:5000/team/app@sha256:0123', 'python:3.12-slim', '{{ params.image }}'];
const ENV = ['MODE', 'Mixed_Case', 'RUN_DATE', 'EMPTY', 'SQL_CONN', '{{ ds }}_X'];

/** Makers of the parts of a pod, in wire JSON. */
export class Parts {
  constructor(private readonly dice: Dice) {}

  public text = () => this.dice.of('', 'x', 'two words', '{{ ds }}', 'ünï', '"quoted"', 'a\nb', '0', 'yes', '$(MODE)');
  public bool = () => this.dice.chance(0.5);
  public id = () => this.dice.of(0, 1, 1000, 50000);
  public words = () => this.dice.some(['sh', '-c', 'echo {{ ds }}', '--n=1', 'ü', '', 'exit 0'], 1);
  public map = (keys: string[]) => Object.fromEntries(this.dice.some(keys, 1).map(key => [key, this.dice.of('a', 'b-1', 'C_2', 'd.e')]));
  public labels = () => this.map(['team', 'app.kubernetes.io/name', 'tier', 'x']);
  public annotations = () => Object.fromEntries(this.dice.some(['note', 'example.com/x', 'z'], 1).map(key => [key, this.text() || 'y']));
  public nodeSelector = () => this.map(['disk', 'kubernetes.io/os', 'pool']);

  /** What is asked for is never more than the limit, which the API server would refuse. */
  public resources = () => this.dice.fields({
    limits: () => this.dice.fields({
      'cpu': () => this.dice.of<any>('1', 2, '1.5', '1500m'),
      'memory': () => this.dice.of<any>('1Gi', '500M', 268435456, '0.5Gi'),
      'nvidia.com/gpu': () => this.dice.of<any>(1, '2'),
    }),
    requests: () => this.dice.fields({
      'cpu': () => this.dice.of<any>('100m', 0.25, '0.5'), 'memory': () => this.dice.of<any>('64Mi', 1024, '64e6'), 'ephemeral-storage': () => this.dice.of<any>('1Gi', '500M'),
    }),
  });
  /** The same of the base container, whose quantities are rendered. */
  public templatedResources = () => this.dice.chance(0.8) ? this.resources() : { limits: { cpu: '{{ params.cpu }}', memory: '1Gi' }, requests: { memory: '{{ params.memory }}' } };

  public envVar = (name: string) => this.dice.of<() => any>(
    () => ({ name, value: this.text() }),
  () => ({ name, valueFrom: { fieldRef: { fieldPath: this.dice.of('metadata.name', 'status.podIP') } } }),
  () => ({ name, valueFrom: { secretKeyRef: { name: 's', key: 'k', ...(this.bool() ? { optional: true } : {}) } } }),
  () => ({ name, valueFrom: { resourceFieldRef: { resource: 'limits.memory', containerName: 'base' } } }),
  )();
  public env = () => this.dice.some(ENV, 1).map(this.envVar);
  public envMap = () => Object.fromEntries(this.dice.some(ENV, 1).map(name => [name, this.text()]));
  public envFrom = () => this.dice.some([
    { configMapRef: { name: 'settings' } }, { configMapRef: { name: '{{ params.map }}', optional: true } },
    { secretRef: { name: 'all' }, prefix: 'P_' }, { secretRef: { name: 'other', optional: false } },
  ], 1);

  public ports = () => this.dice.some<any>([
    { name: 'http', containerPort: 80 }, { containerPort: 443, protocol: 'TCP' }, { name: 'dns', containerPort: 53, protocol: 'UDP' },
    { containerPort: 8080, hostPort: 8080, hostIP: '127.0.0.1' },
  ], 1);

  public volumes = (prefix = '') => this.dice.some<any>([
    { name: `${prefix}data`, emptyDir: {} },
    { name: `${prefix}cache`, emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: `${prefix}claim`, persistentVolumeClaim: { claimName: 'c', readOnly: true } },
    { name: `${prefix}map`, configMap: { name: 'm', defaultMode: 420, items: [{ key: 'k', path: 'p', mode: 256 }] } },
    { name: `${prefix}host`, hostPath: { path: '/var/log', type: 'Directory' } },
    { name: `${prefix}nfs`, nfs: { server: 's', path: '/x' } },
    { name: `${prefix}templated`, persistentVolumeClaim: { claimName: prefix === '' ? 'c-{{ params.claim }}' : 'c' } },
    { name: `${prefix}csi`, csi: { driver: 'secrets.example.com', readOnly: true, volumeAttributes: { a: 'b' } } },
    { name: `${prefix}own`, ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } },
    { name: `${prefix}info`, downwardAPI: { items: [{ path: 'cpu', resourceFieldRef: { containerName: 'base', resource: 'limits.cpu', divisor: '1m' } }] } },
    { name: `${prefix}proj`, projected: { sources: [{ secret: { name: 's' } }, { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } }] } },
  ], 1);
  public mounts = (prefix = '') => this.dice.some<any>([
    { name: `${prefix}data`, mountPath: `/data${prefix}` },
    { name: `${prefix}cache`, mountPath: `/cache${prefix}`, readOnly: false, subPath: 'sub/{{ ds }}' },
    { name: `${prefix}claim`, mountPath: `/claim${prefix}`, readOnly: true },
    { name: `${prefix}map`, mountPath: `/etc/map${prefix}`, subPathExpr: '$(MODE)' },
    { name: `${prefix}host`, mountPath: `/logs${prefix}`, mountPropagation: 'HostToContainer' },
  ], 1);

  public podContext = () => this.dice.fields({
    runAsUser: this.id,
    runAsGroup: this.id,
    fsGroup: this.id,
    runAsNonRoot: this.bool,
    fsGroupChangePolicy: () => 'OnRootMismatch',
    supplementalGroups: () => [1, 2],
    seccompProfile: () => ({ type: 'RuntimeDefault' }),
    sysctls: () => [{ name: 'kernel.shm_rmid_forced', value: '1' }],
  });
  public containerContext = () => this.dice.fields({
    runAsUser: this.id,
    allowPrivilegeEscalation: this.bool,
    readOnlyRootFilesystem: this.bool,
    privileged: () => false,
    capabilities: () => this.dice.fields({ add: () => ['NET_ADMIN'], drop: () => ['ALL'] }),
    runAsNonRoot: this.bool,
  });

  public tolerations = () => this.dice.some<any>([
    { key: 'dedicated', operator: 'Equal', value: 'x', effect: 'NoSchedule' }, { operator: 'Exists' },
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: this.dice.of(0, 300) },
  ], 1);
  public affinity = () => this.dice.fields({
    nodeAffinity: () => this.dice.fields({
      requiredDuringSchedulingIgnoredDuringExecution: () => ({ nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }] }] }),
      preferredDuringSchedulingIgnoredDuringExecution: () => [{ weight: 1, preference: { matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n'] }] } }],
    }),
    podAntiAffinity: () => ({
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } } }],
    }),
    podAffinity: () => ({ requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['x'], labelSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }] }),
  });
  public dnsConfig = () => this.dice.fields({
    nameservers: () => ['1.2.3.4'], searches: () => ['ns1.svc', 'my.dns'], options: () => [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  });

  public container = (name: string, prefix = '') => ({ name, image: this.dice.of(...IMAGES), ...this.dice.fields(this.containerFields(prefix)) });
  public containerFields = (prefix = ''): { [key: string]: () => any } => ({
    command: this.words,
    args: this.words,
    env: this.env,
    envFrom: this.envFrom,
    resources: this.resources,
    volumeMounts: () => this.mounts(prefix),
    securityContext: this.containerContext,
    imagePullPolicy: () => this.dice.of('Always', 'IfNotPresent', 'Never'),
    workingDir: () => '/work',
    terminationMessagePath: () => '/tmp/message',
    tty: () => true,
  });
  /** What init containers cannot have. */
  public mainContainer = (name: string, prefix = '') => ({
    ...this.container(name, prefix),
    ...(this.dice.chance(0.3) ? { livenessProbe: { exec: { command: ['true'] }, periodSeconds: 5 } } : {}),
    ...(this.dice.chance(0.3) ? { lifecycle: { preStop: { exec: { command: ['sleep', '1'] } } } } : {}),
  });
  public initContainers = (names = ['init-a', 'init-b', 'init-c']) => this.dice.some(names, 1).map(name => this.container(name));
  public secrets = () => this.dice.some<any>([
    { deploy_type: 'env', deploy_target: 'sql_conn', secret: 's', key: 'k' }, { deploy_type: 'env', deploy_target: 'mixed.Case-x', secret: 's2', key: 'k2' },
    { deploy_type: 'env', secret: 'all-keys' },
    { deploy_type: 'volume', deploy_target: '/etc/secret', secret: 's3' },
    { deploy_type: 'volume', deploy_target: '/etc/other', secret: 's3', items: [{ key: 'a', path: 'b/c' }] },
  ], 1);
}

/** A maker for each manifest parameter of the operator. */
export function parameterMakers(dice: Dice, parts: Parts): { [parameter: string]: () => any } {
  return {
    name: () => dice.of('My.Pod_x', 'plain', 'a--b', '-lead.', 'x'.repeat(80), 'Ünï_Code'),
    namespace: () => dice.of('team-a', 'default', '{{ params.team }}'),
    cmds: parts.words,
    arguments: parts.words,
    ports: parts.ports,
    volume_mounts: () => parts.mounts(),
    volumes: () => parts.volumes(),
    env_vars: () => dice.chance(0.5) ? parts.env() : parts.envMap(),
    env_from: parts.envFrom,
    configmaps: () => dice.some(['settings', 'more', '{{ params.map }}'], 1),
    pod_runtime_info_envs: () => dice.some(['POD', 'NODE', 'MODE'], 1).map(name => ({ name, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } })),
    init_containers: () => parts.initContainers(),
    secrets: parts.secrets,
    labels: () => dice.chance(0.2) ? { ...parts.labels(), none: null } : parts.labels(),
    annotations: parts.annotations,
    image_pull_policy: () => dice.of('Always', 'IfNotPresent', 'Never'),
    container_resources: parts.templatedResources,
    affinity: parts.affinity,
    node_selector: () => dice.chance(0.8) ? parts.nodeSelector() : { disk: '{{ params.disk }}' },
    tolerations: parts.tolerations,
    image_pull_secrets: () => dice.of<any>('quay', 'quay,hub', [{ name: 'quay' }]),
    service_account_name: () => dice.of('runner', 'default'),
    automount_service_account_token: parts.bool,
    security_context: parts.podContext,
    container_security_context: parts.containerContext,
    runtime_class_name: () => dice.of('gvisor', ''),
    priority_class_name: () => dice.of('high', ''),
    schedulername: () => dice.of('default-scheduler', ''),
    hostnetwork: parts.bool,
    host_aliases: () => dice.some([{ ip: '10.1.2.3', hostnames: ['a', 'b.c'] }, { ip: '127.0.0.1', hostnames: ['x'] }], 1),
    hostname: () => dice.of('host-1', '{{ params.host }}', ''),
    subdomain: () => dice.of('sub', ''),
    dnspolicy: () => dice.of('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'),
    dns_config: parts.dnsConfig,
    termination_grace_period: () => dice.of(0, 30, 300),
    termination_message_policy: () => dice.of('File', 'FallbackToLogsOnError'),
    base_container_name: () => dice.of('base', 'apple-sauce', ''),
    active_deadline_seconds: () => dice.of(1, 3600),
    do_xcom_push: parts.bool,
    xcom_sidecar_container_security_context: parts.containerContext,
  };
}

/** Name servers where the pod asks no other ones, without which the API server refuses it. */
export function withNameServers(kwargs: KpoCase['kwargs']): void {
  if (kwargs.dnspolicy === 'None') { kwargs.dns_config = { nameservers: ['1.2.3.4'], ...kwargs.dns_config }; }
}

/** Cases of arguments alone. */
export function generate(seed: number, count: number): KpoCase[] {
  const dice = new Dice(seed);
  const parts = new Parts(dice);
  const makers = parameterMakers(dice, parts);
  return Array.from({ length: count }, (_, i) => {
    const parameters = dice.some(Object.keys(makers), 0, dice.of(3, 10, Object.keys(makers).length));
    const kwargs: KpoCase['kwargs'] = { image: dice.of(...IMAGES) };
    for (const parameter of parameters) { kwargs[parameter] = makers[parameter](); }
    withNameServers(kwargs);
    // Mostly the volumes that are mounted; the API server refuses a mount without its volume.
    const mounts = [...kwargs.volume_mounts ?? [], ...(kwargs.init_containers ?? []).flatMap((c: any) => c.volumeMounts ?? [])];
    if (mounts.length > 0 && dice.chance(0.95)) {
      const given = (kwargs.volumes ?? []).map((volume: any) => volume.name);
      const missing = [...new Set(mounts.map((mount: any) => mount.name))].filter(name => !given.includes(name));
      kwargs.volumes = [...kwargs.volumes ?? [], ...missing.map(name => ({ name, emptyDir: {} }))];
    }
    return { id: `seed ${seed} #${i}`, kwargs, objects: dice.chance(0.3) ? 'dict' : 'model' };
  });
}
