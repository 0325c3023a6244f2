const NANOSECONDS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 } as const;

export type DurationUnit = keyof typeof NANOSECONDS;

/** A length of time in nanoseconds, the unit of `event.duration`. Undefined when the value is no number or negative. */
export function toNanoseconds(value: unknown, unit: DurationUnit): number | undefined {
  const amount = typeof value === 'number' ? value : typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : NaN;
  return Number.isFinite(amount) && amount >= 0 ? Math.round(amount * NANOSECONDS[unit]) : undefined;
}
