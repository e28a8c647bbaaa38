/** Milliseconds of a clock that never jumps. */
export function now(): number {
  return performance.now();
}

/** Resolves after the time, rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) { return reject(signal.reason); }
    const stop = () => { clearTimeout(timer); reject(signal!.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** A time that Node's timers can hold: beyond 24.8 days they would fire at once. */
export function timerMs(ms: number): number {
  return Math.min(Math.max(1, Math.ceil(ms)), 2 ** 31 - 1);
}

/** Full jitter: anything between nothing and 250 ms × 2ⁿ, at most 30 s. */
export function backoff(attempt: number): number {
  return Math.random() * Math.min(30_000, 250 * 2 ** attempt);
}

/** What ends work that takes too long. */
export interface TimeLimit {
  readonly ms: number;
  /** @default - a TimeoutError */
  readonly reason?: () => Error;
}

/**
 * A signal that also aborts when the given one does, and after the time; `dispose` takes the listener off a signal that lives longer, and the timer away.
 * Node 20 forgets an `AbortSignal.timeout` that nothing but an `AbortSignal.any` listens to, hence a timer.
 *
 * @param why says why it aborted with the given one, by default that one's own reason
 */
export function linked(
  signal?: AbortSignal, limit: TimeLimit = { ms: Infinity }, why: () => unknown = () => signal!.reason,
): { controller: AbortController; dispose: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort(why());
  if (signal?.aborted) { stop(); }
  signal?.addEventListener('abort', stop, { once: true });
  const { ms, reason = () => new DOMException('the time is up', 'TimeoutError') } = limit;
  const timer = ms === Infinity ? undefined : setTimeout(() => controller.abort(reason()), timerMs(ms));
  return { controller, dispose: () => { signal?.removeEventListener('abort', stop); clearTimeout(timer); } };
}

/** The outcome of what somebody else does; rejects with the signal's reason as soon as it aborts, or with that of the limit. */
export async function unlessAborted<T>(work: T | PromiseLike<T>, signal?: AbortSignal, limit?: TimeLimit): Promise<T> {
  const { controller: { signal: either }, dispose } = linked(signal, limit);
  try {
    const aborted = new Promise<never>((_, reject) => {
      either.addEventListener('abort', () => reject(either.reason), { once: true });
      if (either.aborted) { reject(either.reason); }
    });
    return await Promise.race([work, aborted]);
  } finally {
    dispose();
  }
}

/** At most so many at once. */
export class Semaphore {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  public async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) { this.free--; } else { await new Promise<void>(resolve => this.waiting.push(resolve)); }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) { next(); } else { this.free++; }
    }
  }
}
