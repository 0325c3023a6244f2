/** A state of the automaton before it is frozen. */
interface Node {
  readonly next: Map<number, Node>;
  readonly payloads: number[];
  readonly id: number;
}

const OTHER = 0;

/**
 * Finds which of many texts occur in a text, in one pass over it (Aho and Corasick 1975). Characters that stand in no
 * searched text share one class, so the table stays small.
 */
export class SubstringSet {
  private readonly nodes: Node[] = [{ next: new Map(), payloads: [], id: 0 }];
  private readonly classes = new Map<number, number>();
  private asciiClasses = new Uint16Array(128);
  private width = 1;
  private table = new Int32Array(0);
  private outputs: (readonly number[] | undefined)[] = [];
  size = 0;

  /** Adds a text that is not empty; `payload` is reported when it is found. */
  add(text: string, payload: number): void {
    let node = this.root();
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (!this.classes.has(unit)) this.classes.set(unit, this.classes.size + 1);
      let child = node.next.get(unit);
      if (child === undefined) {
        child = { next: new Map(), payloads: [], id: this.nodes.length };
        this.nodes.push(child);
        node.next.set(unit, child);
      }
      node = child;
    }
    node.payloads.push(payload);
    this.size++;
  }

  /** Freezes the set; to be called once, before the first search. */
  build(): void {
    if (this.size === 0) return;
    this.width = this.classes.size + 1;
    for (const [unit, number] of this.classes) if (unit < 128) this.asciiClasses[unit] = number;
    this.table = new Int32Array(this.nodes.length * this.width);
    this.outputs = this.nodes.map(({ payloads }) => (payloads.length > 0 ? payloads : undefined));
    const failures = new Int32Array(this.nodes.length);
    const queue: Node[] = [this.root()];
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head];
      if (node === undefined) break;
      const failure = failures[node.id] ?? 0;
      // a row starts as that of the longest proper suffix, which is complete: it is shorter
      if (node.id !== 0) {
        this.table.copyWithin(node.id * this.width, failure * this.width, (failure + 1) * this.width);
        const inherited = this.outputs[failure];
        if (inherited) this.outputs[node.id] = [...node.payloads, ...inherited];
      }
      for (const [unit, child] of node.next) {
        const cell = node.id * this.width + (this.classes.get(unit) ?? OTHER);
        failures[child.id] = this.table[cell] ?? 0;
        this.table[cell] = child.id;
        queue.push(child);
      }
    }
  }

  /** Calls `visit` with the payload of each text that occurs, once for each place. */
  search(text: string, visit: (payload: number) => void): void {
    const { table, width, asciiClasses } = this;
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const number = unit < 128 ? (asciiClasses[unit] ?? OTHER) : (this.classes.get(unit) ?? OTHER);
      state = table[state * width + number] ?? 0;
      const found = this.outputs[state];
      if (found !== undefined) for (const payload of found) visit(payload);
    }
  }

  private root(): Node {
    const [root] = this.nodes;
    if (root === undefined) throw new RangeError('the set has lost its root');
    return root;
  }
}
