import type { GroupWindow } from '../group-window.js';
import type { Entry } from '../timeline.js';
import { Measure } from './measure.js';

/**
 * A count or a sum, kept per entry: a new entry's window is its predecessor's less what fell out, and a late entry adds
 * to the windows behind it. Whole numbers are exact; other sums are added up anew for a new entry, so that no rounding piles up.
 */
export class TotalMeasure extends Measure {
  constructor(spanMs: number, private readonly amount: (entry: Entry) => number) {
    super(spanMs);
  }

  override at({ timeline }: GroupWindow, index: number): number {
    return timeline.at(index).measure;
  }

  override between({ timeline }: GroupWindow, start: number, end: number): number {
    let total = 0;
    for (let index = timeline.from(start), to = timeline.after(end); index < to; index++) total += this.amount(timeline.at(index));
    return total;
  }

  override added(window: GroupWindow, index: number): void {
    const { timeline } = window;
    const entry = timeline.at(index);
    const amount = this.amount(entry);
    entry.measure = this.fromPredecessor(window, index, amount) ?? this.upTo(window, index);
    this.correct(window, index + 1, entry.time + this.spanMs, amount);
  }

  override grown(window: GroupWindow, index: number, amount: number): void {
    this.correct(window, index, window.timeline.at(index).time + this.spanMs, amount);
  }

  private fromPredecessor({ timeline }: GroupWindow, index: number, amount: number): number | undefined {
    if (index === 0) return undefined;
    const previous = timeline.at(index - 1);
    if (previous.time - this.spanMs <= timeline.lostUpTo || !Number.isSafeInteger(previous.measure)) return undefined;
    const start = timeline.at(index).time - this.spanMs;
    let total = previous.measure + amount;
    for (let left = timeline.from(previous.time - this.spanMs); left < index; left++) {
      const leaving = timeline.at(left);
      if (leaving.time >= start) break;
      total -= this.amount(leaving);
    }
    return Number.isSafeInteger(total) ? total : undefined;
  }

  private upTo({ timeline }: GroupWindow, index: number): number {
    let total = 0;
    for (let left = timeline.from(timeline.at(index).time - this.spanMs); left <= index; left++) total += this.amount(timeline.at(left));
    return total;
  }

  private correct({ timeline }: GroupWindow, from: number, until: number, amount: number): void {
    for (let index = from; index < timeline.size; index++) {
      const later = timeline.at(index);
      if (later.time > until) return;
      later.measure += amount;
    }
  }
}
