const WAIT_MS = 10_000;
const POLL_MS = 20;

/** Polls until `look` gives something; fails when it does not happen in time. */
export async function eventually<T>(look: () => Promise<T | undefined>, waitMs = WAIT_MS): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
