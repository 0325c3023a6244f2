export type CircuitState = 'closed' | 'half-open' | 'open';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  readonly pauseMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Leaves a target alone that failed several times in a row; after the pause one request tries, and decides. */
export class CircuitBreaker {
  private failed = 0;
  private openUntil = 0;
  private trying = false;

  constructor(private readonly options: BreakerOptions) {}

  get state(): CircuitState {
    if (this.failed < this.options.failures) return 'closed';
    return this.trying ? 'half-open' : 'open';
  }

  /** Milliseconds for which no request may go; 0: this one may, and its end has to be told. */
  enter(): number {
    if (this.state === 'closed') return 0;
    const left = this.openUntil - this.options.now();
    if (this.trying) return Math.max(left, 1);
    if (left > 0) return left;
    this.trying = true;
    return 0;
  }

  succeeded(): void {
    this.failed = 0;
    this.trying = false;
  }

  failure(): void {
    this.failed += 1;
    this.trying = false;
    if (this.failed >= this.options.failures) this.openUntil = this.options.now() + this.options.pauseMs;
  }

  /** Ended in a way that says nothing of the target. */
  undecided(): void {
    this.trying = false;
  }
}
