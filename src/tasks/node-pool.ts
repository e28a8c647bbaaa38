import { Construct } from 'constructs';
import { assertMetadataMap } from '../pod/metadata-maps';
import { NodeKind } from '../pod/placement';
import { toWire } from '../pod/schema';
import { checkPropNames } from '../private/known-props';
import { checkPropTypes, shown } from '../private/prop-types';

/** What the nodes of a pool have in common. */
export interface NodePoolProps {
  /**
   * Labels of its nodes. Those that every node has by itself, such as `kubernetes.io/os` and zones, need not be named.
   *
   * @default - none
   */
  readonly labels?: { [label: string]: string };

  /**
   * Taints of its nodes.
   *
   * @default - none
   */
  readonly taints?: NodeTaint[];
}

/** A taint of nodes, in Kubernetes' words. */
export interface NodeTaint {
  /** Its key. */
  readonly key: string;

  /**
   * Its value.
   *
   * @default - none
   */
  readonly value?: string;

  /** What it does to pods that do not tolerate it. */
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

const NODE_POOL = Symbol.for('cdk8s-airflow.NodePool');

/**
 * Nodes that the cluster has. It synthesises nothing: where an app declares its pools, node selectors, required node affinity and tolerations of all
 * its tasks and deployments are checked against them, and a pod that none of them takes is an error at synth.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
export class NodePool extends Construct {
  /** True for a {@link NodePool}, also one of another copy of this package. */
  public static isNodePool(x: any): x is NodePool {
    return x !== null && typeof x === 'object' && NODE_POOL in x;
  }

  /** @internal */
  public readonly _kind: NodeKind;

  constructor(scope: Construct, id: string, props: NodePoolProps = {}) {
    super(scope, id);
    Object.defineProperty(this, NODE_POOL, { value: true });
    try {
      checkPropNames(props, { labels: true, taints: true }, 'NodePool', 'NodePoolProps');
      const labels = toWire('{}string', props.labels ?? {}, 'labels');
      assertMetadataMap(labels, 'labels');
      checkPropTypes(props, { taints: 'a list' });
      this._kind = { name: id, labels, taints: (props.taints ?? []).map(readTaint) };
    } catch (error) {
      throw new Error(`[${this.node.path}] ${(error as Error).message}`, { cause: error });
    }
  }
}

const EFFECT = '=NoSchedule|PreferNoSchedule|NoExecute';

function readTaint(taint: NodeTaint, i: number): NodeTaint {
  const path = `taints[${i}]`;
  checkPropNames(taint, { key: true, value: true, effect: true }, path, 'NodeTaint');
  const { key, value, effect } = taint;
  if (typeof key !== 'string' || key === '') { throw new Error(`'${path}.key' must be a text, got ${shown(key)}`); }
  const given = value === undefined ? {} : { value: toWire('string', value, `${path}.value`) };
  return { key, ...given, effect: toWire(EFFECT, effect ?? '', `${path}.effect`) };
}
