import type { AppendResult, Binding, BoundAppend, EventLog, NewRecord, StoredRecord } from '../../kernel/index.js';
import { BINDING_KEY_BYTES, isCordonError } from '../../kernel/index.js';
import { crashPoint, crashPointOnceSent } from '../crash-points.js';
import { sqlState, type Database } from '../database/index.js';
import { WakeUp } from '../wake-up.js';
import { eventLogErrors } from './event-log.errors.js';
import { APPEND, APPEND_BOUND, CREATE_PARTITION, READ } from './sql.js';
import { dayOf, DAY_MS } from './utc-day.js';

interface AppendRow {
  status: 'stored' | 'clash' | 'duplicate' | 'replayed';
  /** Of a replayed one the ordinal of its binding. */
  position: number | null;
  original_id: string | null;
}

interface RecordRow {
  position: number;
  id: string;
  source: string;
  stream: string;
  delivery: string;
  item_index: number;
  body: Buffer;
  received_at: Date;
}

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly params: readonly unknown[];
}

/** SQLSTATE check_violation: what PostgreSQL answers when a row belongs to no partition. */
const NO_PARTITION = '23514';
const DAYS_BACK = 1;
const DAYS_AHEAD = 3;

/**
 * The event log on PostgreSQL. All appends go through the database function `log_append` (`intake_append` binds, then
 * calls it): one lock a database, taken before a position is and held to the commit, makes position order commit order.
 */
export class PostgresEventLog implements EventLog {
  /** Notified after each append of this process. */
  readonly appended = new WakeUp();

  constructor(private readonly database: Database) {}

  /**
   * @throws platform.log_busy when the lock was not free in 5 s, platform.log_no_partition, platform.database_*; after
   * platform.database_unavailable the records may be stored or not.
   */
  async append(records: readonly NewRecord[]): Promise<AppendResult[]> {
    if (records.length === 0) return [];
    const rows = await this.commit(records, { ...APPEND, params: packed(records) });
    return rows.map(toResult);
  }

  /** @throws as {@link append} */
  async appendBound(records: readonly NewRecord[], bindings: readonly Binding[]): Promise<BoundAppend> {
    if (bindings.length === 0) return { results: await this.append(records) };
    const rows = await this.commit(records, { ...APPEND_BOUND, params: [...packedBindings(bindings), ...packed(records)] });
    const refused = rows.flatMap(({ status, position }) => (status === 'replayed' && position !== null ? [position - 1] : []));
    return refused.length > 0 ? { refused } : { results: rows.map(toResult) };
  }

  async read(cursor: number, limit: number): Promise<StoredRecord[]> {
    const rows = await this.database.prepared<RecordRow>(READ.name, READ.text, [cursor, limit]);
    return rows.map(({ item_index: itemIndex, received_at: receivedAt, ...row }) => ({ ...row, itemIndex, receivedAt }));
  }

  private async commit(records: readonly NewRecord[], statement: Statement): Promise<AppendRow[]> {
    crashPoint('log.before_append');
    const rows = await this.runWithPartition(records, statement);
    crashPoint('log.after_commit');
    this.appended.notify();
    return rows;
  }

  /** A missing partition (no process was up to make it) is made on the spot, for days near today's. */
  private async runWithPartition(records: readonly NewRecord[], statement: Statement): Promise<AppendRow[]> {
    try {
      return await this.run(statement);
    } catch (error) {
      if (sqlState(error) !== NO_PARTITION) throw error;
      await this.createPartitions(records, error);
      return await this.run(statement);
    }
  }

  private async createPartitions(records: readonly NewRecord[], cause: unknown): Promise<void> {
    const now = (await this.database.now()).getTime();
    for (const day of new Set(records.map((record) => dayOf(record.receivedAt)))) {
      const distance = Math.round((Date.parse(day) - Date.parse(dayOf(new Date(now)))) / DAY_MS);
      if (distance < -DAYS_BACK || distance > DAYS_AHEAD) throw eventLogErrors.create('platform.log_no_partition', { detail: `received at ${day}`, retryAfter: 5, cause });
      await this.database.query(CREATE_PARTITION, ['log_record', day]);
    }
  }

  private async run({ name, text, params }: Statement): Promise<AppendRow[]> {
    const pending = this.database.prepared<AppendRow>(name, text, params);
    crashPointOnceSent('log.append_sent');
    try {
      return await pending;
    } catch (error) {
      if (isCordonError(error, 'platform.database_busy')) throw eventLogErrors.create('platform.log_busy', { retryAfter: 1, cause: error });
      throw error;
    }
  }
}

/** Parameters of `log_append`. Bodies travel as one binary value: an array of bytea would be sent as hex, at twice the size. */
function packed(records: readonly NewRecord[]): unknown[] {
  return [
    records.map((record) => record.id),
    records.map((record) => record.source),
    records.map((record) => record.stream),
    records.map((record) => record.delivery),
    records.map((record) => record.itemIndex),
    records.map((record) => record.dedupeKey),
    records.map((record) => record.bodyHash),
    Buffer.concat(records.map((record) => record.body)),
    records.map((record) => record.body.length),
    records.map((record) => record.receivedAt.toISOString()),
  ];
}

/** First parameters of `intake_append`. All are kept until the last of them expires. */
function packedBindings(bindings: readonly Binding[]): unknown[] {
  const expires = bindings.reduce((latest, binding) => Math.max(latest, binding.expires.getTime()), 0);
  return [Buffer.concat(bindings.map(({ key }) => key)), BINDING_KEY_BYTES, bindings.map(({ holder }) => holder), new Date(expires).toISOString()];
}

function toResult(row: AppendRow): AppendResult {
  if (row.status === 'duplicate' && row.original_id !== null) return { status: 'duplicate', originalId: row.original_id };
  if ((row.status === 'stored' || row.status === 'clash') && row.position !== null) return { status: row.status, position: row.position };
  throw new Error('log_append gave a result without its id or position');
}
