export interface Due {
  /** Event time, ms. */
  readonly at: number;
  readonly key: string;
}

/** Outdated items that are not worth clearing out. */
const SLACK = 64;

/**
 * A binary heap of what is due when. Equal times come in the order of their keys, so that a restart does not change the
 * order. Items that no longer count are cleared out before they are most of the heap.
 */
export class DueQueue {
  private heap: Due[] = [];
  private clearAt = SLACK;

  constructor(private readonly counts: (item: Due) => boolean) {}

  get size(): number {
    return this.heap.length;
  }

  /** The earliest time, or infinity. */
  get next(): number {
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(item: Due): void {
    if (this.heap.length >= this.clearAt) this.clear();
    let index = this.heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.precedes(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  pop(): Due | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return first;
    this.heap[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const child = left + 1 < this.heap.length && this.precedes(left + 1, left) ? left + 1 : left;
      if (child >= this.heap.length || !this.precedes(child, index)) return first;
      this.swap(child, index);
      index = child;
    }
  }

  private clear(): void {
    // what is sorted is a heap
    this.heap = this.heap.filter((item) => this.counts(item)).sort(compare);
    this.clearAt = 2 * this.heap.length + SLACK;
  }

  private precedes(a: number, b: number): boolean {
    const first = this.heap[a];
    const second = this.heap[b];
    return first !== undefined && second !== undefined && compare(first, second) < 0;
  }

  private swap(a: number, b: number): void {
    const first = this.heap[a];
    const second = this.heap[b];
    if (!first || !second) return;
    this.heap[a] = second;
    this.heap[b] = first;
  }
}

function compare(a: Due, b: Due): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}
