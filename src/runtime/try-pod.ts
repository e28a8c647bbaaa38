import { KubernetesApi, Pod } from './api';
import { ApiError, LostPodError, ManifestError } from './errors';
import { RUN_LABEL, SPEC_HASH_ANNOTATION } from './render';
import { NamespaceScope } from './scope';
import { sleep } from './wait';
import { Manifest } from '../pod/manifest';
import { XCOM_SIDECAR_NAME } from '../pod/xcom';

/** How long a stop may take to clean up. */
export const CLEAN_UP_MS = 10_000;

export interface TryPodOptions {
  readonly api: KubernetesApi;
  readonly scope: NamespaceScope;
  readonly name: string;
  /** How long a quota may refuse the pod. */
  readonly startupTimeoutSeconds: number;
  /** The pod was deleted by a run that was cancelled: it may be made anew when it is gone. */
  readonly cancelledBefore: boolean;
  /** The pod has existed: if it is not there it was deleted, and must not be made a second time. */
  readonly startedBefore: boolean;
  readonly signal: AbortSignal;
  readonly onWait: (message: string) => void;
  readonly onAdopt: () => void;
}

/** The pod of one try, which is made once and no more, whatever answers are lost. */
export class TryPod {
  /** The pod as it was when it was made or taken up. */
  public created?: Pod;
  /** The pod was there already. */
  public adopted = false;
  /** A create was sent and its answer is not known. */
  private unanswered = false;

  constructor(private readonly options: TryPodOptions) {}

  /** Creates the pod, or takes up the one that this run made before. */
  public async create(rendered: Manifest): Promise<Pod> {
    return this.created = await this.createOrAdopt(rendered);
  }

  private async createOrAdopt(rendered: Manifest): Promise<Pod> {
    const { api, scope, name, signal, cancelledBefore } = this.options;
    const known = scope.pods.get(name);
    if (known && !(cancelledBefore && known.metadata.deletionTimestamp)) { return this.adopt(rendered, known); }
    if (this.options.startedBefore && !cancelledBefore) {
      const existing = await this.find();
      if (existing) { return this.adopt(rendered, existing); }
      throw new LostPodError(`pod '${name}' was started and is gone; nobody saw how it ended`, "run the task again, or set 'retries'");
    }
    let quotaSince: number | undefined;
    for (let tries = 0; ; tries++) {
      try {
        this.unanswered = true;
        return await api.createPod(scope.namespace, rendered, { signal, patienceMs: 300_000 });
      } catch (error) {
        this.unanswered = !(error instanceof ApiError);
        if (error instanceof ApiError && error.reason === 'AlreadyExists') {
          const existing = await this.find();
          if (existing && !(cancelledBefore && existing.metadata.deletionTimestamp)) { return this.adopt(rendered, existing); }
          await sleep(500, signal);
        } else if (error instanceof ApiError && error.exceedsQuota) {
          quotaSince ??= performance.now();
          if (performance.now() - quotaSince > this.options.startupTimeoutSeconds * 1000) { throw error; }
          if (tries === 0) { this.options.onWait(`waiting for quota: ${error.serverMessage}`); }
          await sleep(Math.min(10_000, 1000 * 2 ** tries), signal);
        } else {
          throw error;
        }
      }
    }
  }

  private adopt(rendered: Manifest, existing: Pod): Pod {
    const same = (at: (pod: Manifest) => string | undefined) => at(existing) === at(rendered);
    if (!same(pod => pod.metadata.labels?.[RUN_LABEL])) {
      throw new ManifestError(`pod '${this.options.name}' exists in namespace '${existing.metadata.namespace}' and belongs to no such run (NameCollision)`, "delete it, or choose another '--run-id'");
    }
    if (!same(pod => pod.metadata.annotations?.[SPEC_HASH_ANNOTATION])) {
      throw new ManifestError(`pod '${this.options.name}' of this run was made from another manifest (NameCollision)`, "the manifests changed since the run began: choose another '--run-id'");
    }
    this.adopted = true;
    this.options.onAdopt();
    return existing;
  }

  private async find(): Promise<Pod | undefined> {
    const { api, scope, name, signal } = this.options;
    try {
      return await api.getPod(scope.namespace, name, { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) { return undefined; }
      throw error;
    }
  }

  /** A webhook, or a server older than native sidecars, may drop a field that the pod cannot end without. */
  public checkSidecar(rendered: Manifest): void {
    const policy = (pod: Manifest) => pod.spec.initContainers?.find((c: any) => c.name === XCOM_SIDECAR_NAME)?.restartPolicy;
    if (policy(rendered) === 'Always' && policy(this.created!) !== 'Always') {
      throw new ManifestError(`the cluster dropped 'restartPolicy: Always' of container '${XCOM_SIDECAR_NAME}', without which the pod never starts`,
        "set xcomMode 'airflow' or 'termination', or correct the webhook that changes the pod");
    }
  }

  /** `reason: message` of the last Warning events. */
  public async events(): Promise<string[]> {
    const { api, scope, name, signal } = this.options;
    const events = await api.podEvents(scope.namespace, name, this.created!.metadata.uid, { signal, patienceMs: 5_000 });
    return events.filter(event => event.type === 'Warning').slice(-20).map(event => `${event.reason}: ${String(event.message).trim()}`);
  }

  /** Deletes the pod. A create that was interrupted may have come through, so the pod is looked for. @returns warnings */
  public async remove(): Promise<string[]> {
    const { api, scope, name } = this.options;
    const limits = { signal: AbortSignal.timeout(CLEAN_UP_MS), patienceMs: CLEAN_UP_MS };
    try {
      let pod = this.created;
      if (!pod && this.unanswered) {
        const found = await api.getPod(scope.namespace, name, limits);
        if (found.metadata.labels?.[RUN_LABEL] === scope.runLabel) { pod = found; }
      }
      if (pod) {
        await api.deletePod(scope.namespace, name, pod.metadata.uid, limits);
        scope.deleted.add(pod.metadata.uid);
      }
      return [];
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || !this.created)) { return []; }
      return [`pod '${name}' could not be deleted: ${(error as Error).message}; run: kubectl delete pod ${name} -n ${scope.namespace}`];
    }
  }
}
