import { Construct } from 'constructs';
import { ClusterQueueProps } from './cluster-queue-props';
import { assertKueueName, kueueObject } from './private/kueue-object';
import { ResourceFlavor } from './resource-flavor';
import { toWire } from '../pod/schema';
import { constructsOf } from '../private/complete-app';
import { PropNames } from '../private/known-props';
import { warnWhenComplete } from '../private/warnings';

const CLUSTER_QUEUE = Symbol.for('cdk8s-airflow.ClusterQueue');

const PROPS: PropNames<ClusterQueueProps> = {
  name: true,
  resourceGroups: true,
  cohort: true,
  namespaceSelector: true,
  queueingStrategy: true,
  preemption: true,
  flavorFungibility: true,
  admissionChecks: true,
  stopPolicy: true,
};

/**
 * Kueue's ClusterQueue.
 *
 * @see https://kueue.sigs.k8s.io/docs/concepts/cluster_queue/
 */
export class ClusterQueue extends Construct {
  /** True for a {@link ClusterQueue}, also one of another copy of this package. */
  public static isClusterQueue(x: any): x is ClusterQueue {
    return x !== null && typeof x === 'object' && CLUSTER_QUEUE in x;
  }

  /** Its name. */
  public readonly name: string;

  constructor(scope: Construct, id: string, props: ClusterQueueProps) {
    super(scope, id);
    Object.defineProperty(this, CLUSTER_QUEUE, { value: true });
    let flavors: string[] = [];
    this.name = kueueObject(this, 'ClusterQueue', props, PROPS, () => {
      const { name: _, ...given } = props;
      const spec = toWire('Kueue.ClusterQueueSpec', { namespaceSelector: {}, ...given }, '');
      if (spec.cohort !== undefined) { assertKueueName('cohort', spec.cohort); }
      flavors = (spec.resourceGroups ?? []).flatMap((group: any) => group.flavors.map((flavor: any) => flavor.name));
      return { spec: { ...spec, resourceGroups: groupsOf(spec) } };
    });
    warnWhenComplete(this, () => {
      const known = constructsOf(this, ResourceFlavor.isResourceFlavor).map(({ name }) => name);
      const missing = known.length === 0 ? [] : flavors.filter(name => !known.includes(name));
      return missing.map(name => `flavor '${name}' is not among the ResourceFlavors of this app: ${known.map(each => `'${each}'`).join(', ')}`);
    });
  }
}

/** What Kueue's webhook refuses is refused here; the quotas stand in the order of the covered resources, as it wants them. */
function groupsOf({ resourceGroups = [], cohort }: any): any[] {
  if (resourceGroups.length === 0 || resourceGroups.length > 16) { throw new Error(`'resourceGroups' must be 1 to 16 groups, got ${resourceGroups.length}`); }
  once(resourceGroups.flatMap((group: any) => group.coveredResources), "'resourceGroups' cover the resource");
  once(resourceGroups.flatMap((group: any) => group.flavors.map((flavor: any) => flavor.name)), "'resourceGroups' name the flavor");
  return resourceGroups.map((group: any, i: number) => {
    const path = `resourceGroups[${i}]`;
    for (const key of ['coveredResources', 'flavors']) {
      const count = group[key].length;
      if (count === 0 || count > 64) { throw new Error(`'${path}.${key}' must be 1 to 64, got ${count}`); }
    }
    const { coveredResources } = group;
    const flavors = group.flavors.map((flavor: any) => {
      const where = `'${path}' at flavor '${assertKueueName(`${path}.flavors`, flavor.name)}'`;
      once(flavor.resources.map(({ name }: any) => name), `${where} names the resource`);
      const other = flavor.resources.find(({ name }: any) => !coveredResources.includes(name));
      if (other) { throw new Error(`${where}: '${other.name}' is not in 'coveredResources'; add it there`); }
      const resources = coveredResources.map((name: string) => {
        const quota = flavor.resources.find((each: any) => each.name === name);
        if (!quota) { throw new Error(`${where}: there is no quota of '${name}'; add it`); }
        const limit = ['borrowingLimit', 'lendingLimit'].find(key => quota[key] !== undefined);
        if (limit && cohort === undefined) { throw new Error(`${where}: '${limit}' of '${name}' needs 'cohort'`); }
        return quota;
      });
      return { ...flavor, resources };
    });
    return { ...group, flavors };
  });
}

function once(names: string[], what: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) { throw new Error(`${what} '${twice}' twice; remove one`); }
}
