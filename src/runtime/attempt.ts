import { KubernetesApi, Pod } from './api';
import { PodCallbacks } from './callbacks';
import { Diagnosis, diagnoseEnd, diagnoseError, diagnoseStop, missingMount } from './diagnose';
import { ManifestError, RuntimeError, Stopped } from './errors';
import { LiveState, RunEvent } from './events';
import { PlannedTask } from './plan';
import { isFinished, PodState, speakerOf } from './reducer';
import { objectOfTry, podName, TryOptions } from './render';
import { Evidence, nameOf, RunState, TaskResult, taskResult } from './result';
import { NamespaceScope } from './scope';
import { PodTracker } from './tracker';
import { TryCallbacks } from './try-callbacks';
import { TryLog } from './try-log';
import { CLEAN_UP_MS, podCalls, TryObject } from './try-object';
import { inexactNumbers, readXcom, terminationMessage, xcomIsReady, XComValue } from './xcom';
import { Manifest } from '../pod/manifest';
import { NodeKind } from '../pod/placement';
import { XCOM_FILE, XCOM_SIDECAR_NAME } from '../pod/xcom';

/** A pod that has a node and does not start is asked for its events after so long. */
const LOOK_AT_EVENTS_MS = 20_000;

export interface AttemptOptions {
  readonly api: KubernetesApi;
  readonly scope: NamespaceScope;
  readonly planned: PlannedTask;
  readonly runId: string;
  readonly tryNumber: number;
  readonly xcom: TryOptions['xcom'];
  /** What templates may name. */
  readonly templates: Pick<TryOptions, 'context' | 'logicalDate' | 'dagId'>;
  readonly callbacks: readonly PodCallbacks[];
  /** Read the log of the base container while it runs; of each pod, where there are several. */
  readonly logs: boolean;
  readonly stop: AbortSignal;
  /** The object of this try was deleted by a run that was cancelled: it may be made anew when it is gone. */
  readonly cancelledBefore: boolean;
  /** The object of this try has existed: if it is not there it was deleted, and must not be made a second time. */
  readonly startedBefore: boolean;
  readonly emit: (event: RunEvent) => void;
  /** Called once when the object exists, before anything depends on it. */
  readonly started: (object: Manifest) => Promise<void>;
}

export interface AttemptOutcome {
  readonly result: TaskResult;
  readonly xcom: XComValue | null;
  /** XComs of other keys, as JSON. */
  readonly xcoms?: { readonly [key: string]: string };
  /** The object is left to another runner of this run, which started it. */
  readonly left?: boolean;
  /** Deletes or keeps the object, as the task wants; to be called when the result is safe. @returns warnings */
  readonly cleanUp: () => Promise<string[]>;
  /** What is left to do when all tasks have ended, told how the run ended. @returns warnings */
  readonly atEnd?: (state: RunState) => Promise<string[]>;
}

/** One try of a task: one pod. */
export class Attempt {
  private readonly base: string;
  private readonly tracker: PodTracker;
  private readonly signal: AbortSignal;
  private readonly warnings: string[] = [];
  private readonly name: string;
  private readonly pod: TryObject<Pod>;
  private readonly log: TryLog;
  private readonly callbacks: TryCallbacks;
  private eventsTimer?: NodeJS.Timeout;

  constructor(private readonly options: AttemptOptions) {
    const { api, planned, scope, stop, tryNumber, emit } = options;
    const { taskId, startupTimeoutSeconds } = planned.task;
    this.base = planned.object.spec.containers[0].name;
    this.tracker = new PodTracker({ base: this.base, startupTimeoutSeconds });
    this.name = podName(planned, options.runId, tryNumber);
    this.signal = AbortSignal.any([stop, scope.broken.signal]);
    const common = { api, name: this.name, signal: this.signal };
    this.pod = new TryObject({
      ...common,
      calls: podCalls(api),
      known: scope.pods,
      scope,
      startupTimeoutSeconds,
      cancelledBefore: options.cancelledBefore,
      startedBefore: options.startedBefore,
      onWait: message => this.announce('pending', message),
      onAdopt: () => this.note(`took up pod '${this.name}' that this run had started before`),
    });
    const { mapIndex, task } = planned;
    const { templates: { dagId }, runId } = options;
    this.callbacks = new TryCallbacks(options.callbacks, { task, context: { runId, dagId, mapIndex, tryNumber } }, api, scope.namespace, this.signal);
    this.log = new TryLog({
      ...common,
      namespace: scope.namespace,
      container: this.base,
      onLine: (timestamp, line) => {
        this.callbacks.line(this.tracker.state!.pod, speakerOf(this.tracker.state!) ?? this.base, timestamp, line);
        emit({ type: 'log', task: taskId, attempt: tryNumber, timestamp, line });
      },
      onWarning: warning => this.warnings.push(warning),
    });
  }

  public async run(): Promise<AttemptOutcome> {
    const { scope } = this.options;
    scope.track(this.name, this.tracker);
    const outcome = await this.untilOutcome();
    this.log.close();
    return {
      ...outcome,
      cleanUp: async () => {
        try { return await outcome.cleanUp(); } finally { scope.untrack(this.name); }
      },
    };
  }

  private async untilOutcome(): Promise<AttemptOutcome> {
    const { planned, scope } = this.options;
    try {
      await scope.keepOwner(this.signal);
      await this.callbacks.call('onSyncClientCreation');
      const rendered = objectOfTry(planned, { ...this.options, ...this.options.templates, namespace: scope.namespace, owner: scope.owner });
      this.announce('pending', null);
      await this.callbacks.manifestCreated(rendered);
      const pod = await this.pod.create(rendered);
      this.tracker.begin(pod);
      // The watch may be late, or never bring it.
      if (!this.tracker.state!.gone && !scope.pods.has(this.name)) { scope.pods.set(this.name, pod); }
      await this.options.started(pod);
      checkSidecar(rendered, pod);
      await this.callbacks.call('onPodCreation', pod);
      return await this.observe();
    } catch (error) {
      return this.fail(error);
    }
  }

  private async observe(): Promise<AttemptOutcome> {
    let said = '';
    const state = await this.tracker.until(seen => {
      const news = seen.problem ? `${seen.problem.reason}: ${seen.problem.message}` : '';
      if (!seen.end && !seen.started && news !== said) { said = news; this.announce('pending', news); }
      return seen.end !== null || seen.started || (seen.scheduled && this.lookAtEvents());
    }, this.signal);
    if (state.started && !state.end) { this.announce('running', null); }
    if (state.started) {
      await this.callbacks.call('onPodStarting', state.pod);
      if (this.options.logs) { this.log.follow(); }
    }
    const end = await this.tracker.until(seen => seen.end !== null, this.signal);
    return this.conclude(end);
  }

  /** Looks once at the events of a pod that has a node and does not start: a missing Secret in a volume is said nowhere else. Always false. */
  private lookAtEvents(): false {
    if (this.eventsTimer === undefined) {
      this.eventsTimer = setTimeout(() => {
        void this.events().then(events => {
          const mount = missingMount(events);
          if (mount && !this.tracker.state!.started && !this.tracker.state!.end) { this.announce('pending', `FailedMount: ${mount}`); }
        });
      }, LOOK_AT_EVENTS_MS);
      this.eventsTimer.unref();
    }
    return false;
  }

  private async conclude(state: PodState): Promise<AttemptOutcome> {
    clearTimeout(this.eventsTimer);
    const { task } = this.options.planned;
    const end = state.end!;
    this.log.containerEnded();
    const speaker = speakerOf(state);
    if (this.options.logs && speaker !== undefined) { this.log.follow(speaker); }
    if (state.started && !this.callbacks.none) {
      // All lines have been told before.
      await this.log.finish();
      await this.callbacks.call('onPodCompletion', this.tracker.state!.pod);
      await this.callbacks.call('onPodTeardown', this.tracker.state!.pod);
    }
    let xcom: XComValue | null = null;
    let diagnosis: Diagnosis | null = null;
    const readable = speaker === this.base && end.exitCode !== null && (end.failure === null || end.failure === 'app');
    if (task.doXcomPush && readable) {
      try {
        xcom = await this.xcom();
      } catch (error) {
        if (this.signal.aborted) { throw error; }
        const failure = diagnoseError(error, state.pod);
        if (end.failure === null) { diagnosis = failure; } else { this.warnings.push(failure.message); }
      }
    }
    if (task.doXcomPush && end.failure === null && !diagnosis && xcom === null) {
      this.note(`the task wrote no ${XCOM_FILE}, or an empty one: its XCom is null`);
    }
    this.warnings.push(...inexactNumbers(xcom));
    await this.log.finish();
    let evidence: Evidence | null = null;
    if (end.failure !== null || diagnosis) {
      evidence = await this.evidence(speaker);
      const nodes = end.failure === 'capacity' ? await this.nodes() : undefined;
      diagnosis ??= diagnoseEnd({ ...end, failure: end.failure! }, this.tracker.state!.pod, evidence.events, evidence.terminationMessage, nodes);
    }
    const { pod } = this.tracker.state!;
    return {
      xcom,
      cleanUp: async () => {
        const warnings = await this.cleanUp(diagnosis === null);
        if (diagnosis) { return warnings; }
        return this.callbacks.call('onPodCleanup', pod).then(() => warnings, error => [...warnings, error.message]);
      },
      result: this.result(diagnosis, { exitCode: end.exitCode, xcom: xcom?.value ?? null, evidence, pod }),
    };
  }

  private async xcom(): Promise<XComValue | null> {
    const { task } = this.options.planned;
    const grace = (this.pod.created!.spec.terminationGracePeriodSeconds ?? 30) + 30;
    const told = (state: PodState) => state.gone || xcomIsReady(state.pod, task, this.base) || isFinished(state.pod);
    const ready = await this.tracker.until(told, this.signal, { ms: grace * 1000 }).catch(error => {
      if (this.signal.aborted) { throw error; }
      return this.tracker.state!;
    });
    return readXcom(this.options.api, ready.pod, task, this.base, this.signal);
  }

  private async evidence(speaker: string | undefined): Promise<Evidence> {
    const { pod } = this.tracker.state!;
    const events = await this.events();
    return { events, terminationMessage: terminationMessage(pod, this.base), logTail: await this.log.lastLines(speaker) };
  }

  /** The nodes, where we may see them. */
  private async nodes(): Promise<NodeKind[] | undefined> {
    try {
      const nodes = await this.options.api.listNodes({ signal: this.signal, patienceMs: 0 });
      return nodes.map(({ metadata, spec }) => ({ name: metadata.name, labels: metadata.labels ?? {}, taints: spec?.taints ?? [] }));
    } catch {
      return undefined;
    }
  }

  private async events(): Promise<string[]> {
    try {
      return await this.pod.events();
    } catch (error) {
      this.warnings.push(`the events could not be read: ${(error as Error).message}`);
      return [];
    }
  }

  /** What ends a try from our side: a refusal, a stop, or a cluster that is away. */
  private async fail(error: unknown): Promise<AttemptOutcome> {
    clearTimeout(this.eventsTimer);
    this.log.containerEnded();
    const { stop, scope, planned } = this.options;
    if (stop.aborted) {
      const left = this.pod.adopted && scope.shared;
      if (left) { this.note(`left pod '${this.name}' to the runner that started it; to delete it: kubectl delete pod ${this.name} -n ${scope.namespace}`); }
      this.warnings.push(...left ? [] : await this.pod.remove());
      const diagnosis = diagnoseStop(stop.reason as Stopped);
      return { xcom: null, left, cleanUp: async () => [], result: { ...this.result(diagnosis, { pod: this.pod.created }), state: 'cancelled' } };
    }
    const cause = scope.broken.signal.aborted ? scope.broken.signal.reason : error;
    if (!(cause instanceof RuntimeError)) { this.warnings.push(String((cause as Error).stack)); }
    const diagnosis = diagnoseError(cause, this.pod.created ?? inNamespace(planned.object, scope.namespace));
    // While nobody answers, the pod is left to the next runner of this run.
    const cleanUp = diagnosis.failure === 'unreachable' || !this.pod.created ? async () => [] : () => this.pod.remove();
    return { xcom: null, cleanUp, result: this.result(diagnosis, { pod: this.pod.created }) };
  }

  private result(
    diagnosis: Diagnosis | null, { pod, ...facts }: { exitCode?: number | null; xcom?: unknown; evidence?: Evidence | null; pod?: Pod },
  ): TaskResult {
    const { planned, tryNumber } = this.options;
    const attempts = this.pod.created ? tryNumber : tryNumber - 1;
    return taskResult(planned, diagnosis, { attempts, ...facts, warnings: this.warnings, pod: nameOf(pod) });
  }

  /** KubernetesPodOperator's table, but that nothing is left running. */
  private async cleanUp(success: boolean): Promise<string[]> {
    const action = this.options.planned.task.onFinishAction;
    const state = this.tracker.state!;
    if (state.gone) { return []; }
    const wanted = action === 'delete_pod' || (action === 'delete_succeeded_pod' && success);
    if (wanted) { return this.pod.remove(); }
    // The other containers may need a moment to end.
    if (!isFinished(state.pod)) {
      await this.tracker.until(seen => seen.gone || isFinished(seen.pod), undefined, { ms: state.started ? CLEAN_UP_MS : 1 }).catch(() => {});
    }
    if (this.tracker.state!.gone || isFinished(this.tracker.state!.pod)) { return []; }
    const warnings = await this.pod.remove();
    return action === 'delete_active_pod' ? warnings : [...warnings, `the pod was deleted although onFinishAction is '${action}': it would have gone on running`];
  }

  private announce(state: LiveState, message: string | null): void {
    const { emit, planned, tryNumber } = this.options;
    emit({ type: 'task', task: planned.task.taskId, state, attempt: tryNumber, pod: this.name, message });
  }

  private note(message: string): void {
    this.options.emit({ type: 'note', task: this.options.planned.task.taskId, message });
  }
}

/** The object with the namespace that it is for. */
export function inNamespace(object: Manifest, namespace: string): Manifest {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** A webhook, or a server older than native sidecars, may drop a field that the pod cannot end without. */
export function checkSidecar(rendered: Manifest, created: Manifest): void {
  const policy = ({ spec }: Manifest) => (spec.template?.spec ?? spec).initContainers?.find((c: any) => c.name === XCOM_SIDECAR_NAME)?.restartPolicy;
  if (policy(rendered) === 'Always' && policy(created) !== 'Always') {
    throw new ManifestError(`the cluster dropped 'restartPolicy: Always' of container '${XCOM_SIDECAR_NAME}', without which the pod never starts`,
      "set xcomMode 'airflow' or 'termination', or correct the webhook that changes the pod");
  }
}
