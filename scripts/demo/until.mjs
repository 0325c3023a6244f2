import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../lib/failure.mjs';

const PAUSE_MS = 50;
/** Against hanging, not a measure of speed: the machine may be busy. */
const LIMIT_MS = 60_000;

/**
 * Looks again until `look` gives something, and gives that.
 *
 * @param claim what has to come true, for the sentence when it does not
 * @param look gives a value when the claim holds, undefined when it does not yet; what it throws is the last word
 * @throws {Failure} when the deadline passes
 */
export async function until(claim, look, { limitMs = LIMIT_MS, seen } = {}) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) {
      const last = seen === undefined ? '' : `; last seen: ${JSON.stringify(await seen())}`;
      throw new Failure(`within ${limitMs / 1000} s it did not come true that ${claim}${last}`);
    }
    await sleep(PAUSE_MS);
  }
}

/** @throws {Failure} when a claim does not hold */
export function hold(condition, claim, seen) {
  if (condition) return;
  throw new Failure(`it is not so that ${claim}${seen === undefined ? '' : `; seen: ${JSON.stringify(seen)}`}`);
}
