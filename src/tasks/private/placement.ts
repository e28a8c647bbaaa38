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
  const pools = (): NodeKind[] => constructsOf(scope, NodePool.isNodePool).map(({ _kind }) => _kind);
  scope.node.addValidation({
    validate: () => pools().length === 0 ? [] : pods().flatMap(([name, spec]) => {
      const reason = unplaceable(spec, pools(), false);
      return reason === undefined ? [] : [`${name} finds no place in the node pools of the app: ${reason}`];
    }),
  });
  warnWhenComplete(scope, () => pods().flatMap(([name, spec]) => unmetPreferences(spec, pools()).map(reason => `${name} prefers nodes that are in no pool of the app: ${reason}`)));
}
