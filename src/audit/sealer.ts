import { crashPoint, type Database, type Lease, type Leases, type LogWriter, type Metrics } from '../platform/index.js';
import type { auditLogEvents } from './audit.log-events.js';
import type { auditMetrics } from './audit.metrics.js';
import { entryHash, GENESIS } from './chain-entry.js';
import type { ChainReader } from './chain-reader.js';
import { signCheckpoint, type Checkpoint } from './checkpoint.js';
import { parsePublicKey, type CheckpointKey } from './checkpoint-key.js';
import { toContent, type ContentRow } from './entry-row.js';
import { ADD_CHECKPOINT, PENDING, READ_PENDING, READ_TAIL, SEAL } from './sql.js';

export interface SealerParts {
  readonly database: Database;
  readonly leases: Leases;
  readonly reader: ChainReader;
  readonly key: CheckpointKey;
  readonly metrics: Metrics<typeof auditMetrics>;
  readonly log: LogWriter<typeof auditLogEvents>;
}

const BATCH = 500;

/** Links committed rows into the chain and signs its end. Whoever calls it holds the lease. */
export class Sealer {
  /** Where this process left the chain, and under which lease. */
  #left: { readonly fence: number; readonly seq: number; readonly hash: string } | undefined;

  constructor(private readonly parts: SealerParts) {}

  /**
   * Links the oldest rows that wait, up to a batch.
   * @returns whether there were any
   * @throws CordonError `platform.lease_lost`
   */
  async seal(lease: Lease): Promise<boolean> {
    const { database, metrics } = this.parts;
    const [pending] = await database.prepared<{ found: boolean }>(PENDING.name, PENDING.text, []);
    if (!pending?.found) return false;
    const known = this.#left;
    this.#left = undefined;
    const end = await database.transaction(async (tx) => {
      // First, so that the end of the chain is read after whoever held the lease before has committed.
      await this.parts.leases.assertHeld(tx, lease);
      const rows = await tx.prepared<ContentRow & { id: string }>(READ_PENDING.name, READ_PENDING.text, [BATCH]);
      const [tail = { seq: 0, hash: GENESIS }] = await tx.prepared<{ seq: number; hash: string }>(READ_TAIL.name, READ_TAIL.text, []);
      if (known?.fence === lease.fence && (known.seq !== tail.seq || known.hash !== tail.hash)) this.#report(known, tail);
      const hashes: string[] = [];
      for (const row of rows) hashes.push(entryHash(tail.seq + hashes.length + 1, row.id, toContent(row), hashes.at(-1) ?? tail.hash));
      if (rows.length > 0) await tx.prepared(SEAL.name, SEAL.text, [tail.seq, tail.hash, rows.map(({ id }) => id), hashes]);
      crashPoint('audit.before_commit');
      return { sealed: rows.length, seq: tail.seq + rows.length, hash: hashes.at(-1) ?? tail.hash };
    });
    crashPoint('audit.after_commit');
    this.#left = { fence: lease.fence, seq: end.seq, hash: end.hash };
    if (end.sealed === 0) return false;
    metrics.cordon_audit_sealed_total.inc(end.sealed);
    metrics.cordon_audit_entries.set(end.seq);
    return true;
  }

  /**
   * Signs the end of the chain unless the newest checkpoint is there already.
   * @throws CordonError `platform.lease_lost`
   */
  async checkpoint(lease: Lease): Promise<Checkpoint | undefined> {
    const { database, leases, reader, key, metrics, log } = this.parts;
    const extent = await reader.extent();
    const { seq, hash } = extent.end;
    if (seq === 0 || extent.checkpoint === seq) return undefined;
    const checkpoint = await database.transaction(async (tx) => {
      await leases.assertHeld(tx, lease);
      const signed = signCheckpoint(key, { seq, hash, at: asReadBack(tx.now) });
      await tx.query(ADD_CHECKPOINT, [seq, hash, tx.now, parsePublicKey(signed.public_key), Buffer.from(signed.signature, 'base64url')]);
      crashPoint('audit.before_checkpoint');
      return signed;
    });
    metrics.cordon_audit_checkpoints_total.inc();
    log('audit.checkpoint_signed', { seq, hash });
    return checkpoint;
  }

  /** Sealing goes on all the same: what follows must not stay unsealed because of it. */
  #report(left: { seq: number; hash: string }, found: { seq: number; hash: string }): void {
    this.parts.metrics.cordon_audit_chain_changes_total.inc();
    this.parts.log('audit.chain_changed', { leftAt: left.seq, leftHash: left.hash, foundAt: found.seq, foundHash: found.hash });
  }
}

/** The time as the database gives it back: without zeros at the end of the fraction. */
const asReadBack = (time: Date): string => time.toISOString().replace(/\.?0*Z$/, 'Z');
