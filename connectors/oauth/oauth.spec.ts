import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#sdk/index.js';
import { describeHttpAction, FaultyServer, type Answer, type SeenRequest } from '#sdk/testing.js';
import { jwtExpiry } from './actions/token.js';
import { oauthConfig } from './config.js';
import { oauth } from './connector.js';

/** As much of an authorisation server as two tokens need. */
function server(): (request: SeenRequest) => Answer {
  const active = new Set(['access-token-1', 'refresh-token-1']);
  return ({ path, body }) => {
    const token = new URLSearchParams(body).get('token') ?? '';
    if (path.startsWith('/grants')) return { status: 200, body: JSON.stringify({ tokens: [...active].map((value) => ({ token: value, kind: value.startsWith('access') ? 'access_token' : 'refresh_token' })) }) };
    if (path === '/revoke') {
      active.delete(token);
      return { status: 200 };
    }
    return { status: 200, body: JSON.stringify({ active: active.has(token) }) };
  };
}

describeHttpAction({
  connector: oauth,
  action: 'oauth.revoke-tokens',
  config: (url) => ({
    revocation: `${url}/revoke`,
    introspection: `${url}/introspect`,
    client: { id: 'cordon', secret: 'env:SECRET' },
    grants: { url: `${url}/grants/{account}`, items: 'tokens' },
    settle: '0s',
  }),
  input: { account: 'avery/../x?y' },
  target: server,
});

describe('jwtExpiry', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['opaque', undefined],
    ['a.b.c', undefined],
    [`${part({ alg: 'RS256' })}.${part({ exp: 1_800_000_000 })}.s`, new Date('2027-01-15T08:00:00Z')],
    [`${part({ alg: 'RS256' })}.${part({})}.s`, 'never'],
    [`${part({ alg: 'RS256' })}.${part({ exp: 1e300 })}.s`, 'never'],
    [`${part({ alg: 'RS256' })}.${part({ exp: 1_800_000_000_000 })}.s`, 'never'],
    [`${part({ alg: 'RS256' })}.${part({ exp: -1e20 })}.s`, undefined],
    [`${part({ alg: 'RS256' })}.${part({ exp: 1 })}`, undefined],
  ])('%s', (value, expected) => expect(jwtExpiry(value)).toEqual(expected));
});

describe('oauth.revoke-tokens proves no more than it saw', () => {
  const NOW = new Date('2026-03-02T10:00:00Z');
  const json = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });
  const jwt = (claims: object) => ['{"alg":"RS256"}', JSON.stringify(claims), 's'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const UNSUPPORTED: Answer = { status: 400, body: '{"error":"unsupported_token_type"}' };
  interface Listed { readonly token: string; readonly kind?: string }
  /** A server by its lists, one after the other; the last stays. */
  interface Behaviour { readonly lists?: readonly (readonly Listed[] | 404)[]; readonly introspect?: Answer; readonly revoke?: Answer }

  let server: FaultyServer;
  beforeAll(async () => void (server = await FaultyServer.start()));
  afterAll(() => server.close());

  /** Runs the action on one server, and gives what it says of it. */
  async function run({ lists, introspect, revoke = { status: 200 } }: Behaviour, { input = {}, attempt = 1, forget = false, ...more }: { input?: JsonObject; attempt?: number; forget?: boolean; localAccess?: number; url?: string } = {}) {
    const left = [...(lists ?? [])];
    server.seen.length = 0;
    server.behaviour = ({ path }) => {
      if (path === '/revoke') return revoke;
      if (path === '/introspect') return introspect ?? { status: 500 };
      const list = left.length > 1 ? left.shift() : left[0];
      return list === 404 || list === undefined ? { status: 404 } : json(list);
    };
    const request = async ({ url, method, body }: { url: string; method: string; body?: unknown }) => {
      const response = await fetch(url, { method, ...(body === undefined ? {} : { body: String(body) }) });
      const text = await response.text();
      return { status: response.status, headers: {}, text, json: text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as never) : undefined };
    };
    const config = {
      revocation: `${server.url}/revoke`, introspection: introspect && `${server.url}/introspect`, client: { id: 'cordon', secret: { reveal: () => 's' }, auth: 'basic' },
      grants: lists && { url: `${server.url}/grants/{account}`, items: '', value: 'token', kind: 'kind' }, localAccess: more.localAccess ?? 0, settle: 0,
    };
    const action = oauth.actions[0]!.bind({ config, http: { request }, dialer: { connect: () => Promise.reject(new Error('not used')) } });
    const call = { input: { account: 'avery', ...input }, key: 'k', attempt, now: NOW, signal: new AbortController().signal };
    const done = await action.do(call);
    const outcome = forget ? structuredClone(done) : done;
    return { ...(await action.verify!(call, outcome)), already: outcome.already, result: outcome.result };
  }
  const ACCESS = { token: 'opaque-a', kind: 'access_token' };
  const REFRESH = { token: 'opaque-r', kind: 'refresh_token' };
  const INACTIVE = json({ active: false });

  test.each<[string, Behaviour, Parameters<typeof run>[1], string]>([
    ['tokens still listed that introspection does not judge', { lists: [[ACCESS]], introspect: UNSUPPORTED }, {}, 'not'],
    ['tokens still listed where nothing can be asked', { lists: [[ACCESS]] }, {}, 'not'],
    ['tokens that left the list', { lists: [[ACCESS, REFRESH], []] }, {}, 'verified'],
    ['the same after a restart', { lists: [[ACCESS, REFRESH], []] }, { forget: true }, 'verified'],
    ['tokens inactive by introspection', { lists: [[ACCESS, REFRESH]], introspect: INACTIVE }, {}, 'verified'],
    ['a list that was empty from the start, as of a wrong name', { lists: [[]] }, {}, 'unverifiable'],
    ['the same with introspection', { lists: [[]], introspect: INACTIVE }, {}, 'unverifiable'],
    ['an account that the list does not know', { lists: [404] }, {}, 'unverifiable'],
    ['the same with a token that introspection does not know either', { lists: [404], introspect: INACTIVE }, { input: { tokens: ['opaque-x'] } }, 'unverifiable'],
    ['an account that the list forgot, after a restart', { lists: [[ACCESS], 404], introspect: INACTIVE }, { forget: true }, 'unverifiable'],
    ['given tokens that cannot be asked about', {}, { input: { tokens: ['opaque-x'] } }, 'unverifiable'],
    ['the same beside an empty list', { lists: [[]] }, { input: { tokens: ['opaque-x'] } }, 'unverifiable'],
    ['the same beside a list that emptied', { lists: [[ACCESS], []] }, { input: { tokens: ['opaque-x'] } }, 'unverifiable'],
    ['given tokens inactive by introspection', { introspect: INACTIVE }, { input: { tokens: ['opaque-x'] } }, 'verified'],
    ['what an attempt that was broken off revoked is not seen any more', { lists: [[ACCESS], []] }, { attempt: 2 }, 'unverifiable'],
  ])('%s', async (_what, behaviour, options, state) => {
    expect((await run(behaviour, options)).state).toBe(state);
  });

  test('what nobody listed was not already done', async () => {
    expect([(await run({ lists: [404] })).already, (await run({ lists: [[]] }, { attempt: 2 })).already]).toEqual([false, false]);
  });

  test.each<[string, Behaviour, Parameters<typeof run>[1], string | null]>([
    ['a list of refresh tokens alone', { lists: [[REFRESH], []] }, { localAccess: 900_000 }, '2026-03-02T10:15:00.000Z'],
    ['a JWT that ends before', { lists: [[{ token: jwt({ exp: NOW.getTime() / 1000 + 60 }), kind: 'access_token' }], []] }, { localAccess: 900_000 }, '2026-03-02T10:15:00.000Z'],
    ['a JWT that ends after', { lists: [[{ token: jwt({ exp: NOW.getTime() / 1000 + 1800 }), kind: 'access_token' }], []] }, { localAccess: 900_000 }, '2026-03-02T10:30:00.000Z'],
    ['an end in milliseconds', { lists: [[{ token: jwt({ exp: NOW.getTime() }), kind: 'access_token' }, { token: jwt({ exp: NOW.getTime() / 1000 + 60 }) }], []] }, {}, '9999-12-31T23:59:59.999Z'],
    ['an end that no calendar has', { lists: [[{ token: jwt({ exp: -1e20 }), kind: 'access_token' }], []] }, {}, null],
    ['a second attempt', { lists: [[]] }, { attempt: 2, localAccess: 900_000 }, '2026-03-02T10:15:00.000Z'],
  ])('residual access: %s', async (_what, behaviour, options, until) => {
    const { residual_access_until, result, state } = await run(behaviour, options);
    expect([residual_access_until, result['residualAccessUntil']]).toEqual([until, until]);
    if (until !== null) expect(state).toBe('unverifiable');
  });

  test.each(['.', '..', '\ud800'])('the account %j never leaves the path of the list', async (account) => {
    await expect(run({ lists: [[]] }, { input: { account } })).rejects.toMatchObject({ code: 'INPUT_INVALID', notSent: true });
    expect(server.seen).toEqual([]);
  });

  test.each(['https://{account}.example.com/tokens', 'https://idp.example.com:{account}/{account}', 'https://idp.example.com/tokens#{account}', 'https://idp.example.com/tokens'])('an account does not choose the host: %s', (url) => {
    const parsed = oauthConfig.shape.grants.safeParse({ url });
    expect(parsed.success).toBe(false);
    expect(oauthConfig.shape.grants.safeParse({ url: 'https://idp.example.com/{account}?of={account}' }).success).toBe(true);
  });
});
