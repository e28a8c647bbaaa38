import { kubectl } from './kubectl';
import { TestController } from './test-controller';
import { KUEUE_API_VERSION, QUEUE_NAME } from '../../src/pod/kueue';
import { Amounts, podResources } from '../../src/pod/pod-resources';
import { formatQuantity, parseQuantity } from '../../src/pod/quantity';
import { JOB } from '../../src/runtime/job-kind';

const LOCAL_QUEUE = { apiVersion: KUEUE_API_VERSION, kind: 'LocalQueue', plural: 'localqueues' };

interface Queued {
  readonly job: any;
  readonly workload: string;
  readonly requests: Amounts;
  /** The ClusterQueue that has admitted it. */
  admittedBy?: string;
  /** What was said of it last. */
  said?: string;
}

/**
 * Plays Kueue for the Jobs of a namespace: a Workload for each, admission in the order of their coming as far as the first flavor of the ClusterQueue has quota,
 * and the conditions, in Kueue's own words, of those that wait.
 *
 * @see https://kueue.sigs.k8s.io/docs/concepts/workload/
 */
export class KueueController extends TestController {
  /** Names of the Jobs that were admitted, in their order. */
  public readonly admitted: string[] = [];
  private readonly queued = new Map<string, Queued>();

  constructor(namespace: string) {
    super(namespace, 'kueue-controller');
    this.watch(LOCAL_QUEUE, '', { seen: () => this.schedule() });
    this.watch(JOB, QUEUE_NAME, {
      seen: job => this.seen(job),
      gone: (_, uid) => { if (this.queued.delete(uid)) { this.schedule(); } },
    });
  }

  private seen(job: any): void {
    const { uid, deletionTimestamp } = job.metadata;
    const known = this.queued.get(uid);
    const { end } = JOB.reading(job);
    if (known && end) {
      this.say(known, 'Finished', 'True', end.failure === null ? 'Succeeded' : 'Failed', end.message ?? 'Job finished successfully');
      this.queued.delete(uid);
    } else if (known === undefined && !end && !deletionTimestamp && job.spec.suspend) {
      this.queued.set(uid, this.queue(job));
    }
    this.schedule();
  }

  private queue(job: any): Queued {
    const { name, uid, labels } = job.metadata;
    const workload = `job-${name}-${uid.slice(0, 5)}`;
    const count = job.spec.parallelism ?? 1;
    this.apply({
      apiVersion: KUEUE_API_VERSION,
      kind: 'Workload',
      metadata: {
        name: workload,
        namespace: this.namespace,
        labels: { 'kueue.x-k8s.io/job-uid': uid },
        ownerReferences: [{ apiVersion: JOB.apiVersion, kind: JOB.kind, name, uid, controller: true, blockOwnerDeletion: true }],
      },
      spec: { queueName: labels[QUEUE_NAME], active: true, podSets: [{ name: 'main', count, template: job.spec.template }] },
    });
    const requests = Object.entries(podResources(job.spec.template.spec, 'requests')).map(([resource, amount]) => [resource, amount * BigInt(count)]);
    return { job, workload, requests: Object.fromEntries(requests) };
  }

  private schedule(): void {
    for (const one of this.queued.values()) {
      if (one.admittedBy === undefined) { this.consider(one); }
    }
  }

  private consider(one: Queued): void {
    const pending = (reason: string, message: string) => this.say(one, 'QuotaReserved', 'False', reason, message);
    const queue = one.job.metadata.labels[QUEUE_NAME];
    const local = this.find('localqueue', queue, ['-n', this.namespace]);
    if (!local) { return pending('Inadmissible', `LocalQueue ${queue} doesn't exist`); }
    const name = local.spec.clusterQueue;
    const cluster = this.find('clusterqueue', name);
    if (!cluster) { return pending('Inadmissible', `ClusterQueue ${name} doesn't exist`); }
    const used = [...this.queued.values()].filter(({ admittedBy }) => admittedBy === name).map(({ requests }) => requests);
    const flavors: { [resource: string]: string } = {};
    for (const { flavors: [flavor] } of cluster.spec.resourceGroups) {
      for (const { name: resource, nominalQuota } of flavor.resources) {
        const free = used.reduce((left, requests) => left - (requests[resource] ?? 0n), parseQuantity(nominalQuota)!);
        const more = (one.requests[resource] ?? 0n) - free;
        if (more > 0n) {
          return pending('Pending', `couldn't assign flavors to pod set main: insufficient unused quota for ${resource} in flavor ${flavor.name}, ${formatQuantity(more)} more needed`);
        }
        flavors[resource] = flavor.name;
      }
    }
    this.admit(one, name, flavors);
  }

  private admit(one: Queued, clusterQueue: string, flavors: { [resource: string]: string }): void {
    one.admittedBy = clusterQueue;
    const { name } = one.job.metadata;
    const resourceUsage = Object.fromEntries(Object.keys(flavors).map(resource => [resource, formatQuantity(one.requests[resource] ?? 0n)]));
    const admission = { clusterQueue, podSetAssignments: [{ name: 'main', count: one.job.spec.parallelism ?? 1, flavors, resourceUsage }] };
    this.say(one, 'QuotaReserved', 'True', 'QuotaReserved', `Quota reserved in ClusterQueue ${clusterQueue}`, { admission });
    this.say(one, 'Admitted', 'True', 'Admitted', 'The workload is admitted');
    const nodeSelector = Object.assign({}, ...[...new Set(Object.values(flavors))].map(flavor => this.find('resourceflavor', flavor)?.spec?.nodeLabels));
    this.admitted.push(name);
    this.patch('job', name, { spec: { suspend: false, template: { spec: { nodeSelector } } } });
  }

  /** Sets a condition of a workload, beside those of other types. */
  private say(one: Queued, type: string, status: string, reason: string, message: string, more: any = {}): void {
    if (one.said === message) { return; }
    one.said = message;
    const { status: now } = this.find('workload', one.workload, ['-n', this.namespace]) ?? {};
    const conditions = (now?.conditions ?? []).filter((condition: any) => condition.type !== type);
    const condition = { type, status, reason, message, lastTransitionTime: new Date().toISOString().replace(/\.\d+/, '') };
    this.patch('workload', one.workload, { status: { ...more, conditions: [...conditions, condition] } }, '--subresource=status');
  }

  private find(kind: string, name: string, where: string[] = []): any {
    const text = kubectl(['get', kind, name, ...where, '-o', 'json', '--ignore-not-found']);
    return text === '' ? undefined : JSON.parse(text);
  }

  private apply(object: any): void {
    kubectl(['apply', '-f', '-'], JSON.stringify(object));
  }

  /** What somebody deletes in the meantime is deleted. */
  private patch(kind: string, name: string, patch: any, ...args: string[]): void {
    try {
      kubectl(['patch', kind, name, '-n', this.namespace, '--type=merge', '-p', JSON.stringify(patch), ...args]);
    } catch (error) {
      if (!/NotFound/.test((error as Error).message)) { throw error; }
    }
  }
}
