import { z } from 'zod';

export interface Token {
  readonly value: string;
  readonly kind: 'access_token' | 'refresh_token' | undefined;
}

const headerSchema = z.object({ alg: z.string() });
const claimsSchema = z.object({ exp: z.number().optional() });
/** Beyond it `Date` has no time. */
const LATEST_SECONDS = 8_640_000_000_000;

/**
 * When a JWT ends by its own word, or `never`; undefined for a token that is none. Resource servers check a JWT without asking,
 * so that it outlives its revocation until then. The signature is not looked at: nothing is granted on it.
 */
export function jwtExpiry(value: string): Date | 'never' | undefined {
  const [header, claims, ...rest] = value.split('.');
  if (header === undefined || claims === undefined || rest.length !== 1) return undefined;
  if (!headerSchema.safeParse(decode(header)).success) return undefined;
  const exp = claimsSchema.safeParse(decode(claims)).data?.exp;
  return exp === undefined || exp > LATEST_SECONDS ? 'never' : new Date(exp * 1000);
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
