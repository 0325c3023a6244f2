import { z } from 'zod';

export interface Token {
  readonly value: string;
  readonly kind: 'access_token' | 'refresh_token' | undefined;
}

const headerSchema = z.object({ alg: z.string() });
const claimsSchema = z.object({ exp: z.number().optional() });
/** End of the year 9999, in seconds: later times have no common text, and no token is meant to last that long. */
const LATEST_SECONDS = 253_402_300_799;

/**
 * When a JWT ends by its own word, or `never`; undefined for a token that is none. Resource servers check a JWT without asking,
 * so that it outlives its revocation until then. The signature is not looked at: nothing is granted on it. An end before all
 * calendars is no end that could be stated, and the token is taken for any other text.
 */
export function jwtExpiry(value: string): Date | 'never' | undefined {
  const [header, claims, ...rest] = value.split('.');
  if (header === undefined || claims === undefined || rest.length !== 1) return undefined;
  if (!headerSchema.safeParse(decode(header)).success) return undefined;
  const exp = claimsSchema.safeParse(decode(claims)).data?.exp;
  if (exp === undefined || exp > LATEST_SECONDS) return 'never';
  const end = new Date(exp * 1000);
  return Number.isNaN(end.getTime()) ? undefined : end;
}

/** One a value; what names its kind wins. */
export function distinct(tokens: readonly Token[]): Token[] {
  const byValue = new Map<string, Token>();
  for (const token of tokens) if (byValue.get(token.value)?.kind === undefined) byValue.set(token.value, token);
  return [...byValue.values()];
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
