import { isCordonError } from '../../kernel/index.js';
import { isConnectionFailure } from '../database/index.js';

/**
 * Finds the row that makes a batch fail: halves the batch after each failure of its own, down to one row, and names that
 * row for rejection when it fails alone several times. Failures of the surroundings (connection, lease, lock) change nothing.
 */
export class Isolation {
  #limit: number;
  #alone = 0;
  #error: unknown;

  constructor(
    private readonly batchSize: number,
    private readonly attemptsAlone: number,
  ) {
    this.#limit = batchSize;
  }

  /** Most rows to read next. */
  get limit(): number {
    return this.#limit;
  }

  failed(rows: number, error: unknown): void {
    if (isSurroundings(error)) return;
    if (rows > 1) this.#limit = Math.max(1, Math.floor(rows / 2));
    else {
      this.#alone += 1;
      this.#error = error;
    }
  }

  /** Why the only row of this batch is to be left out; undefined where it is to be handled. */
  takeRejected(rows: readonly unknown[]): { readonly error: unknown } | undefined {
    return rows.length === 1 && this.#alone >= this.attemptsAlone ? { error: this.#error } : undefined;
  }

  /** Batches grow back to their size step by step. */
  passed(): void {
    this.#alone = 0;
    this.#error = undefined;
    this.#limit = Math.min(this.batchSize, this.#limit * 2);
  }
}

/** Whether the failure says nothing of the rows: the same batch may pass the next time. */
function isSurroundings(error: unknown): boolean {
  return isConnectionFailure(error) || (isCordonError(error) && error.definition.retryable === true);
}
