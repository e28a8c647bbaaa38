import { noPlaintextCredentials } from './credentials';
import { deterministic, immutableFields } from './determinism';
import { Manifests } from './manifests';
import { validNames } from './names';
import { networkFlows } from './network';
import { podSecurity, probeTimes, resourcesAndImages } from './pods';
import { minimalRbac } from './rbac';
import { accountsExist, mountsHaveVolumes, referencesResolve } from './references';
import { kubernetesSchema } from './schema-check';
import { selectorsMatch } from './selectors';
import { Check, Finding, InvariantName, Violation, ViolationsOptions } from './violation';
import { didYouMean } from '../../pod/closest';
import { shown } from '../../pod/shown';

const CHECKS: { [name in InvariantName]: Check } = {
  'deterministic': deterministic,
  'mounts-have-volumes': mountsHaveVolumes,
  'references-resolve': referencesResolve,
  'accounts-exist': accountsExist,
  'selectors-match': selectorsMatch,
  'network-flows': networkFlows,
  'pod-security': podSecurity,
  'immutable-fields': immutableFields,
  'no-plaintext-credentials': noPlaintextCredentials,
  'resources-and-images': resourcesAndImages,
  'minimal-rbac': minimalRbac,
  'valid-names': validNames,
  'probe-times': probeTimes,
  'kubernetes-schema': kubernetesSchema,
};

const OPTIONS: { [name in keyof Required<ViolationsOptions>]: true } = {
  only: true, except: true, external: true, again: true, previous: true, extraRules: true,
};

/** The names of the invariants that {@link violations} knows. */
export const INVARIANTS = Object.keys(CHECKS) as InvariantName[];

/**
 * What is wrong with an Airflow deployment, found in its manifests alone, whoever made them; empty where nothing is.
 *
 * @example expect(violations(Testing.synth(chart), { external: ['Secret/airflow-database'] })).toEqual([]);
 * @param manifests all objects of the deployment, as `Testing.synth(chart)` of cdk8s gives them
 * @throws Error where an option or an invariant is named that does not exist, or a manifest is no object of Kubernetes
 */
export function violations(manifests: unknown[], options: ViolationsOptions = {}): Violation[] {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new Error(`violations() has no option '${name}'${didYouMean(name, Object.keys(OPTIONS)) || `; there are ${Object.keys(OPTIONS).join(', ')}`}`);
    }
    if (value !== undefined && !Array.isArray(value)) { throw new Error(`'${name}' must be a list, got ${shown(value)}`); }
  }
  for (const name of [...options.only ?? [], ...options.except ?? []]) {
    if (!Object.hasOwn(CHECKS, name)) { throw new Error(`no invariant '${name}'${didYouMean(name, INVARIANTS) || `; there are ${INVARIANTS.join(', ')}`}`); }
  }
  for (const object of options.external ?? []) {
    if (typeof object !== 'string' || !/^[A-Z]\w*\/./.test(object)) { throw new Error(`'external' must hold objects as 'Kind/name', such as 'Secret/airflow-database', got ${shown(object)}`); }
  }
  const parsed = new Manifests(manifests);
  return INVARIANTS.filter(name => (options.only ?? INVARIANTS).includes(name) && !options.except?.includes(name))
    .flatMap(invariant => unique(CHECKS[invariant](parsed, options)).map(finding => ({ invariant, ...finding })));
}

/** Each once: what several containers mount is missing but once. */
function unique(findings: Finding[]): Finding[] {
  return [...new Map(findings.map(finding => [JSON.stringify(finding), finding])).values()];
}
