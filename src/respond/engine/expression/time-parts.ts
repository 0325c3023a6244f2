import { CelFailure } from './cel-failure.js';

export type TimePart = 'getFullYear' | 'getMonth' | 'getDate' | 'getDayOfMonth' | 'getDayOfWeek' | 'getDayOfYear' | 'getHours' | 'getMinutes' | 'getSeconds' | 'getMilliseconds';

/**
 * The parts of an instant in a time zone, counted as CEL counts them: months, days of the month (but for `getDate`), of the
 * week (Sunday is 0) and of the year from 0. The zone is an IANA name or an offset such as `+02:00`.
 * @throws CelFailure for an unknown zone
 */
export function timeParts(ms: number, zone: string): Readonly<Record<TimePart, number>> {
  const local = new Date(ms + offsetMs(ms, zone));
  const date = local.getUTCDate();
  const year = local.getUTCFullYear();
  const midnight = local.getTime() - (((local.getTime() % DAY) + DAY) % DAY);
  const newYear = new Date(0);
  newYear.setUTCFullYear(year, 0, 1);
  return {
    getFullYear: year,
    getMonth: local.getUTCMonth(),
    getDate: date,
    getDayOfMonth: date - 1,
    getDayOfWeek: local.getUTCDay(),
    getDayOfYear: Math.round((midnight - newYear.getTime()) / DAY),
    getHours: local.getUTCHours(),
    getMinutes: local.getUTCMinutes(),
    getSeconds: local.getUTCSeconds(),
    getMilliseconds: local.getUTCMilliseconds(),
  };
}

const DAY = 86_400_000;

function offsetMs(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  const fixed = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone);
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) throw new CelFailure(`'${zone.slice(0, 50)}' is no time zone`);
    throw error;
  }
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
