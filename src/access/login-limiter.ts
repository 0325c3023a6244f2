/** Failed sign-ins of one address that are answered at once; more than these are told to wait. */
const BURST = 10;
const REFILL_MS = 6_000;
/** Addresses remembered at once; the one that failed longest ago goes first. */
const MOST_ADDRESSES = 10_000;

/**
 * Counts failed sign-ins by address. It never stands in the way of a right key: a limit that did could be used to keep the
 * people who are to approve something from their page until its deadline. A guess is hopeless with or without it.
 */
export class LoginLimiter {
  readonly #failures = new Map<string, { count: number; at: number }>();

  /** Notes a failure at `now` (ms). Gives the seconds to wait; 0 while there are few. */
  failed(address: string, now: number): number {
    const known = this.#failures.get(address) ?? { count: 0, at: now };
    const count = Math.max(0, known.count - Math.max(0, now - known.at) / REFILL_MS) + 1;
    this.#failures.delete(address);
    this.#failures.set(address, { count: Math.min(count, BURST * 2), at: now });
    for (const [oldest] of this.#failures) {
      if (this.#failures.size <= MOST_ADDRESSES) break;
      this.#failures.delete(oldest);
    }
    return count <= BURST ? 0 : Math.ceil(((count - BURST) * REFILL_MS) / 1000);
  }
}
