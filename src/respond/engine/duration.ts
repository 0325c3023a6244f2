const MS = { weeks: 604_800_000, days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000 };
const DURATION = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:[.,](\d{1,9}))?S)?)?$/;

/** Above it a due date leaves the range of ISO 8601 years that databases and libraries agree on. */
const MAX_MS = 100 * 366 * MS.days;

/**
 * An ISO 8601 duration in ms: weeks, days, hours, minutes, seconds. Months and years are none, since their length depends
 * on where they start. Undefined where the text is no such duration, or is longer than a century.
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text.endsWith('T') || text === 'P') return undefined;
  const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match;
  const ms =
    Number(weeks) * MS.weeks + Number(days) * MS.days + Number(hours) * MS.hours + Number(minutes) * MS.minutes + Number(seconds) * MS.seconds + Math.floor(Number(`0.${fraction}`) * 1000);
  return ms <= MAX_MS ? ms : undefined;
}

/** ISO 8601 text of a duration in ms; days are the largest unit, and a negative one begins with a minus. */
export function formatDuration(ms: number): string {
  if (ms === 0) return 'PT0S';
  const total = Math.abs(ms);
  const days = Math.floor(total / MS.days);
  const hours = Math.floor((total % MS.days) / MS.hours);
  const minutes = Math.floor((total % MS.hours) / MS.minutes);
  const seconds = Math.round(total % MS.minutes) / 1000;
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  return `${ms < 0 ? '-' : ''}P${days ? `${days}D` : ''}${time ? `T${time}` : ''}`;
}
