import { named, Rules, shown } from './words';
import { hasJinja } from '../jinja';
import { parseQuantity } from '../quantity';

/** Of objects that are looked up only when the pod starts, which then waits for what there cannot be. */
const reference = (field: string) => (value: any) => value[field] ? named(field, value[field], 'name') : [];

/** Like the other rules, for what the API server takes. */
export const LIKELY_RULES: Rules = {
  LocalObjectReference: reference('name'),
  ConfigMapEnvSource: reference('name'),
  SecretEnvSource: reference('name'),
  ConfigMapKeySelector: reference('name'),
  SecretKeySelector: reference('name'),
  ConfigMapVolumeSource: reference('name'),
  SecretVolumeSource: reference('secretName'),
  ConfigMapProjection: reference('name'),
  SecretProjection: reference('name'),
  PersistentVolumeClaimVolumeSource: reference('claimName'),
  VolumeMount: ({ mountPath }) => hasJinja(mountPath) ? [] : [
    ...(mountPath.startsWith('/') ? [] : [`'mountPath' is relative, so that Kubernetes mounts it below '/': ${shown(mountPath)}; write '/' before it`]),
    ...(mountPath.includes(':') ? [`'mountPath' holds ':', which not every container runtime takes: ${shown(mountPath)}`] : []),
  ],
  ResourceRequirements: ({ limits = {}, requests = {} }) => [['limits', limits.memory], ['requests', requests.memory]].flatMap(([field, value]) => {
    const amount = value === undefined || hasJinja(String(value)) ? undefined : parseQuantity(value);
    return amount === undefined || amount === 0n || amount >= 1_000_000_000n * 1024n ? []
      : [`'${field}.memory' is less than a kilobyte: ${shown(value)} is an amount of bytes; write one such as '512Mi'`];
  }),
};
