/** Resolves after so many milliseconds, or at once when the signal aborts; it does not keep the process alive. */
export function timeout(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) { return resolve(); }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds).unref();
    signal?.addEventListener('abort', done, { once: true });
  });
}
