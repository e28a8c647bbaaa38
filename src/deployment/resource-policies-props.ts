/** What the pods, or other objects, of a namespace may ask for together. */
export interface ResourceQuotaProps {
  /** Resource → most that all of them together may have: `requests.cpu`, `limits.memory`, `pods`, `count/jobs.batch` … */
  readonly hard: { [resource: string]: any };
}

/** What one container, pod or claim of a namespace may ask for, and what a container has that does not say. */
export interface LimitRangeProps {
  /**
   * What it is about.
   *
   * @default 'Container'
   */
  readonly type?: 'Container' | 'Pod' | 'PersistentVolumeClaim';

  /**
   * Resource → limit of a container that has none; of `Container` alone.
   *
   * @default - `max`, as Kubernetes fills it in
   */
  readonly defaultLimit?: { [resource: string]: any };

  /**
   * Resource → request of a container that has none; of `Container` alone.
   *
   * @default - the default limit, else `min`
   */
  readonly defaultRequest?: { [resource: string]: any };

  /**
   * Resource → most. A container without a limit of its own gets this one, unless `defaultLimit` has another, and without a request asks for as much.
   *
   * @default - none
   */
  readonly max?: { [resource: string]: any };

  /**
   * Resource → least.
   *
   * @default - none
   */
  readonly min?: { [resource: string]: any };
}

/** How much pods matter beside others of the cluster. */
export interface PriorityClassProps {
  /** The higher, the sooner is a pod scheduled; -2147483648 to 1000000000. */
  readonly value: number;

  /**
   * What it is for.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether pods of it may push out those of lower priority.
   *
   * @default 'PreemptLowerPriority'
   */
  readonly preemptionPolicy?: 'PreemptLowerPriority' | 'Never';
}
