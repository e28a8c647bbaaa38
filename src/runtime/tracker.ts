import { Pod } from './api';
import { deadline, PodState, reduce, ReducerSettings } from './reducer';
import { linked, now, TimeLimit, timerMs } from './wait';
import { Manifest } from '../pod/manifest';

/** How a state comes of what is seen of an object. */
export interface TrackerRules<T extends Manifest, S> {
  readonly reduce: (state: S | undefined, seen: { readonly now: number; readonly object?: T; readonly gone?: boolean }) => S;
  /** The moment at which `reduce` would say something new although nothing happened. */
  readonly deadline: (state: S) => number | undefined;
}

/** The state of one object, fed by the watch and by the clock, for those who wait for it. */
export class Tracker<T extends Manifest, S> {
  public state?: S;
  private uid?: string;
  private beganAt = Infinity;
  /** What the watch brought before the answer to our own create did. */
  private early: { object?: T; uid: string; gone?: boolean }[] = [];
  private readonly waiting = new Set<() => void>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly rules: TrackerRules<T, S>) {}

  /** From here on the object of this uid is meant, and no other one of its name. */
  public begin(object: T): void {
    this.uid = object.metadata.uid;
    this.beganAt = now();
    this.apply({ object });
    for (const { object: seen, uid, gone } of this.early) { if (uid === this.uid) { this.apply({ object: seen, gone }); } }
    this.early = [];
  }

  public seen(object: T): void {
    const { uid } = object.metadata;
    if (this.uid === undefined) { this.early.push({ object, uid }); } else if (uid === this.uid) { this.apply({ object }); }
  }

  /** @param knownSince a list begun before we knew the object cannot tell that it is gone */
  public gone(uid: string, knownSince: number): void {
    if (this.uid === undefined) { this.early.push({ uid, gone: true }); }
    if (uid === this.uid && this.beganAt < knownSince) { this.apply({ gone: true }); }
  }

  /** Resolves with the first state that fulfils the condition; rejects with the signal's reason, or with that of the limit. */
  public until(condition: (state: S) => boolean, given?: AbortSignal, limit?: TimeLimit): Promise<S> {
    return new Promise((resolve, reject) => {
      const { controller: { signal }, dispose } = linked(given, limit);
      const check = () => {
        if (signal.aborted) { done(); reject(signal.reason); } else if (this.state && condition(this.state)) { done(); resolve(this.state); }
      };
      const done = () => { this.waiting.delete(check); dispose(); };
      this.waiting.add(check);
      signal.addEventListener('abort', check, { once: true });
      check();
    });
  }

  /** Looks again: something beside the object has changed. */
  public refresh(): void {
    if (this.state) { this.apply({}); }
  }

  /** No more news: the timer must not keep the process alive. */
  public stop(): void {
    clearTimeout(this.timer);
  }

  private apply(observation: { object?: T; gone?: boolean }): void {
    clearTimeout(this.timer);
    this.state = this.rules.reduce(this.state, { now: now(), ...observation });
    const due = this.rules.deadline(this.state);
    if (due !== undefined) { this.timer = setTimeout(() => this.apply({}), timerMs(due - now())); }
    for (const check of [...this.waiting]) { check(); }
  }
}

/** The state of one pod. */
export class PodTracker extends Tracker<Pod, PodState> {
  constructor(settings: ReducerSettings) {
    super({
      reduce: (state, { object, ...seen }) => reduce(state, { ...seen, pod: object }, settings),
      deadline: state => deadline(state, settings),
    });
  }
}
