import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 8;

/** Lets long computations share the event loop: after a slice of work, requests and timers get their turn. */
export class TimeSlice {
  #until = performance.now() + SLICE_MS;

  /** Call between items; it waits only when the slice is used up. */
  async pause(): Promise<void> {
    if (performance.now() < this.#until) return;
    await nextTurn();
    this.#until = performance.now() + SLICE_MS;
  }

  /** Whether {@link pause} would wait: spares a promise per item in hot loops. */
  get over(): boolean {
    return performance.now() >= this.#until;
  }
}
