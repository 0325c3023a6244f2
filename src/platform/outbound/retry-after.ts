/** Milliseconds that a `Retry-After` asks to wait (RFC 9110 §10.2.3): seconds or an HTTP date. Undefined where it says neither. */
export function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  // Dates of HTTP name the day of the week; Date.parse would also take "5 minutes".
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
