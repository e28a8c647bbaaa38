import { Construct } from 'constructs';
import { kueueObject } from './private/kueue-object';
import { toWire } from '../pod/schema';
import * as kplus from '../private/kplus';

/** Nodes of one kind, of which a {@link ClusterQueue} gives out a quota. */
export interface ResourceFlavorProps {
  /**
   * Its name.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * Labels that its nodes have; Kueue puts them into the node selector of what it admits. At most 8.
   *
   * @default - none: any node
   */
  readonly nodeLabels?: { [key: string]: string };

  /**
   * Taints of its nodes, which a workload must tolerate to be admitted. At most 8.
   *
   * @default - none
   */
  readonly nodeTaints?: (kplus.k8s.Taint | { [key: string]: any })[];

  /**
   * Tolerations that Kueue adds to what it admits. At most 8.
   *
   * @default - none
   */
  readonly tolerations?: (kplus.k8s.Toleration | { [key: string]: any })[];

  /**
   * Name of a Topology, for scheduling that knows racks and the like. Needs `nodeLabels`.
   *
   * @default - none
   */
  readonly topologyName?: string;
}

const RESOURCE_FLAVOR = Symbol.for('cdk8s-airflow.ResourceFlavor');

/**
 * Kueue's ResourceFlavor.
 *
 * @see https://kueue.sigs.k8s.io/docs/concepts/resource_flavor/
 */
export class ResourceFlavor extends Construct {
  /** True for a {@link ResourceFlavor}, also one of another copy of this package. */
  public static isResourceFlavor(x: any): x is ResourceFlavor {
    return x !== null && typeof x === 'object' && RESOURCE_FLAVOR in x;
  }

  /** Its name, for {@link ClusterQueueFlavorQuotas}. */
  public readonly name: string;

  constructor(scope: Construct, id: string, props: ResourceFlavorProps = {}) {
    super(scope, id);
    Object.defineProperty(this, RESOURCE_FLAVOR, { value: true });
    const names = { name: true, nodeLabels: true, nodeTaints: true, tolerations: true, topologyName: true } as const;
    this.name = kueueObject(this, 'ResourceFlavor', props, names, () => {
      const { name: _, ...given } = props;
      const spec = toWire('Kueue.ResourceFlavorSpec', given, '');
      for (const prop of ['nodeLabels', 'nodeTaints', 'tolerations']) {
        const count = Object.keys(spec[prop] ?? {}).length;
        if (count > 8) { throw new Error(`'${prop}' must be at most 8, got ${count}`); }
      }
      if (spec.topologyName !== undefined && Object.keys(spec.nodeLabels ?? {}).length === 0) { throw new Error("'topologyName' needs 'nodeLabels'"); }
      return Object.keys(spec).length === 0 ? {} : { spec };
    });
  }
}
