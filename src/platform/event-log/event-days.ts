import type { Database } from '../database/index.js';
import { CREATE_PARTITION } from './sql.js';
import { dayOf, DAY_MS } from './utc-day.js';

/**
 * Partitions of `event` for days whose records are read late. Retention may have dropped such a day, or nobody was up to
 * make it, and an event has nowhere else to go.
 */
export class EventDays {
  readonly #known = new Set<number>();

  constructor(private readonly database: Database) {}

  /** Makes what is missing for events received at these instants. Not inside a transaction that writes events: it would wait for itself. */
  async ensure(instants: Iterable<Date>): Promise<void> {
    const days = new Set<number>();
    for (const instant of instants) days.add(Math.floor(instant.getTime() / DAY_MS));
    for (const day of days) {
      if (this.#known.has(day)) continue;
      await this.database.query(CREATE_PARTITION, ['event', dayOf(new Date(day * DAY_MS))]);
      this.#known.add(day);
    }
  }

  /** After a failure: a day that was known may have been dropped since. */
  forget(): void {
    this.#known.clear();
  }
}
