import type { AuditSink } from '../kernel/index.js';
import type { Database, Lease, Leases } from '../platform/index.js';
import { MARK_REFUSALS, READ_REFUSALS } from './sql.js';

interface RefusalRow {
  readonly source: string;
  readonly reason: string;
  readonly minute: Date;
  readonly count: number;
  readonly audited: number;
}

export interface RefusalCountsParts {
  readonly database: Database;
  readonly leases: Leases;
  readonly audit: AuditSink;
}

const MINUTE_MS = 60_000;
/** Instances save their counts this much later than they count, or a little less. */
const GRACE_MS = 15_000;
const MOST = 500;

/**
 * Audits refused deliveries: one entry for each source, reason and minute once the minute is over. What an instance saves
 * later than that becomes an entry of its own with the difference.
 */
export class RefusalCounts {
  constructor(private readonly parts: RefusalCountsParts) {}

  /** @returns whether there is more. @throws CordonError `platform.lease_lost` */
  async fold(lease: Lease): Promise<boolean> {
    const { database, leases, audit } = this.parts;
    return database.transaction(async (tx) => {
      await leases.assertHeld(tx, lease);
      const over = new Date(Math.floor((tx.now.getTime() - GRACE_MS) / MINUTE_MS) * MINUTE_MS);
      const rows = await tx.query<RefusalRow>(READ_REFUSALS, [over, MOST]);
      if (rows.length === 0) return false;
      await tx.query(MARK_REFUSALS, [rows.map(({ source }) => source), rows.map(({ reason }) => reason), rows.map(({ minute }) => minute), rows.map(({ count }) => count)]);
      await audit.record(tx, rows.map(({ source, reason, minute, count, audited }) => ({
        action: 'intake.deliveries_refused', actor: 'system:intake', target: `source:${source}`, detail: { reason, minute: minute.toISOString(), count: count - audited },
      })));
      return rows.length === MOST;
    });
  }
}
