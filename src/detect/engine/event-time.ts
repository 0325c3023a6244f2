const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Milliseconds since the epoch of a vendor's timestamp; undefined when it is none. Texts are ISO 8601 (without a zone:
 * UTC), numbers and numeric texts are Unix times whose unit (s, ms, µs, ns) follows from their size.
 */
export function parseEventTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (/^\d{9,19}(\.\d+)?$/.test(text)) return fromEpoch(Number(text));
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const millis = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${zoneOf(zone)}`);
  return Number.isNaN(millis) ? undefined : millis;
}

function zoneOf(zone: string): string {
  if (zone.length === 1) return 'Z';
  return `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`;
}

function fromEpoch(value: number): number | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  // to whole microseconds first, since a fraction of a second or a large number of nanoseconds is not exact in binary
  return Math.floor(Math.round(value * microsecondsPerUnit(value)) / 1e3);
}

function microsecondsPerUnit(value: number): number {
  if (value < 1e11) return 1e6;
  if (value < 1e14) return 1e3;
  return value < 1e17 ? 1 : 1e-3;
}
