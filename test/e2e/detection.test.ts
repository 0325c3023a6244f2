import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../src/kernel/index.js';
import { eventually, Product } from '../harness/product.js';

interface SignalPage {
  signals: { rule: { id: string }; group: Record<string, string> }[];
}

let product: Product | undefined;
afterEach(async () => {
  await product?.stop();
  product = undefined;
});

const rule = (name: string, route: string) => `
title: ${name}
id: ${name}
name: ${name}
level: low
logsource: { product: cordon, service: cordon.gateway }
detection: { selection: { cordon.gateway.route: ${route} }, condition: selection }
`;

const correlation = (name: string, body: string) => `
title: ${name}
id: ${name}
level: high
correlation: ${body}
`;

const record = (route: string, user: string, at = Date.now()) => ({ time: new Date(at).toISOString(), route, user: { name: user }, response: { status: 200 } });
const fired = async (running: Product, id: string) => (await running.get<SignalPage>('/v1/signals')).signals.filter((signal) => signal.rule.id === id);
const one = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

describe('detection on the running product', () => {
  it('goes on behind values that no index can hold, and counts by them', async () => {
    const rules = { 'rules.yml': [rule('read', '/customers'), correlation('many', '{ type: event_count, rules: [read], group-by: [user.name], timespan: 1h, condition: { gte: 2 } }')].join('---') };
    const running = (product = await Product.start({ rules, config: 'detect: { checkpointInterval: 50ms }' }));
    const long = randomBytes(3000).toString('base64').slice(0, 3900);
    for (let n = 0; n < 2; n++) expect((await running.send({ ...record('/customers', long), id: `event-${n}` })).status).toBe(202);
    const [signal] = await eventually(async () => one(await fired(running, 'many')));
    expect(signal?.group['user.name']).toBe(long);
    // and a restart reads the state that was kept under it
    await running.send({ ...record('/customers', 'bob'), id: 'first' });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await running.send({ ...record('/other', 'bob'), id: 'checkpoint' });
    await running.close();
    const again = (product = await Product.start({ again: running, rules, config: 'detect: { checkpointInterval: 50ms }' }));
    await again.send({ ...record('/customers', 'bob'), id: 'second' });
    await eventually(async () => ((await fired(again, 'many')).some(({ group }) => group['user.name'] === 'bob') ? true : undefined));
  });

  it('decides what waits for the end of a window although no further event comes', async () => {
    const clock = new ManualClock(new Date());
    const rules = { 'rules.yml': [rule('opened', '/open'), rule('closed', '/close'), correlation('left open', '{ type: temporal, rules: [opened, closed], group-by: [user.name], timespan: 1m, condition: opened and not closed }')].join('---') };
    const running = (product = await Product.start({ rules, clock, config: 'detect: { checkpointInterval: 50ms }' }));
    await running.send(record('/open', 'ann', clock.now().getTime()));
    await running.send(record('/open', 'bob', clock.now().getTime()));
    await running.send(record('/close', 'bob', clock.now().getTime() + 1000));
    await eventually(async () => one((await running.get<{ rules: unknown[] }>('/v1/rules')).rules));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await fired(running, 'left open')).toEqual([]);
    clock.advance(30 * 60_000);
    const signals = await eventually(async () => one(await fired(running, 'left open')));
    expect(signals.map(({ group }) => group)).toEqual([{ 'user.name': 'ann' }]);
  });

  it('gives the signals of a rule that is new since the events behind the last checkpoint', async () => {
    const first = (product = await Product.start({ config: 'detect: { checkpointInterval: 1h }' }));
    await first.send(record('/customers', 'ann'));
    await eventually(async () => {
      const metrics = await (await first.call('GET', '/metrics')).text();
      return metrics.includes('cordon_detect_events_total 1') ? true : undefined;
    });
    await first.close();
    const again = (product = await Product.start({ again: first, rules: { 'rules.yml': rule('read', '/customers') } }));
    await again.send(record('/other', 'bob'));
    expect(await eventually(async () => one(await fired(again, 'read')))).toHaveLength(1);
  });
});
