import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeyService } from '../../src/access/index.js';
import { as, importContext, newKey } from '../harness/people.js';
import { eventually, Product } from '../harness/product.js';

const RULES = `
title: Refused request
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0011
status: test
level: medium
tags: [attack.discovery]
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { http.response.status_code: 403 }
  condition: selection
---
title: Export of customers
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0012
status: test
level: high
tags: [attack.exfiltration]
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { cordon.gateway.route: /export }
  condition: selection
`;

interface IncidentPage {
  incidents: { id: string; risk: number; status: string; title: string; tags: string[]; subject: { type: string; id: string }; signal_count: number }[];
  next: string | null;
}

interface IncidentDetail {
  status: string;
  verdict: string | null;
  episode: number;
  risk: number;
  risk_parts: { name: string; points: number; reason: string }[];
  assignee: string | null;
  signals: { id: string; rule: { title: string } }[];
  timeline: { type: string; detail: Record<string, unknown> }[];
}

const record = (user: string, more: object) => ({
  time: new Date(Date.now() - 60_000).toISOString(),
  route: '/customers',
  request: { method: 'GET' },
  response: { status: 200 },
  user: { name: user },
  ...more,
});

describe('from signed records to an incident', () => {
  let product: Product;
  let analyst: string;
  beforeAll(async () => {
    product = await Product.start({ rules: { 'rules.yml': RULES } });
    analyst = (await product.app.nest.get(ApiKeyService).create({ name: 'test analyst', roles: ['analyst'] }, 'system:test')).text;
  });
  afterAll(() => product.stop());

  const of = async (user: string, signals: number) =>
    eventually(async () => {
      const { incidents } = await product.get<IncidentPage>(`/v1/incidents?entity=account:${user}`);
      return incidents.find(({ signal_count: count }) => count >= signals);
    });
  const post = (id: string, act: string, body: unknown = {}) =>
    fetch(`${product.url}/v1/incidents/${id}/${act}`, { method: 'POST', headers: { authorization: `Bearer ${analyst}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });

  it('groups what one user did, with a risk in parts, and leaves another user alone', async () => {
    await product.send(record('ann', { response: { status: 403 } }));
    await product.send(record('ann', { route: '/export' }));
    await product.send(record('bob', { response: { status: 403 } }));
    const [ann, bob] = [await of('ann', 2), await of('bob', 1)];
    expect(ann).toMatchObject({ status: 'open', subject: { type: 'account', id: 'ann' }, signal_count: 2 });
    expect(ann.tags).toEqual(expect.arrayContaining(['exfiltration', 'discovery']));
    expect(bob.id).not.toBe(ann.id);
    expect(ann.risk).toBeGreaterThan(bob.risk);
    const detail = await product.get<IncidentDetail>(`/v1/incidents/${ann.id}`);
    expect(detail.risk_parts.reduce((sum, { points }) => sum + points, 0)).toBe(detail.risk);
    expect(detail.signals.map(({ rule }) => rule.title).sort()).toEqual(['Export of customers', 'Refused request']);
    expect(detail.timeline[0]).toMatchObject({ type: 'incident.opened' });
    const risky = await product.get<IncidentPage>(`/v1/incidents?min_risk=${ann.risk}`);
    expect(risky.incidents.map(({ id }) => id)).toEqual([ann.id]);
  });

  it('is worked on by people, each step on record, and opens again for a new signal', async () => {
    await product.send(record('cid', { response: { status: 403 } }));
    const { id } = await of('cid', 1);
    expect((await post(id, 'triage', { note: 'looking' })).status).toBe(200);
    expect((await post(id, 'assign', { assignee: 'dora' })).status).toBe(200);
    expect((await post(id, 'comment', { text: 'asked the team' })).status).toBe(200);
    expect((await post(id, 'close', { verdict: 'false_positive', reason: 'a test account' })).status).toBe(200);
    expect(await product.get<IncidentDetail>(`/v1/incidents/${id}`)).toMatchObject({ status: 'closed', verdict: 'false_positive', assignee: 'dora', episode: 1 });
    await product.send(record('cid', { route: '/export' }));
    await of('cid', 2);
    const detail = await product.get<IncidentDetail>(`/v1/incidents/${id}`);
    expect(detail).toMatchObject({ status: 'open', verdict: null, episode: 2 });
    expect(detail.timeline.map(({ type }) => type)).toEqual([
      'incident.opened', 'incident.triaged', 'incident.assigned', 'incident.commented', 'incident.closed', 'incident.reopened',
    ]);
    expect(detail.timeline[4]?.detail).toMatchObject({ verdict: 'false_positive', reason: 'a test account' });
    const audited = await product.app.platform.database.query<{ action: string }>('SELECT action FROM audit_row WHERE target = $1 ORDER BY at, id', [`incident:${id}`]);
    expect(audited.map(({ action }) => action)).toEqual(['incident.triaged', 'incident.assigned', 'incident.commented', 'incident.closed']);
  });

  it('merges two incidents on request and answers for the one that is gone', async () => {
    await product.send(record('eve', { response: { status: 403 } }));
    await product.send(record('eve2', { route: '/export' }));
    const [eve, other] = [await of('eve', 1), await of('eve2', 1)];
    const merged = await post(eve.id, 'merge', { from: other.id, reason: 'one person' });
    expect(await merged.json()).toMatchObject({ id: eve.id, signal_count: 2, tags: expect.arrayContaining(['discovery', 'exfiltration']) });
    const problem = (await (await post(other.id, 'triage')).json()) as { code: string; merged_into: string };
    expect(problem).toMatchObject({ code: 'incident.merged', merged_into: eve.id });
    // what either of them does now belongs to the one that stayed
    await product.send(record('eve2', { response: { status: 403 } }));
    expect((await of('eve', 3)).id).toBe(eve.id);
  });

  it('makes one incident of the accounts that context knows as one person’s, and counts what it states', async () => {
    const admin = (await product.app.nest.get(ApiKeyService).create({ name: 'test admin', roles: ['admin'] }, 'system:test')).text;
    const files = [
      { name: 'people.csv', content: 'person_id,leaver_date,criticality\nE-7,2026-12-31,high\n' },
      { name: 'accounts.csv', content: 'account_id,person\nfay,E-7\nfay-adm,E-7\n' },
    ];
    const imported = await fetch(`${product.url}/v1/context/import`, {
      method: 'POST', headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }, body: JSON.stringify({ source: 'hr', files }),
    });
    expect(imported.status).toBe(200);
    await product.send(record('fay', { response: { status: 403 } }));
    await product.send(record('fay-adm', { route: '/export' }));
    const incident = await of('fay', 2);
    expect(incident.subject).toEqual({ type: 'person', id: 'E-7', accounts: ['fay', 'fay-adm'] });
    expect((await of('fay-adm', 2)).id).toBe(incident.id);
    const { risk_parts: parts } = await product.get<IncidentDetail>(`/v1/incidents/${incident.id}`);
    expect(parts.map(({ name, points }) => [name, points])).toEqual(expect.arrayContaining([['criticality', 7], ['leaver', 10]]));
  });

  it('does not exist for the person it is about, under any of their keys, nor for who reports to them', async () => {
    await importContext(product, {
      'people.csv': 'person_id,manager\nE-20,E-21\nE-21,-\nE-22,E-20\nE-23,E-22\nE-24,E-21\n',
      'accounts.csv': 'account_id,person\ngus,E-20\n',
    });
    await product.send(record('gus', { route: '/export' }));
    await product.send(record('hal', { route: '/export' }));
    const [{ id }, other] = [await of('gus', 1), await of('hal', 1)];
    const keyOf = (person?: string) => newKey(product, ['analyst'], person);
    const look = async (key: string) => ({
      read: (await as(product, key, 'GET', `/v1/incidents/${id}`)).status,
      comment: (await as(product, key, 'POST', `/v1/incidents/${id}/comment`, { text: 'x' })).status,
      listed: ((await (await as(product, key, 'GET', '/v1/incidents?entity=account:gus')).json()) as IncidentPage).incidents.length,
    });
    for (const person of ['E-20', 'E-22', 'E-23']) expect({ person, ...(await look(await keyOf(person))) }).toMatchObject({ person, read: 404, comment: 404, listed: 0 });
    for (const person of ['E-21', 'E-24', undefined]) expect({ person, ...(await look(await keyOf(person))) }).toMatchObject({ person, read: 200, comment: 200, listed: 1 });
    const subject = await keyOf('E-20');
    expect((await as(product, subject, 'POST', `/v1/incidents/${other.id}/merge`, { from: id, reason: 'mine' })).status).toBe(404);
    // what is left out leaves no gap in a page
    const ids: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page = (await (await as(product, subject, 'GET', `/v1/incidents?limit=2${next && `&after=${next}`}`)).json()) as IncidentPage;
      if (page.next !== null) expect(page.incidents).toHaveLength(2);
      ids.push(...page.incidents.map((incident) => incident.id));
      next = page.next;
    }
    const all = (await product.get<IncidentPage>('/v1/incidents?limit=500')).incidents.map((incident) => incident.id);
    expect(ids).toEqual(all.filter((one) => one !== id));
  });

  it('refuses with the reason', async () => {
    const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
    const { id } = await of('bob', 1);
    expect(await codeOf(await post(id, 'reopen', { reason: 'why not' }))).toBe('incident.step_refused');
    expect(await codeOf(await post(id, 'close', { verdict: 'maybe', reason: 'x' }))).toBe('incident.request_invalid');
    expect(await codeOf(await post(id, 'merge', { from: id, reason: 'x' }))).toBe('incident.merge_refused');
    expect(await codeOf(await post('5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0099', 'triage'))).toBe('incident.unknown');
    expect(await codeOf(await product.call('GET', '/v1/incidents?risk=3'))).toBe('incident.request_invalid');
    expect((await product.call('POST', `/v1/incidents/${id}/triage`)).status).toBe(403);
  });
});
