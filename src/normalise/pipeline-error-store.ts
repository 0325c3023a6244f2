import { createHash } from 'node:crypto';
import { uuidv7, type AuditSink, type EventLog, type FactSink } from '../kernel/index.js';
import type { Database, KeyRing } from '../platform/index.js';
import { normaliseErrors } from './normalise.errors.js';
import { LIST_OPEN_ERRORS, LIST_PIPELINE_ERRORS, MARK_DISCARDED, MARK_REPLAYED, READ_PIPELINE_ERROR } from './sql.js';

export type PipelineErrorStatus = 'open' | 'replayed' | 'discarded';

/** A record that could not be normalised, without its raw text. */
export interface PipelineError {
  readonly recordId: string;
  readonly position: number;
  readonly source: string;
  readonly stream: string;
  readonly code: string;
  readonly message: string;
  readonly status: PipelineErrorStatus;
  readonly at: Date;
  readonly resolvedAt: Date | null;
  readonly replayedAs: string | null;
}

export interface PipelineErrorQuery {
  readonly status: PipelineErrorStatus;
  readonly stream: string | undefined;
  /** Position of the last error of the page before; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

interface Row {
  record_id: string;
  position: number;
  source: string;
  stream: string;
  code: string;
  message: string;
  status: PipelineErrorStatus;
  at: Date;
  resolved_at: Date | null;
  replayed_as: string | null;
}

/** `raw` is empty once the error is resolved. */
type SealedRow = Row & { raw: Buffer };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Quarantine of records that could not be normalised: list, inspect, replay after the mapping was mended, discard. */
export class PipelineErrorStore {
  constructor(
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly keys: KeyRing,
    private readonly facts: FactSink,
    private readonly audit: AuditSink,
  ) {}

  async list({ status, stream, after, limit }: PipelineErrorQuery): Promise<PipelineError[]> {
    return (await this.database.query<Row>(LIST_PIPELINE_ERRORS, [status, stream ?? null, after, limit])).map(fromRow);
  }

  /**
   * An error with its raw record; null once it is resolved, since quarantine keeps no copy of what was replayed or
   * discarded. Reading it is audited, since nothing but the caller's role guards what it holds.
   */
  async inspect(recordId: string, actor: string): Promise<{ error: PipelineError; raw: Buffer | null }> {
    return this.database.transaction(async (tx) => {
      const [row] = UUID.test(recordId) ? await tx.query<SealedRow>(READ_PIPELINE_ERROR, [recordId]) : [];
      if (!row) throw normaliseErrors.create('normalise.pipeline_error_unknown');
      await this.audit.record(tx, [{ action: 'normalise.pipeline_error_read', actor, target: `record:${recordId}`, detail: { stream: row.stream } }]);
      return { error: fromRow(row), raw: row.status === 'open' ? this.#open(row) : null };
    });
  }

  /**
   * Appends open errors to the log again, oldest first, so that the present mapping takes them. A record whose mapping
   * fails again becomes a new error under its new id.
   */
  async replay(stream: string | undefined, limit: number, actor: string): Promise<{ recordId: string; newRecordId: string }[]> {
    const open = await this.database.query<Row>(LIST_OPEN_ERRORS, [stream ?? null, limit]);
    const replayed: { recordId: string; newRecordId: string }[] = [];
    for (const { record_id: recordId } of open) {
      // one by one: the raw records of a page together may be large
      const [row] = await this.database.query<SealedRow>(READ_PIPELINE_ERROR, [recordId]);
      if (row?.status !== 'open') continue;
      const newRecordId = await this.#append(row);
      if (await this.#resolve(row, newRecordId, actor)) replayed.push({ recordId, newRecordId });
    }
    return replayed;
  }

  /** Takes an error off the list for good. The record itself stays in the log until retention. */
  async discard(recordId: string, actor: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const done = UUID.test(recordId) ? await tx.query(MARK_DISCARDED, [recordId, tx.now]) : [];
      if (done.length === 0) throw normaliseErrors.create('normalise.pipeline_error_unknown');
      await this.audit.record(tx, [{ action: 'normalise.pipeline_error_discarded', actor, target: `record:${recordId}`, detail: {} }]);
    });
  }

  /** The key is made of the old id: a crash between append and mark appends nothing twice. */
  async #append(row: SealedRow): Promise<string> {
    const raw = this.#open(row);
    const id = uuidv7();
    const [result] = await this.eventLog.append([
      {
        id,
        source: row.source,
        stream: row.stream,
        delivery: `replay:${row.record_id}`,
        itemIndex: 0,
        dedupeKey: createHash('sha256').update(`replay:${row.record_id}`).digest(),
        bodyHash: createHash('sha256').update(raw).digest(),
        body: raw,
        receivedAt: await this.database.now(),
      },
    ]);
    return result?.status === 'duplicate' ? result.originalId : id;
  }

  async #resolve(row: SealedRow, newRecordId: string, actor: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const marked = await tx.query(MARK_REPLAYED, [row.record_id, newRecordId, tx.now]);
      if (marked.length === 0) return false;
      await this.facts.append(tx, [{ type: 'pipeline_error.replayed', subject: `record:${row.record_id}`, body: { recordId: row.record_id, newRecordId } }]);
      await this.audit.record(tx, [{ action: 'normalise.pipeline_error_replayed', actor, target: `record:${row.record_id}`, detail: { newRecordId } }]);
      return true;
    });
  }

  #open(row: SealedRow): Buffer {
    return this.keys.decrypt(row.raw, row.record_id);
  }
}

function fromRow(row: Row): PipelineError {
  return {
    recordId: row.record_id,
    position: row.position,
    source: row.source,
    stream: row.stream,
    code: row.code,
    message: row.message,
    status: row.status,
    at: row.at,
    resolvedAt: row.resolved_at,
    replayedAs: row.replayed_as,
  };
}
