import { notVerified, unverifiable, verified, type Verification } from '#sdk/index.js';
import { jwtExpiry, type Token } from './token.js';

/** What is known of the tokens of an account after their revocation. */
export interface Findings {
  /** All that this attempt knows of. */
  readonly tokens: readonly Token[];
  /** By token: what introspection says; undefined where it cannot say. */
  readonly active: ReadonlyMap<string, boolean | undefined>;
  /** Those that the list had before the revocation; undefined where they were lost by a restart. */
  readonly before: readonly Token[] | undefined;
  /** How many those were, at least. */
  readonly seen: number;
  /** Those that it has now; undefined where it does not know the account, or where there is none. */
  readonly listed: readonly Token[] | undefined;
  readonly isListConfigured: boolean;
  /** Whether no earlier attempt may have revoked tokens that this one never saw. */
  readonly isFirst: boolean;
  /** Until when somebody is let in in spite of the revocation. */
  readonly residual: string | null;
}

/**
 * What the findings prove. A token has ended where introspection says so, or where it left a list that it stood in. A list
 * without tokens proves nothing by itself: that of a misspelt account has none either.
 */
export function proofOf({ tokens, active, before, seen, listed, isListConfigured, isFirst, residual }: Findings): Verification {
  const working = tokens.filter(({ value }) => active.get(value) === true).length;
  if (working > 0) return notVerified(`introspection: ${working} of ${tokens.length} tokens are still active`);
  const unknown = tokens.filter(({ value }) => active.get(value) === undefined);
  const stands = new Set(listed?.map(({ value }) => value));
  const remaining = unknown.filter((token) => stands.has(token.value) && !outlivesByItself(token)).length;
  if (remaining > 0) return notVerified(`${remaining} tokens are still listed`);
  if (residual !== null) return unverifiable('the authorisation server knows the tokens as ended, but a resource server that checks them without asking it lets them in until they expire', residual);
  if (seen === 0 && isListConfigured && (listed === undefined || tokens.length === 0)) return unverifiable(`the list of grants ${listed ? 'showed no token of' : 'does not know'} the account, as if its name were wrong`);
  const left = new Set(listed && before?.map(({ value }) => value).filter((value) => !stands.has(value)));
  const lost = before === undefined && listed === undefined ? seen : 0;
  const unproved = unknown.filter(({ value }) => !left.has(value)).length + lost;
  if (unproved > 0) return unverifiable(`${unproved} of ${tokens.length + lost} tokens cannot be asked about`);
  if (!isFirst) return unverifiable('an earlier attempt was broken off: what it revoked is not seen any more, and a resource server that does not ask may let its holder in; connectors.oauth.localAccess says how long');
  return verified(unknown.length === 0 && tokens.length > 0 ? `introspection: all ${tokens.length} tokens are inactive` : `the tokens of the account (${seen}) are no longer listed`);
}

/** A JWT for resource servers is often listed until it expires: nobody can revoke it, and its end is stated as residual access. */
const outlivesByItself = ({ kind, value }: Token): boolean => kind === 'access_token' && jwtExpiry(value) !== undefined;
