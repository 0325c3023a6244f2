import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { URLSearchParams } from 'node:url';
import { createServer } from 'node:http';
import { listen } from './listen.mjs';

// It warns of every Node that is not an LTS release it was made with, at its import.
const { default: Provider } = await quietly(() => import('oidc-provider'));

const RESOURCE = 'urn:example:api';
const LIFETIME = { AccessToken: 3600, IdToken: 3600, RefreshToken: 86_400, Grant: 86_400 };

/**
 * A real authorisation server (oidc-provider) with revocation, introspection, refresh and, as many servers have one, an
 * administrator's list of an account's tokens: GET /admin/accounts/<account>/tokens.
 *
 * @param options.lies revocation answers 200 and does nothing: one behaviour of an otherwise honest server is broken
 */
export async function startOidcTarget({ port = 0, clientId = 'cordon', clientSecret = randomBytes(16).toString('hex'), adminToken = randomBytes(16).toString('hex'), lies = false } = {}) {
  const state = { lies };
  const server = createServer();
  const { url, close } = await listen(server, port);
  const store = new Map();
  const provider = await quietly(() => new Provider(url, configuration({ clientId, clientSecret, store })));
  provider.on('server_error', (_, error) => process.stderr.write(`oidc target: ${error.stack}\n`));
  const issued = new Map();
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url, url);
    const account = /^\/admin\/accounts\/([^/]+)\/tokens$/.exec(pathname)?.[1];
    if (account !== undefined) return list(decodeURIComponent(account), request, response);
    if (state.lies && pathname === '/token/revocation') return request.resume().on('end', () => response.writeHead(200).end());
    return answer(request, response);
  });

  async function list(account, request, response) {
    if (request.headers.authorization !== `Bearer ${adminToken}`) return response.writeHead(401).end();
    const tokens = [];
    for (const token of issued.get(account) ?? []) if (token.isJwt || (await isActive(token.token))) tokens.push({ token: token.token, kind: token.kind });
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ tokens }));
  }

  /** An access and a refresh token as a log-in of `account` gives them. */
  async function logIn(account, { format = 'opaque' } = {}) {
    const client = await provider.Client.find(clientId);
    const grant = new provider.Grant({ accountId: account, clientId });
    grant.addOIDCScope('openid offline_access');
    const common = { accountId: account, client, grantId: await grant.save(), gty: 'authorization_code', scope: 'openid offline_access' };
    const access = new provider.AccessToken(common);
    if (format === 'jwt') {
      access.resourceServer = new provider.ResourceServer(RESOURCE, { scope: common.scope, audience: RESOURCE, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } });
      access.setAudience(RESOURCE);
    }
    const accessToken = await access.save();
    const refreshToken = await new provider.RefreshToken(common).save();
    const tokens = [{ token: accessToken, kind: 'access_token', isJwt: format === 'jwt' }, { token: refreshToken, kind: 'refresh_token', isJwt: false }];
    issued.set(account, [...(issued.get(account) ?? []), ...tokens]);
    return { accessToken, refreshToken };
  }

  const post = (path, fields) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams(fields),
    });
  const isActive = async (token) => (await (await post('/token/introspection', { token })).json()).active === true;
  /** The answer of the token endpoint: an observer's own proof, besides introspection. */
  const refresh = async (refreshToken) => (await post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken })).json();

  return { url, clientId, clientSecret, adminToken, state, logIn, isActive, refresh, close };
}

function configuration({ clientId, clientSecret, store }) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    adapter: adapterOn(store),
    clients: [{ client_id: clientId, client_secret: clientSecret, grant_types: ['authorization_code', 'refresh_token'], redirect_uris: ['https://app.example.com/callback'] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'target' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: { enabled: true },
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    rotateRefreshToken: false,
    ttl: LIFETIME,
  };
}

/** The provider's own store is for development and says so on stderr; this one is as simple and quiet. */
function adapterOn(store) {
  return (model) => {
    const key = (id) => `${model}:${id}`;
    return {
      upsert: async (id, payload) => void store.set(key(id), payload),
      find: async (id) => store.get(key(id)),
      findByUid: async (uid) => [...store.values()].find((payload) => payload.uid === uid),
      findByUserCode: async (userCode) => [...store.values()].find((payload) => payload.userCode === userCode),
      consume: async (id) => void Object.assign(store.get(key(id)), { consumed: Math.floor(Date.now() / 1000) }),
      destroy: async (id) => void store.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const [name, payload] of store) if (payload.grantId === grantId) store.delete(name);
      },
    };
  };
}

/** The provider warns of plain http and development; a target on loopback is nothing else. */
async function quietly(make) {
  const { warn, info } = console;
  Object.assign(console, { warn: () => undefined, info: () => undefined });
  try {
    return await make();
  } finally {
    Object.assign(console, { warn, info });
  }
}
