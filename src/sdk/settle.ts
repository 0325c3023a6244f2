import { setTimeout as sleep } from 'node:timers/promises';
import type { Verification } from '../kernel/index.js';

const FIRST_PAUSE_MS = 100;

/**
 * Looks again for a while before a "no" counts: many targets answer before all of their parts know.
 * @param forMs how long; 0 looks once
 */
export async function settle(call: { readonly signal: AbortSignal }, forMs: number, look: () => Promise<Verification>): Promise<Verification> {
  for (let waited = 0, pause = FIRST_PAUSE_MS; ; pause *= 2) {
    const seen = await look();
    if (seen.state !== 'not' || waited >= forMs) return seen;
    const next = Math.min(pause, forMs - waited);
    await sleep(next, undefined, { signal: call.signal });
    waited += next;
  }
}
