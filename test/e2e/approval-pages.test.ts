import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSessions } from '../../src/access/index.js';
import { Asking, PROPOSED } from '../harness/approvals.js';
import { Browser } from '../harness/browser.js';
import { importContext, newKey } from '../harness/people.js';
import { eventually, Product } from '../harness/product.js';

const HOSTILE = `<script>alert("x")</script><img src=x onerror='alert(1)'>\u202E`;
const RULES = `
title: ${JSON.stringify(HOSTILE)}
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0021
status: test
level: high
tags: [attack.exfiltration]
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { cordon.gateway.route: /export }
  condition: selection
`;

let product: Product;
let asking: Asking;
let ann: string;
let bea: string;
let subject: string;

beforeAll(async () => {
  product = await Product.start({ rules: { 'rules.yml': RULES } });
  asking = new Asking(product);
  await importContext(product, {
    'people.csv': 'person_id,manager\nE-1,-\nE-2,E-1\nE-4,E-1\nE-5,E-1\n',
    'accounts.csv': 'account_id,person\nsam,E-2\n',
  });
  [ann, bea, subject] = [await newKey(product, ['approver'], 'E-4'), await newKey(product, ['approver'], 'E-5'), await newKey(product, ['approver'], 'E-2')];
});

afterAll(() => product.stop());

async function signedIn(key: string): Promise<Browser> {
  const browser = new Browser(product.url);
  expect(await browser.submit('/login', { key, next: '/approvals' })).toMatchObject({ status: 303, location: '/approvals' });
  return browser;
}

describe('signing in', () => {
  it('meets who comes from a mail with the form, and brings them back to the page', async () => {
    const id = await asking.ask();
    const browser = new Browser(product.url);
    const met = await browser.open(`/approvals/${id}`);
    expect(met.status).toBe(401);
    expect(met.text).toContain('Your API key');
    await expect(product.app.nest.get(WebSessions).authorise('', 'approvals.read')).rejects.toMatchObject({ code: 'access.no_session' });
    const sent = await browser.submit('/login', { key: ann, next: Browser.field(met.text, 'next') });
    expect(sent).toMatchObject({ status: 303, location: `/approvals/${id}` });
    expect(sent.headers.get('set-cookie')).toMatch(/^cordon_session=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Strict$/);
    expect((await browser.open(`/approvals/${id}`)).status).toBe(200);
    const rows = await product.app.platform.database.query<{ hash: Buffer }>('SELECT hash FROM web_session');
    for (const { hash } of rows) expect(browser.cookie).not.toContain(hash.toString('base64url'));
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/approvals/../..//evil.example', 'javascript:alert(1)', '/approvals/%2e%2e', '/approvals\r\nx: y'])('never leads to %j', async (next) => {
    const browser = new Browser(product.url);
    expect((await browser.submit('/login', { key: ann, next })).location).toBe('/approvals');
    expect(Browser.field((await browser.open(`/login?next=${encodeURIComponent(next)}`)).text, 'next')).toBe('/approvals');
  });

  it('ends with the session, at once with the key, and by the clock', async () => {
    const browser = await signedIn(ann);
    const { cookie } = browser;
    expect(await browser.submit('/logout', {})).toMatchObject({ status: 303, location: '/login' });
    browser.cookie = cookie;
    expect((await browser.open('/approvals')).status).toBe(401);
    const other = await signedIn(await newKey(product, ['approver'], 'E-4'));
    await product.app.platform.database.query(`UPDATE api_key SET revoked_at = now() WHERE id = (SELECT key_id FROM web_session ORDER BY created_at DESC LIMIT 1)`);
    expect((await other.open('/approvals')).status).toBe(401);
    const late = await signedIn(ann);
    await product.app.platform.database.query('INSERT INTO web_session SELECT sha256($1::bytea), key_id, created_at, now() FROM web_session LIMIT 1', ['x'.repeat(43)]);
    late.cookie = `cordon_session=${'x'.repeat(43)}`;
    expect((await late.open('/approvals')).status).toBe(401);
  });

  it('answers failures slower and slower, and never keeps a right key out', async () => {
    const browser = new Browser(product.url);
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 14; attempt += 1) statuses.push((await browser.submit('/login', { key: `${ann.slice(0, -4)}AAAA` })).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect(Number((await browser.submit('/login', { key: 'cordon_x' })).headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await browser.submit('/login', { key: ann })).status).toBe(303);
  });

  it('takes no form that another site sends', async () => {
    const browser = await signedIn(ann);
    const foreign: Record<string, string>[] = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }, { origin: 'null' }];
    for (const headers of foreign) {
      const answer = await browser.submit('/login', { key: ann }, headers);
      expect({ headers, status: answer.status, code: answer.text.includes('access.foreign_form') }).toEqual({ headers, status: 403, code: true });
    }
    expect((await browser.submit('/login', { key: ann }, {})).status).toBe(303);
  });
});

describe('the page of an approval', () => {
  it('takes the decision of a second person by its form, once', async () => {
    const id = await asking.ask({ quorum: 2 });
    const [first, second] = [await signedIn(ann), await signedIn(bea)];
    const token = Browser.field((await first.open(`/approvals/${id}`)).text, 'token');
    expect(await first.submit(`/approvals/${id}`, { token, decision: 'approve', reason: 'seen <b>it</b>' })).toMatchObject({ status: 303, location: `/approvals/${id}` });
    expect((await first.submit(`/approvals/${id}`, { token, decision: 'refuse', reason: 'again' })).text).toContain('This form was sent before');
    await expect(product.app.platform.database.transaction((tx) => product.app.nest.get(WebSessions).useForm(tx, first.cookie, `approval:${id}`, token))).rejects.toMatchObject({ code: 'access.form_used' });
    const seen = await second.open(`/approvals/${id}`);
    expect(seen.text).toContain('seen &lt;b&gt;it&lt;/b&gt;');
    // a token is good for its own session and its own approval alone
    for (const stolen of [token, Browser.field((await second.open(`/approvals/${await asking.ask()}`)).text, 'token'), '']) {
      expect((await second.submit(`/approvals/${id}`, { token: stolen, decision: 'approve', reason: 'stolen' })).status).toBe(409);
    }
    expect((await second.submit(`/approvals/${id}`, { token: Browser.field(seen.text, 'token'), decision: 'approve', reason: ' ' })).status).toBe(400);
    expect((await second.submit(`/approvals/${id}`, { token: Browser.field(seen.text, 'token'), decision: 'approve', reason: 'agreed' })).status).toBe(303);
    expect(asking.decisions.splice(0)).toMatchObject([{ approvalId: id, decision: 'approved', by: ['person:E-4', 'person:E-5'] }]);
    expect((await second.open(`/approvals/${id}`)).text).toContain('This approval is approved');
  });

  it('does not exist for the subject, and says to others why they cannot decide', async () => {
    const id = await asking.ask();
    const about = await signedIn(subject);
    expect((await about.open(`/approvals/${id}`)).status).toBe(404);
    expect((await about.submit(`/approvals/${id}`, { token: 'x', decision: 'refuse', reason: 'no' })).status).toBe(404);
    expect((await about.open('/approvals')).text).not.toContain(id);
    const machine = await signedIn(await newKey(product, ['approver']));
    const page = await machine.open(`/approvals/${id}`);
    expect(page.text).toContain('belongs to no person');
    expect(page.text).not.toContain('name="decision"');
    const viewer = await signedIn(await newKey(product, ['viewer'], 'E-5'));
    expect((await viewer.open('/approvals')).status).toBe(403);
    expect(asking.decisions).toEqual([]);
  });

  it('shows incident, evidence and effect, and lets no text of theirs become markup', async () => {
    await product.send({ time: new Date(Date.now() - 60_000).toISOString(), route: '/export', request: { method: 'GET' }, response: { status: 200 }, user: { name: 'sam' } });
    const incident = await eventually(async () => (await product.get<{ incidents: { id: string }[] }>('/v1/incidents')).incidents[0]);
    const verdict = { decision: 'ask' as const, mode: 'ask' as const, reasons: [`because ${HOSTILE}`], page: false };
    const id = await asking.ask({
      incidentId: incident.id, episode: 1, playbook: HOSTILE, shows: { note: HOSTILE }, about: [{ type: 'account', value: 'sam' }, { type: 'ip', value: HOSTILE }],
      would: [{ ...PROPOSED, title: HOSTILE, input: { user: HOSTILE, api_key: 'hunter3' }, undo: HOSTILE, verdict }],
    });
    const browser = await signedIn(ann);
    const page = await browser.open(`/approvals/${id}`);
    for (const text of ['alert(&quot;x&quot;)', 'highest level of its signals is high', 'cordon.gateway.route', '[redacted]', '‹U+202E›']) expect(page.text).toContain(text);
    for (const { text } of [page, await browser.open('/approvals')]) {
      expect(text).not.toMatch(/<script|<img|onerror='|hunter|\u202E/i);
      expect(text).not.toMatch(/<[^>]* (?:style|on[a-z]+)=/);
    }
    expect(Object.fromEntries(['content-security-policy', 'x-frame-options', 'x-content-type-options', 'cache-control', 'referrer-policy'].map((name) => [name, page.headers.get(name)]))).toEqual({
      'content-security-policy': "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'same-origin',
    });
    expect((await browser.open(/href="(\/assets\/page\.css[^"]*)"/.exec(page.text)![1]!)).headers.get('content-type')).toBe('text/css; charset=utf-8');
  });
});
