/** What Node's timers hold at most: beyond it they would fire at once. */
export const MAX_TIMER = 2 ** 31 - 1;

/** Resolves after so many milliseconds, or at once when the signal aborts; it does not keep the process alive. */
export function timeout(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) { return resolve(); }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(milliseconds, MAX_TIMER)).unref();
    signal?.addEventListener('abort', done, { once: true });
  });
}
