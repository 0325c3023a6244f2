import { ActionFailure, defineAction, notVerified, settle, unverifiable, verified, type Verification } from '#sdk/index.js';
import { z } from 'zod';
import { oauthConfig } from '../config.js';
import { AuthorisationServer } from './authorisation-server.js';
import { jwtExpiry, type Token } from './token.js';

/** A JWT without expiry: no time that could be stated is late enough. */
const NEVER = '9999-12-31T23:59:59.999Z';

const input = z.strictObject({
  account: z.string().min(1).describe('Whose tokens.'),
  tokens: z.array(z.string().min(1)).max(1000).default([]).meta({ writeOnly: true }).describe('Tokens that are known, besides those that connectors.oauth.grants lists.'),
});

export const revokeTokens = defineAction({
  id: 'oauth.revoke-tokens',
  title: 'Revoke the tokens of an account',
  effectClass: 'convergent',
  destructive: true,
  config: oauthConfig,
  input,
  result: z.strictObject({
    tokens: z.int().nonnegative(),
    revoked: z.int().nonnegative(),
    notRevocable: z.int().nonnegative(),
    /** Latest time at which a resource server that does not ask lets one of them in. */
    residualAccessUntil: z.string().nullable(),
  }),
  timeout: '1m',
  entities: ({ account }) => [{ type: 'account', value: account }],
  async do({ input: { account, tokens: given }, config, http, now, conceal }) {
    given.forEach(conceal);
    const server = new AuthorisationServer(config, http);
    const listed = await server.list(account);
    if (!listed && given.length === 0) {
      throw new ActionFailure('nothing says which tokens: configure connectors.oauth.grants, or give input.tokens', { code: 'INPUT_INVALID', retryable: false, notSent: true });
    }
    const tokens = distinct([...(listed ?? []), ...given.map((value) => ({ value, kind: undefined }))]);
    for (const { value } of tokens) conceal(value);
    // Refresh tokens first: whoever holds one could make access tokens while the others are being revoked.
    const order = [...tokens].sort((a, b) => Number(b.kind === 'refresh_token') - Number(a.kind === 'refresh_token'));
    let revoked = 0;
    for (const token of order) if (await server.revoke(token)) revoked += 1;
    return {
      result: { tokens: tokens.length, revoked, notRevocable: tokens.length - revoked, residualAccessUntil: residualOf(tokens, config.localAccess, now) },
      already: tokens.length === 0,
      memo: tokens,
    };
  },
  verify: (call, { result, memo }) => {
    const { input: { account, tokens: given }, config, http, now, conceal } = call;
    const server = new AuthorisationServer(config, http);
    return settle(call, config.settle, async (): Promise<Verification> => {
      const listed = await server.list(account);
      const tokens = distinct([...(memo ?? []), ...(listed ?? []), ...given.map((value) => ({ value, kind: undefined }))]);
      for (const { value } of tokens) conceal(value);
      const states = [];
      for (const token of tokens) states.push(await server.isActive(token));
      const active = states.filter((state) => state === true).length;
      if (active > 0) return notVerified(`introspection: ${active} of ${tokens.length} tokens are still active`);
      if (config.introspection === undefined && listed && listed.length > 0) return notVerified(`${listed.length} tokens are still listed`);
      return conclude({ asked: tokens.length, unknown: states.filter((state) => state === undefined).length, isListed: listed !== undefined, residual: stillAhead(result.residualAccessUntil, now) });
    });
  },
  undo: { none: 'a revoked token stays revoked; the account gets new ones by logging in again' },
});

interface Findings {
  readonly asked: number;
  /** Of those, how many the server could not judge. */
  readonly unknown: number;
  readonly isListed: boolean;
  readonly residual: string | null;
}

function conclude({ asked, unknown, isListed, residual }: Findings): Verification {
  if (residual !== null) return unverifiable('the authorisation server knows the tokens as ended, but a resource server that checks them without asking it lets them in until they expire', residual);
  if (unknown === 0 && asked > 0) return verified(`introspection: all ${asked} tokens are inactive`);
  if (isListed) return verified('the account has no token in the list of grants any more');
  return unverifiable(`${unknown} of ${asked} tokens cannot be asked about`);
}

function residualOf(tokens: readonly Token[], localAccessMs: number, now: Date): string | null {
  const ends = tokens.filter(({ kind }) => kind !== 'refresh_token').map(({ value }) => {
    const expiry = jwtExpiry(value);
    if (expiry === 'never') return NEVER;
    return (expiry ?? new Date(now.getTime() + localAccessMs)).toISOString();
  });
  // A token of before may be in somebody's hands although nothing lists it any more.
  if (tokens.length === 0 && localAccessMs > 0) ends.push(new Date(now.getTime() + localAccessMs).toISOString());
  return stillAhead(ends.sort().at(-1) ?? null, now);
}

const stillAhead = (time: string | null, now: Date): string | null => (time !== null && time > now.toISOString() ? time : null);

/** One a value; what names its kind wins. */
function distinct(tokens: readonly Token[]): Token[] {
  const byValue = new Map<string, Token>();
  for (const token of tokens) if (byValue.get(token.value)?.kind === undefined) byValue.set(token.value, token);
  return [...byValue.values()];
}
