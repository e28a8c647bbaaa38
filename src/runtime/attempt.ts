import { KubernetesApi, Pod } from './api';
import { Diagnosis, diagnoseEnd, diagnoseError, missingMount } from './diagnose';
import { ApiError, LostPodError, ManifestError, RuntimeError } from './errors';
import { LiveState, RunEvent } from './events';
import { JsonNode } from './json';
import { followLog } from './logs';
import { PlannedTask } from './plan';
import { containerStatus, isFinished, PodState, ReducerSettings } from './reducer';
import { podName, podOfTry, RUN_LABEL, SPEC_HASH_ANNOTATION, TryOptions } from './render';
import { Evidence, TaskResult } from './result';
import { NamespaceScope } from './scope';
import { PodTracker } from './tracker';
import { sleep, timerMs } from './wait';
import { readXcom, xcomIsReady, XComValue } from './xcom';
import { Manifest } from '../pod/manifest';
import { parseXcomMessage, XCOM_FILE, XCOM_SIDECAR_NAME } from '../pod/xcom';

/** The last log lines that are kept as evidence. */
const TAIL_LINES = 50;
/** How long a stop may take to clean up. */
const CLEAN_UP_MS = 10_000;
/** A pod that has a node and does not start is asked for its events after so long. */
const LOOK_AT_EVENTS_MS = 20_000;

/** Why a run ends before its tasks do: the signal's reason. */
export class Stopped extends Error {
  constructor(public readonly why: 'cancelled' | 'timeout', message: string) {
    super(message);
  }
}

export interface AttemptOptions {
  readonly api: KubernetesApi;
  readonly scope: NamespaceScope;
  readonly planned: PlannedTask;
  readonly runId: string;
  readonly tryNumber: number;
  readonly xcom: (taskId: string) => JsonNode | null | undefined;
  /** What templates may name. */
  readonly templates: Pick<TryOptions, 'context' | 'logicalDate'>;
  /** Read the log of the base container while it runs. */
  readonly logs: boolean;
  readonly stop: AbortSignal;
  /** The pod of this try was deleted by a run that was cancelled: it may be made anew when it is gone. */
  readonly cancelledBefore: boolean;
  /** The pod of this try has existed: if it is not there it was deleted, and must not be made a second time. */
  readonly startedBefore: boolean;
  readonly emit: (event: RunEvent) => void;
  /** Called once when the pod exists, before anything depends on it. */
  readonly started: (pod: Pod) => Promise<void>;
}

export interface AttemptOutcome {
  readonly result: TaskResult;
  readonly xcom: XComValue | null;
  /** The pod is left to another runner of this run, which started it. */
  readonly left?: boolean;
  /** Deletes or keeps the pod, as the task wants; to be called when the result is safe. @returns warnings */
  readonly cleanUp: () => Promise<string[]>;
}

/** One try of a task: one pod. */
export class Attempt {
  private readonly base: string;
  private readonly settings: ReducerSettings;
  private readonly tracker: PodTracker;
  private readonly signal: AbortSignal;
  private readonly warnings: string[] = [];
  private readonly tail: string[] = [];
  private readonly name: string;
  private pod?: Pod;
  /** The pod was there already. */
  private adopted = false;
  /** A create was sent and its answer is not known. */
  private unanswered = false;
  private log?: Promise<void>;
  private eventsTimer?: NodeJS.Timeout;
  private readonly logStop = new AbortController();
  private markEnded!: () => void;
  private readonly ended = new Promise<void>(resolve => { this.markEnded = resolve; });

  constructor(private readonly options: AttemptOptions) {
    const { planned, scope, stop } = options;
    this.base = planned.pod.spec.containers[0].name;
    this.settings = { base: this.base, startupTimeoutSeconds: planned.task.startupTimeoutSeconds };
    this.tracker = new PodTracker(this.settings);
    this.name = podName(planned, options.runId, options.tryNumber);
    this.signal = AbortSignal.any([stop, scope.broken.signal]);
  }

  public async run(): Promise<AttemptOutcome> {
    const { scope } = this.options;
    scope.track(this.name, this.tracker);
    const outcome = await this.untilOutcome();
    this.logStop.abort();
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
      const rendered = podOfTry(planned, { ...this.options, ...this.options.templates, namespace: scope.namespace, owner: scope.owner });
      this.pod = await this.create(rendered);
      this.tracker.begin(this.pod);
      // The watch may be late, or never bring it.
      if (!this.tracker.state!.gone && !scope.pods.has(this.name)) { scope.pods.set(this.name, this.pod); }
      await this.options.started(this.pod);
      this.checkSidecar(rendered, this.pod);
      return await this.observe();
    } catch (error) {
      return this.fail(error);
    }
  }

  /** Creates the pod, or takes up the one that this run made before. */
  private async create(rendered: Manifest): Promise<Pod> {
    const { api, scope } = this.options;
    const { namespace } = scope;
    this.announce('pending', null);
    const known = scope.pods.get(this.name);
    if (known && !(this.options.cancelledBefore && known.metadata.deletionTimestamp)) { return this.adopt(rendered, known); }
    if (this.options.startedBefore && !this.options.cancelledBefore) {
      const existing = await this.find();
      if (existing) { return this.adopt(rendered, existing); }
      throw new LostPodError(`pod '${this.name}' was started and is gone; nobody saw how it ended`, "run the task again, or set 'retries'");
    }
    let quotaSince: number | undefined;
    for (let tries = 0; ; tries++) {
      try {
        this.unanswered = true;
        return await api.createPod(namespace, rendered, { signal: this.signal, patienceMs: 300_000 });
      } catch (error) {
        this.unanswered = !(error instanceof ApiError);
        if (error instanceof ApiError && error.reason === 'AlreadyExists') {
          const existing = await this.find();
          if (existing && !(this.options.cancelledBefore && existing.metadata.deletionTimestamp)) { return this.adopt(rendered, existing); }
          await sleep(500, this.signal);
        } else if (error instanceof ApiError && error.exceedsQuota) {
          quotaSince ??= performance.now();
          if (performance.now() - quotaSince > this.settings.startupTimeoutSeconds * 1000) { throw error; }
          if (tries === 0) { this.announce('pending', `waiting for quota: ${error.serverMessage}`); }
          await sleep(Math.min(10_000, 1000 * 2 ** tries), this.signal);
        } else {
          throw error;
        }
      }
    }
  }

  private adopt(rendered: Manifest, existing: Pod): Pod {
    const same = (at: (pod: Manifest) => string | undefined) => at(existing) === at(rendered);
    if (!same(pod => pod.metadata.labels?.[RUN_LABEL])) {
      throw new ManifestError(`pod '${this.name}' exists in namespace '${existing.metadata.namespace}' and belongs to no such run (NameCollision)`, "delete it, or choose another '--run-id'");
    }
    if (!same(pod => pod.metadata.annotations?.[SPEC_HASH_ANNOTATION])) {
      throw new ManifestError(`pod '${this.name}' of this run was made from another manifest (NameCollision)`, "the manifests changed since the run began: choose another '--run-id'");
    }
    this.adopted = true;
    this.note(`took up pod '${this.name}' that this run had started before`);
    return existing;
  }

  private async find(): Promise<Pod | undefined> {
    try {
      return await this.options.api.getPod(this.options.scope.namespace, this.name, { signal: this.signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) { return undefined; }
      throw error;
    }
  }

  /** A webhook, or a server older than native sidecars, may drop a field that the pod cannot end without. */
  private checkSidecar(rendered: Manifest, created: Pod): void {
    const policy = (pod: Manifest) => pod.spec.initContainers?.find((c: any) => c.name === XCOM_SIDECAR_NAME)?.restartPolicy;
    if (policy(rendered) === 'Always' && policy(created) !== 'Always') {
      throw new ManifestError(`the cluster dropped 'restartPolicy: Always' of container '${XCOM_SIDECAR_NAME}', without which the pod never starts`,
        "set xcomMode 'airflow' or 'termination', or correct the webhook that changes the pod");
    }
  }

  private async observe(): Promise<AttemptOutcome> {
    let said = '';
    const state = await this.tracker.until(seen => {
      const news = seen.problem ? `${seen.problem.reason}: ${seen.problem.message}` : '';
      if (!seen.end && seen.started && this.log === undefined) { this.followLog(); }
      if (!seen.end && !seen.started && news !== said) { said = news; this.announce('pending', news); }
      return seen.end !== null || seen.started || (seen.scheduled && this.lookAtEvents());
    }, this.signal);
    if (state.started && !state.end) { this.announce('running', null); }
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
    this.markEnded();
    if (this.options.logs && state.started && !this.log) { this.followLog(); }
    let xcom: XComValue | null = null;
    let diagnosis: Diagnosis | null = null;
    const readable = end.exitCode !== null && (end.failure === null || end.failure === 'app');
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
    await this.finishLog();
    let evidence: Evidence | null = null;
    if (end.failure !== null || diagnosis) {
      evidence = await this.evidence();
      diagnosis ??= diagnoseEnd({ ...end, failure: end.failure! }, this.tracker.state!.pod, evidence.events, evidence.terminationMessage);
    }
    const { pod } = this.tracker.state!;
    return {
      xcom,
      cleanUp: () => this.cleanUp(diagnosis === null),
      result: this.result(diagnosis, { exitCode: end.exitCode, xcom: xcom?.value ?? null, evidence, pod }),
    };
  }

  private async xcom(): Promise<XComValue | null> {
    const { task } = this.options.planned;
    const grace = (this.pod!.spec.terminationGracePeriodSeconds ?? 30) + 30;
    const late = AbortSignal.timeout(timerMs(grace * 1000));
    const told = (state: PodState) => state.gone || xcomIsReady(state.pod, task, this.base) || isFinished(state.pod);
    const ready = await this.tracker.until(told, AbortSignal.any([this.signal, late])).catch(error => {
      if (this.signal.aborted) { throw error; }
      return this.tracker.state!;
    });
    return readXcom(this.options.api, ready.pod, task, this.base, this.signal);
  }

  private followLog(): void {
    if (!this.options.logs) { return; }
    const { api, scope, planned, tryNumber, emit } = this.options;
    this.log = followLog(api, {
      namespace: scope.namespace,
      name: this.name,
      container: this.base,
      ended: this.ended,
      signal: AbortSignal.any([this.signal, this.logStop.signal]),
      onLine: (timestamp, line) => {
        this.tail.push(line);
        if (this.tail.length > TAIL_LINES) { this.tail.shift(); }
        emit({ type: 'log', task: planned.task.taskId, attempt: tryNumber, timestamp, line });
      },
    }).then(warning => { if (warning) { this.warnings.push(warning); } }, error => { this.warnings.push(`the log is not complete: ${error.message}`); });
  }

  /** A log that does not come to its end does not hold up the result. */
  private async finishLog(): Promise<void> {
    if (!this.log) { return; }
    const late = sleep(CLEAN_UP_MS, this.logStop.signal).then(() => 'late', () => 'late');
    if (await Promise.race([this.log, late]) === 'late') { this.warnings.push('the log did not come to its end in time'); }
    this.logStop.abort();
  }

  private async evidence(): Promise<Evidence> {
    const { api, scope } = this.options;
    const { pod, started } = this.tracker.state!;
    const events = await this.events();
    const message = containerStatus(pod, this.base)?.state?.terminated?.message ?? null;
    if (started && !this.options.logs) {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of await api.podLog(scope.namespace, this.name, {
          container: this.base, tailLines: TAIL_LINES, limitBytes: 256 * 1024, patienceMs: 2_000, signal: this.signal,
        })) { chunks.push(chunk); }
        this.tail.push(...Buffer.concat(chunks).toString('utf8').replace(/\n$/, '').split('\n'));
      } catch (error) {
        this.warnings.push(`the log could not be read: ${(error as Error).message}`);
      }
    }
    return {
      events,
      // In `termination` mode the message is the XCom, not the program's words.
      terminationMessage: message !== null && parseXcomMessage(Buffer.from(message)) ? null : message,
      logTail: this.tail.map(line => line.slice(0, 2000)),
    };
  }

  private async events(): Promise<string[]> {
    const { api, scope } = this.options;
    try {
      const events = await api.podEvents(scope.namespace, this.name, this.pod!.metadata.uid, { signal: this.signal, patienceMs: 5_000 });
      return events.filter(event => event.type === 'Warning').slice(-20).map(event => `${event.reason}: ${String(event.message).trim()}`);
    } catch (error) {
      this.warnings.push(`the events could not be read: ${(error as Error).message}`);
      return [];
    }
  }

  /** What ends a try from our side: a refusal, a stop, or a cluster that is away. */
  private async fail(error: unknown): Promise<AttemptOutcome> {
    clearTimeout(this.eventsTimer);
    this.markEnded();
    const { stop, scope, planned } = this.options;
    if (stop.aborted) {
      const reason = stop.reason as Stopped;
      const left = this.adopted && scope.shared;
      if (left) { this.note(`left pod '${this.name}' to the runner that started it; to delete it: kubectl delete pod ${this.name} -n ${scope.namespace}`); }
      this.warnings.push(...left ? [] : await this.remove());
      const diagnosis: Diagnosis = reason.why === 'timeout'
        ? { failure: 'timeout', reason: 'RunTimeout', message: reason.message, nextStep: "raise '--timeout'" }
        : { failure: 'cancelled', reason: 'Cancelled', message: reason.message, nextStep: "run again; with the same '--run-id' finished tasks are not repeated" };
      return { xcom: null, left, cleanUp: async () => [], result: { ...this.result(diagnosis, { pod: this.pod }), state: 'cancelled' } };
    }
    const cause = scope.broken.signal.aborted ? scope.broken.signal.reason : error;
    if (!(cause instanceof RuntimeError)) { this.warnings.push(String((cause as Error).stack)); }
    const diagnosis = diagnoseError(cause, this.pod ?? { ...planned.pod, metadata: { ...planned.pod.metadata, namespace: scope.namespace } });
    // While nobody answers, the pod is left to the next runner of this run.
    const cleanUp = diagnosis.failure === 'unreachable' || !this.pod ? async () => [] : () => this.remove();
    return { xcom: null, cleanUp, result: this.result(diagnosis, { pod: this.pod }) };
  }

  private result(
    diagnosis: Diagnosis | null,
    facts: { exitCode?: number | null; xcom?: unknown; evidence?: Evidence | null; pod?: Pod },
  ): TaskResult {
    return {
      name: this.options.planned.task.taskId,
      state: diagnosis ? 'failed' : 'success',
      attempts: this.pod ? this.options.tryNumber : this.options.tryNumber - 1,
      exitCode: facts.exitCode ?? null,
      xcom: facts.xcom ?? null,
      failure: diagnosis?.failure ?? null,
      reason: diagnosis?.reason ?? null,
      message: diagnosis?.message ?? null,
      nextStep: diagnosis?.nextStep ?? null,
      evidence: facts.evidence ?? null,
      warnings: this.warnings,
      pod: facts.pod ? { name: facts.pod.metadata.name!, namespace: facts.pod.metadata.namespace! } : null,
    };
  }

  /** KubernetesPodOperator's table, but that nothing is left running. */
  private async cleanUp(success: boolean): Promise<string[]> {
    const action = this.options.planned.task.onFinishAction;
    const state = this.tracker.state!;
    if (state.gone) { return []; }
    const wanted = action === 'delete_pod' || (action === 'delete_succeeded_pod' && success);
    if (wanted) { return this.remove(); }
    // The other containers may need a moment to end.
    if (!isFinished(state.pod)) {
      await this.tracker.until(seen => seen.gone || isFinished(seen.pod), AbortSignal.timeout(state.started ? CLEAN_UP_MS : 1)).catch(() => {});
    }
    if (this.tracker.state!.gone || isFinished(this.tracker.state!.pod)) { return []; }
    const warnings = await this.remove();
    return action === 'delete_active_pod' ? warnings : [...warnings, `the pod was deleted although onFinishAction is '${action}': it would have gone on running`];
  }

  /** Deletes the pod. A create that was interrupted may have come through, so the pod is looked for. */
  private async remove(): Promise<string[]> {
    const { api, scope } = this.options;
    const limits = { signal: AbortSignal.timeout(CLEAN_UP_MS), patienceMs: CLEAN_UP_MS };
    try {
      let { pod } = this;
      if (!pod && this.unanswered) {
        const found = await api.getPod(scope.namespace, this.name, limits);
        if (found.metadata.labels?.[RUN_LABEL] === scope.runLabel) { pod = found; }
      }
      if (pod) {
        await api.deletePod(scope.namespace, this.name, pod.metadata.uid, limits);
        scope.deleted.add(pod.metadata.uid);
      }
      return [];
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || !this.pod)) { return []; }
      return [`pod '${this.name}' could not be deleted: ${(error as Error).message}; run: kubectl delete pod ${this.name} -n ${scope.namespace}`];
    }
  }

  private announce(state: LiveState, message: string | null): void {
    const { emit, planned, tryNumber } = this.options;
    emit({ type: 'task', task: planned.task.taskId, state, attempt: tryNumber, pod: this.name, message });
  }

  private note(message: string): void {
    this.options.emit({ type: 'note', task: this.options.planned.task.taskId, message });
  }
}
