import { parse } from 'yaml';
import { Manifest, ObjectMeta } from '../../pod/manifest';
import { shown } from '../../pod/shown';

/** A pod that an object makes, or that Airflow makes from a file in a ConfigMap. */
export interface RenderedPod {
  readonly object: Manifest;
  /** Where it stands in the object; empty for a bare Pod. */
  readonly path: string;
  readonly namespace: string;
  readonly metadata: Partial<ObjectMeta>;
  readonly spec: any;
}

/** A container and where it stands. */
export interface RenderedContainer {
  readonly pod: RenderedPod;
  readonly path: string;
  readonly container: any;
}

const NO_NAMESPACE = ['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition', 'Namespace', 'PersistentVolume', 'PriorityClass', 'StorageClass'];

/** The objects of one or more deployments, as they are applied. */
export class Manifests {
  public readonly objects: Manifest[];
  private rendered?: RenderedPod[];
  private readonly byId: Map<string, Manifest>;

  constructor(objects: unknown[]) {
    if (!Array.isArray(objects)) { throw new Error(`manifests must be a list such as Testing.synth(chart) returns, got ${shown(objects)}`); }
    const wrong = objects.findIndex(object => typeof (object as any)?.kind !== 'string' || typeof (object as any)?.metadata !== 'object');
    if (wrong >= 0) {
      throw new Error(`manifests[${wrong}] is no Kubernetes object, got ${shown(objects[wrong])}; give a list such as Testing.synth(chart) returns`);
    }
    this.objects = objects as Manifest[];
    this.byId = new Map(this.objects.map(object => [`${object.kind}/${namespaceOf(object)}/${object.metadata.name}`, object]));
  }

  /** Those of a ConfigMap are parsed when they are first asked for. */
  public get pods(): RenderedPod[] {
    return this.rendered ??= this.objects.flatMap(podsOf).flatMap(pod => [pod, ...this.elsewhere(pod)]);
  }

  /** The same pod in the other namespaces where KubernetesExecutor makes pods of the file, unless they have a copy of the file. */
  private elsewhere(pod: RenderedPod): RenderedPod[] {
    if (pod.object.kind !== 'ConfigMap' || pod.metadata.namespace !== undefined) { return []; }
    const instance = (object: Manifest) => object.metadata.labels?.['app.kubernetes.io/instance'];
    const cfg = this.objects.find(object => object.kind === 'ConfigMap' && object.data?.['airflow.cfg'] !== undefined
      && namespaceOf(object) === pod.namespace && instance(object) === instance(pod.object));
    const [, list = ''] = /^multi_namespace_mode_namespace_list = (.+)$/m.exec(cfg?.data['airflow.cfg'] ?? '') ?? [];
    const [own, ...others] = list.split(',');
    const { name } = pod.object.metadata;
    return own !== pod.namespace ? [] : others.filter(namespace => !this.find('ConfigMap', namespace, name!)).map(namespace => ({ ...pod, namespace }));
  }

  public get containers(): RenderedContainer[] {
    return this.pods.flatMap(pod => ['initContainers', 'containers'].flatMap(list => (pod.spec[list] ?? []).map((container: any) => ({
      pod, container, path: at(pod.path, `spec.${list}[${container.name}]`),
    }))));
  }

  public find(kind: string, namespace: string, name: string): Manifest | undefined {
    return this.byId.get(`${kind}/${namespace}/${name}`);
  }

  public all(kind: string): Manifest[] {
    return this.objects.filter(object => object.kind === kind);
  }

  /** The text of a variable, also one that a ConfigMap or a Secret of the manifests holds; undefined where it is not in them. */
  public valueOf(variable: any, namespace: string): string | undefined {
    if (variable.value !== undefined) { return String(variable.value); }
    const { secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
    if (configMapKeyRef) { return this.find('ConfigMap', namespace, configMapKeyRef.name)?.data?.[configMapKeyRef.key]; }
    const secret = secretKeyRef && this.find('Secret', namespace, secretKeyRef.name);
    const encoded = secret?.data?.[secretKeyRef.key];
    return secret?.stringData?.[secretKeyRef.key] ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString());
  }
}

export function namespaceOf(object: Manifest): string {
  return NO_NAMESPACE.includes(object.kind) ? '' : object.metadata.namespace ?? 'default';
}

/** Kind, namespace and name, for people. */
export function nameOf(object: Manifest): string {
  const namespace = NO_NAMESPACE.includes(object.kind) ? undefined : object.metadata.namespace;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${object.metadata.name}`;
}

/** A path below another one, which may be empty. */
export function at(path: string, rest: string): string {
  return path === '' ? rest : `${path}.${rest}`;
}

/** The metadata and specs of the pods that an object makes. */
function podsOf(object: Manifest): RenderedPod[] {
  const namespace = namespaceOf(object);
  const pod = (path: string, template: any): RenderedPod[] => (template?.spec ? [{
    object, path, namespace: template.metadata?.namespace ?? namespace, metadata: template.metadata ?? {}, spec: template.spec,
  }] : []);
  switch (object.kind) {
    case 'Pod': return pod('', object);
    case 'PodTemplate': return pod('template', object.template);
    case 'CronJob': return pod('spec.jobTemplate.spec.template', object.spec?.jobTemplate?.spec?.template);
    case 'ConfigMap': return Object.entries<string>(object.data ?? {}).filter(([, text]) => /^kind: ['"]?Pod['"]?$/m.test(text))
      .flatMap(([key, text]) => pod(`data['${key}']`, parse(text)));
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'Job': return pod('spec.template', object.spec?.template);
    default: return [];
  }
}
