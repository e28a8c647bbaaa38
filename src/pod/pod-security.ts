/** The levels of the Pod Security Standards that forbid something. */
export type PodSecurityLevel = 'restricted' | 'baseline';

/**
 * What Pod Security admission (Kubernetes 1.34) forbids in a pod spec in wire JSON, in its own words and order; empty where the pod is admitted.
 *
 * AppArmor annotations, which the field replaced, are not read.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSecurityViolations(podSpec: { [key: string]: any }, level: PodSecurityLevel): string[] {
  const pod = new Pod(podSpec);
  const checks = level === 'baseline'
    ? [...COMMON, baselineCapabilities, hostPathVolumes, baselineSeccomp]
    : [...COMMON, allowPrivilegeEscalation, restrictedCapabilities, restrictedVolumes, runAsNonRoot, runAsUser, restrictedSeccomp];
  return ORDER.filter(check => checks.includes(check)).map(check => check(pod)).filter(violation => violation !== undefined);
}

type Check = (pod: Pod) => string | undefined;

const CAPABILITIES = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
];
const SYSCTLS = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_syncookies', 'net.ipv4.tcp_wmem',
];
const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];
const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];

/** A pod spec as the checks see it. */
class Pod {
  public readonly containers: any[];
  public readonly securityContext: any;
  /** Kubernetes refuses the Linux fields on Windows pods before this, so that `restricted` does not ask for them. */
  public readonly isWindows: boolean;

  constructor(public readonly spec: { [key: string]: any }) {
    this.containers = [...spec.initContainers ?? [], ...spec.containers ?? [], ...spec.ephemeralContainers ?? []];
    this.securityContext = spec.securityContext ?? {};
    this.isWindows = spec.os?.name === 'windows';
  }

  /** The names of the containers of which `bad` is true. */
  public named(bad: (container: any, securityContext: any) => boolean): string[] {
    return this.containers.filter(container => bad(container, container.securityContext ?? {})).map(container => container.name);
  }

  /** `pod and containers "a", "b"`: who sets something bad; empty where nobody does. */
  public setters(bad: (securityContext: any) => boolean): string {
    const containers = this.named((_, securityContext) => bad(securityContext));
    return [...bad(this.securityContext) ? ['pod'] : [], ...containers.length > 0 ? [those('container', containers)] : []].join(' and ');
  }

  /** The values that the pod and its containers give something, those that pass left out, sorted. */
  public values(of: (securityContext: any) => any, passes: (value: any) => boolean): string[] {
    const all = [this.securityContext, ...this.containers.map(container => container.securityContext ?? {})].map(of);
    return sorted(all.filter(value => value !== undefined && !passes(value)));
  }
}

const privileged: Check = pod => {
  const bad = pod.named((_, context) => context.privileged === true);
  return bad.length > 0 ? `privileged (${those('container', bad)} must not set securityContext.privileged=true)` : undefined;
};

const hostNamespaces: Check = pod => {
  const bad = ['hostNetwork', 'hostPID', 'hostIPC'].filter(key => pod.spec[key] === true).map(key => `${key}=true`);
  return bad.length > 0 ? `host namespaces (${bad.join(', ')})` : undefined;
};

const hostPorts: Check = pod => {
  // With the host's network the API server fills in `hostPort`.
  const portsOf = (container: any): string[] => (container.ports ?? [])
    .map((port: any) => port.hostPort || (pod.spec.hostNetwork ? port.containerPort : 0)).filter((port: number) => port !== 0).map(String);
  const bad = pod.named(container => portsOf(container).length > 0);
  const ports = sorted(pod.containers.flatMap(portsOf));
  return bad.length > 0 ? `hostPort (${those('container', bad)} ${bad.length === 1 ? 'uses' : 'use'} ${plural('hostPort', ports)} ${ports.join(', ')})` : undefined;
};

const hostProbes: Check = pod => {
  const hosts = (container: any): string[] =>
    [container.livenessProbe, container.readinessProbe, container.startupProbe, container.lifecycle?.postStart, container.lifecycle?.preStop]
      .flatMap(handler => [handler?.httpGet?.host, handler?.tcpSocket?.host]).filter(Boolean);
  const bad = sorted(pod.named(container => hosts(container).length > 0));
  const all = sorted(pod.containers.flatMap(hosts));
  return bad.length > 0
    ? `probe or lifecycle host (${those('container', bad)} ${bad.length === 1 ? 'uses' : 'use'} ${those('probe or lifecycle host', all)})` : undefined;
};

const hostPathVolumes: Check = pod => {
  const bad = (pod.spec.volumes ?? []).filter((volume: any) => volume.hostPath).map((volume: any) => volume.name);
  return bad.length > 0 ? `hostPath volumes (${those('volume', bad)})` : undefined;
};

const restrictedVolumes: Check = pod => {
  // The API server makes an emptyDir of a volume without a source.
  const sourceOf = (volume: any) => Object.keys(volume).find(key => key !== 'name' && volume[key]) ?? 'emptyDir';
  const bad = (pod.spec.volumes ?? []).filter((volume: any) => !VOLUMES.includes(sourceOf(volume)));
  const names = bad.map((volume: any) => volume.name);
  const uses = `${bad.length === 1 ? 'uses' : 'use'} ${those('restricted volume type', sorted(bad.map(sourceOf)))}`;
  return bad.length > 0 ? `restricted volume types (${those('volume', names)} ${uses})` : undefined;
};

const appArmor: Check = pod => {
  const of = (context: any) => context.appArmorProfile?.type;
  const passes = (type: string) => type === 'RuntimeDefault' || type === 'Localhost';
  const types = pod.values(of, passes);
  const who = pod.setters(context => of(context) !== undefined && !passes(of(context)));
  return who ? `${plural('forbidden AppArmor profile', types)} (${who} must not set AppArmor profile type to ${quoted(types)})` : undefined;
};

const procMount: Check = pod => {
  const bad = pod.named((_, context) => (context.procMount ?? 'Default') !== 'Default');
  const types = pod.values(context => context.procMount, type => type === 'Default');
  return bad.length > 0 ? `procMount (${those('container', bad)} must not set securityContext.procMount to ${quoted(types)})` : undefined;
};

const seLinux: Check = pod => {
  const typeOf = (context: any) => context.seLinuxOptions && (context.seLinuxOptions.type ?? '');
  const sets = (key: string) => (context: any) => Boolean(context.seLinuxOptions?.[key]);
  const types = pod.values(typeOf, type => SELINUX_TYPES.includes(type));
  const who = pod.setters(context => sets('user')(context) || sets('role')(context) || !SELINUX_TYPES.includes(typeOf(context) ?? ''));
  const what = [
    ...types.length > 0 ? [those('type', types)] : [],
    ...['user', 'role'].filter(key => pod.setters(sets(key))).map(key => `${key} may not be set`),
  ];
  return who ? `seLinuxOptions (${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')})` : undefined;
};

const sysctls: Check = pod => {
  const bad = (pod.securityContext.sysctls ?? []).map((sysctl: any) => sysctl.name).filter((name: string) => !SYSCTLS.includes(name));
  return bad.length > 0 ? `forbidden sysctls (${bad.join(', ')})` : undefined;
};

const windowsHostProcess: Check = pod => {
  const who = pod.setters(context => context.windowsOptions?.hostProcess === true);
  return who ? `hostProcess (${who} must not set securityContext.windowsOptions.hostProcess=true)` : undefined;
};

const baselineSeccomp: Check = pod => badSeccomp(pod);

const restrictedSeccomp: Check = pod => {
  if (pod.isWindows) { return undefined; }
  const bad = badSeccomp(pod);
  const unset = pod.securityContext.seccompProfile ? [] : pod.named((_, context) => !context.seccompProfile);
  const demand = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return bad ?? (unset.length > 0 ? `seccompProfile (pod or ${those('container', unset)} ${demand})` : undefined);
};

function badSeccomp(pod: Pod): string | undefined {
  const passes = (type: string) => type === 'RuntimeDefault' || type === 'Localhost';
  const types = pod.values(context => context.seccompProfile?.type, passes);
  const who = pod.setters(context => context.seccompProfile !== undefined && !passes(context.seccompProfile.type));
  return who ? `seccompProfile (${who} must not set securityContext.seccompProfile.type to ${quoted(types)})` : undefined;
}

const baselineCapabilities: Check = pod => {
  const bad = addedCapabilities(pod, CAPABILITIES);
  return bad ? `non-default capabilities (${bad})` : undefined;
};

const restrictedCapabilities: Check = pod => {
  if (pod.isWindows) { return undefined; }
  const undropped = pod.named((_, context) => !(context.capabilities?.drop ?? []).includes('ALL'));
  const added = addedCapabilities(pod, ['NET_BIND_SERVICE']);
  const kept = undropped.length > 0 ? `${those('container', undropped)} must set securityContext.capabilities.drop=["ALL"]` : undefined;
  const what = [kept, added].filter(Boolean);
  return what.length > 0 ? `unrestricted capabilities (${what.join('; ')})` : undefined;
};

function addedCapabilities(pod: Pod, allowed: string[]): string | undefined {
  const added = (container: any): string[] => container.securityContext?.capabilities?.add ?? [];
  const forbidden = (container: any) => added(container).filter(name => !allowed.includes(name));
  const bad = pod.named(container => forbidden(container).length > 0);
  const names = sorted(pod.containers.flatMap(forbidden));
  return bad.length > 0 ? `${those('container', bad)} must not include ${quoted(names)} in securityContext.capabilities.add` : undefined;
}

const allowPrivilegeEscalation: Check = pod => {
  const bad = pod.isWindows ? [] : pod.named((_, context) => context.allowPrivilegeEscalation !== false);
  const demand = 'must set securityContext.allowPrivilegeEscalation=false';
  return bad.length > 0 ? `allowPrivilegeEscalation != false (${those('container', bad)} ${demand})` : undefined;
};

const runAsNonRoot: Check = pod => {
  const who = pod.setters(context => context.runAsNonRoot === false);
  if (who) { return `runAsNonRoot != true (${who} must not set securityContext.runAsNonRoot=false)`; }
  const unset = pod.securityContext.runAsNonRoot ? [] : pod.named((_, context) => context.runAsNonRoot === undefined);
  return unset.length > 0 ? `runAsNonRoot != true (pod or ${those('container', unset)} must set securityContext.runAsNonRoot=true)` : undefined;
};

const runAsUser: Check = pod => {
  const who = pod.setters(context => context.runAsUser === 0);
  return who ? `runAsUser=0 (${who} must not set runAsUser=0)` : undefined;
};

const COMMON: Check[] = [appArmor, hostNamespaces, hostPorts, hostProbes, privileged, procMount, seLinux, sysctls, windowsHostProcess];
const ORDER: Check[] = [
  appArmor, baselineCapabilities, hostNamespaces, hostPathVolumes, hostPorts, hostProbes, privileged, procMount, seLinux, baselineSeccomp, sysctls,
  windowsHostProcess, allowPrivilegeEscalation, restrictedCapabilities, restrictedVolumes, runAsNonRoot, runAsUser, restrictedSeccomp,
];

function sorted(values: string[]): string[] {
  return [...new Set(values)].sort();
}

function quoted(values: string[]): string {
  return values.map(value => `"${value}"`).join(', ');
}

function plural(noun: string, values: string[]): string {
  return values.length === 1 ? noun : `${noun}s`;
}

function those(noun: string, values: string[]): string {
  return `${plural(noun, values)} ${quoted(values)}`;
}
