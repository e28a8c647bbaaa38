import { at, Manifests, nameOf, namespaceOf, RenderedPod } from './manifests';
import { Check, Finding } from './violation';

/** A reference from somewhere to a key of an object, or to the whole of it. */
interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly key?: string;
  readonly path: string;
}

/** Every mount and device names a volume of its pod, or a claim template. */
export const mountsHaveVolumes: Check = ({ containers }) => containers.flatMap(({ pod, container, path }) => {
  const claims = (pod.object.spec?.volumeClaimTemplates ?? []).map((claim: any) => claim.metadata.name);
  const there = new Set([...(pod.spec.volumes ?? []).map((volume: any) => volume.name), ...claims]);
  return ['volumeMounts', 'volumeDevices'].flatMap(list => (container[list] ?? []).filter((mount: any) => !there.has(mount.name)).map((mount: any) => ({
    object: nameOf(pod.object),
    path: `${path}.${list}[${mount.name}]`,
    reason: `the pod has no volume '${mount.name}'`,
    repair: `add the volume '${mount.name}', or remove the mount`,
  })));
});

/** What a pod, an Ingress or a scaler refers to is there, with the key, or something else makes it. */
export const referencesResolve: Check = (manifests, { external = [] }) => {
  const made = secretsMadeInCluster(manifests);
  const missing = (object: any, namespace: string, references: Reference[]): Finding[] => references.flatMap(({ kind, name, key, path }) => {
    if (external.includes(`${kind}/${name}`) || (kind === 'ConfigMap' && name === 'kube-root-ca.crt')) { return []; }
    const keys = made.get(`${kind}/${namespace}/${name}`) ?? keysOf(manifests.find(kind, namespace, name));
    if (keys === undefined) {
      return [{
        object: nameOf(object),
        path,
        reason: `${kind} '${name}' is not among the manifests`,
        repair: `add it to the app, or say with external: ['${kind}/${name}'] that something else makes it`,
      }];
    }
    if (key === undefined || keys === 'any' || keys.includes(key)) { return []; }
    return [{
      object: nameOf(object),
      path,
      reason: `${kind} '${name}' has no key '${key}'`,
      repair: keys.length === 0 ? 'add the key' : `add the key, or name one of ${keys.map(known => `'${known}'`).join(', ')}`,
    }];
  });
  return [
    ...manifests.pods.flatMap(pod => missing(pod.object, pod.namespace, referencesOf(pod))),
    ...manifests.all('Ingress').flatMap(object => missing(object, namespaceOf(object), (object.spec?.tls ?? []).filter((tls: any) => tls.secretName)
      .map((tls: any, i: number) => ({ kind: 'Secret', name: tls.secretName, path: `spec.tls[${i}].secretName` })))),
    ...manifests.all('TriggerAuthentication').flatMap(object => missing(object, namespaceOf(object), (object.spec?.secretTargetRef ?? [])
      .map(({ parameter, name, key }: any) => ({ kind: 'Secret', name, key, path: `spec.secretTargetRef[${parameter}]` })))),
  ];
};

/** Every account that a pod or a binding names is there, and every Role that a binding names. */
export const accountsExist: Check = (manifests, { external = [] }) => {
  const missing = (kind: string, namespace: string, name: string) =>
    !external.includes(`${kind}/${name}`) && !(kind === 'ServiceAccount' && name === 'default') && !manifests.find(kind, namespace, name);
  const finding = (object: any, path: string, kind: string, name: string): Finding => ({
    object: nameOf(object),
    path,
    reason: `${kind} '${name}' is not among the manifests`,
    repair: `add it to the app, or say with external: ['${kind}/${name}'] that something else makes it`,
  });
  return [
    ...manifests.pods.filter(pod => missing('ServiceAccount', pod.namespace, pod.spec.serviceAccountName ?? 'default'))
      .map(pod => finding(pod.object, at(pod.path, 'spec.serviceAccountName'), 'ServiceAccount', pod.spec.serviceAccountName)),
    ...[...manifests.all('RoleBinding'), ...manifests.all('ClusterRoleBinding')].flatMap(binding => {
      const namespace = namespaceOf(binding);
      const { kind, name } = binding.roleRef;
      return [
        ...(missing(kind, kind === 'Role' ? namespace : '', name) ? [finding(binding, 'roleRef', kind, name)] : []),
        ...(binding.subjects ?? []).filter((subject: any) => subject.kind === 'ServiceAccount'
          && missing('ServiceAccount', subject.namespace ?? namespace, subject.name))
          .map((subject: any) => finding(binding, `subjects[${subject.name}]`, 'ServiceAccount', subject.name)),
      ];
    }),
  ];
};

/** What a pod needs of other objects. Those that are optional may be missing. */
function referencesOf(pod: RenderedPod): Reference[] {
  const spec = at(pod.path, 'spec');
  const found: (Reference & { optional?: boolean })[] = (pod.spec.imagePullSecrets ?? []).map(({ name }: any) =>
    ({ kind: 'Secret', name, path: `${spec}.imagePullSecrets[${name}]` }));
  for (const list of ['initContainers', 'containers']) {
    for (const container of pod.spec[list] ?? []) {
      const path = `${spec}.${list}[${container.name}]`;
      for (const { name, valueFrom } of container.env ?? []) {
        const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
        if (secretKeyRef) { found.push({ kind: 'Secret', ...secretKeyRef, path: `${path}.env[${name}]` }); }
        if (configMapKeyRef) { found.push({ kind: 'ConfigMap', ...configMapKeyRef, path: `${path}.env[${name}]` }); }
      }
      for (const { secretRef, configMapRef } of container.envFrom ?? []) {
        if (secretRef) { found.push({ kind: 'Secret', ...secretRef, path: `${path}.envFrom[${secretRef.name}]` }); }
        if (configMapRef) { found.push({ kind: 'ConfigMap', ...configMapRef, path: `${path}.envFrom[${configMapRef.name}]` }); }
      }
      // A mount of one file of a volume needs its key.
      for (const { name, subPath } of container.volumeMounts ?? []) {
        const volume = (pod.spec.volumes ?? []).find((known: any) => known.name === name);
        const source = volume?.configMap ? { kind: 'ConfigMap', name: volume.configMap.name, items: volume.configMap.items }
          : volume?.secret && { kind: 'Secret', name: volume.secret.secretName, items: volume.secret.items };
        if (source && subPath && !source.items) { found.push({ ...source, key: subPath, path: `${path}.volumeMounts[${name}]` }); }
      }
    }
  }
  for (const volume of pod.spec.volumes ?? []) {
    const path = `${spec}.volumes[${volume.name}]`;
    for (const source of [volume, ...volume.projected?.sources ?? []]) {
      for (const [kind, part] of [['ConfigMap', source.configMap], ['Secret', source.secret]] as const) {
        if (!part) { continue; }
        const whole = { kind, name: part.name ?? part.secretName, optional: part.optional, path };
        found.push(whole, ...(part.items ?? []).map(({ key }: any) => ({ ...whole, key })));
      }
    }
    if (volume.persistentVolumeClaim) { found.push({ kind: 'PersistentVolumeClaim', name: volume.persistentVolumeClaim.claimName, path }); }
  }
  return found.filter(({ optional }) => optional !== true);
}

/** Secrets that a controller makes of another object, and their keys. */
function secretsMadeInCluster({ objects }: Manifests): Map<string, string[] | 'any'> {
  const made = new Map<string, string[] | 'any'>();
  for (const object of objects) {
    const { kind, metadata, spec } = object;
    const secret = (name: string, keys: string[] | 'any') => made.set(`Secret/${namespaceOf(object)}/${name}`, keys);
    if (kind === 'ExternalSecret') {
      secret(spec?.target?.name ?? metadata.name, spec?.dataFrom || spec?.target?.template ? 'any' : (spec?.data ?? []).map((entry: any) => entry.secretKey));
    }
    if (kind === 'SealedSecret') { secret(metadata.name!, 'any'); }
    if (kind === 'Certificate') { secret(spec?.secretName, 'any'); }
  }
  return made;
}

/** The keys of an object; any where it is filled in the cluster, undefined where it is not there. */
function keysOf(object: any): string[] | 'any' | undefined {
  if (!object) { return undefined; }
  const keys = Object.keys({ ...object.data, ...object.binaryData, ...object.stringData });
  return object.kind === 'Secret' && keys.length === 0 ? 'any' : keys;
}
