import type { JsonValue } from '../kernel/index.js';
import type { Cursors, Database, DatabaseTx } from '../platform/index.js';
import type { StateChange } from './engine/index.js';
import { DELETE_ALL_WINDOW_STATE, DELETE_WINDOW_STATE, READ_CHECKPOINT, READ_WINDOW_STATE, SAVE_CHECKPOINT, UPSERT_WINDOW_STATE } from './sql.js';

/** Raised when the form of window state changes; state of another version is dropped and built anew from the events kept. */
export const STATE_VERSION = 1;

/** Cursor that keeps the events behind the last checkpoint from being trimmed: a restart reads them again. */
const CURSOR = 'detect.checkpoint';

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
      const rows = await tx.query<StateRow>(READ_WINDOW_STATE, [this.shard]);
      return { position: saved.position, rows: rows.map(fromRow) };
    });
  }

  /** Writes what changed and moves the checkpoint, in the transaction of the batch that ends at `to`. */
  async save(tx: DatabaseTx, from: number, to: number, changes: readonly StateChange[]): Promise<void> {
    const gone = changes.filter(({ state }) => state === null);
    const kept = changes.filter(({ state }) => state !== null);
    if (gone.length > 0) await tx.query(DELETE_WINDOW_STATE, [this.shard, gone.map(({ ruleId }) => ruleId), gone.map(({ key }) => key)]);
    if (kept.length > 0) {
      await tx.query(UPSERT_WINDOW_STATE, [
        this.shard,
        kept.map(({ ruleId }) => ruleId),
        kept.map(({ ruleVersion }) => ruleVersion),
        kept.map(({ key }) => key),
        kept.map(({ state }) => Buffer.from(JSON.stringify(state))),
      ]);
    }
    await tx.query(SAVE_CHECKPOINT, [this.shard, to, STATE_VERSION, tx.now]);
    await this.cursors.advance(tx, CURSOR, from, to);
  }
}

function fromRow({ rule_id: ruleId, rule_version: ruleVersion, group_key: key, state }: StateRow): StateChange {
  return { ruleId, ruleVersion, key, state: JSON.parse(state.toString('utf8')) as JsonValue };
}
