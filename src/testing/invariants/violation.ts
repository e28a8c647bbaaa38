import { Manifests } from './manifests';
import { PolicyRule } from './rbac-rules';

/**
 * What holds for every deployment, by name:
 *
 * - `deterministic`: two syntheses of the same input are the same; needs `again`.
 * - `mounts-have-volumes`: every mount and device names a volume or a claim template.
 * - `references-resolve`: Secrets, ConfigMaps, claims and keys that pods name are there, or `external`.
 * - `accounts-exist`: ServiceAccounts and Roles that pods and bindings name are there, or `external`.
 * - `selectors-match`: a selector or a scaler finds the pods of one workload.
 * - `network-flows`: network policies permit every connection that Airflow needs, and between pods nothing else.
 * - `pod-security`: pods satisfy Pod Security `restricted`.
 * - `immutable-fields`: no object changes what Kubernetes refuses to change; needs `previous`.
 * - `no-plaintext-credentials`: no credential stands in a manifest.
 * - `resources-and-images`: containers have requests, a memory limit and an image with a fixed tag or a digest.
 * - `minimal-rbac`: no Role allows more than Airflow uses.
 * - `valid-names`: names, labels and sizes are within Kubernetes' limits, and no object is there twice.
 * - `probe-times`: a probe ends within its period, and a preStop hook within the grace period.
 * - `kubernetes-schema`: every key and value is one of Kubernetes 1.34.
 */
export type InvariantName = 'deterministic' | 'mounts-have-volumes' | 'references-resolve' | 'accounts-exist' | 'selectors-match' | 'network-flows'
  | 'pod-security' | 'immutable-fields' | 'no-plaintext-credentials' | 'resources-and-images' | 'minimal-rbac' | 'valid-names' | 'probe-times'
  | 'kubernetes-schema';

/** Something that an invariant forbids. */
export interface Violation {
  readonly invariant: InvariantName;
  /** Kind, namespace and name of the object, such as `Deployment data/airflow-scheduler`. */
  readonly object: string;
  /** Where in the object, such as `spec.template.spec.containers[base].image`. */
  readonly path: string;
  /** What is wrong. */
  readonly reason: string;
  /** How to mend it. */
  readonly repair: string;
}

/** What {@link violations} looks for. */
export interface ViolationsOptions {
  /**
   * The invariants to check.
   *
   * @default - all
   */
  readonly only?: InvariantName[];

  /**
   * Invariants to leave out.
   *
   * @default - none
   */
  readonly except?: InvariantName[];

  /**
   * Objects that something else makes, as `Kind/name`, such as `Secret/airflow-database`.
   *
   * @default - none
   */
  readonly external?: string[];

  /**
   * A second synthesis of the same input, for `deterministic`.
   *
   * @default - `deterministic` finds nothing
   */
  readonly again?: unknown[];

  /**
   * The manifests that are applied already, for `immutable-fields`.
   *
   * @default - `immutable-fields` finds nothing
   */
  readonly previous?: unknown[];

  /**
   * What tasks may do beside Airflow's own operators, such as the `extraRules` of `podLaunching`, for `minimal-rbac`.
   *
   * @default - nothing
   */
  readonly extraRules?: PolicyRule[];
}

/** A violation of the invariant that the check is for. */
export type Finding = Omit<Violation, 'invariant'>;

export type Check = (manifests: Manifests, options: ViolationsOptions) => Finding[];
