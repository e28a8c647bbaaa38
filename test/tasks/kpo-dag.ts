import { isDeepStrictEqual } from 'node:util';
import { KpoCase, normalised, podOf, taskOf } from './kpo';
import { withTextQuantities } from './kpo-template';
import { DagFile } from '../../src';

/** A DAG file with one task, and the pod that the real operator in it built. */
export interface RecordedDag {
  readonly asked: KpoCase;
  readonly text: string;
  readonly pod: any;
}

/** The DAG with the case's task. */
export function dagOf(kpo: KpoCase): string {
  return new DagFile({ dagId: 'dag', tasks: [taskOf(kpo)] }).toPython();
}

/** Whether the pod of the operator in the DAG is that of PodTask. */
export function dagVerdict(kpo: KpoCase, pod: any): 'equal' | { ours: any; theirs: any } {
  const ours = podOf(kpo);
  const namespace = ours.metadata.namespace !== undefined;
  const both = {
    ours: normalised(withTextQuantities(ours), { namespace, suffix: false }),
    theirs: normalised(withTextQuantities(pod), { namespace, suffix: kpo.kwargs.random_name_suffix !== false }),
  };
  return isDeepStrictEqual(both.ours, both.theirs) ? 'equal' : both;
}
