import { ApiObject } from 'cdk8s';
import { PodSecurityLevel, podSecurityViolations } from '../../pod/pod-security';
import { Wire } from '../../private/component-graph';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** A pod of a deployment: what it is called in messages, its spec, and the namespaces that it may be in. */
export interface AdmittedPod {
  readonly what: string;
  readonly spec: Wire;
  readonly namespaces: string[];
}

/**
 * What Pod Security says to pods that a user has changed. The level is what the Namespace of the app declares, and `restricted`, which every pod satisfies by
 * itself, where the app does not say.
 *
 * @param objects all objects of the app
 */
export function refusedByPodSecurity(pods: AdmittedPod[], objects: ApiObject[]): string[] {
  const refused = pods.filter(({ spec }) => podSecurityViolations(spec, 'restricted').length > 0);
  // Nearly always there are none, and an app has many objects.
  const declared = refused.length === 0 ? new Map() : new Map(objects.filter(({ kind }) => kind === 'Namespace')
    .map(({ name, metadata }) => [name, metadata.getLabel(ENFORCE) ?? 'restricted']));
  return refused.flatMap(({ what, spec, namespaces }) => {
    const levels = [...new Set<string>(namespaces.map(name => declared.get(name) ?? 'restricted'))];
    const [level] = ['restricted', 'baseline'].filter(name => levels.includes(name)) as PodSecurityLevel[];
    const violations = level ? podSecurityViolations(spec, level) : [];
    return violations.length === 0 ? [] : [`Pod Security '${level}' refuses ${what}: ${violations.join('; ')}; change what its props set, or declare what `
      + `the namespace permits with the label '${ENFORCE}' of a Namespace in the app`];
  });
}
