import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { as, importContext, newKey } from '../harness/people.js';
import { eventually, Product } from '../harness/product.js';
import { startOidcTarget, startScimTarget, startSmtpTarget, type OidcTarget, type ScimTarget, type SmtpTarget } from '../harness/targets.js';

jest.setTimeout(120_000);

const WAIT_MS = 60_000;
/** Each test has a person of its own, so that each has an incident of its own. */
const SUBJECTS = ['cy', 'di'];
const PEOPLE = `person_id,name,email,manager,break_glass,status
E-1,Head,head@example.com,-,no,active
E-4,Ann Approver,ann@example.com,E-1,no,active
E-6,Gil Glass,gil@example.com,E-1,yes,active
${SUBJECTS.map((name) => `S-${name},${name},${name}@example.com,E-1,no,active\n`).join('')}`;
const ACCOUNTS = `account_id,system,kind,person,aliases,break_glass\n${SUBJECTS.map((name) => `${name},idp,human,S-${name},${name}@example.com,no\n`).join('')}`;

const RULE = `
title: Export of customers
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0002
level: high
tags: [attack.exfiltration]
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { cordon.gateway.route: /customers }
  condition: selection
`;

interface Run {
  readonly id: string;
  readonly status: string;
  readonly state: unknown;
  readonly outcome: string | null;
  readonly effects: readonly { invoke: string; status: string; error: { code: string } | null; output: { verify: { state: string; residual_access_until: string | null } } | null; verdict: { decision: string; reasons: string[] } | null }[];
}
interface Approval {
  readonly id: string;
  readonly incident: string;
}
interface Incident {
  readonly id: string;
  readonly status: string;
  readonly subject: { id: string };
  readonly timeline: readonly { type: string; detail: Record<string, unknown> }[];
}

let product: Product;
let identity: OidcTarget;
let users: ScimTarget;
let mail: SmtpTarget;
let folder: string;
let keys: Record<'glass' | 'responder', string>;

beforeAll(async () => {
  [identity, users, mail] = await Promise.all([startOidcTarget(), startScimTarget({ users: SUBJECTS }), startSmtpTarget()]);
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-containment-'));
  const secret = (name: string, value: string) => {
    writeFileSync(path.join(folder, name), value);
    return `"file:${path.join(folder, name)}"`;
  };
  product = await Product.start({
    rules: { 'rule.yml': RULE },
    config: `
outbound: { allow: ["127.0.0.1"] }
connectors:
  oauth:
    revocation: ${identity.url}/token/revocation
    introspection: ${identity.url}/token/introspection
    client: { id: ${identity.clientId}, secret: ${secret('client', identity.clientSecret)} }
    grants: { url: "${identity.url}/admin/accounts/{account}/tokens", token: ${secret('admin', identity.adminToken)}, items: tokens }
  scim: { baseUrl: ${users.url}, token: ${secret('scim', users.token)} }
  email: { host: ${mail.host}, port: ${mail.port}, security: none, from: cordon@example.com, recipients: { approver: [ann@example.com] } }
respond:
  playbooks: ["${path.resolve('playbooks')}"]
  caps: { share: 100 }
playbooks:
  exfiltration-containment: { params: { minimumRisk: 0 } }
  compromised-token: { enabled: false }
`,
  });
  await importContext(product, { 'people.csv': PEOPLE, 'accounts.csv': ACCOUNTS });
  keys = { glass: await newKey(product, ['analyst'], 'E-6'), responder: await newKey(product, ['responder']) };
});
afterAll(async () => {
  await product.stop();
  await Promise.all([identity, users, mail].map((target) => target.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function get<T>(address: string, key = keys.responder): Promise<T> {
  return (await (await as(product, key, 'GET', address)).json()) as T;
}

/** The incident of an export by this person. */
async function exportBy(account: string): Promise<Incident> {
  await product.send({ time: new Date().toISOString(), route: '/customers', user: { name: account }, response: { status: 200 } });
  return eventually(async () => (await get<{ incidents: Incident[] }>('/v1/incidents')).incidents.find(({ subject }) => subject.id === `S-${account}`), WAIT_MS);
}

async function approvalFor({ id }: Incident): Promise<string> {
  return (await eventually(async () => (await get<{ approvals: Approval[] }>('/v1/approvals', keys.glass)).approvals.find(({ incident }) => incident === id), WAIT_MS)).id;
}

async function approve(incident: Incident): Promise<void> {
  const answer = await as(product, keys.glass, 'POST', `/v1/approvals/${await approvalFor(incident)}/decision`, { decision: 'approve', reason: 'seen the evidence' });
  expect(answer.status).toBe(200);
}

/** The run once it is in a state. */
async function runIn(state: string, { id }: Incident): Promise<Run> {
  const [run] = await eventually(async () => {
    const { runs } = await get<{ runs: Run[] }>(`/v1/runs?incident=${id}`);
    return runs.some((one) => one.state === state) ? runs : undefined;
  }, WAIT_MS);
  return get<Run>(`/v1/runs/${run!.id}`);
}

const effect = (run: Run, invoke: string) => run.effects.find((one) => one.invoke === invoke);
const verified = async ({ id }: Incident) => (await get<Incident>(`/v1/incidents/${id}`)).timeline.find(({ type }) => type === 'containment.verified');
const mailsTo = (address: string) => mail.messages.filter(({ to }) => to.includes(address));

describe('exfiltration-containment on real targets', () => {
  it.each([
    ['an identity provider that answers 200 and revokes nothing', 'cy', 'tokens', () => identity],
    ['a directory that answers and deactivates nobody', 'di', 'account', () => users],
  ] as const)('finds out %s, says VERIFY_FAILED and escalates', async (_, account, invoke, liar) => {
    await identity.logIn(account);
    liar().state.lies = true;
    try {
      const incident = await exportBy(account);
      await approve(incident);
      const run = await runIn('handover', incident);
      expect(effect(run, invoke)).toMatchObject({ status: 'failed', error: { code: 'VERIFY_FAILED' } });
      expect(effect(run, invoke === 'tokens' ? 'account' : 'tokens')).toMatchObject({ status: 'done' });
      const letters = mailsTo('ann@example.com').filter(({ raw }) => raw.includes('failed') && raw.includes('VERIFY_FAILED'));
      expect(letters.some(({ raw }) => raw.replace(/=\r?\n/g, '').includes(incident.id))).toBe(true);
      expect(await verified(incident)).toBeUndefined();
      expect((await get<Incident>(`/v1/incidents/${incident.id}`)).status).not.toBe('contained');
    } finally {
      liar().state.lies = false;
    }
  });
});
