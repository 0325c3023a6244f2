import { isCordonError } from '../../kernel/index.js';
import type { Lease, Leases } from '../leases/index.js';
import type { LogWriter, Metrics, Telemetry } from '../telemetry/index.js';
import { consumerEvents } from './consumer.log-events.js';
import { consumerMetrics } from './consumer.metrics.js';
import { WaitSignal } from './wait-signal.js';

/** Work in rounds that one instance at a time does. Each transaction of it calls `Leases.assertHeld` with the lease. */
export interface LeasedWork {
  /** @returns whether there is more to do at once */
  round(lease: Lease): Promise<boolean>;
  /** Called once more at a stop, while the lease is held. */
  finish?(lease: Lease): Promise<void>;
}

export interface LeasedWorkerOptions {
  /** Name of the lease. */
  readonly name: string;
  /** Names this running worker among all instances. */
  readonly holder: string;
  /** Pause between two rounds that found nothing. */
  readonly pollMs: number;
  /** Default 15 s. A stalled instance is replaced after this time. */
  readonly leaseMs?: number;
}

export interface LeasedWorkerDependencies {
  readonly leases: Leases;
  readonly telemetry: Telemetry;
}

const LEASE_MS = 15_000;
const LONGEST_WAIT_FOR_LEASE_MS = 1_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;

/** Holds a lease and runs rounds of work while it has it. For work that has no single cursor; the rest is a BatchConsumer. */
export class LeasedWorker {
  private readonly log: LogWriter<typeof consumerEvents>;
  private readonly metrics: Metrics<typeof consumerMetrics>;
  private readonly wake = new WaitSignal();
  private finished: Promise<void> = Promise.resolve();
  private stopping = false;
  private retryMs = FIRST_RETRY_MS;

  constructor(
    private readonly dependencies: LeasedWorkerDependencies,
    private readonly work: LeasedWork,
    private readonly options: LeasedWorkerOptions,
  ) {
    this.log = dependencies.telemetry.log(consumerEvents);
    this.metrics = dependencies.telemetry.metrics(consumerMetrics);
  }

  start(): void {
    this.stopping = false;
    this.finished = this.run();
  }

  /** Ends the round in hand, lets the work finish, gives the lease back. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.raise();
    await this.finished;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.holdAndWork();
      } catch (error) {
        await this.recover(error);
      }
    }
  }

  private async holdAndWork(): Promise<void> {
    const { name, holder, pollMs, leaseMs = LEASE_MS } = this.options;
    const { leases } = this.dependencies;
    const lease = await leases.acquire(name, holder, leaseMs);
    if (!lease) return this.rest(Math.min(leaseMs / 3, LONGEST_WAIT_FOR_LEASE_MS));
    this.log('platform.consumer_started', { consumer: name, fence: lease.fence });
    const beat = setInterval(() => void leases.renew(lease).catch(() => undefined), leaseMs / 3);
    try {
      while (!this.stopping) {
        const more = await this.work.round(lease);
        this.retryMs = FIRST_RETRY_MS;
        if (!more) await this.rest(pollMs);
      }
      await this.work.finish?.(lease);
    } finally {
      clearInterval(beat);
    }
    await leases.release(lease);
  }

  private async recover(error: unknown): Promise<void> {
    const { name } = this.options;
    this.metrics.cordon_consumer_resets_total.inc({ consumer: name });
    const lost = isCordonError(error, 'platform.lease_lost');
    this.log(lost ? 'platform.consumer_lease_lost' : 'platform.consumer_failed', { consumer: name, ...(lost ? {} : { error }) });
    await this.rest(this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  private async rest(milliseconds: number): Promise<void> {
    if (!this.stopping) await this.wake.wait(milliseconds);
  }
}
