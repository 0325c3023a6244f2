import type { JsonObject } from './json.js';
import type { Tx } from './tx.js';

/** One thing that was done, refused or decided. Rows are linked into the sealed chain by the audit module. */
export interface AuditEntry {
  /** `<module>.<what happened>`, e.g. `access.key_created`. */
  readonly action: string;
  /** Who: `key:<id>`, `person:<id>`, `system:<component>`. */
  readonly actor: string;
  /** What it was done to. */
  readonly target: string;
  readonly detail: JsonObject;
}

export interface AuditSink {
  record(tx: Tx, entries: readonly AuditEntry[]): Promise<void>;
}

export const AUDIT_SINK = Symbol('AuditSink');
