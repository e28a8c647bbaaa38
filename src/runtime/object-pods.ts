import { Pod } from './api';
import type { AttemptOptions } from './attempt';
import { XComError } from './errors';
import { ObjectKind } from './object-kind';
import { isFinished, PodEnd, PodState, speakerOf } from './reducer';
import { PodTracker } from './tracker';
import { TryLog } from './try-log';
import { CLEAN_UP_MS } from './try-object';
import { linked, unlessAborted } from './wait';
import { readXcom, xcomIsReady, XComValue } from './xcom';
import { Manifest } from '../pod/manifest';

/** How long pods may still be awaited whose object has ended. */
const LATE_MS = 20_000;
/** Where Kubernetes writes the index of a pod of an Indexed Job. */
const INDEX = 'batch.kubernetes.io/job-completion-index';

export interface ObjectPodsOptions extends Pick<AttemptOptions, 'api' | 'scope' | 'planned' | 'tryNumber' | 'logs' | 'emit'> {
  readonly kind: ObjectKind;
  readonly signal: AbortSignal;
  /** Something was seen of a pod. */
  readonly onNews: () => void;
  readonly onWarning: (warning: string) => void;
}

/** One pod of the object. */
interface Followed {
  readonly name: string;
  /** A number for an Indexed Job. */
  readonly index: number | undefined;
  /** Does not take a late start for the end. */
  readonly tracker: PodTracker;
  /** Does. */
  readonly starting: PodTracker;
  readonly log: TryLog;
  /** Resolves when its log and XCom are read. */
  reading: Promise<void>;
  /** Its XCom is read, or there is none to read. */
  done: boolean;
  xcom: XComValue | null;
  xcomError?: unknown;
}

/** The pods that a Job or another object of one try makes: each is followed from its start, and its XCom is read as soon as it is there. */
export class ObjectPods {
  private readonly followed = new Map<string, Followed>();
  private leave: (() => void) | undefined;
  private wake: (() => void) | undefined;
  /** How many have succeeded, as the object says. */
  private expected = 0;
  /** Ends what still waits for pods when they are left. */
  private readonly stop: ReturnType<typeof linked>;

  constructor(private readonly options: ObjectPodsOptions) {
    this.stop = linked(options.signal);
  }

  /** Follows the pods of that object. */
  public begin(object: Manifest): void {
    const { scope, kind } = this.options;
    this.leave = scope.listen({
      seen: pod => {
        if (!kind.isTaskPod(pod, object)) { return; }
        const one = this.followed.get(pod.metadata.uid) ?? this.follow(pod, object);
        one.tracker.seen(pod);
        one.starting.seen(pod);
        this.news();
      },
      gone: (_, uid, knownSince) => {
        const one = this.followed.get(uid);
        one?.tracker.gone(uid, knownSince);
        one?.starting.gone(uid, knownSince);
        if (one) { this.news(); }
      },
    });
  }

  public get size(): number {
    return this.followed.size;
  }

  public get started(): boolean {
    return this.all.some(({ tracker }) => tracker.state!.started);
  }

  /** Why a pod cannot start, as long as none has: what the object cannot tell. */
  public get stuck(): { readonly state: PodState; readonly end: PodEnd } | undefined {
    if (this.started) { return undefined; }
    const { state } = this.all.map(({ starting }) => starting).find(tracker => {
      const { pod, end, gone } = tracker.state!;
      return end && end.failure !== null && !gone && !isFinished(pod) && !pod.metadata.deletionTimestamp;
    }) ?? {};
    return state && { state, end: state.end! };
  }

  /** What keeps a pod from starting; undefined where nothing does or one has started. */
  public get problem(): string | undefined {
    const problem = this.started ? undefined : this.all.map(({ tracker }) => tracker.state!.problem).find(Boolean);
    return problem ? `${problem.reason}: ${problem.message}` : undefined;
  }

  /** The pod that says most of a failure: the last one that failed. */
  public get lastFailed(): { readonly state: PodState; readonly log: TryLog } | undefined {
    const failed = this.all.filter(({ tracker }) => tracker.state!.end?.failure);
    const one = failed.at(-1) ?? undefined;
    return one && { state: one.tracker.state!, log: one.log };
  }

  /** Why an XCom could not be read; undefined where all could. */
  public get xcomError(): unknown {
    return this.all.map(({ xcomError }) => xcomError).find(Boolean);
  }

  /** The last pod. */
  public get last(): Pod | undefined {
    return this.all.at(-1)?.tracker.state!.pod;
  }

  /**
   * Resolves when all that the pods say is read, or in time; rejects with the signal's reason.
   *
   * @param succeeded so many must have succeeded: the watch of pods may be later than that of the object
   */
  public async finish(succeeded: number): Promise<void> {
    this.expected = succeeded;
    const { signal } = this;
    const enough = async () => { while (this.succeeded.length < succeeded) { await new Promise<void>(resolve => { this.wake = resolve; }); } };
    await unlessAborted(enough(), signal, { ms: LATE_MS }).catch(() => {});
    await unlessAborted(Promise.all(this.all.filter(({ tracker }) => tracker.state!.end !== null).map(({ reading }) => reading)), signal);
    signal.throwIfAborted();
  }

  /** The XComs of the pods that succeeded: in the order of their indexes, else of their making. @throws XComError where one is missing or could not be read */
  public xcoms(): (XComValue | null)[] {
    const { succeeded, expected } = this;
    if (succeeded.length < expected) {
      throw new XComError('XComLost', `${expected} pods succeeded, and ${expected - succeeded.length} of them went away before their XCom was read`, 'run the task again');
    }
    return succeeded.map(({ name, done, xcom, xcomError }) => {
      if (xcomError !== undefined) { throw xcomError; }
      if (!done) { throw new XComError('XComLost', `the XCom of pod '${name}' was not read in time`, 'run the task again'); }
      return xcom;
    });
  }

  public close(): void {
    this.leave?.();
    this.stop.controller.abort();
    this.stop.dispose();
    this.all.forEach(({ log, tracker, starting }) => { log.close(); tracker.stop(); starting.stop(); });
  }

  private news(): void {
    this.options.onNews();
    this.wake?.();
  }

  private get signal(): AbortSignal {
    return this.stop.controller.signal;
  }

  private get all(): Followed[] {
    return [...this.followed.values()];
  }

  /** One for each index. */
  private get succeeded(): Followed[] {
    const good = this.all.filter(({ tracker }) => tracker.state!.end && tracker.state!.end.failure === null);
    const time = ({ tracker }: Followed) => `${tracker.state!.pod.metadata.creationTimestamp} ${tracker.state!.pod.metadata.name}`;
    const ordered = good.sort((a, b) => a.index !== undefined && b.index !== undefined ? a.index - b.index : time(a) < time(b) ? -1 : 1);
    return ordered.filter(({ index }, i) => index === undefined || ordered.findIndex(other => other.index === index) === i);
  }

  private follow(pod: Pod, object: Manifest): Followed {
    const { api, scope, planned: { task }, tryNumber, kind, emit, onWarning } = this.options;
    const { signal } = this;
    const { name, uid, annotations, labels } = pod.metadata;
    const base = kind.baseContainer(object);
    const index = annotations?.[INDEX] ?? labels?.[INDEX];
    const settings = { base, startupTimeoutSeconds: task.startupTimeoutSeconds };
    // Who reads must see which pod speaks.
    const several = (object.spec.parallelism ?? 1) > 1 || (object.spec.completions ?? 1) > 1;
    const prefix = several ? `[${index ?? name!.slice(-5)}] ` : '';
    const one: Followed = {
      name: name!,
      index: index === undefined ? undefined : Number(index),
      tracker: new PodTracker({ ...settings, patient: true }),
      starting: new PodTracker(settings),
      log: new TryLog({
        api,
        namespace: scope.namespace,
        name: name!,
        container: base,
        signal,
        onLine: (timestamp, line) => emit({ type: 'log', task: task.taskId, attempt: tryNumber, timestamp, line: `${prefix}${line}` }),
        onWarning: warning => onWarning(`pod '${name}': ${warning}`),
      }),
      reading: Promise.resolve(),
      done: false,
      xcom: null,
    };
    one.tracker.begin(pod);
    one.starting.begin(pod);
    this.followed.set(uid, one);
    one.reading = this.read(one, base).catch(error => {
      if (!signal.aborted) { onWarning(`pod '${name}': ${(error as Error).message}`); }
    });
    // A deadline that passes is news, too.
    void one.starting.until(({ end }) => end !== null, signal).then(() => this.news(), () => {});
    return one;
  }

  private async read(one: Followed, base: string): Promise<void> {
    const { logs, planned: { task }, api } = this.options;
    const { tracker, log } = one;
    const { signal } = this;
    await tracker.until(({ started, end }) => started || end !== null, signal);
    if (logs && tracker.state!.started) { log.follow(); }
    const ended = await tracker.until(({ end }) => end !== null, signal);
    const speaker = speakerOf(ended);
    if (logs && speaker !== undefined) { log.follow(speaker); }
    log.containerEnded();
    if (task.doXcomPush && (ended.end!.failure === null || task.xcomMode === 'airflow')) {
      try {
        const grace = (tracker.state!.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000 + CLEAN_UP_MS;
        const told = (state: PodState) => state.gone || xcomIsReady(state.pod, task, base) || isFinished(state.pod);
        const ready = await tracker.until(told, signal, { ms: grace }).catch(() => tracker.state!);
        // A pod that failed is asked, too: that ends Airflow's sidecar, and with it the pod, without which its controller counts no failure.
        one.xcom = await readXcom(api, ready.pod, task, base, signal);
      } catch (error) {
        one.xcomError = error;
        if (task.xcomMode === 'airflow') {
          // A sidecar that was read ends by itself, and its pod counts as what it came to.
          const over = (state: PodState) => state.gone || isFinished(state.pod);
          const alone = await tracker.until(over, signal, { ms: CLEAN_UP_MS }).then(() => true, () => signal.aborted);
          if (!alone) { await this.end(one.name, tracker.state!.pod.metadata.uid); }
        }
      }
    }
    one.done = true;
    await log.finish();
  }

  /** Ends a pod whose sidecar waits for ever. */
  private async end(name: string, uid: string): Promise<void> {
    const { api, scope, onWarning } = this.options;
    await api.deletePod(scope.namespace, name, uid, { patienceMs: CLEAN_UP_MS }).catch(error => onWarning(`pod '${name}' could not be ended: ${(error as Error).message}`));
  }
}
