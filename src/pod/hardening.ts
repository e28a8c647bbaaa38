import { isObject } from './schema';

/** The user of Airflow's image, taken for task pods so that an image without a USER starts under Pod Security `restricted`. */
export const DEFAULT_USER = 50000;

/**
 * A pod's security context with what Pod Security `restricted` asks for where the author wrote nothing.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function hardenPodContext(context: any = {}): any {
  const user = context.runAsUser ?? DEFAULT_USER;
  return {
    // An author who asks for root gets it: the API server, not we, refuses it where the namespace does.
    ...(user === 0 ? {} : { runAsNonRoot: true }),
    runAsUser: user,
    runAsGroup: 0,
    // Without it the user cannot read a Secret of mode 0400, nor write to a fresh volume.
    fsGroup: 0,
    seccompProfile: { type: 'RuntimeDefault' },
    ...context,
  };
}

/** Kubernetes takes the name of a capability with `CAP_` before it, too. */
export function addsSysAdmin(context: any): boolean {
  return (context.capabilities?.add ?? []).some((name: unknown) => name === 'SYS_ADMIN' || name === 'CAP_SYS_ADMIN');
}

/** A container's security context, hardened in the same way. */
export function hardenContainerContext(context: any = {}): any {
  return {
    // The API server refuses a privileged container that may not escalate.
    ...(context.privileged || addsSysAdmin(context) ? {} : { allowPrivilegeEscalation: false }),
    ...(context.runAsUser === 0 ? { runAsNonRoot: false } : {}),
    ...context,
    capabilities: { drop: ['ALL'], ...context.capabilities },
  };
}

/** A security context with the fields of another one over its own, at every depth, and without those of its own that the API server or the kubelet refuse beside them. */
export function mergeContexts(lower: any = {}, upper: any): any {
  const merged = mergeObjects(lower, upper);
  if (upper.runAsUser === 0 && upper.runAsNonRoot === undefined) { merged.runAsNonRoot = false; }
  if ((upper.privileged || addsSysAdmin(upper)) && upper.allowPrivilegeEscalation === undefined) { delete merged.allowPrivilegeEscalation; }
  return merged;
}

function mergeObjects(lower: any, upper: any): any {
  return Object.fromEntries(Object.entries({ ...lower, ...upper }).map(([key, value]) =>
    [key, isObject(value) && isObject(lower[key]) && upper[key] !== undefined ? mergeObjects(lower[key], value) : value]));
}
