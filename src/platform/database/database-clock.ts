import type { Clock } from '../../kernel/index.js';
import type { Database } from './database.js';

const REFRESH_MS = 10_000;
/** A database clock set back by more than this is followed; by less, ours stands still until it has caught up. */
const STEP_MS = 1_000;

/**
 * The database clock outside transactions: read every few seconds and carried forward by the process's monotonic timer,
 * so that a host clock that is wrong or steps does not matter.
 */
export class DatabaseClock implements Clock {
  private base = 0;
  private anchor = 0;
  private last = 0;
  private timer?: NodeJS.Timeout;

  private constructor(private readonly database: Database) {}

  /** Reads the clock once, then keeps it in step until {@link stop}. */
  static async start(database: Database): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database);
    await clock.refresh();
    clock.timer = setInterval(() => void clock.refresh().catch(() => undefined), REFRESH_MS);
    clock.timer.unref();
    return clock;
  }

  now(): Date {
    const reading = this.base + (performance.now() - this.anchor);
    this.last = reading >= this.last || this.last - reading > STEP_MS ? reading : this.last;
    return new Date(Math.floor(this.last));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** One round trip; the reading is taken to stem from its middle. */
  async refresh(): Promise<void> {
    const sent = performance.now();
    const time = await this.database.now();
    this.base = time.getTime();
    this.anchor = (sent + performance.now()) / 2;
  }
}
