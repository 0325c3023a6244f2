import { ecsValue, type EcsEvent, type EventLog, type FactSink, type StoredRecord } from '../kernel/index.js';
import { chunksOfSize, TimeSlice, type Batch, type BatchHandler, type CopyValue, type DatabaseTx, type EventDays, type KeyRing, type Metrics, type WakeUp } from '../platform/index.js';
import { normaliseRecord } from '../sdk/index.js';
import { EVENT_COLUMNS, eventRow } from './event-row.js';
import type { normaliseMetrics } from './normalise.metrics.js';
import { INSERT_PIPELINE_ERRORS } from './sql.js';
import type { StreamRegistry } from './stream-registry.js';

export interface NormaliseHandlerParts {
  readonly eventLog: EventLog;
  readonly days: EventDays;
  readonly streams: StreamRegistry;
  readonly keys: KeyRing;
  readonly facts: FactSink;
  readonly metrics: Metrics<typeof normaliseMetrics>;
  /** Told after each commit that wrote events. */
  readonly written: WakeUp;
}

interface Failed {
  readonly record: StoredRecord;
  readonly code: string;
  readonly message: string;
}

/** Most raw bytes that one statement takes to quarantine. */
const QUARANTINE_BYTES = 8 * 1024 * 1024;

type Mapped = { readonly kind: 'event'; readonly document: EcsEvent } | { readonly kind: 'dropped' } | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** Log records to rows of `event` and `pipeline_error`: one COPY a batch, in the transaction of the cursor. */
export class NormaliseHandler implements BatchHandler<StoredRecord> {
  constructor(private readonly parts: NormaliseHandlerParts) {}

  async read(cursor: number, limit: number): Promise<{ rows: readonly StoredRecord[]; cursor: number }> {
    const rows = await this.parts.eventLog.read(cursor, limit);
    await this.parts.days.ensure(rows.map(({ receivedAt }) => receivedAt));
    return { rows, cursor: rows.at(-1)?.position ?? cursor };
  }

  /** The mapping keeps nothing between records. */
  async reset(): Promise<void> {
    this.parts.days.forget();
  }

  async handle(tx: DatabaseTx, { rows, to }: Batch<StoredRecord>): Promise<() => void> {
    const events: CopyValue[][] = [];
    const failed: Failed[] = [];
    const counts = new Map<string, number>();
    const slice = new TimeSlice();
    for (const record of rows) {
      if (slice.over) await slice.pause();
      const result = this.#normalise(record);
      count(counts, record.stream, result.kind);
      if (result.kind === 'event') events.push(eventRow(result.document, record));
      if (result.kind === 'error') failed.push({ record, code: result.code, message: result.message });
    }
    if (events.length > 0) await tx.copyIn('event', EVENT_COLUMNS, events);
    for (const chunk of chunksOfSize(failed, QUARANTINE_BYTES, ({ record }) => record.body.length)) await this.#quarantine(tx, chunk);
    return () => this.#committed(counts, to);
  }

  /** A record whose document the database cannot hold goes where those go that have none. */
  async reject(tx: DatabaseTx, record: StoredRecord, error: unknown): Promise<void> {
    await this.#quarantine(tx, [{ record, code: 'normalise.not_storable', message: error instanceof Error ? error.message : String(error) }]);
  }

  #normalise(record: StoredRecord): Mapped {
    const source = this.parts.streams.find(record.stream);
    // the stream was there when the record came in: a connector was removed since
    if (!source) return { kind: 'error', code: 'normalise.unknown_stream', message: `no connector has the stream ${record.stream}` };
    const result = normaliseRecord(source, record.body, { receivedAt: record.receivedAt, recordId: record.id });
    if (result.kind !== 'error') return result;
    return { kind: 'error', code: result.code, message: String(ecsValue(result.document, 'error.message') ?? result.code) };
  }

  async #quarantine(tx: DatabaseTx, failed: readonly Failed[]): Promise<void> {
    await tx.query(INSERT_PIPELINE_ERRORS, [
      failed.map(({ record }) => record.id),
      failed.map(({ record }) => record.position),
      failed.map(({ record }) => record.source),
      failed.map(({ record }) => record.stream),
      failed.map(({ code }) => code),
      failed.map(({ message }) => message),
      failed.map(({ record }) => this.parts.keys.encrypt(record.body, record.id)),
      tx.now,
    ]);
    await this.parts.facts.append(
      tx,
      failed.map(({ record, code }) => ({ type: 'pipeline_error.raised', subject: `record:${record.id}`, body: { recordId: record.id, stream: record.stream, code } })),
    );
  }

  #committed(counts: ReadonlyMap<string, number>, position: number): void {
    const { metrics, written } = this.parts;
    for (const [key, number] of counts) {
      const [stream = '', result = ''] = key.split('\t');
      metrics.cordon_normalise_records_total.inc({ stream, result }, number);
    }
    metrics.cordon_normalise_position.set(position);
    written.notify();
  }
}

function count(counts: Map<string, number>, stream: string, outcome: Mapped['kind']): void {
  const key = `${stream}\t${outcome}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
