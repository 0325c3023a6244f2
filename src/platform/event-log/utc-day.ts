export const DAY_MS = 86_400_000;

/** The UTC day of an instant, `YYYY-MM-DD`: the unit of partitions and of retention. */
export function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** Days from `from`, the first one `offset` days away. */
export function daysFrom(from: Date, offset: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => dayOf(new Date(from.getTime() + (offset + index) * DAY_MS)));
}

/** `20260131` (end of a partition's name) as `2026-01-31`. */
export function dayOfSuffix(suffix: string): string {
  return `${suffix.slice(0, 4)}-${suffix.slice(4, 6)}-${suffix.slice(6, 8)}`;
}
