import { Construct } from 'constructs';
import { NodeKind, unmetPreferences, unplaceable } from '../../pod/placement';
import { constructsOf } from '../../private/complete-app';
import { warnWhenComplete } from '../../private/warnings';
import { NodePool } from '../node-pool';

/**
 * Checks pods against the node pools of the app, when it is complete: one that no pool takes is an error, a preference that none meets a warning.
 *
 * @param pods what each pod is called, and its spec
 */
export function checkPlacement(scope: Construct, pods: () => readonly (readonly [name: string, spec: any])[]): void {
  const ofEach = (found: (name: string, spec: any, pools: readonly NodeKind[]) => string[]) => {
    const pools = constructsOf(scope, NodePool.isNodePool).map(({ _kind }) => _kind);
    return pools.length === 0 ? [] : pods().flatMap(([name, spec]) => found(name, spec, pools));
  };
  scope.node.addValidation({
    validate: () => ofEach((name, spec, pools) => {
      const reason = unplaceable(spec, pools, false);
      return reason === undefined ? [] : [`${name} finds no place in the node pools of the app: ${reason}`];
    }),
  });
  warnWhenComplete(scope, () => ofEach((name, spec, pools) =>
    unmetPreferences(spec, pools).map(reason => `${name} prefers nodes that are in no pool of the app: ${reason}`)));
}
