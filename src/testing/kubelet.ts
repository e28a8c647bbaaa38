import { Container } from './container';
import { mergeCondition } from './pod-status';
import { KubeletContext, PodWorker } from './pod-worker';
import { ClusterNode, unschedulable } from './scheduler';
import { Change, now } from './store';
import { Manifest } from '../pod/manifest';

/** The scheduler, the kubelet and the garbage collector of the one node: they see changes in the store and act. */
export class Kubelet {
  private readonly workers = new Map<string, PodWorker>();
  private readonly tasks = new Set<Promise<void>>();
  private readonly off: () => void;
  private stopped = false;

  public constructor(private readonly context: KubeletContext, public readonly node: ClusterNode) {
    // Later, so that all who watch see changes in the order of their versions.
    this.off = context.store.onChange(change => setImmediate(() => this.seen(change)));
  }

  /** The container as it is on the node; undefined where the pod is not on the node. */
  public container(pod: Manifest, name: string): Container | undefined {
    return this.workers.get(pod.metadata.uid)?.container(name);
  }

  /** Kills every process of every pod, at once and without a word to the store. */
  public kill(): void {
    this.stopped = true;
    this.off();
    for (const worker of this.workers.values()) { worker.kill(); }
  }

  public async stop(): Promise<void> {
    this.kill();
    await Promise.all([...this.workers.values()].map(worker => worker.stop(0)));
    await Promise.all(this.tasks);
  }

  private seen({ type, resource, object, previous }: Change): void {
    if (this.stopped) { return; }
    if (type === 'DELETED') { this.collect(object); }
    if (type === 'ADDED' && this.orphaned(object)) { return this.deleteDependent(resource, object); }
    if (resource !== 'pods') { return; }
    const ended = (pod?: Manifest) => ['Succeeded', 'Failed'].includes(pod?.status.phase);
    if (type === 'ADDED') {
      this.schedule(object);
    } else if (type === 'DELETED') {
      this.remove(object);
    } else if (object.metadata.deletionTimestamp && object.metadata.deletionGracePeriodSeconds !== previous?.metadata.deletionGracePeriodSeconds) {
      this.task(this.terminate(object));
    }
    // What it used is free for another one.
    if (type === 'DELETED' || ended(object) && !ended(previous)) { this.scheduleWaiting(); }
  }

  private scheduleWaiting(): void {
    for (const pod of this.context.store.list('pods')) {
      if (!pod.spec.nodeName && !pod.metadata.deletionTimestamp) { this.schedule(pod); }
    }
  }

  private schedule(pod: Manifest): void {
    const { store, events } = this.context;
    const current = store.find('pods', pod.metadata.namespace, pod.metadata.name!);
    if (current?.metadata.uid !== pod.metadata.uid || current!.spec.nodeName) { return; }
    const running = store.list('pods').filter(other => other.spec.nodeName && !['Succeeded', 'Failed'].includes(other.status.phase));
    const message = unschedulable(pod, this.node, running);
    if (message !== undefined) {
      if (current!.status.conditions?.[0]?.message === message) { return; }
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
      store.update('pods', pod, draft => { draft.status.conditions = [mergeCondition(draft, condition)]; });
      events.scheduler(pod, 'Warning', 'FailedScheduling', message, 'Scheduling');
      return;
    }
    const bound = store.update('pods', pod, draft => {
      draft.spec.nodeName = this.node.name;
      draft.status.conditions = [mergeCondition(draft, { type: 'PodScheduled', status: 'True' })];
    });
    events.scheduler(bound, 'Normal', 'Scheduled', `Successfully assigned ${bound.metadata.namespace}/${bound.metadata.name} to ${this.node.name}`, 'Binding');
    const worker = new PodWorker(this.context, bound);
    this.workers.set(bound.metadata.uid, worker);
    this.task(worker.run());
  }

  /** Ends a pod that is being deleted, then removes it. */
  private async terminate(pod: Manifest): Promise<void> {
    const { store } = this.context;
    await this.workers.get(pod.metadata.uid)?.stop(pod.metadata.deletionGracePeriodSeconds);
    const current = store.find('pods', pod.metadata.namespace, pod.metadata.name!);
    if (this.stopped || current?.metadata.uid !== pod.metadata.uid) { return; }
    const last = store.update('pods', current!, draft => {
      draft.metadata.deletionGracePeriodSeconds = 0;
      draft.metadata.deletionTimestamp = now();
    });
    if (!last.metadata.finalizers?.length) { store.remove('pods', last); }
  }

  private remove(pod: Manifest): void {
    const worker = this.workers.get(pod.metadata.uid);
    if (!worker) { return; }
    this.workers.delete(pod.metadata.uid);
    // One that was deleted by force still has its processes.
    this.task(worker.stop(0).then(() => worker.remove()));
  }

  private orphaned(object: Manifest): boolean {
    const owners: any[] = object.metadata.ownerReferences ?? [];
    return owners.length > 0 && !owners.some(owner => this.exists(owner.uid));
  }

  private exists(uid: string): boolean {
    return this.context.store.all().some(([, object]) => object.metadata.uid === uid);
  }

  /** The garbage collector: deletes what only the deleted object owned. */
  private collect(owner: Manifest): void {
    for (const [resource, object] of this.context.store.all()) {
      const owned = object.metadata.ownerReferences?.some((reference: any) => reference.uid === owner.metadata.uid);
      if (owned && this.orphaned(object)) { this.deleteDependent(resource, object); }
    }
  }

  private deleteDependent(resource: string, object: Manifest): void {
    this.context.store.delete(resource, object);
  }

  private task(work: Promise<void>): void {
    const task = work.finally(() => this.tasks.delete(task));
    this.tasks.add(task);
  }
}
