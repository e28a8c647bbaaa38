import { Pod } from './api';
import { deadline, PodState, reduce, ReducerSettings } from './reducer';
import { now, timerMs } from './wait';

/** The state of one pod, fed by the watch and by the clock, for those who wait for it. */
export class PodTracker {
  public state?: PodState;
  private uid?: string;
  private beganAt = Infinity;
  /** What the watch brought before the answer to our own create did. */
  private early: { pod?: Pod; uid: string; gone?: boolean }[] = [];
  private readonly waiting = new Set<() => void>();
  private timer?: NodeJS.Timeout;

  constructor(private readonly settings: ReducerSettings) {}

  /** From here on the pod of this uid is meant, and no other one of its name. */
  public begin(pod: Pod): void {
    this.uid = pod.metadata.uid;
    this.beganAt = now();
    this.apply({ pod });
    for (const { pod: seen, uid, gone } of this.early) { if (uid === this.uid) { this.apply({ pod: seen, gone }); } }
    this.early = [];
  }

  public seen(pod: Pod): void {
    if (this.uid === undefined) { this.early.push({ pod, uid: pod.metadata.uid }); } else if (pod.metadata.uid === this.uid) { this.apply({ pod }); }
  }

  /** @param knownSince a list begun before we knew the pod cannot tell that it is gone */
  public gone(uid: string, knownSince: number): void {
    if (this.uid === undefined) { this.early.push({ uid, gone: true }); }
    if (uid === this.uid && this.beganAt < knownSince) { this.apply({ gone: true }); }
  }

  /** Resolves with the first state that fulfils the condition; rejects with the signal's reason. */
  public until(condition: (state: PodState) => boolean, signal: AbortSignal): Promise<PodState> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (signal.aborted) { done(); reject(signal.reason); } else if (this.state && condition(this.state)) { done(); resolve(this.state); }
      };
      const done = () => { this.waiting.delete(check); signal.removeEventListener('abort', check); };
      this.waiting.add(check);
      signal.addEventListener('abort', check, { once: true });
      check();
    });
  }

  /** No more news: the timer must not keep the process alive. */
  public stop(): void {
    clearTimeout(this.timer);
  }

  private apply(observation: { pod?: Pod; gone?: boolean }): void {
    clearTimeout(this.timer);
    this.state = reduce(this.state, { now: now(), ...observation }, this.settings);
    const due = deadline(this.state, this.settings);
    if (due !== undefined) { this.timer = setTimeout(() => this.apply({}), timerMs(due - now())); }
    for (const check of [...this.waiting]) { check(); }
  }
}
