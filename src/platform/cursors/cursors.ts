import type { Database, DatabaseTx } from '../database/index.js';
import { cursorErrors } from './cursor.errors.js';
import { ADVANCE_CURSOR, CREATE_CURSOR, READ_CURSOR } from './sql.js';

/** What a cursor counts in: positions of the event log (also those of its events), or of the fact log. */
export type ReadTable = 'log_record' | 'event' | 'fact';

/** How far each reader has come, kept where the rows derived from it are, so that both change in one transaction. */
export class Cursors {
  constructor(private readonly database: Database) {}

  /** The position of a reader; one that is new starts at `start` and from then on holds back retention. */
  async open(name: string, reads: ReadTable, start = 0): Promise<number> {
    const known = await this.position(name);
    if (known !== undefined) return known;
    await this.database.query(CREATE_CURSOR, [name, reads, start, await this.database.now()]);
    return (await this.position(name)) ?? start;
  }

  /** Undefined where the reader has never started. */
  async position(name: string): Promise<number | undefined> {
    const [row] = await this.database.prepared<{ position: number }>(READ_CURSOR.name, READ_CURSOR.text, [name]);
    return row?.position;
  }

  /**
   * Moves a cursor inside the transaction that writes what was derived. Names the expected old position: if an earlier
   * commit of unknown outcome did happen after all, this waits for it and then refuses, instead of applying a batch twice.
   * @throws platform.cursor_moved
   */
  async advance(tx: DatabaseTx, name: string, from: number, to: number): Promise<void> {
    const moved = await tx.prepared(ADVANCE_CURSOR.name, ADVANCE_CURSOR.text, [name, from, to, tx.now]);
    if (moved.length === 0) throw cursorErrors.create('platform.cursor_moved', { detail: `${name} is no longer at ${from}` });
  }
}
