import { isJsonObject, type JsonObject, type SinkDocument, type Tx } from '../kernel/index.js';
import { toJson, type Database } from '../platform/index.js';
import { COUNT_DEAD_LETTERS, DELETE_DEAD_LETTERS, INSERT_DEAD_LETTERS, LIST_DEAD_LETTERS } from './sql.js';

/** A document that its sink will never take as it is. */
export interface DeadLetter {
  readonly sink: string;
  readonly feed: string;
  readonly position: number;
  readonly document: SinkDocument;
  readonly reason: string;
}

export interface StoredDeadLetter extends DeadLetter {
  readonly at: Date;
}

interface DeadLetterRow {
  sink: string;
  feed: string;
  position: number;
  document_id: string;
  dataset: string;
  reason: string;
  doc: JsonObject;
  at: Date;
}

/** Documents that were left out, kept until somebody sends or drops them. */
export class DeadLetters {
  constructor(private readonly database: Database) {}

  async add(tx: Tx, letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const rows = letters.map(({ document, ...letter }) => ({ ...letter, document_id: document.id, dataset: document.dataset, doc: document.doc, at: tx.now }));
    await tx.query(INSERT_DEAD_LETTERS, [toJson(rows)]);
  }

  /** @param after id of the last document of the page before */
  async list(sink: string, after: string | undefined, limit: number): Promise<StoredDeadLetter[]> {
    const rows = await this.database.query<DeadLetterRow>(LIST_DEAD_LETTERS, [sink, after ?? null, limit]);
    return rows.map(({ document_id: id, dataset, doc, ...row }) => ({ ...row, document: { id, dataset, doc: isJsonObject(doc) ? doc : {} } }));
  }

  async remove(tx: Tx, sink: string, ids: readonly string[]): Promise<void> {
    await tx.query(DELETE_DEAD_LETTERS, [sink, ids]);
  }

  async counts(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.database.query<{ sink: string; count: number }>(COUNT_DEAD_LETTERS);
    return Object.fromEntries(rows.map(({ sink, count }) => [sink, count]));
  }
}
