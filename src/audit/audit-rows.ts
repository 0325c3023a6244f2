import { uuidv7, type AuditEntry, type AuditSink, type Tx } from '../kernel/index.js';
import { toJson } from '../platform/index.js';
import { APPEND_ROWS } from './sql.js';

/** Writes audit entries in the transaction of what they tell of, so that neither is there without the other. */
export class AuditRows implements AuditSink {
  async record(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await tx.query(APPEND_ROWS, [
      entries.map(() => uuidv7(tx.now.getTime())),
      tx.now,
      entries.map((entry) => entry.action),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.target),
      entries.map((entry) => toJson(entry.detail)),
    ]);
  }
}
