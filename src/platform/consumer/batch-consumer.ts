import { isCordonError } from '../../kernel/index.js';
import { crashPoint } from '../crash-points.js';
import type { Cursors, ReadTable } from '../cursors/index.js';
import type { Database, DatabaseTx } from '../database/index.js';
import type { Lease, Leases } from '../leases/index.js';
import type { LogWriter, Metrics, Telemetry } from '../telemetry/index.js';
import { consumerEvents } from './consumer.log-events.js';
import { consumerMetrics } from './consumer.metrics.js';
import { Isolation } from './isolation.js';
import { WaitSignal } from './wait-signal.js';

/** Rows read after a cursor, and where the cursor stands once they are handled. */
export interface Batch<Row> {
  readonly rows: readonly Row[];
  readonly from: number;
  readonly to: number;
}

/** What a worker does with its rows. */
export interface BatchHandler<Row> {
  /** Reads at most `limit` rows after `cursor` in position order. `cursor` of the result may pass positions that stay empty. */
  read(cursor: number, limit: number): Promise<{ rows: readonly Row[]; cursor: number }>;
  /**
   * Computes and writes what follows from a batch. Memory that outlives the batch must not change here, but in the function
   * that is given back: it runs once the commit is certain.
   */
  handle(tx: DatabaseTx, batch: Batch<Row>): Promise<(() => void) | undefined>;
  /**
   * Takes a row out of the way that makes its batch fail by itself, again and again (a value the database cannot hold, a
   * defect of the code on this very input): writes down what was left out, so that the rows behind it are not held up.
   */
  reject(tx: DatabaseTx, row: Row, error: unknown): Promise<void>;
  /** Gives back what `handle` reserved outside the database: its transaction was rolled back, or nobody knows. */
  abandon?(): void;
  /** Called every few seconds while there is nothing to read, as `handle` in a transaction that the lease guards. */
  idle?(tx: DatabaseTx, cursor: number): Promise<(() => void) | undefined>;
  /** Drops memory and loads it again as of `cursor`: at the start, after any failure, after a commit of unknown outcome. */
  reset(cursor: number): Promise<void>;
}

export interface BatchConsumerOptions {
  /** Name of the cursor and of the lease. */
  readonly name: string;
  readonly reads: ReadTable;
  /** Names this running worker among all instances. */
  readonly holder: string;
  /** Most rows of one batch, default 10 000. */
  readonly batchSize?: number;
  /** How often to look for rows of other processes, default 200 ms. */
  readonly pollMs?: number;
  /** Default 15 s. A stalled instance is replaced after this time. */
  readonly leaseMs?: number;
  /** Time between two calls of `idle`, default 10 s. */
  readonly idleMs?: number;
}

export interface BatchConsumerDependencies {
  readonly database: Database;
  readonly cursors: Cursors;
  readonly leases: Leases;
  readonly telemetry: Telemetry;
}

const BATCH_SIZE = 10_000;
const POLL_MS = 200;
const LEASE_MS = 15_000;
const IDLE_MS = 10_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;
/** How often a lease is prolonged without progress: ten times its length in all. */
const MOST_BEATS = 30;
/** A row alone in its batch is given up after this many failures. */
const ATTEMPTS_ALONE = 3;

/**
 * A worker that one instance at a time runs: reads rows after its cursor and handles them in batches. What a batch
 * writes, the cursor and the check of the lease's fence are one transaction, so each row takes effect exactly once.
 */
export class BatchConsumer<Row> {
  private readonly log: LogWriter<typeof consumerEvents>;
  private readonly metrics: Metrics<typeof consumerMetrics>;
  private readonly wake = new WaitSignal();
  private finished: Promise<void> = Promise.resolve();
  private stopping = false;
  private retryMs = FIRST_RETRY_MS;
  private beats = 0;
  private readonly isolation: Isolation;

  constructor(
    private readonly dependencies: BatchConsumerDependencies,
    private readonly handler: BatchHandler<Row>,
    private readonly options: BatchConsumerOptions,
  ) {
    this.isolation = new Isolation(options.batchSize ?? BATCH_SIZE, ATTEMPTS_ALONE);
    this.log = dependencies.telemetry.log(consumerEvents);
    this.metrics = dependencies.telemetry.metrics(consumerMetrics);
  }

  start(): void {
    this.stopping = false;
    this.finished = this.run();
  }

  /** Finishes the batch in hand, gives the lease back and ends. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.raise();
    await this.finished;
  }

  /** There may be rows: do not wait for the next poll. */
  notify(): void {
    this.wake.raise();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.holdAndConsume();
      } catch (error) {
        await this.recover(error);
      }
    }
  }

  private async recover(error: unknown): Promise<void> {
    const { name } = this.options;
    this.metrics.cordon_consumer_resets_total.inc({ consumer: name });
    const lost = isCordonError(error, 'platform.lease_lost');
    this.log(lost ? 'platform.consumer_lease_lost' : 'platform.consumer_failed', { consumer: name, ...(lost ? {} : { error }) });
    await this.rest(this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  /** One term of the lease: from taking it to a stop, a failure or its loss. */
  private async holdAndConsume(): Promise<void> {
    const { name, holder, leaseMs = LEASE_MS } = this.options;
    const { leases } = this.dependencies;
    const lease = await leases.acquire(name, holder, leaseMs);
    if (!lease) {
      await this.rest(Math.min(leaseMs / 3, 1_000));
      return;
    }
    // A long load or batch must not lose the lease: the fence keeps that safe, the beat keeps it rare. One that never ends must.
    this.beats = 0;
    const beat = setInterval(() => {
      if (++this.beats <= MOST_BEATS) leases.renew(lease).catch(() => undefined);
    }, leaseMs / 3);
    try {
      await this.consumeWhileHeld(lease);
    } finally {
      clearInterval(beat);
    }
    await leases.release(lease);
  }

  private async consumeWhileHeld(lease: Lease): Promise<void> {
    const { name, reads, pollMs = POLL_MS, idleMs = IDLE_MS } = this.options;
    this.log('platform.consumer_started', { consumer: name, fence: lease.fence });
    let cursor = await this.dependencies.cursors.open(name, reads);
    await this.handler.reset(cursor);
    let idleSince = performance.now();
    while (!this.stopping) {
      const next = await this.consume(lease, cursor);
      this.beats = 0;
      if (next !== cursor) {
        cursor = next;
        idleSince = performance.now();
        this.retryMs = FIRST_RETRY_MS;
        continue;
      }
      if (performance.now() - idleSince >= idleMs) {
        await this.tick(lease, cursor);
        idleSince = performance.now();
      }
      await this.wait(pollMs);
    }
  }

  /** Handles one batch; gives the cursor it left behind, the same one if there was nothing to read. */
  private async consume(lease: Lease, from: number): Promise<number> {
    crashPoint('consumer.before_read');
    const started = performance.now();
    const { rows, cursor: to } = await this.handler.read(from, this.isolation.limit);
    if (to === from) return from;
    const rejected = this.isolation.takeRejected(rows);
    const apply = await this.guarded(lease, rows, async (tx) => {
      const [row] = rows;
      const done = rejected && row !== undefined ? await this.reject(tx, row, rejected.error) : rows.length > 0 ? await this.handler.handle(tx, { rows, from, to }) : undefined;
      crashPoint('consumer.in_batch');
      await this.dependencies.cursors.advance(tx, this.options.name, from, to);
      return done;
    });
    this.isolation.passed();
    apply?.();
    this.count(rows.length, to, (performance.now() - started) / 1_000);
    return to;
  }

  private async reject(tx: DatabaseTx, row: Row, error: unknown): Promise<() => void> {
    await this.handler.reject(tx, row, error);
    return () => {
      this.metrics.cordon_consumer_rejected_rows_total.inc({ consumer: this.options.name });
      this.log('platform.consumer_row_rejected', { consumer: this.options.name, error });
    };
  }

  private async tick(lease: Lease, cursor: number): Promise<void> {
    if (!this.handler.idle) return;
    const apply = await this.dependencies.database.transaction(async (tx) => {
      const done = await this.handler.idle?.(tx, cursor);
      await this.dependencies.leases.assertHeld(tx, lease);
      return done;
    });
    apply?.();
  }

  /** Runs the transaction of a batch under the lease's fence and notes what kind of failure it met. */
  private async guarded(lease: Lease, rows: readonly Row[], work: (tx: DatabaseTx) => Promise<(() => void) | undefined>): Promise<(() => void) | undefined> {
    const { database, leases } = this.dependencies;
    let result: (() => void) | undefined;
    try {
      result = await database.transaction(async (tx) => {
        const done = await work(tx);
        await leases.assertHeld(tx, lease);
        crashPoint('consumer.before_commit');
        return done;
      });
    } catch (error) {
      this.handler.abandon?.();
      this.isolation.failed(rows.length, error);
      throw error;
    }
    crashPoint('consumer.after_commit');
    return result;
  }

  private count(rows: number, position: number, seconds: number): void {
    const consumer = this.options.name;
    this.metrics.cordon_consumer_rows_total.inc({ consumer }, rows);
    this.metrics.cordon_consumer_batches_total.inc({ consumer });
    this.metrics.cordon_consumer_position.set({ consumer }, position);
    this.metrics.cordon_consumer_batch_seconds.observe({ consumer }, seconds);
  }

  /** A pause that news do not cut short, only a stop does. */
  private async rest(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !this.stopping; left = end - performance.now()) await this.wake.wait(left);
  }

  private async wait(milliseconds: number): Promise<void> {
    if (!this.stopping) await this.wake.wait(milliseconds);
  }
}
