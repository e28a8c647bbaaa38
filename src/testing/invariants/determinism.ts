import { Manifests, nameOf, namespaceOf } from './manifests';
import { Check, Finding } from './violation';
import { Manifest } from '../../pod/manifest';

/** A second synthesis is the same, byte by byte. */
export const deterministic: Check = (manifests, { again }) => {
  if (again === undefined) { return []; }
  const { objects } = manifests;
  const others = new Manifests(again);
  const differing = objects.flatMap((object): Finding[] => {
    const other = others.find(object.kind, namespaceOf(object), object.metadata.name!);
    const path = other ? differenceOf(object, other, '') : '';
    return path === undefined ? [] : [{
      object: nameOf(object), path, reason: other ? 'it differs in the second synthesis' : 'it is missing in the second synthesis', repair: REPAIR,
    }];
  });
  const added = others.objects.filter(object => !manifests.find(object.kind, namespaceOf(object), object.metadata.name!))
    .map((object): Finding => ({ object: nameOf(object), path: '', reason: 'it is in the second synthesis alone', repair: REPAIR }));
  const order = JSON.stringify(objects.map(nameOf)) === JSON.stringify(others.objects.map(nameOf));
  if (differing.length + added.length === 0 && !order) {
    return [{ object: nameOf(objects[0]), path: '', reason: 'the objects are in another order in the second synthesis', repair: REPAIR }];
  }
  return [...differing, ...added];
};

/** What may not change in an object of a kind: paths, or all but some keys of the spec. */
const IMMUTABLE: { [kind: string]: { paths?: string[]; allBut?: string[] } } = {
  Deployment: { paths: ['spec.selector'] },
  DaemonSet: { paths: ['spec.selector'] },
  ReplicaSet: { paths: ['spec.selector'] },
  StatefulSet: {
    allBut: ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'],
  },
  Job: { paths: ['spec.template', 'spec.selector', 'spec.completionMode', 'spec.podFailurePolicy', 'spec.successPolicy', 'spec.backoffLimitPerIndex', 'spec.managedBy'] },
  PersistentVolumeClaim: { allBut: ['resources', 'volumeAttributesClassName', 'volumeName'] },
  Service: { paths: ['spec.clusterIP'] },
  RoleBinding: { paths: ['roleRef'] },
  ClusterRoleBinding: { paths: ['roleRef'] },
  Secret: { paths: ['type'] },
  PriorityClass: { paths: ['value', 'preemptionPolicy'] },
  Pod: { allBut: ['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds'] },
};

/** No object of the same name changes what the API server refuses to change. */
export const immutableFields: Check = (manifests, { previous }) => {
  if (previous === undefined) { return []; }
  return new Manifests(previous).objects.flatMap(old => {
    const object = manifests.find(old.kind, namespaceOf(old), old.metadata.name!);
    return (object ? changedPaths(old, object) : []).map((path): Finding => ({
      object: nameOf(old), path, reason: 'it changes, which the API server refuses', repair: 'give the changed object another name, or delete the old one first',
    }));
  });
};

function changedPaths(old: Manifest, object: Manifest): string[] {
  const { paths = [], allBut } = IMMUTABLE[old.kind] ?? {};
  const sealed = old.immutable === true ? ['data', 'binaryData', 'immutable'] : [];
  const keys = allBut ? [...new Set([...Object.keys(old.spec ?? {}), ...Object.keys(object.spec ?? {})])].filter(key => !allBut.includes(key)) : [];
  return [...paths, ...sealed, ...keys.map(key => `spec.${key}`)].map(path => {
    const [a, b] = [old, object].map(value => path.split('.').reduce((part: any, key) => part?.[key], value));
    return differenceOf(a, b, path);
  }).filter(path => path !== undefined);
}

const REPAIR = 'take the clock, random values and the environment out of what is synthesised';

/** The first path at which two values differ; undefined where they are equal. The order of keys counts: it is in the bytes. */
function differenceOf(a: any, b: any, path: string): string | undefined {
  if (JSON.stringify(a) === JSON.stringify(b)) { return undefined; }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') { return path; }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const key = keys.find(name => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
  if (key === undefined) { return path; }
  return differenceOf(a[key], b[key], Array.isArray(a) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${key}`);
}
