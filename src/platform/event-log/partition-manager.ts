import type { Clock } from '../../kernel/index.js';
import { crashPoint } from '../crash-points.js';
import type { Database, DatabaseTx } from '../database/index.js';
import type { LogWriter, Metrics, Telemetry } from '../telemetry/index.js';
import { eventLogEvents } from './event-log.log-events.js';
import { eventLogMetrics } from './event-log.metrics.js';
import { CREATE_PARTITION, DROP_PARTITION, MARK_LOSSY, PARTITION_DAYS, readersBehind, TRIM_DEDUPE, TRIM_DIGESTS, TRY_TRIM_LOCK } from './sql.js';
import { DAY_MS, dayOfSuffix, daysFrom } from './utc-day.js';

export interface RetentionOptions {
  /** Milliseconds after the end of its day for which raw records are kept. */
  readonly log: number;
  /** The same for normalised events. */
  readonly events: number;
  /** Milliseconds for which de-duplication keys are kept. */
  readonly dedupe: number;
  /** How much longer a day is kept for a reader that has not read it. */
  readonly slowReaderLimit: number;
}

/** What one {@link PartitionManager.trim} did. */
export interface TrimResult {
  /** `table/day` of each dropped partition. */
  readonly dropped: readonly string[];
  /** `table/day` of partitions kept for a slow reader. */
  readonly waiting: readonly string[];
}

type Table = 'log_record' | 'event';

interface Reader {
  readonly name: string;
  /** How many rows of the day it has not read. */
  readonly ahead: number;
}

const DAYS_AHEAD = 2;
const PERIOD_MS = 10 * 60_000;
/** After a failure (a lock that was not free, a database that is down) the next attempt is sooner. */
const RETRY_MS = 30_000;

/** Keeps partitions of today and the next days, and drops those that are past their retention. Runs on every instance. */
export class PartitionManager {
  private readonly log: LogWriter<typeof eventLogEvents>;
  private readonly metrics: Metrics<typeof eventLogMetrics>;
  private timer?: NodeJS.Timeout;
  private running: Promise<void> = Promise.resolve();
  private stopped = true;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly retention: RetentionOptions,
    telemetry: Telemetry,
  ) {
    this.log = telemetry.log(eventLogEvents);
    this.metrics = telemetry.metrics(eventLogMetrics);
  }

  /** Makes the partitions that are needed now, then keeps them up until {@link stop}. */
  async start(): Promise<void> {
    await this.ensure();
    this.stopped = false;
    this.schedule(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Makes the partitions of today and the days ahead. */
  async ensure(): Promise<void> {
    for (const day of daysFrom(this.clock.now(), 0, DAYS_AHEAD + 1)) {
      await this.database.query(CREATE_PARTITION, ['log_record', day]);
      await this.database.query(CREATE_PARTITION, ['event', day]);
      crashPoint('partition.after_create');
    }
  }

  /**
   * Drops what is past its retention. A day that a reader still needs waits up to the limit, then the reader is marked
   * lossy. A day of events waits as long as records of it are to be read from the log, since they become events of that day.
   */
  async trim(): Promise<TrimResult> {
    const result = { dropped: [] as string[], waiting: [] as string[] };
    for (const [table, keep] of [['log_record', this.retention.log], ['event', this.retention.events]] as const) {
      const days = await this.database.query<{ day: string }>(PARTITION_DAYS, [table]);
      for (const day of days.map((row) => dayOfSuffix(row.day))) {
        const overdue = this.clock.now().getTime() - (Date.parse(day) + DAY_MS + keep);
        if (overdue < 0) break;
        const outcome = await this.drop(table, day, overdue > this.retention.slowReaderLimit);
        if (outcome !== 'elsewhere') result[outcome].push(`${table}/${day}`);
      }
    }
    await this.forget(TRIM_DEDUPE, new Date(this.clock.now().getTime() - this.retention.dedupe));
    await this.forget(TRIM_DIGESTS, await this.oldestRecords());
    return result;
  }

  /** Start of the oldest day of the log that is still there. Digests are kept as long as the records they vouch for. */
  private async oldestRecords(): Promise<Date> {
    const [oldest] = await this.database.query<{ day: string }>(PARTITION_DAYS, ['log_record']);
    return oldest ? new Date(dayOfSuffix(oldest.day)) : new Date(this.clock.now().getTime() - this.retention.log);
  }

  /** Each call forgets a bounded number of rows; the last one finds none. */
  private async forget(statement: string, before: Date): Promise<void> {
    for (;;) {
      const [row] = await this.database.query<{ count: number }>(statement, [before]);
      if (!row || row.count === 0) return;
    }
  }

  private async drop(table: Table, day: string, force: boolean): Promise<'dropped' | 'waiting' | 'elsewhere'> {
    const { outcome, readers } = await this.database.transaction(async (tx) => {
      const [lock] = await tx.query<{ locked: boolean }>(TRY_TRIM_LOCK);
      if (!lock?.locked) return { outcome: 'elsewhere' as const, readers: [] };
      const feeding = table === 'event' ? await this.behind(tx, 'log_record', day) : [];
      if (feeding.length > 0) return { outcome: 'waiting' as const, readers: feeding };
      const behind = await this.behind(tx, table, day);
      if (behind.length > 0 && !force) return { outcome: 'waiting' as const, readers: behind };
      await this.markLossy(tx, behind);
      await tx.query(DROP_PARTITION, [table, day]);
      return { outcome: 'dropped' as const, readers: behind };
    });
    for (const { name, ahead } of readers) {
      const lossy = outcome === 'dropped';
      this.log(lossy ? 'platform.reader_lossy' : 'platform.reader_behind', { reader: name, table, day, records: ahead });
      if (lossy) this.metrics.cordon_log_lost_records_total.inc({ reader: name }, ahead);
    }
    if (outcome === 'dropped') {
      this.log('platform.partition_dropped', { table, day });
      this.metrics.cordon_log_partitions_dropped_total.inc({ table });
    }
    return outcome;
  }

  private behind(tx: DatabaseTx, table: Table, day: string): Promise<Reader[]> {
    const from = new Date(day);
    return tx.query<Reader>(readersBehind(table), [table, from, new Date(from.getTime() + DAY_MS)]);
  }

  private async markLossy(tx: DatabaseTx, readers: readonly Reader[]): Promise<void> {
    for (const { name, ahead } of readers) await tx.query(MARK_LOSSY, [name, ahead, this.clock.now()]);
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.round();
    }, delay);
    this.timer.unref();
  }

  private async round(): Promise<void> {
    try {
      await this.ensure();
      await this.trim();
      this.schedule(PERIOD_MS);
    } catch (error) {
      this.metrics.cordon_log_partition_failures_total.inc();
      this.log('platform.partitions_failed', { error });
      this.schedule(RETRY_MS);
    }
  }
}
