import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { ComponentGraph, PolicyRule, Wire } from '../private/component-graph';
import { pascal } from '../private/pascal';
import { metadata, Owner } from '../private/workload';

/**
 * The ServiceAccounts of a deployment, one for each component that names none of its own, and Roles with the verbs that the components declared.
 * No account has a token of its own accord: only the container that uses the Kubernetes API gets one mounted.
 */
export class AirflowRbac extends Construct {
  /** @internal */
  public static _derive(scope: Construct, id: string, owner: Owner, graph: ComponentGraph): AirflowRbac {
    return new AirflowRbac(scope, id, owner, graph);
  }

  private constructor(scope: Construct, id: string, owner: Owner, graph: ComponentGraph) {
    super(scope, id);
    for (const component of graph.components) {
      const common = metadata(owner, component.name);
      const prefix = pascal(component.name);
      const { serviceAccountAnnotations, serviceAccountName } = component.settings;
      const namespaces = [owner.namespace, ...component.namespaces ?? []];
      for (const namespace of serviceAccountName === undefined ? namespaces : []) {
        new ApiObject(this, `${prefix}ServiceAccount${namespace === owner.namespace ? '' : `In-${namespace}`}`, {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { ...common, namespace, ...(serviceAccountAnnotations ? { annotations: serviceAccountAnnotations } : {}) } as any,
          automountServiceAccountToken: false,
        });
      }
      const subjects = namespaces.map(namespace => ({ kind: 'ServiceAccount', name: serviceAccountName ?? common.name, namespace }));
      const grant = (role: string, meta: Wire, rules: PolicyRule[]) => {
        if (rules.length === 0) { return; }
        const apiVersion = 'rbac.authorization.k8s.io/v1';
        new ApiObject(this, `${role}Role`, { apiVersion, kind: 'Role', metadata: meta as any, rules });
        new ApiObject(this, `${role}RoleBinding`, {
          apiVersion, kind: 'RoleBinding', metadata: meta as any, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: meta.name }, subjects,
        });
      };
      grant(prefix, common, component.rules ?? []);
      const elsewhere = component.rulesElsewhere ?? [];
      for (const namespace of new Set(elsewhere.map(item => item.namespace))) {
        // Deployments of several namespaces may have one name.
        grant(
          `${prefix}In-${namespace}`, { ...common, namespace, name: `${owner.namespace}-${common.name}` },
          elsewhere.filter(item => item.namespace === namespace).flatMap(({ rules }) => rules),
        );
      }
    }
  }
}
