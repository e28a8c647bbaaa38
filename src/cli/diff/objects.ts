import { Manifest } from '../../pod/manifest';

/** What names an object in a cluster. */
export interface ObjectId {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export function identify({ apiVersion, kind, metadata }: Manifest): ObjectId {
  return { group: apiVersion.includes('/') ? apiVersion.split('/')[0] : '', kind, namespace: metadata.namespace, name: metadata.name! };
}

/** The object as kubectl takes and prints it: with its group where the kind is not one of Kubernetes' own. */
export function kubectlName({ group, kind, name }: ObjectId): string {
  return `${kind.toLowerCase()}${group.includes('.') && !group.endsWith('.k8s.io') ? `.${group}` : ''}/${name}`;
}

/** Of a StatefulSet's spec, all that may be changed. */
const STATEFUL_SET = ['replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds', 'revisionHistoryLimit'];

const IMMUTABLE: { [kind: string]: (path: string) => boolean } = {
  Deployment: path => path.startsWith('spec.selector'),
  DaemonSet: path => path.startsWith('spec.selector'),
  StatefulSet: path => path.startsWith('spec.') && !STATEFUL_SET.includes(path.split(/[.[]/)[1]),
  Job: path => /^spec\.(template|selector|completionMode|completions|podFailurePolicy|backoffLimitPerIndex|managedBy)\b/.test(path),
  PersistentVolumeClaim: path => path.startsWith('spec.') && !path.startsWith('spec.resources.requests'),
  Service: path => /^spec\.clusterIPs?\b/.test(path),
  RoleBinding: path => path.startsWith('roleRef'),
  ClusterRoleBinding: path => path.startsWith('roleRef'),
  PriorityClass: path => /^(value|preemptionPolicy)$/.test(path),
  Secret: path => path === 'type',
};

/** Whether the API server refuses a change there. */
export function immutable(manifest: Manifest, path: string): boolean {
  if ((manifest.kind === 'ConfigMap' || manifest.kind === 'Secret') && manifest.immutable === true) { return /^(data|stringData|binaryData|immutable)\b/.test(path); }
  return IMMUTABLE[manifest.kind]?.(path) ?? false;
}

/** The pod template of a workload. */
export function podOf(manifest: Manifest): Manifest | undefined {
  const spec = manifest.kind === 'CronJob' ? manifest.spec?.jobTemplate?.spec : manifest.spec;
  return spec?.template;
}

/** What an object holds that is gone with it. */
export function holdsData({ kind }: ObjectId): boolean {
  return ['PersistentVolumeClaim', 'Secret', 'Namespace'].includes(kind);
}
