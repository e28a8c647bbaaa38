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
  Volume: ({ name, ...source }) => Object.keys(source).length > 0 ? []
    : ["has no source, so that Kubernetes makes it an empty directory; write 'emptyDir: {}' where that is meant, or what it is to hold"],
  VolumeMount: ({ mountPath }) => hasJinja(mountPath) ? [] : [
    ...(mountPath.startsWith('/') ? [] : [`'mountPath' is relative, so that Kubernetes mounts it below '/': ${shown(mountPath)}; write '/' before it`]),
    ...(mountPath.includes(':') ? [`'mountPath' holds ':', which not every container runtime takes: ${shown(mountPath)}`] : []),
  ],
  ResourceRequirements: resources => ['limits', 'requests'].flatMap(field => [
    ...unlikely(`${field}.memory`, resources[field]?.memory, amount => amount < UNIT * 1024n, 'is less than a kilobyte', "is an amount of bytes; write one such as '512Mi'"),
    ...unlikely(`${field}.cpu`, resources[field]?.cpu, amount => amount >= UNIT * 10_000n, 'is more cores than a node has', "is an amount of cores; write one such as '500m' or '2'"),
  ]),
};

const UNIT = 1_000_000_000n;

/** A quantity that somebody wrote for another unit. */
function unlikely(field: string, value: any, is: (amount: bigint) => boolean, what: string, fix: string): string[] {
  const amount = value === undefined || hasJinja(String(value)) ? undefined : parseQuantity(value);
  return amount === undefined || amount === 0n || !is(amount) ? [] : [`'${field}' ${what}: ${shown(value)} ${fix}`];
}
