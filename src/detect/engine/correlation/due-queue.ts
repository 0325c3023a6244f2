export interface Due {
  /** Event time, ms. */
  readonly at: number;
  readonly key: string;
}

/** A binary heap of what is due when. Equal times come in the order of their keys, so that a restart does not change the order. */
export class DueQueue {
  private readonly heap: Due[] = [];

  /** The earliest time, or infinity. */
  get next(): number {
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(item: Due): void {
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

  private precedes(a: number, b: number): boolean {
    const first = this.heap[a];
    const second = this.heap[b];
    if (!first || !second) return false;
    return first.at !== second.at ? first.at < second.at : first.key < second.key;
  }

  private swap(a: number, b: number): void {
    const first = this.heap[a];
    const second = this.heap[b];
    if (!first || !second) return;
    this.heap[a] = second;
    this.heap[b] = first;
  }
}
