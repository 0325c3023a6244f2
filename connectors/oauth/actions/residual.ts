import { jwtExpiry, type Token } from './token.js';

/** A JWT without an end: no time that could be stated is late enough. */
const NEVER = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Latest time at which a resource server that does not ask lets a holder of a token in; null where none does. ISO 8601.
 * @param localAccessMs how long resource servers accept without asking a token whose end cannot be read
 */
export function residualOf(tokens: readonly Token[], localAccessMs: number, now: Date): string | null {
  const ends = tokens.filter(({ kind }) => kind !== 'refresh_token').flatMap(({ value }) => {
    const end = jwtExpiry(value);
    return end === undefined ? [] : [end === 'never' ? NEVER : end.getTime()];
  });
  // Also where no such token was seen: the list may leave them out, and an earlier attempt may have revoked some.
  const latest = Math.min(NEVER, Math.max(now.getTime() + localAccessMs, ...ends));
  return latest > now.getTime() ? new Date(latest).toISOString() : null;
}
