import * as kplus from '../private/kplus';

/** A quota, and who may use it. */
export interface ClusterQueueProps {
  /**
   * Its name, which a {@link LocalQueue} gives as `clusterQueue`.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /** The quota: each resource stands in one group, with the flavors of nodes that have it, in the order in which they are tried. At most 16. */
  readonly resourceGroups: ClusterQueueResourceGroup[];

  /**
   * Queues of one cohort lend each other what they do not use.
   *
   * @default - none
   */
  readonly cohort?: string;

  /**
   * Namespaces whose LocalQueues may use it. Kueue's own default is: none.
   *
   * @default - all
   */
  readonly namespaceSelector?: kplus.k8s.LabelSelector | { [key: string]: any };

  /**
   * `StrictFIFO`: a workload that does not fit holds up those behind it.
   *
   * @default 'BestEffortFIFO'
   */
  readonly queueingStrategy?: 'StrictFIFO' | 'BestEffortFIFO';

  /**
   * Which workloads may be put out to make place.
   *
   * @default - none
   */
  readonly preemption?: ClusterQueuePreemption;

  /**
   * What is tried first where a flavor is full: Kueue's `whenCanBorrow`, `whenCanPreempt` and `preference`.
   *
   * @default - Kueue's
   */
  readonly flavorFungibility?: { [key: string]: string };

  /**
   * Names of AdmissionChecks that a workload must pass.
   *
   * @default - none
   */
  readonly admissionChecks?: string[];

  /**
   * `Hold` admits nothing more, `HoldAndDrain` also ends what was admitted.
   *
   * @default 'None'
   */
  readonly stopPolicy?: 'None' | 'Hold' | 'HoldAndDrain';
}

/** Resources that are given out together. */
export interface ClusterQueueResourceGroup {
  /** Names of the resources, such as `cpu` and `memory`. */
  readonly coveredResources: string[];

  /** The flavors, in the order in which they are tried. */
  readonly flavors: ClusterQueueFlavorQuotas[];
}

/** What there is of one flavor. */
export interface ClusterQueueFlavorQuotas {
  /** Name of the {@link ResourceFlavor}. */
  readonly name: string;

  /** The quota of each covered resource. */
  readonly resources: ClusterQueueResourceQuota[];
}

/** How much of a resource may be in use at a time. */
export interface ClusterQueueResourceQuota {
  /** Name of the resource. */
  readonly name: string;

  /** The queue's own, such as `9` or `36Gi`. */
  readonly nominalQuota: string | number;

  /**
   * How much more it may use of others of its cohort.
   *
   * @default - all that they do not use
   */
  readonly borrowingLimit?: string | number;

  /**
   * How much of its own others of its cohort may use.
   *
   * @default - all that it does not use
   */
  readonly lendingLimit?: string | number;
}

/** Which workloads may be put out to make place. */
export interface ClusterQueuePreemption {
  /**
   * Those of others of the cohort that use what is this queue's own.
   *
   * @default 'Never'
   */
  readonly reclaimWithinCohort?: 'Never' | 'LowerPriority' | 'Any';

  /**
   * Those of the same queue.
   *
   * @default 'Never'
   */
  readonly withinClusterQueue?: 'Never' | 'LowerPriority' | 'LowerOrNewerEqualPriority';

  /**
   * Those of others of the cohort, to borrow: Kueue's `policy` and `maxPriorityThreshold`.
   *
   * @default - never
   */
  readonly borrowWithinCohort?: { [key: string]: any };
}
