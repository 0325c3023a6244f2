import type { GroupWindow } from '../group-window.js';
import { Measure } from './measure.js';

/** The mean of the values. */
export class AverageMeasure extends Measure {
  override between({ timeline }: GroupWindow, start: number, end: number): number | undefined {
    let sum = 0;
    let count = 0;
    for (let index = timeline.from(start), to = timeline.after(end); index < to; index++) {
      const entry = timeline.at(index);
      sum += Number(entry.value);
      count += entry.weight;
    }
    return count === 0 ? undefined : sum / count;
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
