import type { ChainEntry } from './chain-entry.js';
import { isGenuine, type Checkpoint } from './checkpoint.js';
import { diagnose, isSealedAs, type Passed } from './diagnose.js';
import type { Finding } from './finding.js';

/** How many entries back an insertion is traced to its beginning. */
const LOOK_BACK = 64;

export interface VerifierOptions {
  /** Number and hash of the entry before the first one. */
  readonly after: { readonly seq: number; readonly hash: string };
  /** Checkpoints that were kept elsewhere. */
  readonly outside: readonly Checkpoint[];
  /** Public keys that may have signed. Empty: any key that fits. */
  readonly trusted: ReadonlySet<string>;
}

export interface ChainSummary {
  /** Entries that follow from the one before, up to the first finding. */
  readonly entries: number;
  /** Newest entry of those. */
  readonly last: { readonly seq: number; readonly hash: string };
  /** Signed statements that agree with the chain. */
  readonly checkpoints: number;
  /** Newest entry that a checkpoint vouches for, 0 for none. */
  readonly vouched: number;
  /** Entries whose time lies long before the checkpoint that precedes them: committed late, or dated back. */
  readonly late: number;
  readonly finding: Finding | undefined;
}

const LATE_MS = 10 * 60_000;

/**
 * Checks a chain entry by entry, in memory that does not grow, and stops at the first finding. Give entries in the order
 * of their numbers, each checkpoint after the entry it names or, where that is not there, whenever it comes.
 */
export class ChainVerifier {
  readonly #passed: Passed[] = [];
  readonly #outside: Checkpoint[];
  readonly #after: VerifierOptions['after'];
  readonly #trusted: ReadonlySet<string>;
  #last: { seq: number; hash: string; id: string | null };
  /** Waits until the entry behind it is known, which a diagnosis needs. */
  #held: ChainEntry | undefined;
  #heldCheckpoints: Checkpoint[] = [];
  #entries = 0;
  #checkpoints = 0;
  #vouched = 0;
  #vouchedAt = Number.NEGATIVE_INFINITY;
  /** As `vouched`, by checkpoints that were kept elsewhere alone: whoever sealed anew may have signed anew too. */
  #vouchedOutside = 0;
  #late = 0;
  #finding: Finding | undefined;

  constructor({ after, outside, trusted }: VerifierOptions) {
    this.#after = after;
    this.#last = { ...after, id: null };
    this.#outside = outside.filter(({ seq }) => seq >= after.seq).sort((a, b) => a.seq - b.seq);
    this.#trusted = trusted;
    this.#compareOutside();
  }

  get finding(): Finding | undefined {
    return this.#finding;
  }

  /** @returns whether to go on: false once something was found */
  entry(entry: ChainEntry): boolean {
    this.#settle(entry);
    this.#held = entry;
    return this.#finding === undefined;
  }

  checkpoint(checkpoint: Checkpoint): boolean {
    if (this.#held) this.#heldCheckpoints.push(checkpoint);
    else this.#compare(checkpoint);
    return this.#finding === undefined;
  }

  /** No more entries. */
  end(): ChainSummary {
    this.#settle(undefined);
    const [beyond] = this.#outside;
    if (beyond && !this.#finding) this.#truncated(beyond, 'that was kept elsewhere');
    return { entries: this.#entries, last: { seq: this.#last.seq, hash: this.#last.hash }, checkpoints: this.#checkpoints, vouched: this.#vouched, late: this.#late, finding: this.#finding };
  }

  #settle(next: ChainEntry | undefined): void {
    const entry = this.#held;
    this.#held = undefined;
    if (!entry || this.#finding) return;
    const { seq, hash } = this.#last;
    if (entry.seq !== seq + 1 || entry.prev !== hash || !isSealedAs(entry, seq + 1, hash)) {
      this.#finding = diagnose(this.#passed, seq + 1, hash, entry, next);
      return;
    }
    this.#pass(entry);
    this.#compareOutside();
    for (const checkpoint of this.#heldCheckpoints.splice(0)) this.#compare(checkpoint);
  }

  #pass({ seq, id, prev, hash, content }: ChainEntry): void {
    this.#last = { seq, hash, id };
    this.#entries++;
    if (content && Date.parse(content.at) < this.#vouchedAt - LATE_MS) this.#late++;
    this.#passed.push({ seq, id, prev, hash });
    if (this.#passed.length > LOOK_BACK) this.#passed.shift();
  }

  /** A checkpoint of the chain itself. */
  #compare(checkpoint: Checkpoint): void {
    if (this.#finding) return;
    const { seq, at, public_key: key } = checkpoint;
    if (seq < this.#last.seq) {
      this.#finding = { kind: 'checkpoint', seq, id: null, detail: `the checkpoint of ${at} does not stand behind the entry it names` };
    } else if (!isGenuine(checkpoint)) {
      this.#finding = { kind: 'checkpoint', seq, id: null, detail: `the signature of the checkpoint of ${at} does not fit what it says` };
    } else if (this.#trusted.size > 0 && !this.#trusted.has(key)) {
      this.#finding = { kind: 'checkpoint', seq, id: null, detail: `the checkpoint of ${at} is signed by another key, ${key}; name that one too if it was in use before` };
    } else if (seq > this.#last.seq) this.#truncated(checkpoint, 'in the chain');
    else this.#agree(checkpoint, `the checkpoint of ${at}`, this.#vouched);
  }

  #compareOutside(): void {
    while (!this.#finding && this.#outside[0]?.seq === this.#last.seq) {
      const checkpoint = this.#outside.shift();
      if (!checkpoint) return;
      this.#agree(checkpoint, `the checkpoint of ${checkpoint.at} that was kept elsewhere`, this.#vouchedOutside);
      this.#vouchedOutside = checkpoint.seq;
    }
  }

  #agree({ seq, hash, at }: Checkpoint, which: string, sureTo: number): void {
    if (hash === this.#last.hash) {
      this.#checkpoints++;
      this.#vouched = seq;
      this.#vouchedAt = Date.parse(at);
      return;
    }
    const first = Math.max(sureTo, this.#after.seq) + 1;
    this.#finding = { kind: 'rewritten', seq, id: this.#last.id, detail: `${which} states another hash for it: it or an entry from ${first} on was changed and sealed anew` };
  }

  #truncated({ seq, at }: Checkpoint, where: string): void {
    const first = this.#last.seq + 1;
    this.#finding = { kind: 'truncated', seq: first, id: null, detail: `the chain ends at entry ${this.#last.seq}, but the checkpoint of ${at} ${where} vouches for entry ${seq}` };
  }
}
