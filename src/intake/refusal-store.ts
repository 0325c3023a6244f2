import type { Database, LogWriter, Telemetry } from '../platform/index.js';
import { intakeLogEvents } from './intake.log-events.js';
import type { Refusals } from './refusals.js';
import { ADD_REFUSALS } from './sql.js';

const SAVE_EVERY_MS = 10_000;

/** Writes the counts of refused deliveries by source, reason and minute, which the audit trail keeps. */
export class RefusalStore {
  readonly #log: LogWriter<typeof intakeLogEvents>;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly refusals: Refusals,
    telemetry: Telemetry,
  ) {
    this.#log = telemetry.log(intakeLogEvents);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#saving = this.#saving.then(() => this.save());
    }, SAVE_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    await this.save();
  }

  /** Counts that cannot be written stay in memory for the next time. */
  async save(): Promise<void> {
    const counts = this.refusals.take();
    if (counts.length === 0) return;
    try {
      await this.database.query(ADD_REFUSALS, [
        counts.map(({ source }) => source),
        counts.map(({ reason }) => reason),
        counts.map(({ minute }) => minute),
        counts.map(({ count }) => count),
      ]);
    } catch (error) {
      this.refusals.restore(counts);
      this.#log('intake.refusals_not_saved', { error });
    }
  }
}
