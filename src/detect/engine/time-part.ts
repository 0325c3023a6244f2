import { parseEventTime } from './event-time.js';
import type { TimePart } from './modifier-chain.js';

const DAY_MS = 86_400_000;

/**
 * A part of a timestamp in UTC; undefined when the value is none. Texts are ISO 8601 (without a zone: UTC), numbers and
 * numeric texts are Unix times whose unit (s, ms, µs, ns) follows from their size. Weeks are those of ISO 8601.
 */
export function timePart(value: unknown, part: TimePart): number | undefined {
  const millis = parseEventTime(value);
  if (millis === undefined) return undefined;
  const date = new Date(millis);
  switch (part) {
    case 'minute': return date.getUTCMinutes();
    case 'hour': return date.getUTCHours();
    case 'day': return date.getUTCDate();
    case 'week': return isoWeek(date);
    case 'month': return date.getUTCMonth() + 1;
    case 'year': return date.getUTCFullYear();
  }
}

function isoWeek(date: Date): number {
  const day = Math.floor(date.getTime() / DAY_MS);
  // day 0 was a Thursday, and the year of a week is that of its Thursday
  const thursday = day - ((day + 3) % 7) + 3;
  const yearStart = Date.UTC(new Date(thursday * DAY_MS).getUTCFullYear(), 0, 1) / DAY_MS;
  return Math.floor((thursday - yearStart) / 7) + 1;
}
