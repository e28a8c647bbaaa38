import { hash } from './names';
import { shown } from './shown';

/** KubernetesPodOperator's `Secret`: a Secret as one environment variable, as all its keys, or as a volume. */
export interface PodSecret {
  readonly deployType: string;
  readonly deployTarget?: string;
  readonly secret: string;
  readonly key?: string;
  readonly items?: any[];
}

/** What a {@link PodSecret} adds to a pod, in wire JSON. */
export interface SecretParts {
  readonly env?: any;
  readonly envFrom?: any;
  readonly volume?: any;
  readonly volumeMount?: any;
}

/**
 * The parts of the pod that deliver a Secret, by the provider's rules.
 * The volume's name is made from its content, where the provider takes a random one.
 *
 * @throws Error for a combination that the provider refuses, or takes and ignores.
 */
export function secretParts(secret: PodSecret, path: string): SecretParts {
  const { deployType, deployTarget, key, items } = secret;
  const fail = (message: string): never => { throw new Error(`'${path}': ${message}`); };
  if (typeof secret.secret !== 'string' || secret.secret === '') { fail(`'secret' must be the name of a Secret in the pod's namespace, got ${shown(secret.secret)}`); }
  if (deployType === 'env') {
    if (items !== undefined) { fail("'items' belongs to deployType 'volume'; with 'env' name one 'key', or none for all keys"); }
    if (key !== undefined && !deployTarget) { fail("'key' needs 'deployTarget', the name of the environment variable"); }
    if (key === undefined) {
      if (deployTarget) { fail("'deployTarget' names one environment variable, so 'key' must say which key of the Secret; leave both out for all keys"); }
      return { envFrom: { secretRef: { name: secret.secret } } };
    }
    return { env: { name: deployTarget!.toUpperCase(), valueFrom: { secretKeyRef: { name: secret.secret, key } } } };
  }
  if (deployType === 'volume') {
    if (!deployTarget) { fail("'deployTarget' must be the path at which the volume is mounted, such as '/etc/secret', got none"); }
    if (key !== undefined) { fail(`'key' has no effect on a volume; mount one key with 'items: [{ key: "${key}", path: "${key}" }]'`); }
    const name = `secretvol-${hash(JSON.stringify([secret.secret, deployTarget, items ?? null]), 8)}`;
    return {
      volume: { name, secret: { secretName: secret.secret, ...(items ? { items } : {}) } },
      volumeMount: { name, mountPath: deployTarget, readOnly: true },
    };
  }
  return fail(`'deployType' must be 'env' or 'volume', got '${deployType}'`);
}
