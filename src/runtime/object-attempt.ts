import { AttemptOptions, AttemptOutcome, checkSidecar, inNamespace } from './attempt';
import { Diagnosis, diagnoseEnd, diagnoseError, diagnoseStop } from './diagnose';
import { RuntimeError, Stopped } from './errors';
import { LiveState } from './events';
import { parseJson } from './json';
import { queueOf, whyQueued } from './kueue';
import { ObjectCleanUp } from './object-clean-up';
import { diagnoseObject } from './object-diagnose';
import { ObjectEnd, ObjectKind } from './object-kind';
import { ObjectPods } from './object-pods';
import { objectDeadline, ObjectState, reduceObject } from './object-reducer';
import { PodState, speakerOf } from './reducer';
import { objectOfTry, podName } from './render';
import { Evidence, nameOf, TaskResult, taskResult } from './result';
import { Tracker } from './tracker';
import { CLEAN_UP_MS, objectCalls, TryObject, warningEvents } from './try-object';
import { inexactNumbers, terminationMessage, XComValue } from './xcom';
import { Manifest } from '../pod/manifest';

/** An object that is in a queue for longer is asked why. */
const LOOK_INTO_QUEUE_MS = 10_000;

/** One try of a task that is a Job or another object with pods: one object. */
export class ObjectAttempt {
  private readonly tracker: Tracker<Manifest, ObjectState>;
  private readonly pods: ObjectPods;
  private readonly object: TryObject<Manifest>;
  private readonly cleanUp: ObjectCleanUp;
  private readonly signal: AbortSignal;
  private readonly warnings: string[] = [];
  private readonly name: string;
  private said = '';
  private lookTimer?: NodeJS.Timeout;

  constructor(private readonly options: AttemptOptions, private readonly kind: ObjectKind, known: ReadonlyMap<string, Manifest>) {
    const { api, planned, scope, stop } = options;
    const { startupTimeoutSeconds } = planned.task;
    this.signal = AbortSignal.any([stop, scope.broken.signal]);
    this.name = podName(planned, options.runId, options.tryNumber);
    this.pods = new ObjectPods({
      ...options,
      kind,
      signal: this.signal,
      onNews: () => this.tracker.refresh(),
      onWarning: warning => this.warnings.push(warning),
    });
    const settings = { kind, startupTimeoutSeconds };
    this.tracker = new Tracker({
      reduce: (state, seen) => reduceObject(state, { ...seen, hasPods: this.pods.size > 0 }, settings),
      deadline: state => objectDeadline(state, settings),
    });
    this.object = new TryObject({
      api,
      calls: objectCalls(api, kind),
      known,
      scope,
      name: this.name,
      startupTimeoutSeconds,
      cancelledBefore: options.cancelledBefore,
      startedBefore: options.startedBefore,
      signal: this.signal,
      onWait: message => this.announce('pending', message),
      onAdopt: () => this.note(`took up ${kind.kind} '${this.name}' that this run had started before`),
    });
    this.cleanUp = new ObjectCleanUp({ api, scope, kind, task: planned.task, object: this.object });
  }

  public async run(): Promise<AttemptOutcome> {
    const { scope } = this.options;
    scope.track(this.name, this.tracker, this.kind);
    const outcome = await this.untilOutcome();
    this.pods.close();
    clearTimeout(this.lookTimer);
    return {
      ...outcome,
      cleanUp: async () => {
        try { return await outcome.cleanUp(); } finally { scope.untrack(this.name, this.kind); }
      },
    };
  }

  private async untilOutcome(): Promise<AttemptOutcome> {
    const { planned, scope } = this.options;
    try {
      await scope.keepOwner(this.signal);
      const rendered = objectOfTry(planned, { ...this.options, ...this.options.templates, namespace: scope.namespace, owner: scope.owner });
      this.announce('pending', null);
      const created = await this.object.create(rendered);
      this.tracker.begin(created);
      await this.options.started(created);
      checkSidecar(rendered, created);
      if (planned.task.wait === false) { return this.leave(created); }
      this.pods.begin(created);
      return await this.observe();
    } catch (error) {
      return this.fail(error);
    }
  }

  /** The task ends with the making of the object, which goes its own way, but for a run that is cancelled. */
  private leave(created: Manifest): AttemptOutcome {
    return {
      xcom: null,
      xcoms: this.xcoms(created),
      cleanUp: async () => [],
      atEnd: async state => state === 'cancelled' || state === 'timeout' ? this.cleanUp.remove() : [],
      result: this.result(null, {}),
    };
  }

  private async observe(): Promise<AttemptOutcome> {
    const state = await this.tracker.until(seen => {
      this.tell(seen);
      return seen.end !== null || this.pods.stuck !== undefined;
    }, this.signal);
    const { stuck } = this.pods;
    if (!state.end && stuck) { return this.concludeStuck(stuck.state); }
    return this.conclude(state.end!);
  }

  /** Says where the object is, once for each change. */
  private tell(state: ObjectState): void {
    if (state.end) { return; }
    const { started, problem } = this.pods;
    const news = started ? 'running' : state.idle ?? problem ?? '';
    if (news === this.said) { return; }
    this.said = news;
    this.announce(started ? 'running' : 'pending', started ? null : news || null);
    clearTimeout(this.lookTimer);
    if (!started && state.idle !== null && queueOf(state.object) !== undefined) { this.lookIntoQueue(state.idle); }
  }

  /** Says once why an object is not admitted from its queue, if that takes longer. */
  private lookIntoQueue(idle: string): void {
    this.lookTimer = setTimeout(() => {
      void whyQueued(this.options.api, this.tracker.state!.object, { signal: this.signal, patienceMs: 5_000 }).then(why => {
        if (this.said === idle && !this.signal.aborted) { this.announce('pending', `${idle}: ${why}`); }
      });
    }, LOOK_INTO_QUEUE_MS);
    this.lookTimer.unref();
  }

  private async conclude(end: ObjectEnd): Promise<AttemptOutcome> {
    const { planned: { task } } = this.options;
    const { object } = this.tracker.state!;
    await this.pods.finish(this.kind.succeededPods(object));
    let xcom: XComValue | null = null;
    let diagnosis: Diagnosis | null = null;
    if (task.doXcomPush && end.failure === null) {
      try { xcom = this.xcom(); } catch (error) { diagnosis = diagnoseError(error, object); }
    }
    this.warnings.push(...inexactNumbers(xcom));
    const failed = this.pods.lastFailed;
    let evidence: Evidence | null = null;
    if (end.failure === 'unknown' && !failed && this.pods.xcomError) {
      diagnosis = diagnoseError(this.pods.xcomError, object);
    } else if (end.failure !== null) {
      evidence = await this.evidence(failed?.state, failed && await failed.log.lastLines(speakerOf(failed.state)));
      diagnosis = diagnoseObject({ ...end, failure: end.failure }, this.kind, this.object.created!, failed?.state, evidence);
    }
    const pod = (failed?.state.pod ?? this.pods.last);
    return {
      xcom,
      xcoms: this.xcoms(object),
      ...this.cleanUp.after(this.tracker.state!, diagnosis === null),
      result: this.result(diagnosis, {
        exitCode: end.failure === null ? 0 : failed?.state.end?.exitCode ?? null, xcom: xcom?.value ?? null, evidence, pod,
      }),
    };
  }

  /** No pod can start, which the controller of the object does not mind. */
  private async concludeStuck(state: PodState): Promise<AttemptOutcome> {
    const evidence = await this.evidence(state);
    const end = this.pods.stuck!.end;
    const diagnosis = diagnoseEnd({ ...end, failure: end.failure! }, state.pod, evidence.events, null);
    return { xcom: null, ...this.cleanUp.after(this.tracker.state!, false), result: this.result(diagnosis, { evidence, pod: state.pod }) };
  }

  /** The XCom of its pods, a list but where there is one only and the task wants that one. */
  private xcom(): XComValue | null {
    const values = this.pods.xcoms();
    const [only] = values;
    if (values.length === 1 && this.options.planned.task.unwrapSingle !== false) { return only; }
    if (values.length === 0) { return null; }
    const text = `[${values.map(value => value?.text ?? 'null').join(',')}]`;
    return { value: JSON.parse(text), text, node: parseJson(text) };
  }

  private xcoms(object: Manifest): { [key: string]: string } {
    return Object.fromEntries(Object.entries(this.kind.xcoms(object)).map(([key, value]) => [key, JSON.stringify(value)]));
  }

  /** What the cluster says about the object and, where there is one, the pod that is to blame. */
  private async evidence(pod?: PodState, logTail: string[] = []): Promise<Evidence> {
    const { api, scope, planned } = this.options;
    const { metadata } = pod?.pod ?? {};
    const ofPod = metadata ? warningEvents(api, scope.namespace, metadata, this.signal) : [];
    const events = await Promise.all([this.object.events(), ofPod]).then(lists => lists.flat(), error => {
      this.warnings.push(`the events could not be read: ${(error as Error).message}`);
      return [];
    });
    return { events, terminationMessage: pod ? terminationMessage(pod.pod, this.kind.baseContainer(planned.object)) : null, logTail };
  }

  /** What ends a try from our side: a refusal, a stop, or a cluster that is away. */
  private async fail(error: unknown): Promise<AttemptOutcome> {
    const { stop, scope, planned } = this.options;
    if (stop.aborted) {
      const left = this.object.adopted && scope.shared;
      if (left) {
        const { kind, plural } = this.kind;
        this.note(`left ${kind} '${this.name}' to the runner that started it; to delete it: kubectl delete ${plural} ${this.name} -n ${scope.namespace}`);
      }
      const queued = await this.queued();
      this.warnings.push(...left ? [] : await this.cleanUp.remove());
      const { message, nextStep, ...diagnosis } = diagnoseStop(stop.reason as Stopped);
      const result = this.result({ ...diagnosis, message: `${message}${queued.message}`, nextStep: queued.nextStep ?? nextStep }, { evidence: queued.evidence ?? null });
      return { xcom: null, left, cleanUp: async () => [], result: { ...result, state: 'cancelled' } };
    }
    const cause = scope.broken.signal.aborted ? scope.broken.signal.reason : error;
    if (!(cause instanceof RuntimeError)) { this.warnings.push(String((cause as Error).stack)); }
    const diagnosis = diagnoseError(cause, this.object.created ?? inNamespace(planned.object, scope.namespace));
    // While nobody answers, the object is left to the next runner of this run.
    const cleanUp = diagnosis.failure === 'unreachable' || !this.object.created ? async () => [] : () => this.cleanUp.remove();
    return { xcom: null, cleanUp, result: this.result(diagnosis, {}) };
  }

  /** Of an object that is stopped while it waits in a queue: the queue, and what keeps it there. */
  private async queued(): Promise<{ readonly message: string; readonly nextStep?: string; readonly evidence?: Evidence }> {
    const { idle, object } = this.tracker.state ?? {};
    const queue = object && queueOf(object);
    if (!idle || !queue) { return { message: '' }; }
    const why = await whyQueued(this.options.api, object, { signal: AbortSignal.timeout(CLEAN_UP_MS), patienceMs: 5_000 });
    return {
      message: `; ${this.kind.kind} '${this.name}' was not admitted from queue '${queue}' of Kueue: ${why}`,
      nextStep: `kubectl describe localqueue ${queue} -n ${this.options.scope.namespace} says what its quota is and who has it`,
      evidence: { events: [why], terminationMessage: null, logTail: [] },
    };
  }

  private result(
    diagnosis: Diagnosis | null, { pod, ...facts }: { exitCode?: number | null; xcom?: unknown; evidence?: Evidence | null; pod?: Manifest },
  ): TaskResult {
    const { planned, tryNumber, scope } = this.options;
    const { created } = this.object;
    return taskResult(planned, diagnosis, {
      attempts: created ? tryNumber : tryNumber - 1,
      ...facts,
      warnings: this.warnings,
      pod: nameOf(pod),
      ...(created ? { object: { kind: this.kind.kind, name: this.name, namespace: scope.namespace } } : {}),
    });
  }

  private announce(state: LiveState, message: string | null): void {
    const { emit, planned, tryNumber } = this.options;
    emit({ type: 'task', task: planned.task.taskId, state, attempt: tryNumber, pod: this.pods?.last?.metadata.name ?? this.name, message });
  }

  private note(message: string): void {
    this.options.emit({ type: 'note', task: this.options.planned.task.taskId, message });
  }
}

