import { KubernetesApi } from './api';
import type { AttemptOutcome } from './attempt';
import { ApiError } from './errors';
import { ObjectKind } from './object-kind';
import { ObjectState } from './object-reducer';
import { NamespaceScope } from './scope';
import { CLEAN_UP_MS, TryObject } from './try-object';
import { Manifest } from '../pod/manifest';
import { PropagationPolicy, TaskAnnotation } from '../pod/task-annotation';

export interface ObjectCleanUpOptions {
  readonly api: KubernetesApi;
  readonly scope: NamespaceScope;
  readonly kind: ObjectKind;
  readonly task: TaskAnnotation;
  readonly object: TryObject<Manifest>;
}

/** What becomes of a Job or the like when its try has ended. */
export class ObjectCleanUp {
  constructor(private readonly options: ObjectCleanUpOptions) {}

  /** `onFinishAction` is for the object with its pods; other tasks may still ask the cluster for it, so that it goes when all have ended. */
  public after(state: ObjectState, success: boolean): Pick<AttemptOutcome, 'cleanUp' | 'atEnd'> {
    const { kind, task: { onFinishAction: action }, object } = this.options;
    const ended = state.end !== null && kind.reading(state.object).end !== null;
    const unwanted = action === 'delete_pod' || (action === 'delete_succeeded_pod' && success) || !ended;
    // Kubernetes deletes it itself.
    const expires = object.created!.spec?.ttlSecondsAfterFinished !== undefined && ended;
    if (state.gone) { return { cleanUp: async () => [] }; }
    if (!unwanted || expires) { return { cleanUp: () => this.release(state.object) }; }
    return success ? { cleanUp: async () => [], atEnd: () => this.remove('Background') } : { cleanUp: () => this.remove('Background') };
  }

  public remove(propagationPolicy: PropagationPolicy = this.options.task.onKillPropagationPolicy ?? 'Foreground'): Promise<string[]> {
    return this.options.object.remove({ propagationPolicy });
  }

  /** Takes the object out of what goes with the run. */
  private async release({ metadata }: Manifest): Promise<string[]> {
    const { api, scope, kind } = this.options;
    const others = metadata.ownerReferences?.filter((owner: any) => owner.uid !== scope.owner?.uid) ?? [];
    if (others.length === (metadata.ownerReferences?.length ?? 0)) { return []; }
    try {
      const limits = { signal: AbortSignal.timeout(CLEAN_UP_MS), patienceMs: CLEAN_UP_MS };
      const patch = { metadata: { uid: metadata.uid, ownerReferences: others.length > 0 ? others : null } };
      await api.patchObject(kind, scope.namespace, metadata.name!, patch, limits);
      scope.deleted.add(metadata.uid);
      return [];
    } catch (error) {
      if (error instanceof ApiError && [404, 409].includes(error.status)) { return []; }
      return [`the ${kind.kind} stays together with ConfigMap '${scope.ownerName}', which goes with it: ${(error as Error).message}`];
    }
  }
}
