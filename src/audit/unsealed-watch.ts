import type { Clock } from '../kernel/index.js';
import type { LogWriter, Metrics } from '../platform/index.js';
import type { auditLogEvents } from './audit.log-events.js';
import type { auditMetrics } from './audit.metrics.js';
import type { ChainReader } from './chain-reader.js';

const EVERY_MS = 5_000;
const BEHIND_MS = 30_000;

export interface UnsealedWatchParts {
  readonly reader: Pick<ChainReader, 'unsealed'>;
  readonly clock: Clock;
  readonly metrics: Metrics<typeof auditMetrics>;
  readonly log: LogWriter<typeof auditLogEvents>;
}

/** Measures how far sealing is behind, on every instance: one that seals nothing would not say so itself. */
export class UnsealedWatch {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #behind = false;

  constructor(private readonly parts: UnsealedWatchParts) {}

  start(): void {
    this.#timer = setInterval(() => {
      // Whether the database answers is the readiness check's to say.
      this.#looking = this.#looking.then(() => this.look()).catch(() => undefined);
    }, EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    const { reader, clock, metrics, log } = this.parts;
    const { count, oldest } = await reader.unsealed();
    const age = oldest ? Math.max(0, clock.now().getTime() - oldest.getTime()) : 0;
    metrics.cordon_audit_unsealed.set(count);
    metrics.cordon_audit_unsealed_age_seconds.set(age / 1_000);
    const behind = age > BEHIND_MS;
    if (behind !== this.#behind) log(behind ? 'audit.sealing_behind' : 'audit.sealing_caught_up', { unsealed: count, ageSeconds: Math.round(age / 1_000) });
    this.#behind = behind;
  }
}
