import type { GroupWindow } from '../group-window.js';
import { Measure } from './measure.js';
import { TotalMeasure } from './total-measure.js';

/** The mean of the values: the sum is kept, the number of hits follows from the place in the timeline unless the window is folded. */
export class AverageMeasure extends TotalMeasure {
  constructor(spanMs: number, private readonly folded: boolean) {
    super(spanMs, ({ value }) => Number(value));
  }

  override at(window: GroupWindow, index: number): number {
    const { timeline } = window;
    const { time } = timeline.at(index);
    // the kept sum still has the values that were dropped for want of room, the count has not
    if (time - this.spanMs <= timeline.lostUpTo) return this.between(window, time - this.spanMs, time);
    const from = timeline.from(time - this.spanMs);
    return super.at(window, index) / this.count(window, from, index + 1);
  }

  override between(window: GroupWindow, start: number, end: number): number {
    return super.between(window, start, end) / this.count(window, window.timeline.from(start), window.timeline.after(end));
  }

  private count({ timeline }: GroupWindow, from: number, to: number): number {
    if (!this.folded) return to - from;
    let count = 0;
    for (let index = from; index < to; index++) count += timeline.at(index).weight;
    return count;
  }
}

/** The value at a percentile, linear between the two nearest ranks (so 50 is the usual median). */
export class PercentileMeasure extends Measure {
  constructor(spanMs: number, private readonly percentile: number) {
    super(spanMs);
  }

  override between({ timeline }: GroupWindow, start: number, end: number): number | undefined {
    const from = timeline.from(start);
    const to = timeline.after(end);
    let count = 0;
    for (let index = from; index < to; index++) count += timeline.at(index).weight;
    if (count === 0) return undefined;
    const values = new Float64Array(count);
    for (let index = from, filled = 0; index < to; index++) {
      const { value, weight } = timeline.at(index);
      values.fill(Number(value), filled, (filled += weight));
    }
    values.sort();
    const rank = (this.percentile / 100) * (count - 1);
    const low = values[Math.floor(rank)] ?? 0;
    const high = values[Math.ceil(rank)] ?? low;
    return low + (high - low) * (rank - Math.floor(rank));
  }
}
