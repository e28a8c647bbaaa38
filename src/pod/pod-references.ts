/** The kinds of objects that a pod names and that must be in its namespace. */
export type ReferencedKind = 'ConfigMap' | 'PersistentVolumeClaim' | 'Secret';

/** An object that a pod names. */
export interface PodReference {
  readonly kind: ReferencedKind;
  readonly name: string;
}

/** What a pod needs in its namespace before it can start, each once; what is marked `optional` is left out, and what every namespace has. */
export function podReferences(spec: any): PodReference[] {
  const found = new Map<string, PodReference>();
  const add = (kind: ReferencedKind, name: string | undefined, optional?: boolean) => {
    if (name === undefined || optional || name === 'kube-root-ca.crt') { return; }
    found.set(`${kind}/${name}`, { kind, name });
  };
  for (const container of [...spec.initContainers ?? [], ...spec.containers ?? []]) {
    for (const { valueFrom = {} } of container.env ?? []) {
      add('ConfigMap', valueFrom.configMapKeyRef?.name, valueFrom.configMapKeyRef?.optional);
      add('Secret', valueFrom.secretKeyRef?.name, valueFrom.secretKeyRef?.optional);
    }
    for (const source of container.envFrom ?? []) {
      add('ConfigMap', source.configMapRef?.name, source.configMapRef?.optional);
      add('Secret', source.secretRef?.name, source.secretRef?.optional);
    }
  }
  for (const volume of spec.volumes ?? []) {
    for (const source of [volume, ...volume.projected?.sources ?? []]) {
      add('ConfigMap', source.configMap?.name, source.configMap?.optional);
      add('Secret', source.secret?.secretName ?? source.secret?.name, source.secret?.optional);
    }
    add('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName);
  }
  for (const { name } of spec.imagePullSecrets ?? []) { add('Secret', name); }
  return [...found.values()];
}
