import { createHash } from 'node:crypto';
import type { AuditSink } from '../kernel/index.js';
import type { Cursors, Database, Lease, Leases } from '../platform/index.js';
import { READ_DIGESTS } from './sql.js';

interface DigestRow {
  readonly first_position: number;
  readonly last_position: number;
  readonly count: number;
  readonly sha256: Buffer;
}

export interface DeliveryDigestsParts {
  readonly database: Database;
  readonly leases: Leases;
  readonly cursors: Cursors;
  readonly audit: AuditSink;
}

/** Name of the cursor over the event log; the log keeps what it has not passed. */
const CURSOR = 'audit';
/** Most batches of one entry. */
const MOST = 10_000;

/**
 * Audits accepted records: one entry for the batches committed since the last one, with the hash over their digests. The
 * digests came with the records' own commit, so the intake does nothing for it.
 */
export class DeliveryDigests {
  #position: number | undefined;

  constructor(private readonly parts: DeliveryDigestsParts) {}

  /** @returns whether there is more. @throws CordonError `platform.lease_lost`, `platform.cursor_moved` */
  async fold(lease: Lease): Promise<boolean> {
    const { database, leases, cursors, audit } = this.parts;
    const from = (this.#position ??= await cursors.open(CURSOR, 'log_record'));
    // Position order is commit order, so nothing can come in later at or before what is read here.
    const rows = await database.query<DigestRow>(READ_DIGESTS, [from, MOST]);
    const [first] = rows;
    const last = rows.at(-1);
    if (!first || !last) return false;
    const sha256 = createHash('sha256');
    for (const row of rows) sha256.update(row.sha256);
    const records = rows.reduce((sum, { count }) => sum + count, 0);
    const detail = { first: first.first_position, last: last.last_position, records, batches: rows.length, sha256: sha256.digest('hex') };
    this.#position = undefined;
    await database.transaction(async (tx) => {
      await leases.assertHeld(tx, lease);
      await audit.record(tx, [{ action: 'intake.records_accepted', actor: 'system:intake', target: `log:${detail.first}-${detail.last}`, detail }]);
      await cursors.advance(tx, CURSOR, from, last.last_position);
    });
    this.#position = last.last_position;
    return rows.length === MOST;
  }
}
