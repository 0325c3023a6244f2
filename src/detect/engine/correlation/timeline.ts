/** One contribution to a group: a hit, or in a folded window all hits of a bucket that have the same rule and value. */
export interface Entry {
  /** Event time; the start of its bucket in a folded window. */
  readonly time: number;
  /** Log position and id of its newest hit. */
  position: number;
  id: string;
  /** Index of the rule in the correlation's list. */
  readonly rule: number;
  /** What is counted as distinct, or the number to add up. */
  value: string | number;
  /** Number of hits in it. */
  weight: number;
  /** Value of the window that ends with this entry, where the measure keeps it. */
  measure: number;
  /** Whether that window meets the condition. */
  qualified: boolean;
  /** Whether an entry was made of another correlation's firing: the events that one cites, and their true number. */
  cites: { readonly ids: readonly string[]; readonly count: number } | undefined;
  /** Nearest entries of the same value. */
  before: Entry | undefined;
  after: Entry | undefined;
  /** In a folded window, event times of the oldest and newest hit in it. */
  bucket: { readonly first: number; readonly last: number } | undefined;
}

export const firstTime = (entry: Entry): number => entry.bucket?.first ?? entry.time;
export const lastTime = (entry: Entry): number => entry.bucket?.last ?? entry.time;

/** Entries in order of event time, equal times in order of arrival. */
export class Timeline {
  private items: Entry[] = [];
  private head = 0;
  /** Newest time of an entry that was dropped. */
  lostUpTo = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.items.length - this.head;
  }

  get first(): Entry | undefined {
    return this.items[this.head];
  }

  get last(): Entry | undefined {
    return this.head < this.items.length ? this.items[this.items.length - 1] : undefined;
  }

  /** The entry at an index below `size`. */
  at(index: number): Entry {
    const entry = this.items[this.head + index];
    if (entry === undefined) throw new RangeError(`no entry ${index} of ${this.size}`);
    return entry;
  }

  /** Index of the first entry at or after `time`. */
  from(time: number): number {
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle]?.time ?? Number.POSITIVE_INFINITY) < time) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /** Index of the first entry after `time`. */
  after(time: number): number {
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle]?.time ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /** Puts an entry behind those of the same time and gives its index. */
  insert(entry: Entry): number {
    if (entry.time >= (this.last?.time ?? Number.NEGATIVE_INFINITY)) {
      this.items.push(entry);
      return this.size - 1;
    }
    const index = this.after(entry.time);
    this.items.splice(this.head + index, 0, entry);
    return index;
  }

  dropFirst(): Entry | undefined {
    const entry = this.first;
    if (entry === undefined) return undefined;
    this.lostUpTo = Math.max(this.lostUpTo, entry.time);
    this.head++;
    if (this.head > 32 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let index = this.head; index < this.items.length; index++) {
      const entry = this.items[index];
      if (entry) yield entry;
    }
  }
}
