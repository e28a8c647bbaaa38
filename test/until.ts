/**
 * Resolves as soon as it is true.
 * @throws after a minute: a loop without an end would keep jest from ending too
 */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) { throw new Error(`not within 60 s: ${condition}`); }
    await new Promise(setImmediate);
  }
}
