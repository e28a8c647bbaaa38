import { randomBytes } from 'node:crypto';
import { now, Store } from './store';
import { Manifest } from '../pod/manifest';

/** Writes the events that people look for when a pod does not do what they want; equal ones are counted, as by the kubelet. */
export class EventRecorder {
  private readonly last = new Map<string, Manifest>();

  public constructor(private readonly store: Store, private readonly node: string) {}

  public scheduler(pod: Manifest, type: 'Normal' | 'Warning', reason: string, message: string, action: string): void {
    this.store.create('events', {
      ...this.base(pod, type, reason, message),
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      action,
      reportingComponent: 'default-scheduler',
      reportingInstance: `default-scheduler-${this.node}`,
    });
  }

  /** @param container `spec.containers{base}`, where the event is about one container */
  public kubelet(pod: Manifest, type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    const key = [pod.metadata.uid, container, reason, message].join('\n');
    const before = this.last.get(key);
    if (before && this.store.find('events', before.metadata.namespace, before.metadata.name!)) {
      this.last.set(key, this.store.update('events', before, draft => {
        draft.count += 1;
        draft.lastTimestamp = now();
      }));
      return;
    }
    this.last.set(key, this.store.create('events', {
      ...this.base(pod, type, reason, message, container),
      source: { component: 'kubelet', host: this.node },
      firstTimestamp: now(),
      lastTimestamp: now(),
      count: 1,
      eventTime: null,
      reportingComponent: 'kubelet',
      reportingInstance: this.node,
    }));
  }

  private base(pod: Manifest, type: string, reason: string, message: string, fieldPath?: string): Manifest {
    const { name, namespace, uid, resourceVersion } = pod.metadata;
    return {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
      involvedObject: { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion, ...fieldPath && { fieldPath } },
      reason,
      message,
      type,
    };
  }
}
