import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeyService } from '../../src/access/index.js';
import { BreachService } from '../../src/breach/breach.service.js';
import { openIncident } from '../../src/incident/incident.js';
import { IncidentStore } from '../../src/incident/index.js';
import { importContext, newKey } from '../harness/people.js';
import { Product } from '../harness/product.js';

const CLI = path.resolve('dist/src/cli/main.js');

let product: Product;
let privacy: string;

beforeAll(async () => {
  product = await Product.start({ config: 'breach: { zone: Europe/Berlin }' });
  privacy = (await product.app.nest.get(ApiKeyService).create({ name: 'counsel', roles: ['privacy'] }, 'system:test')).text;
});
afterAll(() => product.stop());

const call = (method: string, address: string, body?: unknown, key = privacy) =>
  fetch(product.url + address, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('regimes over the API', () => {
  it('are proposals until the privacy role enables one, and name who did', async () => {
    expect(await (await call('GET', '/v1/regimes')).json()).toMatchObject({ regimes: [{ id: 'eu-gdpr', status: 'proposed', decided_by: null }] });
    expect((await call('POST', '/v1/regimes/eu-gdpr/enable', { reason: 'counsel signed off' }, product.key)).status).toBe(403);
    const enabled = await call('POST', '/v1/regimes/eu-gdpr/enable', { reason: 'counsel signed off' });
    expect(await enabled.json()).toMatchObject({ status: 'enabled', reason: 'counsel signed off', decided_by: expect.stringMatching(/^key:/) });
  });

  it('refuses an act without a reason', async () => {
    const refused = await call('POST', '/v1/regimes/eu-gdpr/enable', {});
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'breach.request_invalid', detail: expect.stringContaining('reason') });
  });
});

describe('breach cases over the API', () => {
  it('lists none before a playbook opened one, and does not know invented ids', async () => {
    expect(await (await call('GET', '/v1/breach-cases?open=true')).json()).toEqual({ cases: [], next: null });
    expect((await call('GET', '/v1/breach-cases/nonsense')).status).toBe(404);
    expect((await call('GET', '/v1/breach-cases?open=perhaps')).status).toBe(400);
  });
});

describe('a case and the question about its incident', () => {
  it('do not exist for whom the incident is about and who reports to them', async () => {
    await importContext(product, { 'people.csv': 'person_id,manager\nE-1,-\nE-2,E-1\nE-3,E-2\nE-4,E-1\n', 'accounts.csv': 'account_id,person\nsam,E-2\n' });
    const now = new Date();
    const subject = { type: 'account', key: 'sam', value: 'sam', subject: true } as const;
    const grounds = { rules: ['r'], sources: [], dataClasses: [], criticality: null, leaving: false };
    const incident = openIncident(randomUUID(), [{ id: randomUUID(), ruleId: 'r', title: 'T', level: 'high', tags: [], first: now, last: now, entities: [subject], grounds }], now);
    const { breachCase } = await product.app.platform.database.transaction(async (tx) => {
      await new IncidentStore().save(tx, [incident]);
      return product.app.nest.get(BreachService).open(tx, { incidentId: incident.id, episode: 1, by: 'system:test', aware: undefined });
    });
    const at = `/v1/breach-cases/${breachCase.id}`;
    const explain = `/v1/governor/explain?action=email.send&incident=${incident.id}`;
    for (const person of ['E-2', 'E-3']) {
      const own = await newKey(product, ['privacy'], person);
      expect(await (await call('GET', '/v1/breach-cases', undefined, own)).json()).toEqual({ cases: [], next: null });
      expect((await call('GET', at, undefined, own)).status).toBe(404);
      expect((await call('POST', `${at}/events`, { kind: 'aware', at: now.toISOString(), why: 'mine' }, own)).status).toBe(404);
      expect((await call('POST', `${at}/findings`, { name: 'eu_risk', value: 'unlikely', why: 'mine' }, own)).status).toBe(404);
      expect((await call('POST', `${at}/close`, { decision: 'not_notifiable', reason: 'mine' }, own)).status).toBe(404);
      expect(await (await call('GET', explain, undefined, own)).json()).toMatchObject({ code: 'incident.unknown' });
    }
    const other = await newKey(product, ['privacy'], 'E-4');
    expect(await (await call('GET', '/v1/breach-cases', undefined, other)).json()).toMatchObject({ cases: [{ id: breachCase.id }] });
    expect(await (await call('GET', explain, undefined, other)).json()).toMatchObject({ code: 'governor.action_unknown' });
    expect((await call('POST', `${at}/close`, { decision: 'not_notifiable', reason: 'looked at' }, other)).status).toBe(200);
  });
});

describe('cordon breach assess', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cordon-breach-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const assess = (facts: unknown) => {
    const file = path.join(folder, 'facts.json');
    writeFileSync(file, JSON.stringify(facts));
    return promisify(execFile)(process.execPath, [CLI, 'breach', 'assess', file, '--json']);
  };

  it('prints each duty with outcome, instants, rule, zone and reason', async () => {
    const { stdout } = await assess({ events: { aware: '2026-10-02T15:40:00Z' }, facts: { role: 'controller', eu_risk: 'risk' }, zone: 'Europe/Berlin' });
    const { duties } = JSON.parse(stdout) as { duties: { id: string }[] };
    expect(duties.find(({ id }) => id === 'eu-gdpr.sa')).toMatchObject({
      outcome: 'required', due: '2026-10-05T15:40:00.000Z', latest: '2026-10-05T16:00:00.000Z', zone: 'Europe/Berlin', rule: expect.stringContaining('72 hours'), reason: expect.stringContaining('eu_risk is risk'),
    });
  });

  it('names the member at fault', async () => {
    await expect(assess({ events: { awar: '2026-10-02T15:40:00Z' } })).rejects.toMatchObject({ stderr: expect.stringContaining('events') });
  });
});
