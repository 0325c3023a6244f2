import { ActionFailure, defineAction, settle, type Verification } from '#sdk/index.js';
import { z } from 'zod';
import { oauthConfig } from '../config.js';
import { AuthorisationServer } from './authorisation-server.js';
import { proofOf } from './proof.js';
import { residualOf } from './residual.js';
import { distinct } from './token.js';

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
  async do({ input: { account, tokens: given }, config, http, now, attempt, conceal }) {
    given.forEach(conceal);
    const server = new AuthorisationServer(config, http);
    if (!config.grants && given.length === 0) {
      throw new ActionFailure('nothing says which tokens: configure connectors.oauth.grants, or give input.tokens', { code: 'INPUT_INVALID', retryable: false, notSent: true });
    }
    const listed = await server.list(account);
    const tokens = distinct([...(listed ?? []), ...named(given)]);
    for (const { value } of tokens) conceal(value);
    // Refresh tokens first: whoever holds one could make access tokens while the others are being revoked.
    const order = [...tokens].sort((a, b) => Number(b.kind === 'refresh_token') - Number(a.kind === 'refresh_token'));
    let revoked = 0;
    for (const token of order) if (await server.revoke(token)) revoked += 1;
    return {
      result: { tokens: tokens.length, revoked, notRevocable: tokens.length - revoked, residualAccessUntil: residualOf(tokens, config.localAccess, now) },
      // What an earlier attempt revoked was not so before.
      already: attempt === 1 && listed?.length === 0 && given.length === 0,
      memo: listed ?? [],
    };
  },
  verify: (call, { result, memo }) => {
    const { input: { account, tokens: given }, config, http, now, attempt, conceal } = call;
    const server = new AuthorisationServer(config, http);
    return settle(call, config.settle, async (): Promise<Verification> => {
      const listed = await server.list(account);
      const tokens = distinct([...(memo ?? []), ...(listed ?? []), ...named(given)]);
      for (const { value } of tokens) conceal(value);
      const active = new Map<string, boolean | undefined>();
      for (const token of tokens) active.set(token.value, await server.isActive(token));
      const seen = memo?.length ?? result.tokens - new Set(given).size;
      return proofOf({ tokens, active, before: memo, seen, listed, isFirst: attempt === 1, isListConfigured: config.grants !== undefined, residual: stillAhead(result.residualAccessUntil, now) });
    });
  },
  undo: { none: 'a revoked token stays revoked; the account gets new ones by logging in again' },
});

const named = (values: readonly string[]) => values.map((value) => ({ value, kind: undefined }));

const stillAhead = (time: string | null, now: Date): string | null => (time !== null && Date.parse(time) > now.getTime() ? time : null);
