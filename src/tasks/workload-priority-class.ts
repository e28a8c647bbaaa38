import { Construct } from 'constructs';
import { kueueObject } from './private/kueue-object';
import { toWire } from '../pod/schema';

/** How urgent workloads are in Kueue's queues, apart from the priority of their pods. */
export interface WorkloadPriorityClassProps {
  /**
   * Its name, which stands in the label `kueue.x-k8s.io/priority-class` of a Job.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /** The priority: a higher number comes first. */
  readonly value: number;

  /**
   * When to use it.
   *
   * @default - none
   */
  readonly description?: string;
}

/**
 * Kueue's WorkloadPriorityClass.
 *
 * @see https://kueue.sigs.k8s.io/docs/concepts/workload_priority_class/
 */
export class WorkloadPriorityClass extends Construct {
  /** Its name. */
  public readonly name: string;

  constructor(scope: Construct, id: string, props: WorkloadPriorityClassProps) {
    super(scope, id);
    this.name = kueueObject(this, 'WorkloadPriorityClass', props, { name: true, value: true, description: true }, () => {
      if (props.value === undefined) { throw new Error("'value' is missing: the priority, a whole number"); }
      return { value: toWire('int32', props.value, 'value'), description: toWire('string', props.description, 'description') };
    });
  }
}
