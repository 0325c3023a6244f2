import type { GroupWindow } from '../group-window.js';
import type { Entry } from '../timeline.js';
import { Measure } from './measure.js';

/**
 * The number of distinct values, kept per entry. Entries of one value are linked in order of time: a value is new to a
 * window where the link before it lies outside, so a window is never counted again while events come in order.
 */
export class DistinctMeasure extends Measure {
  override at({ timeline }: GroupWindow, index: number): number {
    return timeline.at(index).measure;
  }

  override between({ timeline }: GroupWindow, start: number, end: number): number {
    let distinct = 0;
    for (let index = timeline.from(start), to = timeline.after(end); index < to; index++) {
      if (isFirstSince(timeline.at(index), start)) distinct++;
    }
    return distinct;
  }

  override added(window: GroupWindow, index: number): void {
    const { timeline } = window;
    const entry = timeline.at(index);
    link(window, entry);
    entry.measure = this.fromPredecessor(window, index) ?? this.upTo(window, index);
    for (let later = index + 1; later < timeline.size; later++) {
      const anchor = timeline.at(later);
      if (anchor.time > entry.time + this.spanMs || anchor === entry.after) return;
      if (isFirstSince(entry, anchor.time - this.spanMs)) anchor.measure++;
    }
  }

  override dropped({ newest }: GroupWindow, entry: Entry): void {
    if (entry.after) entry.after.before = undefined;
    else newest.delete(entry.value);
  }

  private fromPredecessor({ timeline }: GroupWindow, index: number): number | undefined {
    if (index === 0) return undefined;
    const previous = timeline.at(index - 1);
    if (previous.time - this.spanMs <= timeline.lostUpTo) return undefined;
    const entry = timeline.at(index);
    const start = entry.time - this.spanMs;
    let distinct = previous.measure + (isFirstSince(entry, start) ? 1 : 0);
    for (let left = timeline.from(previous.time - this.spanMs); left < index; left++) {
      const leaving = timeline.at(left);
      if (leaving.time >= start) break;
      if (leaving.after === undefined || leaving.after === entry || leaving.after.time > entry.time) distinct--;
    }
    return distinct;
  }

  private upTo({ timeline }: GroupWindow, index: number): number {
    const start = timeline.at(index).time - this.spanMs;
    let distinct = 0;
    for (let left = timeline.from(start); left <= index; left++) if (isFirstSince(timeline.at(left), start)) distinct++;
    return distinct;
  }
}

function isFirstSince(entry: Entry, start: number): boolean {
  return entry.before === undefined || entry.before.time < start;
}

function link({ newest }: GroupWindow, entry: Entry): void {
  let after: Entry | undefined;
  let before = newest.get(entry.value);
  while (before !== undefined && before.time > entry.time) {
    after = before;
    before = before.before;
  }
  entry.before = before;
  entry.after = after;
  if (before) before.after = entry;
  if (after) after.before = entry;
  else newest.set(entry.value, entry);
}
