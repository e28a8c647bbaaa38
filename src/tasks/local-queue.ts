import { Construct } from 'constructs';
import { ClusterQueue } from './cluster-queue';
import { assertKueueName, kueueObject, namespaceOf } from './private/kueue-object';
import { toWire } from '../pod/schema';
import { constructsOf } from '../private/complete-app';
import { warnWhenComplete } from '../private/warnings';

/** The queue of a namespace. */
export interface LocalQueueProps {
  /**
   * Its name, which a task gives as `queueName`.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * Its namespace, that of the Jobs.
   *
   * @default - the chart's namespace, else the one the manifest is applied in
   */
  readonly namespace?: string;

  /** Name of the ClusterQueue that has the quota. It cannot be changed later. */
  readonly clusterQueue: string;

  /**
   * `Hold` admits nothing more, `HoldAndDrain` also ends what was admitted.
   *
   * @default 'None'
   */
  readonly stopPolicy?: 'None' | 'Hold' | 'HoldAndDrain';
}

const LOCAL_QUEUE = Symbol.for('cdk8s-airflow.LocalQueue');

/**
 * Kueue's LocalQueue.
 *
 * @see https://kueue.sigs.k8s.io/docs/concepts/local_queue/
 */
export class LocalQueue extends Construct {
  /** True for a {@link LocalQueue}, also one of another copy of this package. */
  public static isLocalQueue(x: any): x is LocalQueue {
    return x !== null && typeof x === 'object' && LOCAL_QUEUE in x;
  }

  /** Its name. */
  public readonly name: string;

  /** Its namespace; undefined where neither the props nor the chart names one. */
  public readonly namespace?: string;

  constructor(scope: Construct, id: string, props: LocalQueueProps) {
    super(scope, id);
    Object.defineProperty(this, LOCAL_QUEUE, { value: true });
    this.namespace = namespaceOf(this, props.namespace);
    const names = { name: true, namespace: true, clusterQueue: true, stopPolicy: true } as const;
    this.name = kueueObject(this, 'LocalQueue', props, names, () => {
      const { clusterQueue, stopPolicy } = props;
      assertKueueName('clusterQueue', clusterQueue);
      return { namespace: this.namespace, spec: toWire('Kueue.LocalQueueSpec', { clusterQueue, stopPolicy }, '') };
    });
    warnWhenComplete(this, () => {
      const queues = constructsOf(this, ClusterQueue.isClusterQueue).map(({ name }) => name);
      return queues.length === 0 || queues.includes(props.clusterQueue) ? []
        : [`'clusterQueue' is '${props.clusterQueue}', and the ClusterQueues of this app are ${queues.map(name => `'${name}'`).join(', ')}`];
    });
  }
}
