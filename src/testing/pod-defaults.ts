import { imageNameError } from './image-name';
import { Manifest } from '../pod/manifest';
import { canonicalQuantity } from '../pod/quantity';

const TOLERATIONS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
  .map(key => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));

/** Init containers first, as the kubelet starts them. */
export function containersOf(pod: Manifest): any[] {
  return [...pod.spec.initContainers ?? [], ...pod.spec.containers ?? []];
}

/** A pod with the fields that the API server and its admission fill in. */
export function withDefaults(pod: Manifest): Manifest {
  const given = pod.spec;
  const spec: any = {
    ...given,
    ...given.volumes && { volumes: given.volumes.map(volumeDefaults) },
    ...given.initContainers && { initContainers: given.initContainers.map(containerDefaults) },
    containers: given.containers.map(containerDefaults),
    restartPolicy: given.restartPolicy ?? 'Always',
    terminationGracePeriodSeconds: given.terminationGracePeriodSeconds ?? 30,
    dnsPolicy: given.dnsPolicy ?? 'ClusterFirst',
    serviceAccountName: given.serviceAccountName ?? given.serviceAccount ?? 'default',
    serviceAccount: given.serviceAccountName ?? given.serviceAccount ?? 'default',
    securityContext: given.securityContext ?? {},
    schedulerName: given.schedulerName ?? 'default-scheduler',
    tolerations: [...given.tolerations ?? [], ...TOLERATIONS.filter(({ key }) => !given.tolerations?.some((own: any) => own.key === key))],
    priority: given.priority ?? 0,
    enableServiceLinks: given.enableServiceLinks ?? true,
    preemptionPolicy: given.preemptionPolicy ?? 'PreemptLowerPriority',
  };
  return { ...pod, metadata: { ...pod.metadata, generation: 1 }, spec, status: { phase: 'Pending', qosClass: qosClass(spec) } };
}

function containerDefaults(container: any): any {
  const limits = quantities(container.resources?.limits);
  const requests = { ...limits, ...quantities(container.resources?.requests) };
  return {
    ...container,
    resources: { ...container.resources, ...limits && { limits }, ...Object.keys(requests).length > 0 && { requests } },
    ...container.env && { env: container.env.map(envDefaults) },
    ...container.ports && { ports: container.ports.map((port: any) => ({ ...port, protocol: port.protocol ?? 'TCP' })) },
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy ?? 'File',
    imagePullPolicy: container.imagePullPolicy ?? pullPolicy(container.image),
  };
}

function pullPolicy(image: string): string {
  const latest = /:latest$/.test(image) || !/[:@][^/]*$/.test(image);
  return latest && imageNameError(image) === undefined ? 'Always' : 'IfNotPresent';
}

function quantities(list: any): any {
  return list && Object.fromEntries(Object.entries(list).map(([name, value]) => [name, canonicalQuantity(value as string)]));
}

function envDefaults(variable: any): any {
  const field = variable.valueFrom?.fieldRef;
  return field ? { ...variable, valueFrom: { ...variable.valueFrom, fieldRef: { apiVersion: 'v1', ...field } } } : variable;
}

function volumeDefaults(volume: any): any {
  const items = (source: any) => ({
    ...source,
    ...source.items && {
      items: source.items.map((item: any) => item.fieldRef ? { ...item, fieldRef: { apiVersion: 'v1', ...item.fieldRef } } : item),
    },
  });
  const result = { ...volume };
  for (const type of ['secret', 'configMap', 'projected', 'downwardAPI']) {
    if (result[type]) { result[type] = { ...items(result[type]), defaultMode: result[type].defaultMode ?? 0o644 }; }
  }
  if (result.projected?.sources) {
    const withItems = (source: any) => source.downwardAPI ? { ...source, downwardAPI: items(source.downwardAPI) } : source;
    result.projected.sources = result.projected.sources.map(withItems);
  }
  return Object.keys(result).length === 1 ? { ...result, emptyDir: {} } : result;
}

function qosClass(spec: any): string {
  const all = [...spec.initContainers ?? [], ...spec.containers];
  const set = (container: any) => ({ ...container.resources.limits, ...container.resources.requests });
  if (all.every(container => set(container).cpu === undefined && set(container).memory === undefined)) { return 'BestEffort'; }
  const guaranteed = all.every(({ resources: { limits = {}, requests = {} } }) =>
    ['cpu', 'memory'].every(name => limits[name] !== undefined && limits[name] === requests[name]));
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
