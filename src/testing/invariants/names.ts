import { at, Manifests, nameOf, namespaceOf } from './manifests';
import { Check, Finding } from './violation';

const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/;
const KEY = /^([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
/** A path segment is enough. */
const FREE = /^(?!\.\.?$)[^/%]+$/;
const RBAC = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

/** The longest names, where Kubernetes itself adds to them or puts them into a label. */
const LENGTH: { [kind: string]: number } = {
  CronJob: 52,
  Job: 63,
  Namespace: 63,
  Service: 63,
  // `controller-revision-hash` holds the name, `-` and ten characters.
  StatefulSet: 52,
  // A longer one is cut in the names of its pods, which then no longer say whose they are.
  Deployment: 63,
};

/** Names and labels are what Kubernetes allows, and no two objects are one. */
export const validNames: Check = manifests => [
  ...manifests.objects.flatMap(object => [...nameProblems(object), ...metadataProblems(object, '', object.metadata), ...sizeProblems(object)]),
  ...manifests.pods.filter(pod => pod.path !== '').flatMap(pod => metadataProblems(pod.object, at(pod.path, 'metadata'), pod.metadata)),
  ...duplicates(manifests),
  ...parts(manifests),
];

function nameProblems(object: any): Finding[] {
  const { kind, metadata: { name } } = object;
  const pattern = kind === 'Service' ? LABEL_1035 : RBAC.includes(kind) ? FREE : kind === 'Namespace' ? LABEL_1123 : SUBDOMAIN;
  const length = LENGTH[kind] ?? 253;
  const finding = (reason: string, repair: string): Finding => ({ object: nameOf(object), path: 'metadata.name', reason, repair });
  return [
    ...(typeof name === 'string' && pattern.test(name) ? [] : [finding(`'${name}' is no name for a ${kind}`, "use lower-case letters, digits and '-'")]),
    ...((name?.length ?? 0) > length ? [finding(`it has ${name.length} characters, a ${kind} may have ${length}`, 'shorten it')] : []),
  ];
}

function metadataProblems(object: any, path: string, { labels = {}, annotations = {} }: any): Finding[] {
  const wrong = (key: string, reason: string, repair: string): Finding => ({ object: nameOf(object), path: at(path, key), reason, repair });
  return [
    ...Object.entries<any>(labels).flatMap(([key, value]) => [
      ...(KEY.test(key) ? [] : [wrong(`labels['${key}']`, 'it is no key of a label', "use letters, digits, '-', '_' and '.', at most 63, and a DNS prefix")]),
      ...(LABEL_VALUE.test(value) ? [] : [wrong(`labels['${key}']`, `'${value}' is no value of a label`, "use at most 63 letters, digits, '-', '_' and '.'")]),
    ]),
    ...Object.keys(annotations).filter(key => !KEY.test(key)).map(key =>
      wrong(`annotations['${key}']`, 'it is no key of an annotation', "use letters, digits, '-', '_' and '.', at most 63, and a DNS prefix")),
    ...(JSON.stringify(annotations).length > 262_144 ? [wrong('annotations', 'they are larger than 256 KiB', 'move them into a ConfigMap')] : []),
  ];
}

function sizeProblems(object: any): Finding[] {
  if (object.kind !== 'ConfigMap' && object.kind !== 'Secret') { return []; }
  const bytes = Object.values<string>({ ...object.data, ...object.binaryData }).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes <= 1_048_576 ? [] : [{ object: nameOf(object), path: 'data', reason: `it has ${bytes} bytes, 1 MiB is the limit`, repair: 'split it' }];
}

function duplicates({ objects }: Manifests): Finding[] {
  const seen = new Set<string>();
  return objects.filter(object => {
    const id = `${object.apiVersion.replace(/\/?[^/]*$/, '')}/${object.kind}/${namespaceOf(object)}/${object.metadata.name}`;
    return seen.has(id) || !seen.add(id);
  }).map(object => ({ object: nameOf(object), path: 'metadata.name', reason: 'another object of the kind has this name', repair: 'rename one of them' }));
}

/** Names within pods. */
function parts({ pods, containers }: Manifests): Finding[] {
  const twice = (names: string[]) => names.filter((name, i) => names.indexOf(name) !== i);
  return [
    ...pods.flatMap(pod => [
      ...twice([...pod.spec.initContainers ?? [], ...pod.spec.containers ?? []].map(({ name }) => name)).map(name => ['containers', name]),
      ...twice((pod.spec.volumes ?? []).map((volume: any) => volume.name)).map(name => ['volumes', name]),
    ].map(([list, name]): Finding => ({
      object: nameOf(pod.object), path: at(pod.path, `spec.${list}[${name}]`), reason: 'the name is there twice', repair: 'rename one of them',
    }))),
    ...containers.flatMap(({ pod, container, path }) => [
      ...(LABEL_1123.test(container.name) && container.name.length <= 63 ? [] : ['name']),
      ...(container.ports ?? []).filter(({ name }: any) => name !== undefined && !(name.length <= 15 && /[a-z]/.test(name) && LABEL_1123.test(name)))
        .map(({ name }: any) => `ports[${name}]`),
      ...twice((container.volumeMounts ?? []).map((mount: any) => mount.mountPath)).map(mount => `volumeMounts[${mount}]`),
      ...twice((container.env ?? []).map((variable: any) => variable.name)).map(name => `env[${name}]`),
    ].map((part): Finding => ({
      object: nameOf(pod.object), path: `${path}.${part}`, reason: 'Kubernetes does not allow the name, or it is there twice', repair: 'rename it',
    }))),
  ];
}
