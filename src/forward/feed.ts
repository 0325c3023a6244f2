import type { JsonObject, SinkDocument, FactReader } from '../kernel/index.js';
import type { Database, ReadTable } from '../platform/index.js';
import { factDocument } from './fact-document.js';
import { READ_EVENTS } from './sql.js';

/** What is forwarded, read by position. A row without a document is passed over. */
export interface Feed {
  readonly reads: ReadTable;
  read(cursor: number, limit: number): Promise<{ rows: readonly FeedRow[]; cursor: number }>;
}

export interface FeedRow {
  readonly position: number;
  readonly document: SinkDocument | undefined;
}

/** Signals, incidents, runs, approvals, cases: everything that the product states. */
export class FactFeed implements Feed {
  readonly reads = 'fact';

  constructor(private readonly facts: FactReader) {}

  async read(cursor: number, limit: number): Promise<{ rows: readonly FeedRow[]; cursor: number }> {
    const { facts, cursor: to } = await this.facts.read(cursor, limit);
    return { rows: facts.map((fact) => ({ position: fact.position, document: factDocument(fact) })), cursor: to };
  }
}

/** Normalised events, as they were mapped. */
export class EventFeed implements Feed {
  readonly reads = 'event';

  constructor(private readonly database: Pick<Database, 'prepared'>) {}

  async read(cursor: number, limit: number): Promise<{ rows: readonly FeedRow[]; cursor: number }> {
    const found = await this.database.prepared<{ position: number; record_id: string; doc: JsonObject }>('forward_read_events', READ_EVENTS, [cursor, limit]);
    const rows = found.map(({ position, record_id: id, doc }) => ({ position, document: { id, dataset: 'cordon.event', doc } }));
    return { rows, cursor: rows.at(-1)?.position ?? cursor };
  }
}
