import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const SHORT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * Milliseconds of a duration: `10m`, `7d`, `500ms`, or ISO 8601 without years and months (`PT10M`, `P7D`). Undefined
 * where the text is neither.
 */
export function parseDuration(text: string): number | undefined {
  const short = SHORT.exec(text);
  if (short?.[1] && short[2]) return Number(short[1]) * UNIT_MS[short[2] as keyof typeof UNIT_MS];
  const iso = ISO.exec(text);
  if (!iso || text === 'P' || text.endsWith('T')) return undefined;
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0));
  return (weeks ?? 0) * UNIT_MS.w + (days ?? 0) * UNIT_MS.d + (hours ?? 0) * UNIT_MS.h + (minutes ?? 0) * UNIT_MS.m + (seconds ?? 0) * UNIT_MS.s;
}

/**
 * Configured milliseconds, written as `10m`, `7d` or ISO 8601 (`PT10M`).
 * @param fallback what counts where nothing is given
 */
export function duration(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds === undefined) {
        context.addIssue({ code: 'custom', message: `'${text}' is no duration; write 500ms, 10s, 5m, 24h, 7d or ISO 8601 such as PT5M` });
        return z.NEVER;
      }
      return milliseconds;
    });
}
