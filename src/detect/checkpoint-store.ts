import type { JsonValue } from '../kernel/index.js';
import { chunksOfSize, TimeSlice, type Cursors, type Database, type DatabaseTx } from '../platform/index.js';
import type { StateChange } from './engine/index.js';
import { DELETE_ALL_WINDOW_STATE, DELETE_WINDOW_STATE, READ_CHECKPOINT, READ_WINDOW_STATE, SAVE_CHECKPOINT, UPSERT_WINDOW_STATE } from './sql.js';

/** Raised when the form of window state changes; state of another version is dropped and built anew from the events kept. */
export const STATE_VERSION = 1;

/** Cursor that keeps the events behind the last checkpoint from being trimmed: a restart reads them again. */
const CURSOR = 'detect.checkpoint';

/** Most bytes of state that one statement writes; it is sent in hex, at twice the size. */
const WRITE_BYTES = 8 * 1024 * 1024;
const READ_ROWS = 5_000;

export interface Checkpoint {
  /** Position whose event is the last one in the state. */
  readonly position: number;
  readonly rows: readonly StateChange[];
}

interface StateRow {
  rule_id: string;
  rule_version: string;
  group_key: string;
  state: Buffer;
}

/** Snapshots of window state, written row by row where something changed, together with the position they stand for. */
export class CheckpointStore {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly shard = 'all',
  ) {}

  async load(): Promise<Checkpoint> {
    await this.cursors.open(CURSOR, 'event');
    return this.database.transaction(async (tx) => {
      const [saved] = await tx.query<{ position: number; engine_version: number }>(READ_CHECKPOINT, [this.shard]);
      if (!saved) return { position: 0, rows: [] };
      if (saved.engine_version !== STATE_VERSION) {
        await tx.query(DELETE_ALL_WINDOW_STATE, [this.shard]);
        return { position: saved.position, rows: [] };
      }
      return { position: saved.position, rows: await this.#readState(tx) };
    });
  }

  /** Writes what changed and moves the checkpoint, in the transaction of the batch that ends at `to`. */
  async save(tx: DatabaseTx, from: number, to: number, changes: readonly StateChange[]): Promise<void> {
    const gone = changes.filter(({ state }) => state === null);
    for (const chunk of chunksOfSize(gone, WRITE_BYTES, ({ key }) => key.length)) {
      await tx.query(DELETE_WINDOW_STATE, [this.shard, chunk.map(({ ruleId }) => ruleId), chunk.map(({ key }) => key)]);
    }
    await this.#writeState(tx, changes);
    await tx.query(SAVE_CHECKPOINT, [this.shard, to, STATE_VERSION, tx.now]);
    await this.cursors.advance(tx, CURSOR, from, to);
  }

  /** A busy system has hundreds of megabytes of state: it goes out in pieces, and requests get their turn in between. */
  async #writeState(tx: DatabaseTx, changes: readonly StateChange[]): Promise<void> {
    const slice = new TimeSlice();
    let rows: StateRow[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      await tx.query(UPSERT_WINDOW_STATE, [
        this.shard,
        rows.map((row) => row.rule_id),
        rows.map((row) => row.rule_version),
        rows.map((row) => row.group_key),
        rows.map((row) => row.state),
      ]);
      rows = [];
      bytes = 0;
    };
    for (const change of changes) {
      if (change.state === null) continue;
      if (slice.over) await slice.pause();
      const row = toRow(change);
      const size = row.state.length + row.group_key.length;
      if (rows.length > 0 && bytes + size > WRITE_BYTES) await flush();
      rows.push(row);
      bytes += size;
    }
    if (rows.length > 0) await flush();
  }

  async #readState(tx: DatabaseTx): Promise<StateChange[]> {
    const changes: StateChange[] = [];
    const slice = new TimeSlice();
    let after: readonly [rule: string, group: string] = ['', ''];
    for (;;) {
      const rows = await tx.query<StateRow>(READ_WINDOW_STATE, [this.shard, ...after, READ_ROWS]);
      for (const row of rows) {
        if (slice.over) await slice.pause();
        changes.push(fromRow(row));
      }
      const last = rows.at(-1);
      if (!last) return changes;
      after = [last.rule_id, last.group_key];
    }
  }
}

function toRow({ ruleId, ruleVersion, key, state }: StateChange): StateRow {
  return { rule_id: ruleId, rule_version: ruleVersion, group_key: key, state: Buffer.from(JSON.stringify(state)) };
}

function fromRow({ rule_id: ruleId, rule_version: ruleVersion, group_key: key, state }: StateRow): StateChange {
  return { ruleId, ruleVersion, key, state: JSON.parse(state.toString('utf8')) as JsonValue };
}
