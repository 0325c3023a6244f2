/** Records-per-second limit that lets a burst of `burstSeconds` through. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(
    private readonly perSecond: number,
    now: number,
    private readonly burstSeconds = 2,
  ) {
    this.#tokens = perSecond * burstSeconds;
    this.#at = now;
  }

  /**
   * Takes `count` tokens at `now` (ms) and gives 0, or the seconds after which to try again. A delivery larger than the
   * whole burst passes when the bucket is full and leaves it in debt: it could never pass otherwise.
   */
  take(count: number, now: number): number {
    const capacity = this.perSecond * this.burstSeconds;
    this.#tokens = Math.min(capacity, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    const needed = Math.min(count, capacity);
    if (this.#tokens < needed) return (needed - this.#tokens) / this.perSecond;
    this.#tokens -= count;
    return 0;
  }
}
