import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { connectors } from '../../src/connectors.js';
import { ActionFailure, type ActionCall, type ExternalAction, type JsonObject } from '../../src/kernel/index.js';
import { Outbound, silentTelemetry } from '../../src/platform/index.js';
import { ActionRegistry } from '../../src/respond/index.js';
import { startOidcTarget, startScimTarget, startSmtpTarget, type OidcTarget, type ScimTarget, type SmtpTarget } from '../harness/targets.js';

const WEBHOOK_KEY = Buffer.from('a web hook key of enough length').toString('base64');
const LOGIN = { user: 'cordon', password: 'planted-mail-password' };
const pem = (name: string) => path.resolve('test/harness/tls', name);

let oidc: OidcTarget;
let scim: ScimTarget;
let smtp: SmtpTarget;
let secureSmtp: SmtpTarget;
const received: { headers: IncomingHttpHeaders; body: string }[] = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    response.end();
  });
});
const opened: Outbound[] = [];

/** The actions as the product binds them, on a configuration as an operator writes it. */
function registry(changes: Readonly<Record<string, unknown>> = {}): ActionRegistry {
  const environment = { OAUTH_SECRET: oidc.clientSecret, OAUTH_ADMIN: oidc.adminToken, SCIM_TOKEN: scim.token, MAIL_PASSWORD: LOGIN.password, HOOK_KEY: `whsec_${WEBHOOK_KEY}` };
  const config = loadConfig({
    root: tmpdir(),
    environment,
    connectors,
    overrides: {
      'outbound.allow': ['127.0.0.1'],
      'outbound.ca': pem('server.pem'),
      'connectors.oauth': {
        revocation: `${oidc.url}/token/revocation`,
        introspection: `${oidc.url}/token/introspection`,
        client: { id: oidc.clientId, secret: 'env:OAUTH_SECRET' },
        grants: { url: `${oidc.url}/admin/accounts/{account}/tokens`, token: 'env:OAUTH_ADMIN', items: 'tokens' },
        settle: '0s',
      },
      'connectors.scim': { baseUrl: scim.url, token: 'env:SCIM_TOKEN', settle: '0s' },
      'connectors.email': { host: smtp.host, port: smtp.port, security: 'none', from: 'cordon@example.com', recipients: { approver: ['blair@example.com', 'casey@example.com'] } },
      'connectors.webhook': { endpoints: { pager: { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`, secret: 'env:HOOK_KEY' } } },
      ...changes,
    },
  });
  const outbound = new Outbound({ config, telemetry: silentTelemetry() });
  opened.push(outbound);
  return new ActionRegistry({ connectors, config: config.connectors, http: outbound.http, dialer: outbound });
}

const call = (input: JsonObject, key = 'effect-1'): ActionCall => ({ input, key, attempt: 1, now: new Date(), signal: new AbortController().signal });

function external(id: string, changes?: Readonly<Record<string, unknown>>): ExternalAction {
  const action = registry(changes).find(id);
  if (!action || action.effectClass === 'in-database') throw new Error(`${id} is not bound`);
  return action;
}

async function run(action: ExternalAction, input: JsonObject) {
  const request = call(input);
  const outcome = await action.do(request);
  return { outcome, verification: await action.verify?.(request, outcome) };
}

async function failure(promise: Promise<unknown>): Promise<ActionFailure> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ActionFailure)) throw new Error(`expected an ActionFailure, got ${String(error)}`);
  return error;
}

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  [oidc, scim, smtp, secureSmtp] = await Promise.all([
    startOidcTarget(),
    startScimTarget({ users: ['avery', 'avery o\'neil & co', 'dana'] }),
    startSmtpTarget(),
    startSmtpTarget({ login: LOGIN, tls: { key: readFileSync(pem('server.key')), cert: readFileSync(pem('server.pem')) } }),
  ]);
});

afterAll(async () => {
  opened.forEach((outbound) => outbound.close());
  receiver.closeAllConnections();
  receiver.close();
  await Promise.all([oidc, scim, smtp, secureSmtp].map((target) => target.close()));
});

describe('oauth.revoke-tokens on a real authorisation server', () => {
  it('ends every token of the account and proves it', async () => {
    const [tokens, second, others] = [await oidc.logIn('avery'), await oidc.logIn('avery'), await oidc.logIn('blair')];
    const { outcome, verification } = await run(external('oauth.revoke-tokens'), { account: 'avery' });
    expect(outcome).toEqual({ result: { tokens: 4, revoked: 4, notRevocable: 0, residualAccessUntil: null }, already: false });
    expect(verification).toEqual({ state: 'verified', why: 'introspection: all 4 tokens are inactive', residual_access_until: null });
    const states = await Promise.all([tokens.accessToken, tokens.refreshToken, second.accessToken, others.accessToken].map((token) => oidc.isActive(token)));
    expect(states).toEqual([false, false, false, true]);
    expect(await oidc.refresh(tokens.refreshToken)).toMatchObject({ error: 'invalid_grant' });
    const again = await run(external('oauth.revoke-tokens'), { account: 'avery' });
    // The list of an account that has no token any more is that of a misspelt one.
    expect([again.outcome.already, again.verification?.state]).toEqual([true, 'unverifiable']);
  });

  it('says until when a JWT lets its holder in, which nobody can read back', async () => {
    const { accessToken, refreshToken } = await oidc.logIn('jwt-user', { format: 'jwt' });
    const { exp } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as { exp: number };
    const { outcome, verification } = await run(external('oauth.revoke-tokens'), { account: 'jwt-user' });
    expect(outcome.result).toMatchObject({ tokens: 2, revoked: 1, notRevocable: 1 });
    expect(verification).toMatchObject({ state: 'unverifiable', residual_access_until: new Date(exp * 1000).toISOString(), why: expect.stringContaining('resource server') });
    expect(await oidc.isActive(refreshToken)).toBe(false);
  });

  it('sees through a server that answers 200 and does nothing', async () => {
    const { accessToken } = await oidc.logIn('carol');
    oidc.state.lies = true;
    try {
      const { verification } = await run(external('oauth.revoke-tokens'), { account: 'carol' });
      expect([verification?.state, await oidc.isActive(accessToken)]).toEqual(['not', true]);
    } finally {
      oidc.state.lies = false;
    }
  });

  it('takes tokens from its input where nothing lists them, and never shows one', async () => {
    const { accessToken, refreshToken } = await oidc.logIn('dave');
    const base = { revocation: `${oidc.url}/token/revocation`, introspection: `${oidc.url}/token/introspection`, client: { id: oidc.clientId, secret: 'env:OAUTH_SECRET', auth: 'post' }, settle: '0s' };
    const action = external('oauth.revoke-tokens', { 'connectors.oauth': base });
    expect((await failure(action.do(call({ account: 'dave' })))).code).toBe('INPUT_INVALID');
    const seen = JSON.stringify(await run(action, { account: 'dave', tokens: [accessToken, refreshToken] }));
    expect(seen).toContain('"verified"');
    for (const token of [accessToken, refreshToken]) expect(seen).not.toContain(token);
    expect(await oidc.isActive(refreshToken)).toBe(false);
  });

  it('says that a wrong secret is refused, without the secret', async () => {
    const action = external('oauth.revoke-tokens', { 'connectors.oauth.client.secret': 'env:SCIM_TOKEN' });
    const error = await failure(action.do(call({ account: 'x', tokens: ['some-token'] })));
    expect([error.code, error.retryable]).toEqual(['REFUSED_BY_TARGET', false]);
    expect(error.message).not.toContain(scim.token);
  });
});

describe('scim.deactivate-user on a real directory', () => {
  it('deactivates, reads back, and takes itself back', async () => {
    const deactivate = external('scim.deactivate-user');
    const { outcome, verification } = await run(deactivate, { user: 'avery' });
    expect([outcome.already, verification?.state, scim.user('avery')?.active]).toEqual([false, 'verified', false]);
    const undo = deactivate.undoInput!({ user: 'avery' }, outcome);
    // The name stays in it: by an id alone nobody, the governor included, could tell whom it is about.
    expect(undo).toEqual({ user: 'avery', id: scim.user('avery')?.id });
    const back = await run(external('scim.reactivate-user'), undo);
    expect([back.verification?.state, scim.user('avery')?.active]).toEqual(['verified', true]);
  });

  it.each([{ patch: 'value' }, { patch: 'path' }])('speaks the dialect %j', async (dialect) => {
    const parts = { baseUrl: `${scim.url}/`, token: 'env:SCIM_TOKEN', settle: '0s', ...dialect };
    expect((await run(external('scim.deactivate-user', { 'connectors.scim': parts }), { user: 'dana' })).verification?.state).toBe('verified');
    expect((await run(external('scim.reactivate-user', { 'connectors.scim': parts }), { user: 'dana' })).verification?.state).toBe('verified');
  });

  it('leaves nothing to take back where the account was inactive', async () => {
    await run(external('scim.deactivate-user'), { user: 'dana' });
    expect((await run(external('scim.deactivate-user'), { user: 'dana' })).outcome.already).toBe(true);
    await run(external('scim.reactivate-user'), { user: 'dana' });
  });

  it('finds a user by a name with marks in it, and never by an id alone; says so where there is none', async () => {
    const { id } = scim.user('avery')!;
    expect((await run(external('scim.reactivate-user'), { user: 'avery', id })).outcome.result).toMatchObject({ userName: 'avery' });
    for (const input of [{ user: id }, { user: 'dana', id }] as JsonObject[]) expect(await failure(external('scim.deactivate-user').do(call(input)))).toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: false });
    expect(scim.user('avery')?.active).toBe(true);
    expect((await run(external('scim.reactivate-user'), { user: 'avery o\'neil & co' })).outcome.result).toMatchObject({ userName: 'avery o\'neil & co' });
    expect(await failure(external('scim.deactivate-user').do(call({ user: 'no" or userName pr or userName eq "x' })))).toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: false });
  });

  it('sees through a directory that answers and changes nothing', async () => {
    scim.state.lies = true;
    try {
      const { verification } = await run(external('scim.deactivate-user'), { user: 'avery' });
      expect([verification?.state, scim.user('avery')?.active]).toEqual(['not', true]);
    } finally {
      scim.state.lies = false;
    }
  });
});

describe('email.send on a real mail server', () => {
  it('reaches everyone of a role, with an id made of the effect, and lets nobody add a header', async () => {
    const { outcome } = await run(external('email.send'), { to: ['approver', 'blair@example.com'], subject: 'Stop\r\nBcc: mallory@example.com\u2028x', text: 'Grüße\n.\nend' });
    const [message] = smtp.messages.slice(-1);
    expect(message?.to).toEqual(['blair@example.com', 'casey@example.com']);
    expect(message?.raw).toContain(`Message-ID: ${String(outcome.result['messageId'])}`);
    const head = message!.raw.slice(0, message!.raw.indexOf('\r\n\r\n'));
    expect(head).not.toMatch(/^bcc:/im);
    expect(head).toMatch(/^Subject: Stop Bcc: mallory@example.com x$/m);
    expect((await run(external('email.send'), { to: 'approver', subject: 'again' })).outcome.result['messageId']).toBe(outcome.result['messageId']);
  });

  it.each([{ to: 'a@example.com\r\nBcc: b@example.com', subject: 's' }, { to: 'a@example.com, b@example.com', subject: 's' }, { to: 'nobody-knows', subject: 's' }])('refuses %j', async (input) => {
    expect(await failure(external('email.send').do(call(input)))).toMatchObject({ code: 'INPUT_INVALID', notSent: true });
  });

  it.each([
    ['refuse', 'REFUSED_BY_TARGET', false, true],
    ['defer', 'REFUSED_BY_TARGET', true, true],
    ['cut', 'UNKNOWN_OUTCOME', false, false],
  ] as const)('tells a server that does %s from the others', async (behaviour, code, retryable, notSent) => {
    smtp.state.behaviour = behaviour;
    try {
      expect(await failure(external('email.send').do(call({ to: 'approver', subject: 's' })))).toMatchObject({ code, retryable, notSent });
    } finally {
      smtp.state.behaviour = 'accept';
    }
  });

  it('names who was refused where others were accepted, and fails where all were', async () => {
    expect((await run(external('email.send'), { to: ['approver', 'nobody@example.com'], subject: 's' })).outcome.result).toMatchObject({ accepted: ['blair@example.com', 'casey@example.com'], rejected: ['nobody@example.com'] });
    expect(await failure(external('email.send').do(call({ to: 'nobody@example.com', subject: 's' })))).toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: false, notSent: true });
  });

  it('logs in over STARTTLS alone', async () => {
    const secure = { host: '127.0.0.1', port: secureSmtp.port, from: 'cordon@example.com', user: LOGIN.user, password: 'env:MAIL_PASSWORD' };
    expect((await run(external('email.send', { 'connectors.email': secure }), { to: 'blair@example.com', subject: 's' })).outcome.result['accepted']).toEqual(['blair@example.com']);
    const wrong = await failure(external('email.send', { 'connectors.email': { ...secure, password: 'env:SCIM_TOKEN' } }).do(call({ to: 'blair@example.com', subject: 's' })));
    expect([wrong.code, wrong.retryable, wrong.notSent, wrong.message.includes(scim.token)]).toEqual(['REFUSED_BY_TARGET', false, true, false]);
    const plain = await failure(external('email.send', { 'connectors.email': { ...secure, port: smtp.port } }).do(call({ to: 'blair@example.com', subject: 's' })));
    expect([plain.code, plain.notSent]).toEqual(['REFUSED_BY_TARGET', true]);
    expect(() => registry({ 'connectors.email': { ...secure, security: 'none' } })).toThrow(/unencrypted/);
  });
});

describe('webhook.send', () => {
  it('signs what it sends, with the effect as its id', async () => {
    const { outcome } = await run(external('webhook.send'), { body: 'containment failed' });
    expect(outcome.result).toEqual({ endpoint: 'pager', status: 200 });
    const { headers, body } = received.at(-1)!;
    expect(JSON.parse(body)).toMatchObject({ type: 'cordon.notice', data: { text: 'containment failed' } });
    const signature = createHmac('sha256', Buffer.from(WEBHOOK_KEY, 'base64')).update(`effect-1.${String(headers['webhook-timestamp'])}.${body}`).digest('base64');
    expect([headers['webhook-id'], headers['webhook-signature']]).toEqual(['effect-1', `v1,${signature}`]);
  });

  it('refuses an endpoint that is not configured', async () => {
    expect(await failure(external('webhook.send').do(call({ endpoint: 'other', body: {} })))).toMatchObject({ code: 'INPUT_INVALID', notSent: true });
  });
});
