/**
 * Reads every form of time that sensors were seen to send. The result is UTC; what is finer than a millisecond is cut.
 *
 * Numbers (and texts of digits) are told apart by their width: seconds, milliseconds, microseconds, Windows file time (100 ns
 * since 1601, 18 digits) and nanoseconds. A time without a zone is UTC.
 */
export interface TimeOptions {
  /** Gives the year to a syslog time that has none. */
  readonly reference?: Date;
}

// A time of zero is how many sensors write that they know none.
const EPOCH = 0;
// Larger than what a double loses of a time in seconds or nanoseconds, so that cutting does not take the millisecond before.
const ROUNDING = 0.001;
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FILE_TIME_EPOCH_MS = 11_644_473_600_000;

export function parseTime(value: unknown, options: TimeOptions = {}): Date | undefined {
  const exact = typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? fromText(value.trim(), options) : NaN;
  const millis = Math.floor(exact + ROUNDING);
  return millis > EPOCH && millis <= LATEST ? new Date(millis) : undefined;
}

function fromNumber(value: number): number {
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1e3;
  if (value < 1e18) return value / 1e4 - FILE_TIME_EPOCH_MS;
  return value / 1e6;
}

// The common case goes to Date.parse; it would move a 30th of February and an hour 24 to the next day, so those do not match.
const PLAIN_ISO = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:[0-5]\d(?:\.\d{1,3})?Z$/;
const NUMBER = /^\d{1,19}(?:\.\d+)?$/;
const ZONE = '(Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)?';
const CLOCK = '(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?';
const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';

/** Each form names its groups in order; `hms` stands for hour, minute, second, fraction. */
const FORMS: readonly { readonly pattern: RegExp; readonly groups: readonly string[] }[] = [
  { pattern: new RegExp(`^(\\d{4})[-/](\\d{1,2})[-/](\\d{1,2})(?:[T ]${CLOCK} ?${ZONE})?$`, 'i'), groups: ['year', 'month', 'day', 'hms', 'zone'] },
  { pattern: new RegExp(`^(\\d{1,2})/${MONTH}/(\\d{4}):${CLOCK} ?${ZONE}$`, 'i'), groups: ['day', 'monthName', 'year', 'hms', 'zone'] },
  { pattern: new RegExp(`^(\\d{1,2})/(\\d{1,2})/(\\d{4}),? ${CLOCK} ?(AM|PM)?$`, 'i'), groups: ['month', 'day', 'year', 'hms', 'half'] },
  { pattern: new RegExp(`^[A-Za-z]{3} ${MONTH} +(\\d{1,2}) ${CLOCK} ${ZONE} ?(\\d{4})$`, 'i'), groups: ['monthName', 'day', 'hms', 'zone', 'year'] },
  { pattern: new RegExp(`^[A-Za-z]{3} ${MONTH} +(\\d{1,2}) ${CLOCK} (\\d{4})$`, 'i'), groups: ['monthName', 'day', 'hms', 'year'] },
  { pattern: new RegExp(`^(?:[A-Za-z]{3}, ?)?(\\d{1,2}) ${MONTH} (\\d{4}) ${CLOCK} ?${ZONE}$`, 'i'), groups: ['day', 'monthName', 'year', 'hms', 'zone'] },
  { pattern: new RegExp(`^${MONTH} +(\\d{1,2})(?: (\\d{4}))? ${CLOCK}$`, 'i'), groups: ['monthName', 'day', 'year', 'hms'] },
];
const HMS = ['hour', 'minute', 'second', 'fraction'];

function fromText(text: string, options: TimeOptions): number {
  if (PLAIN_ISO.test(text)) return Date.parse(text);
  if (NUMBER.test(text)) return fromNumber(Number(text));
  if (text.length > 48) return NaN;
  for (const { pattern, groups } of FORMS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const parts: Record<string, string | undefined> = {};
    groups.flatMap((group) => (group === 'hms' ? HMS : [group])).forEach((name, i) => (parts[name] = match[i + 1]));
    return fromParts(parts, options);
  }
  return NaN;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function fromParts(parts: Record<string, string | undefined>, { reference }: TimeOptions): number {
  const month = parts['monthName'] ? MONTHS.indexOf(parts['monthName'].slice(0, 3).toLowerCase()) : Number(parts['month']) - 1;
  const day = Number(parts['day']);
  let hour = Number(parts['hour'] ?? 0);
  const minute = Number(parts['minute'] ?? 0);
  const second = Number(parts['second'] ?? 0);
  if (parts['half']) {
    if (hour < 1 || hour > 12) return NaN;
    hour = (hour % 12) + (parts['half'].toUpperCase() === 'PM' ? 12 : 0);
  }
  // second 60 is a leap second and counts as the next minute's first
  if (month < 0 || month > 11 || hour > 23 || minute > 59 || second > 60) return NaN;
  const millis = Number((parts['fraction'] ?? '').padEnd(3, '0').slice(0, 3));
  const at = (year: number): number => {
    const date = new Date(Date.UTC(year, month, day));
    const exists = date.getUTCMonth() === month && date.getUTCDate() === day;
    return exists ? Date.UTC(year, month, day, hour, minute, second, millis) - zoneOffset(parts['zone']) : NaN;
  };
  if (parts['year']) return at(Number(parts['year']));
  if (!reference) return NaN;
  // A log line is from the past: of the possible years the latest that is not more than a day ahead of its receipt.
  const year = reference.getUTCFullYear() + 1;
  return [year, year - 1, year - 2].map(at).find((time) => time <= reference.getTime() + 86_400_000) ?? NaN;
}

/** Milliseconds that the zone is ahead of UTC. */
function zoneOffset(zone: string | undefined): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
}
