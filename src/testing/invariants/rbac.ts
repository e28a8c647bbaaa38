import { optionOf, roleOf, runsTasks } from './airflow-roles';
import { Manifests, nameOf, namespaceOf, RenderedPod } from './manifests';
import { EXECUTOR_RULES, PolicyRule, ROLE_RULES, TASK_RULES } from './rbac-rules';
import { Check, Finding } from './violation';

/** A Role allows its accounts what their pods use, and nothing more. */
export const minimalRbac: Check = (manifests, { extraRules = [] }) =>
  [...manifests.all('RoleBinding'), ...manifests.all('ClusterRoleBinding')].flatMap(binding => {
    const namespace = namespaceOf(binding);
    const role = manifests.find(binding.roleRef.kind, binding.roleRef.kind === 'Role' ? namespace : '', binding.roleRef.name);
    return role === undefined ? [] : (binding.subjects ?? []).flatMap((subject: any): Finding[] => {
      const pods = manifests.pods.filter(pod => pod.namespace === (subject.namespace ?? namespace) && pod.spec.serviceAccountName === subject.name);
      const known = pods.filter(pod => roleOf(pod) !== undefined || pod.object.kind === 'Job');
      if (pods.length === 0 || known.length < pods.length) { return []; }
      const needed = pods.flatMap(pod => rulesOf(manifests, pod, extraRules));
      return excess(role.rules ?? [], needed).map(what => ({
        object: nameOf(role),
        path: 'rules',
        reason: `'${subject.name}' may ${what}, which ${[...new Set(pods.map(pod => nameOf(pod.object)))].join(' and ')} does not use`,
        repair: 'take it out of the Role',
      }));
    });
  });

function rulesOf(manifests: Manifests, pod: RenderedPod, extraRules: PolicyRule[]): PolicyRule[] {
  const role = roleOf(pod);
  const kubernetes = /Kubernetes/.test(optionOf(manifests, pod, 'core', 'executor') ?? '');
  return [
    ...((role === 'api-server' || role === 'webserver') && !kubernetes ? [] : ROLE_RULES[role!] ?? []),
    ...(role === 'scheduler' && kubernetes ? EXECUTOR_RULES : []),
    ...(runsTasks(manifests, pod) ? [...TASK_RULES, ...extraRules] : []),
    // Airflow's Kubernetes backend of secrets finds them by their labels.
    ...(/kubernetes/i.test(optionOf(manifests, pod, 'secrets', 'backend') ?? '') ? [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }] : []),
    // A Job that fills Secrets, each by its name.
    ...(role === undefined ? [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'], resourceNames: [] }] : []),
  ];
}

/** What rules allow beyond others, in words. */
function excess(rules: PolicyRule[], needed: PolicyRule[]): string[] {
  return rules.flatMap(({ apiGroups = [], resources = [], verbs, resourceNames }) => apiGroups.flatMap(group => resources.flatMap(resource => {
    const allowed = needed.filter(rule => rule.apiGroups.includes(group) && rule.resources.includes(resource)
      && (rule.resourceNames === undefined || resourceNames !== undefined));
    return verbs.filter(verb => !allowed.some(rule => rule.verbs.includes(verb))).map(verb => `${verb} ${resource}${group === '' ? '' : `.${group}`}`);
  })));
}
