import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Product } from '../harness/product.js';

const RULES = `
title: Read of the customer list
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0001
name: customer_read
status: test
level: low
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { cordon.gateway.route: /customers }
  condition: selection
---
title: Much read by one person
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0002
status: test
level: high
correlation:
  type: event_count
  rules: [customer_read]
  group-by: [user.name]
  timespan: 10m
  condition: { gte: 5 }
---
title: Refused request
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0003
status: test
level: medium
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { http.response.status_code: 403 }
  condition: selection
`;

interface SignalPage {
  signals: { id: string; rule: { id: string; kind: string }; group: Record<string, string>; value: number | null; event_ids: string[]; terms: { term: string; observed: unknown }[] }[];
}

const record = (user: string, second: number, more: object = {}) => ({
  time: new Date(Date.now() - 60_000 + second * 1000).toISOString(),
  route: '/customers',
  request: { method: 'GET' },
  response: { status: 200 },
  user: { name: user },
  ...more,
});

describe('from a signed record to a signal', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start({ rules: { 'rules.yml': RULES } });
  });
  afterAll(() => product.stop());

  const signals = async (rule: string) => (await product.get<SignalPage>('/v1/signals')).signals.filter((signal) => signal.rule.id.endsWith(rule));

  it('fires a plain rule with the term that held and the event as evidence', async () => {
    const sent = (await (await product.send(record('ann', 0, { route: '/admin', response: { status: 403 } }))).json()) as { ids: string[] };
    const [signal] = await eventually(async () => {
      const found = await signals('0003');
      return found.length > 0 ? found : undefined;
    });
    expect(signal?.event_ids).toEqual(sent.ids);
    expect(signal?.terms).toContainEqual(expect.objectContaining({ term: 'http.response.status_code', observed: 403 }));
    const one = await product.get<{ evidence: { record_id: string; document: { user: { name: string } } }[] }>(`/v1/signals/${signal?.id}`);
    expect(one.evidence.map(({ record_id, document }) => [record_id, document.user.name])).toEqual([[sent.ids[0], 'ann']]);
  });

  it('fires a correlation once, at its threshold, for the group that reached it', async () => {
    for (let second = 1; second <= 4; second++) await product.send(record('bob', second));
    for (let second = 1; second <= 7; second++) await product.send(record('cid', second));
    const [signal, ...rest] = await eventually(async () => {
      const found = await signals('0002');
      return found.length > 0 ? found : undefined;
    });
    expect(rest).toEqual([]);
    expect(signal).toMatchObject({ group: { 'user.name': 'cid' }, value: 5, rule: { kind: 'event_count' } });
    expect(signal?.event_ids).toHaveLength(5);
    // bob's fifth record completes what the four before it began
    await product.send(record('bob', 5));
    await eventually(async () => ((await signals('0002')).some(({ group }) => group['user.name'] === 'bob') ? true : undefined));
  });

  it('does not alert for a rule that only serves a correlation', async () => {
    expect(await signals('0001')).toEqual([]);
  });

  it('counts a repeated delivery once', async () => {
    const body = record('dora', 1);
    const first = await product.send(body, { delivery: 'same' });
    const again = await product.send(body, { delivery: 'same' });
    const [one, two] = [await first.json(), await again.json()] as { accepted: number; duplicates: number; ids: string[] }[];
    expect(one).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(two).toMatchObject({ accepted: 0, duplicates: 1, ids: one?.ids });
  });
});
