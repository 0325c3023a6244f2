import { describe, expect, test } from '@jest/globals';
import { describeHttpAction, type Answer, type SeenRequest } from '#sdk/testing.js';
import { jwtExpiry } from './actions/token.js';
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
    [`${part({ alg: 'RS256' })}.${part({ exp: 1 })}`, undefined],
  ])('%s', (value, expected) => expect(jwtExpiry(value)).toEqual(expected));
});
