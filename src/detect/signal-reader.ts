import type { JsonObject } from '../kernel/index.js';
import { encodePageMark, type Database } from '../platform/index.js';
import { detectErrors } from './detect.errors.js';
import { fromSignalRow, type SignalRow, type StoredSignal } from './signal-row.js';
import type { SignalQuery } from './signal.schema.js';
import { LIST_SIGNALS, READ_EVIDENCE, READ_SIGNAL } from './sql.js';

export interface EvidenceItem {
  readonly recordId: string;
  readonly position: number;
  readonly document: JsonObject;
}

interface EvidenceRow {
  record_id: string;
  position: number;
  doc: JsonObject;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Read model of signals, newest first. */
export class SignalReader {
  constructor(private readonly database: Database) {}

  /** One page and the mark of the next one, absent on the last page. */
  async list({ rule, level, since, after, limit }: SignalQuery): Promise<{ signals: StoredSignal[]; next: string | undefined }> {
    const params = [rule ?? null, level ?? null, since ?? null, after?.at ?? null, after?.id ?? null, limit + 1];
    const rows = await this.database.query<SignalRow>(LIST_SIGNALS, params);
    const signals = rows.slice(0, limit).map(fromSignalRow);
    const last = rows.length > limit ? signals.at(-1) : undefined;
    return { signals, next: last && encodePageMark({ at: last.firedAt, id: last.id }) };
  }

  /** @throws CordonError `detect.signal_unknown` */
  async read(id: string): Promise<{ signal: StoredSignal; evidence: EvidenceItem[] }> {
    const [row] = UUID.test(id) ? await this.database.query<SignalRow>(READ_SIGNAL, [id]) : [];
    if (!row) throw detectErrors.create('detect.signal_unknown', { field: 'id' });
    const evidence = await this.database.query<EvidenceRow>(READ_EVIDENCE, [row.id]);
    return { signal: fromSignalRow(row), evidence: evidence.map(({ record_id, position, doc }) => ({ recordId: record_id, position, document: doc })) };
  }
}
