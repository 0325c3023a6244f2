/**
 * A time limit together with the caller's own signal. Made of a plain timer: a signal of `AbortSignal.timeout` inside
 * `AbortSignal.any` can be collected before it fires (Node 20). To be ended by whoever made it.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly onAbort = (): void => this.abort('given_up');
  /** Why it aborted; undefined while it did not. */
  reason: 'timeout' | 'given_up' | undefined;

  constructor(
    ms: number,
    private readonly outer?: AbortSignal,
  ) {
    this.timer = setTimeout(() => this.abort('timeout'), ms);
    if (outer?.aborted) this.abort('given_up');
    else outer?.addEventListener('abort', this.onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.onAbort);
  }

  private abort(reason: 'timeout' | 'given_up'): void {
    this.reason ??= reason;
    this.controller.abort();
  }
}
