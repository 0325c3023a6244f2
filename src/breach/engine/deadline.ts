import type { ClockRule } from './regime.js';

export interface Deadline {
  /** Strict planning limit, never later than the law; null where the law gives no number. */
  readonly due: Date | null;
  /** A later instant that a rule of the regime itself grants; null where it grants none. */
  readonly latest: Date | null;
  /** The rule in words, to be printed beside the instants. */
  readonly rule: string;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** When a duty is due that began at `start`. `zone` is the IANA zone whose hours count for `latest`. */
export function deadlineOf(rule: ClockRule, start: Date, zone: string): Deadline {
  if (rule.type === 'promptly') return { due: null, latest: null, rule: 'without undue delay; the law gives no number' };
  const length = rule.hours * HOUR_MS;
  const due = new Date(start.getTime() + length);
  if (rule.latest === null) return { due, latest: null, rule: `${rule.hours} hours on the UTC line` };
  return {
    due,
    latest: new Date(startOfLocalHour(start, zone).getTime() + HOUR_MS + length),
    rule: `${rule.hours} hours on the UTC line; latest: the hour of the event not counted (Regulation 1182/71 Art 3(1)), hours of ${zone}`,
  };
}

/** An hour begins on the local clock, which in some zones is not a full hour of UTC. */
function startOfLocalHour(instant: Date, zone: string): Date {
  const offset = offsetMinutes(instant, zone) * MINUTE_MS;
  return new Date(Math.floor((instant.getTime() + offset) / HOUR_MS) * HOUR_MS - offset);
}

/** Minutes by which local time is ahead of UTC. */
function offsetMinutes(instant: Date, zone: string): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /^GMT(?:([+-])(\d{2}):(\d{2}))?$/.exec(name);
  if (!match) throw new RangeError(`no offset known for ${zone}`);
  const [, sign, hours = '0', minutes = '0'] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** `YYYY-MM-DD` of an instant on the clock of a zone. */
export function localDate(instant: Date, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant);
}
