import { named, needed, numberIn, oneField, pathBelow, Rules, shown } from './words';
import { addsSysAdmin } from '../hardening';
import { hasJinja } from '../jinja';
import { parseQuantity } from '../quantity';

const IMAGE = /^([a-zA-Z0-9][-a-zA-Z0-9.]*|\[[0-9a-fA-F:.]+\])(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[\w][\w.-]{0,127})?(@[\w+.-]+:[0-9a-fA-F]+)?$|^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@[\w+.-]+:[0-9a-fA-F]+)?$/;
const SOURCES = ['configMapKeyRef', 'fieldRef', 'fileKeyRef', 'resourceFieldRef', 'secretKeyRef'];
const FIELD = /^(metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['[^']+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;
const ID_FIELDS = ['runAsUser', 'runAsGroup', 'fsGroup'];
const BILLION = 1_000_000_000n;

export const CONTAINER_RULES: Rules = {
  Container: (c, spec) => [
    ...named('name', c.name, 'label'),
    ...livenessProblems(c, spec),
    ...(c.resources?.claims ?? []).filter(({ name }: any) => isWhole(spec) && !(spec.resourceClaims ?? []).some((claim: any) => claim.name === name))
      .map(({ name }: any) => `'resources.claims' must name claims of the pod's 'resourceClaims', got ${shown(name)}`),
    ...(c.volumeDevices ?? [])
      .filter(({ name }: any) => (spec.volumes ?? []).some((v: any) => v.name === name && !v.persistentVolumeClaim && !v.ephemeral))
      .map(({ name }: any) => `'volumeDevices' must be of volumes with 'persistentVolumeClaim' or 'ephemeral', got ${shown(name)}`),
    ...(c.image === undefined || c.image === '' || hasJinja(c.image) || IMAGE.test(c.image) ? [] : [`'image' must be a name such as 'quay.io/team/app:1.2', got ${shown(c.image)}${imageHint(c.image)}`]),
  ],
  ContainerPort: (port, spec) => [
    ...numberIn('containerPort', port.containerPort, 1, 65535),
    ...numberIn('hostPort', port.hostPort, 0, 65535),
    ...named('name', port.name, 'port'),
    ...(spec.hostNetwork && port.hostPort && port.hostPort !== port.containerPort
      ? [`'hostPort' must be ${port.containerPort} like 'containerPort' in the network of the node, got ${port.hostPort}`] : []),
  ],
  EnvVar: variable => [
    ...named('name', variable.name, 'variable'),
    ...(variable.value !== undefined && variable.value !== '' && variable.valueFrom !== undefined ? ["has 'value' and 'valueFrom', of which only one can be; remove the other"] : []),
  ],
  EnvVarSource: source => [
    ...oneField(source, SOURCES),
    ...(source.fieldRef === undefined || FIELD.test(source.fieldRef.fieldPath) ? []
      : ['\'fieldRef.fieldPath\' must be one that a container can know, such as \'metadata.name\', \'metadata.labels[\'team\']\', \'spec.nodeName\' or \'status.podIP\', '
        + `got ${shown(source.fieldRef.fieldPath)}`]),
    ...(source.resourceFieldRef === undefined || /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-\w+)$/.test(source.resourceFieldRef.resource) ? []
      : [`'resourceFieldRef.resource' must be one such as 'limits.memory' or 'requests.cpu', got ${shown(source.resourceFieldRef.resource)}`]),
  ],
  EnvFromSource: source => [...oneField(source, ['configMapRef', 'secretRef']), ...(source.prefix ? named('prefix', source.prefix, 'variable') : [])],
  ConfigMapEnvSource: source => needed('name', source.name),
  SecretEnvSource: source => needed('name', source.name),
  ConfigMapKeySelector: source => [...needed('name', source.name), ...named('key', source.key, 'key')],
  SecretKeySelector: source => [...needed('name', source.name), ...named('key', source.key, 'key')],
  VolumeMount: mount => [
    ...(mount.mountPath === '' ? ["'mountPath' must be a path that begins with '/', got ''"] : []),
    ...(mount.subPath && mount.subPathExpr ? ["has 'subPath' and 'subPathExpr', of which only one can be; remove the other"] : []),
    ...pathBelow('subPath', mount.subPath),
    ...pathBelow('subPathExpr', mount.subPathExpr),
  ],
  Probe: probe => [
    ...oneField(probe, ['exec', 'grpc', 'httpGet', 'tcpSocket']),
    ...numberIn('terminationGracePeriodSeconds', probe.terminationGracePeriodSeconds, 1),
    ...['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'].flatMap(field => numberIn(field, probe[field], 0)),
  ],
  HTTPGetAction: action => typeof action.port === 'number' ? numberIn('port', action.port, 1, 65535) : [],
  TCPSocketAction: action => typeof action.port === 'number' ? numberIn('port', action.port, 1, 65535) : [],
  LifecycleHandler: handler => oneField(handler, ['exec', 'httpGet', 'sleep', 'tcpSocket']),
  ResourceRequirements: resources => resourceProblems(resources),
  SecurityContext: context => [
    ...ID_FIELDS.flatMap(field => numberIn(field, context[field], 0)),
    ...(context.allowPrivilegeEscalation === false && context.privileged ? ["has 'privileged: true' and 'allowPrivilegeEscalation: false', which exclude each other; remove one"] : []),
    ...(context.allowPrivilegeEscalation === false && addsSysAdmin(context)
      ? ["has 'allowPrivilegeEscalation: false' and adds the capability 'SYS_ADMIN', which exclude each other; remove one"] : []),
  ],
  PodSecurityContext: context => [
    ...ID_FIELDS.flatMap(field => numberIn(field, context[field], 0)),
    ...(context.supplementalGroups ?? []).flatMap((group: any) => numberIn('supplementalGroups', group, 0)),
  ],
  SeccompProfile: profile => profileProblems(profile),
  AppArmorProfile: profile => profileProblems(profile),
};

/** False where a container is judged by itself. */
function isWhole(spec: any): boolean {
  return spec.containers !== undefined;
}

function livenessProblems(c: any, spec: any): string[] {
  const grace = spec.terminationGracePeriodSeconds ?? 30;
  const sleep = c.lifecycle?.preStop?.sleep?.seconds;
  return [
    ...['livenessProbe', 'startupProbe'].filter(probe => (c[probe]?.successThreshold ?? 1) > 1)
      .map(probe => `'${probe}.successThreshold' must be 1, got ${c[probe].successThreshold}`),
    ...(c.readinessProbe?.terminationGracePeriodSeconds === undefined ? [] : ["'readinessProbe.terminationGracePeriodSeconds' is for the other probes; remove it"]),
    ...(isWhole(spec) && sleep > grace ? [`'lifecycle.preStop.sleep.seconds' must be at most 'terminationGracePeriodSeconds', ${grace}, got ${sleep}`] : []),
    ...(spec.restartPolicy === 'Never' ? (c.resizePolicy ?? []).filter((policy: any) => policy.restartPolicy === 'RestartContainer')
      .map(() => "'resizePolicy' must be 'NotRequired' in a pod with restartPolicy 'Never', got 'RestartContainer'") : []),
  ];
}

function imageHint(image: string): string {
  if (/^\w+:\/\//.test(image)) { return `; leave '${/^\w+:\/\//.exec(image)![0]}' out`; }
  if (image.trim() !== image || /\s/.test(image)) { return '; take the blank out'; }
  return image.toLowerCase() !== image && IMAGE.test(image.toLowerCase()) ? '; repositories are in lower case' : '';
}

function profileProblems({ type, localhostProfile }: any): string[] {
  if ((type === 'Localhost') === (localhostProfile !== undefined)) { return []; }
  return [type === 'Localhost' ? "of type 'Localhost' needs 'localhostProfile', the name of a profile on the node"
    : `'localhostProfile' belongs to type 'Localhost', got '${type}'; remove one`];
}

function resourceProblems({ limits = {}, requests = {} }: any): string[] {
  const problems: string[] = [];
  const amount = (value: any) => value === undefined || hasJinja(String(value)) ? undefined : parseQuantity(value);
  for (const [field, map] of [['limits', limits], ['requests', requests]] as const) {
    for (const [name, value] of Object.entries<any>(map)) {
      const parsed = amount(value);
      if (!/^(cpu|memory|ephemeral-storage|hugepages-[\w.]+)$/.test(name) && !/^[a-z0-9.-]+\/[A-Za-z0-9]/.test(name)) {
        problems.push(`'${field}.${name}' is no resource of Kubernetes: it has 'cpu', 'memory', 'ephemeral-storage', and devices with a domain such as 'nvidia.com/gpu'`);
      } else if (parsed !== undefined && parsed < 0n) {
        problems.push(`'${field}.${name}' must be at least 0, got ${shown(value)}`);
      } else if (parsed !== undefined && name.includes('/') && parsed % BILLION !== 0n) {
        problems.push(`'${field}.${name}' must be a whole number, got ${shown(value)}`);
      }
    }
  }
  const names = Object.keys({ ...limits, ...requests });
  if (names.some(name => name.startsWith('hugepages-')) && !names.some(name => name === 'cpu' || name === 'memory')) {
    problems.push("has hugepages and neither 'cpu' nor 'memory', of which Kubernetes wants one; add it");
  }
  for (const name of Object.keys(requests)) {
    const [asked, most] = [amount(requests[name]), amount(limits[name])];
    const whole = name.includes('/') || name.startsWith('hugepages-');
    if (asked === undefined || (most === undefined && limits[name] !== undefined)) { continue; }
    if (whole && most !== asked) {
      problems.push(`'requests.${name}' must be equal to 'limits.${name}', got ${shown(requests[name])} and ${shown(limits[name])}; write it into 'limits' alone`);
    } else if (!whole && most !== undefined && asked > most) {
      problems.push(`'requests.${name}' must be at most the limit, ${shown(limits[name])}, got ${shown(requests[name])}`);
    }
  }
  return problems;
}
