import type { Lease, LeasedWork } from '../platform/index.js';
import type { DeliveryDigests } from './delivery-digests.js';
import type { RefusalCounts } from './refusal-counts.js';
import type { Sealer } from './sealer.js';

export interface TrailWorkParts {
  readonly sealer: Pick<Sealer, 'seal' | 'checkpoint'>;
  readonly digests: Pick<DeliveryDigests, 'fold'>;
  readonly refusals: Pick<RefusalCounts, 'fold'>;
  /** How often digests and counters become entries, in milliseconds. */
  readonly digestMs: number;
  /** Longest time without a checkpoint while there are new entries. */
  readonly checkpointMs: number;
}

/** After so many batches a checkpoint is signed before its time. */
const BATCHES_PER_CHECKPOINT = 20;
/** At a stop other instances may still write: whoever takes over seals the rest. */
const BATCHES_AT_STOP = 20;

/** What the holder of the sealer's lease does in turn: audit what intake did, seal, sign. */
export class TrailWork implements LeasedWork {
  #foldedAt = Number.NEGATIVE_INFINITY;
  #signedAt = performance.now();
  #batches = 0;

  constructor(private readonly parts: TrailWorkParts) {}

  async round(lease: Lease): Promise<boolean> {
    const { sealer, digestMs, checkpointMs } = this.parts;
    if (performance.now() - this.#foldedAt >= digestMs) {
      const more = await this.#fold(lease);
      if (!more) this.#foldedAt = performance.now();
    }
    const sealed = await sealer.seal(lease);
    if (sealed) this.#batches++;
    if (this.#batches >= BATCHES_PER_CHECKPOINT || performance.now() - this.#signedAt >= checkpointMs) await this.#sign(lease);
    return sealed;
  }

  async finish(lease: Lease): Promise<void> {
    await this.#fold(lease);
    for (let batch = 0; batch < BATCHES_AT_STOP && (await this.parts.sealer.seal(lease)); batch++);
    await this.#sign(lease);
  }

  async #fold(lease: Lease): Promise<boolean> {
    const digests = await this.parts.digests.fold(lease);
    const refusals = await this.parts.refusals.fold(lease);
    return digests || refusals;
  }

  async #sign(lease: Lease): Promise<void> {
    await this.parts.sealer.checkpoint(lease);
    this.#signedAt = performance.now();
    this.#batches = 0;
  }
}
