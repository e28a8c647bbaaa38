import { optionOf, roleOf, runsTasks } from './airflow-roles';
import { selected } from './labels';
import { Manifests, namespaceOf, RenderedPod } from './manifests';
import { Target } from './policies';

/** A connection that has to be possible. */
export interface Flow extends Target {
  readonly from: RenderedPod;
  /** Undefined for something outside of the manifests. */
  readonly to?: RenderedPod;
  /** What it is for. */
  readonly what: string;
}

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';
const PORTS: { [scheme: string]: number } = {
  http: 80, https: 443, postgres: 5432, postgresql: 5432, mysql: 3306, redis: 6379, amqp: 5672, ssh: 22, git: 9418,
};

/** The connections that the processes in the pods open, as far as the manifests say where to. */
export function flowsOf(manifests: Manifests): Flow[] {
  return manifests.pods.flatMap(from => {
    const flows = [...addresses(manifests, from).flatMap(address => resolve(manifests, from, address)), ...logFlows(manifests, from)];
    const usesToken = from.spec.containers.some((container: any) => (container.volumeMounts ?? []).some((mount: any) => mount.mountPath === TOKEN));
    // Network plug-ins judge the port of the Service or that of the server behind it.
    const api: Flow[] = usesToken ? [443, 6443].map(port => ({ from, port, protocol: 'TCP', what: 'the Kubernetes API' })) : [];
    const dns: Flow[] = flows.length + api.length > 0 ? [{ from, port: 53, protocol: 'UDP', what: 'DNS' }] : [];
    return [...flows, ...api, ...dns];
  });
}

/** The pods behind a Service, and the port that they get. */
export function behind(manifests: Manifests, service: any, port: number | string): { pod: RenderedPod; port: number }[] {
  const entry = (service.spec.ports ?? []).find((known: any) => known.port === port || known.name === port);
  if (!entry || !service.spec.selector) { return []; }
  const target = entry.targetPort ?? entry.port;
  return selected(manifests.pods, namespaceOf(service), { matchLabels: service.spec.selector }).flatMap(pod => {
    const number = typeof target === 'number' ? target
      : pod.spec.containers.flatMap((container: any) => container.ports ?? []).find((known: any) => known.name === target)?.containerPort;
    return number === undefined ? [] : [{ pod, port: number }];
  });
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly protocol?: string;
  readonly what: string;
  /** True where it is a flow even if no Service of the manifests has this name. */
  readonly outside: boolean;
}

function resolve(manifests: Manifests, from: RenderedPod, { host, port, protocol = 'TCP', what, outside }: Address): Flow[] {
  const [name, namespace = from.namespace] = host.split('.');
  const service = manifests.find('Service', namespace, name);
  if (!service) { return outside ? [{ from, port, protocol, what }] : []; }
  const pods = service.spec.clusterIP === 'None' && service.spec.selector
    ? selected(manifests.pods, namespace, { matchLabels: service.spec.selector }).map(pod => ({ pod, port })) : behind(manifests, service, port);
  return pods.filter(({ pod }) => pod.object !== from.object).map(found => ({ from, to: found.pod, port: found.port, protocol, what }));
}

/** Where a pod connects to: what its variables name, and what Airflow's configuration names for its role. */
function addresses(manifests: Manifests, pod: RenderedPod): Address[] {
  const found: Address[] = [];
  for (const container of [...pod.spec.initContainers ?? [], ...pod.spec.containers]) {
    const values = new Map<string, string>();
    for (const variable of container.env ?? []) {
      const value = manifests.valueOf(variable, pod.namespace);
      if (value !== undefined) { values.set(variable.name, value); }
    }
    for (const [name, value] of values) {
      const port = values.get(name.replace(/HOST$/, 'PORT'));
      if (/_HOST$/.test(name) && port !== undefined) { found.push({ host: value, port: Number(port), what: `'${name}'`, outside: true }); }
      if (/^GIT_?SYNC_REPO$/.test(name)) {
        found.push(...urls(/^[\w.-]+@[^:/]+:/.test(value) ? `ssh://${value.replace(':', '/')}` : value, 'the git server', true));
      } else if (!/(BASE_URL|_CMD)$/.test(name)) { found.push(...urls(value, `'${name}'`, false)); }
    }
  }
  for (const { configMap } of pod.spec.volumes ?? []) {
    const ini: string = (configMap && manifests.find('ConfigMap', pod.namespace, configMap.name)?.data?.['pgbouncer.ini']) ?? '';
    for (const [, host, port] of ini.matchAll(/\bhost=(\S+) port=(\d+)/g)) { found.push({ host, port: Number(port), what: 'the database', outside: true }); }
  }
  if (runsTasks(manifests, pod)) { found.push(...urls(optionOf(manifests, pod, 'core', 'execution_api_server_url') ?? '', 'the execution API', true)); }
  // Every process of Airflow has metrics, short ones as well.
  const [on, statsd, port] = ['statsd_on', 'statsd_host', 'statsd_port'].map(key => optionOf(manifests, pod, 'metrics', key));
  if (/^true$/i.test(on ?? '') && statsd !== undefined) {
    found.push({ host: statsd, port: Number(port ?? 8125), protocol: 'UDP', what: 'StatsD', outside: true });
  }
  return found;
}

function urls(text: string, what: string, outside: boolean): Address[] {
  return [...text.matchAll(/\b([a-z][a-z0-9+.-]*):\/\/(?:[^@/\s]*@)?([a-z0-9][\w.-]*)(?::(\d+))?/gi)].flatMap(([, scheme, host, port]) => {
    const number = port === undefined ? PORTS[scheme.replace(/\+.*/, '').toLowerCase()] : Number(port);
    return number === undefined ? [] : [{ host, port: number, what, outside }];
  });
}

/** The user interface fetches log files from the pods that wrote them. */
function logFlows(manifests: Manifests, from: RenderedPod): Flow[] {
  const role = roleOf(from);
  if (role !== 'api-server' && role !== 'webserver') { return []; }
  const executor = optionOf(manifests, from, 'core', 'executor');
  return manifests.pods.filter(to => to.namespace === from.namespace && sameInstance(from, to)).flatMap(to => {
    const port = roleOf(to) === 'triggerer' ? Number(optionOf(manifests, to, 'logging', 'trigger_log_server_port') ?? 8794)
      : roleOf(to) === 'celery-worker' || (roleOf(to) === 'scheduler' && /Local/.test(executor ?? ''))
        ? Number(optionOf(manifests, to, 'logging', 'worker_log_server_port') ?? 8793) : undefined;
    const offered = to.spec.containers.some((container: any) => (container.ports ?? []).some((known: any) => known.containerPort === port));
    return offered ? [{ from, to, port: port!, protocol: 'TCP', what: 'log files' }] : [];
  });
}

function sameInstance(a: RenderedPod, b: RenderedPod): boolean {
  return ['app.kubernetes.io/instance', 'release'].every(key => a.metadata.labels?.[key] === b.metadata.labels?.[key]);
}
