import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { KUEUE_API_VERSION } from '../../pod/kueue';
import { checkPropNames, PropNames } from '../../private/known-props';
import { shown } from '../../private/prop-types';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** An error of a construct with its path in front. */
export function guarded<T>(scope: Construct, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`[${scope.node.path}] ${(error as Error).message}`, { cause: error });
  }
}

/** Throws where Kueue would refuse a name. */
export function assertKueueName(prop: string, name: unknown): string {
  if (typeof name !== 'string' || !NAME.test(name) || name.length > 253) {
    throw new Error(`'${prop}' must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends, got ${shown(name)}`);
  }
  return name;
}

/**
 * Makes an object of Kueue.
 *
 * @param fields what the props become, beside `metadata`
 * @returns its name
 */
export function kueueObject<T extends { readonly name?: string }>(scope: Construct, kind: string, props: T, names: PropNames<T>, fields: () => {
  readonly namespace?: string;
  readonly [field: string]: any;
}): string {
  return guarded(scope, () => {
    checkPropNames(props, names, kind, `${kind}Props`);
    const name = assertKueueName('name', props.name ?? scope.node.id);
    const { namespace, ...rest } = fields();
    const object = new ApiObject(scope, 'Resource', { apiVersion: KUEUE_API_VERSION, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...rest });
    // All but a LocalQueue are of the cluster.
    if (kind !== 'LocalQueue' && object.metadata.namespace !== undefined) { object.addJsonPatch(JsonPatch.remove('/metadata/namespace')); }
    return name;
  });
}

/** The namespace of an object that has one. */
export function namespaceOf(scope: Construct, namespace: string | undefined): string | undefined {
  return namespace ?? Chart.of(scope).namespace;
}
