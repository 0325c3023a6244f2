import type { Database } from '../platform/index.js';
import { auditErrors } from './audit.errors.js';
import { GENESIS, type ChainEntry } from './chain-entry.js';
import type { Checkpoint } from './checkpoint.js';
import { toCheckpoint, toEntry, type CheckpointRow, type EntryRow } from './entry-row.js';
import type { Finding } from './finding.js';
import { LIST_ENTRIES, LOST_PENDING, NEWEST_CHECKPOINT, READ_CHECKPOINTS, READ_ENTRIES, READ_TAIL, UNKNOWN_ROWS, UNSEALED } from './sql.js';

const PAGE = 1_000;
const ROW_PAGE = 10_000;
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** One step of a chain in order: an entry, or a checkpoint behind the entry it names. */
export type ChainItem = { readonly entry: ChainEntry; readonly checkpoint?: undefined } | { readonly checkpoint: Checkpoint; readonly entry?: undefined };

export interface ChainExtent {
  /** The newest entry; number 0 where there is none. */
  readonly end: { readonly seq: number; readonly hash: string };
  /** Number of the newest checkpoint, 0 where there is none. */
  readonly checkpoint: number;
}

export interface EntryQuery {
  readonly actor: string | undefined;
  readonly action: string | undefined;
  readonly target: string | undefined;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** Entries below this number. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** Rows that have no link yet. */
export interface Unsealed {
  readonly count: number;
  readonly oldest: Date | undefined;
}

/** Reads the chain, newest or in order, in pages. */
export class ChainReader {
  constructor(private readonly database: Database) {}

  /** How far the chain goes now. The checkpoint is read first: one that is signed meanwhile is not beyond the end. */
  async extent(): Promise<ChainExtent> {
    const checkpoint = await this.newestCheckpoint();
    const [tail] = await this.database.prepared<ChainExtent['end']>(READ_TAIL.name, READ_TAIL.text, []);
    return { end: tail ?? { seq: 0, hash: GENESIS }, checkpoint: checkpoint?.seq ?? 0 };
  }

  async newestCheckpoint(): Promise<Checkpoint | undefined> {
    const [row] = await this.database.query<CheckpointRow>(NEWEST_CHECKPOINT);
    return row && toCheckpoint(row);
  }

  async unsealed(): Promise<Unsealed> {
    const [row] = await this.database.query<{ count: number; oldest: Date | null }>(UNSEALED);
    return { count: row?.count ?? 0, oldest: row?.oldest ?? undefined };
  }

  /** Newest first. */
  async list({ actor, action, target, from, to, before, limit }: EntryQuery): Promise<ChainEntry[]> {
    const rows = await this.database.query<EntryRow>(LIST_ENTRIES, [actor ?? null, action ?? null, target ?? null, from ?? null, to ?? null, before ?? null, limit]);
    return rows.map(toEntry);
  }

  /**
   * What stands before the entry `from`, which a reading from there on begins with.
   * @throws CordonError `audit.request_invalid` where the chain does not go that far
   */
  async before(from: number): Promise<ChainExtent['end']> {
    if (from === 1) return { seq: 0, hash: GENESIS };
    const [entry] = await this.#page(from - 2, from - 1, 1);
    if (!entry) throw auditErrors.create('audit.request_invalid', { field: 'from_seq', detail: `from_seq: there is no entry ${from - 1}` });
    return { seq: entry.seq, hash: entry.hash };
  }

  /**
   * Entries with numbers above `after`, each followed by the checkpoint that names it; checkpoints beyond the end come last.
   */
  async *items(after: number, { end: { seq: end }, checkpoint: newest }: ChainExtent): AsyncGenerator<ChainItem> {
    let seq = after;
    for (let page = await this.#page(seq, end, PAGE); page.length > 0; page = await this.#page(seq, end, PAGE)) {
      const highest = page.at(-1)?.seq ?? seq;
      const checkpoints = await this.#checkpoints(seq + 1, highest);
      for (const entry of page) {
        yield { entry };
        for (; checkpoints[0] && checkpoints[0].seq <= entry.seq; checkpoints.shift()) yield { checkpoint: checkpoints[0] };
      }
      seq = highest;
    }
    for (const checkpoint of await this.#checkpoints(seq + 1, newest)) yield { checkpoint };
  }

  /** A row that is outside the chain and does not wait to come into it, or one that waits and is gone. */
  async stray(): Promise<Finding | undefined> {
    for (let last: string | null = NO_UUID; last !== null; ) {
      const [page]: { last: string | null; unknown: string | null }[] = await this.database.query(UNKNOWN_ROWS, [last, ROW_PAGE]);
      if (page?.unknown) return { kind: 'inserted', seq: null, id: page.unknown, detail: 'this row was never handed to the sealer: it came in past the product' };
      last = page?.last ?? null;
    }
    const [lost] = await this.database.query<{ id: string }>(LOST_PENDING);
    return lost && { kind: 'missing', seq: null, id: lost.id, detail: 'this row was removed before it was sealed' };
  }

  async #page(after: number, end: number, limit: number): Promise<ChainEntry[]> {
    return (await this.database.prepared<EntryRow>(READ_ENTRIES.name, READ_ENTRIES.text, [after, end, limit])).map(toEntry);
  }

  async #checkpoints(from: number, to: number): Promise<Checkpoint[]> {
    return (await this.database.query<CheckpointRow>(READ_CHECKPOINTS, [from, to, PAGE])).map(toCheckpoint);
  }
}
