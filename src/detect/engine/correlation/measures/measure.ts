import type { GroupWindow } from '../group-window.js';
import type { Entry } from '../timeline.js';

/**
 * What a correlation computes over a window. Measures that are kept (`Entry.measure`) correct themselves when an entry
 * is added, whatever its event time is; the others are computed when a window is judged.
 */
export abstract class Measure {
  /** @param spanMs length of the window; both ends belong to it. */
  constructor(protected readonly spanMs: number) {}

  /** Value of the entries from `start` to `end`, both included; undefined where there is nothing to compute it from. */
  abstract between(window: GroupWindow, start: number, end: number): number | undefined;

  /** Value of the window that ends with an entry. */
  at(window: GroupWindow, index: number): number | undefined {
    const { time } = window.timeline.at(index);
    return this.between(window, time - this.spanMs, time);
  }

  /** An entry was put at `index`. */
  added(_window: GroupWindow, _index: number): void {}

  /** The entry at `index` took in another hit, which changed its weight or value by `amount`. */
  grown(_window: GroupWindow, _index: number, _amount: number): void {}

  /** The oldest entry was dropped. */
  dropped(_window: GroupWindow, _entry: Entry): void {}

  /** Entries that must be cited, where the window holds more than a signal cites. */
  witness(_window: GroupWindow, _start: number, _end: number): readonly Entry[] {
    return [];
  }
}
