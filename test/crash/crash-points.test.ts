import { afterEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ChainReader, verifyDatabase } from '../../src/audit/index.js';
import { CRASH_POINTS, Database } from '../../src/platform/index.js';
import { KilledProduct } from './killed-product.js';

jest.setTimeout(90_000);

const RULES = `
title: Read of the customer list
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0001
name: customer_read
level: low
logsource: { product: cordon, service: cordon.gateway }
detection:
  selection: { cordon.gateway.route: /customers }
  condition: selection
---
title: Much read by one person
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0002
level: high
correlation:
  type: event_count
  rules: [customer_read]
  group-by: [user.name]
  timespan: 30m
  generate: true
  condition: { gte: 5 }
`;
const PLAIN = '5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0001';
const COUNT = '5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0002';

/** Which passage to die at: late enough that something stands that must survive, early enough to be reached. */
const PASSAGE: Partial<Record<(typeof CRASH_POINTS)[number], number>> = {
  'log.before_append': 6,
  'log.append_sent': 6,
  'log.after_commit': 6,
  'intake.before_ack': 6,
  'intake.after_ack': 6,
  'consumer.before_read': 12,
  'consumer.in_batch': 7,
  'consumer.before_commit': 8,
  'consumer.after_commit': 9,
  'commit.sent': 15,
  'facts.after_insert': 3,
  'incident.after_grouping': 2,
};

/** Points of the path from a delivery to an incident; those of the runtime of playbooks are reached in runtime-crash.test.ts. */
const POINTS = CRASH_POINTS.filter((point) => !/^(runtime|effect|timer|inbox)\./.test(point));

describe('killed at a named point and started again', () => {
  let product: KilledProduct | undefined;
  afterEach(async () => {
    await product?.destroy();
    product = undefined;
  });

  it.each(POINTS)('%s: nothing lost, nothing doubled, windows exact', async (point) => {
    const running = (product = await KilledProduct.create(RULES));
    const began = Date.now();
    let sent = 0;
    const read = (user: string) => {
      sent += 1;
      return running.deliver(`delivery-${sent}`, { time: new Date(began - 600_000 + sent * 1000).toISOString(), route: '/customers', user: { name: user }, response: { status: 200 } });
    };
    await running.start(`${point}:${PASSAGE[point] ?? 1}`);
    // four of five for ann, in the middle of others, so that the kill falls between them
    for (const user of ['ann', 'bob', 'ann', 'bob', 'cid', 'bob', 'ann', 'bob', 'bob', 'ann', 'cid']) await read(user);

    const client = new pg.Client({ connectionString: running.database.superuserUrl });
    await client.connect();
    try {
      const number = async (sql: string) => Number((await client.query<{ n: string }>(sql)).rows[0]?.n);
      const handled = async () => (await number(`SELECT count(*) AS n FROM signal WHERE rule_id = '${PLAIN}'`)) >= sent;
      await running.runUntil(handled);
      await running.runUntil(() => Promise.resolve(running.deaths.includes('SIGKILL')));
      const counted = async () => (await client.query<{ user: string; value: number; event_count: number }>(
        `SELECT group_values->>'user.name' AS user, value, event_count FROM signal WHERE rule_id = '${COUNT}' ORDER BY 1`)).rows;
      expect(await counted()).toEqual([{ user: 'bob', value: 5, event_count: 5 }]);

      // what was four before is five now, and was nothing else in between
      await read('ann');
      await running.runUntil(handled);
      expect(await counted()).toEqual([{ user: 'ann', value: 5, event_count: 5 }, { user: 'bob', value: 5, event_count: 5 }]);

      expect(await number('SELECT count(*) AS n FROM log_record')).toBe(sent);
      expect(await number('SELECT count(DISTINCT delivery) AS n FROM log_record')).toBe(sent);
      expect(await number('SELECT count(*) AS n FROM event')).toBe(sent);
      expect(await number('SELECT count(*) AS n FROM signal')).toBe(sent + 2);
      expect(await number(`SELECT count(*) AS n FROM fact WHERE type = 'signal.fired'`)).toBe(sent + 2);
      expect(await number(`SELECT count(DISTINCT body->>'signalId') AS n FROM fact WHERE type = 'signal.fired'`)).toBe(sent + 2);

      // one incident a person, each signal in it once, each stated once
      await running.runUntil(async () => (await number('SELECT count(*) AS n FROM incident_signal')) >= sent + 2);
      expect(await number(`SELECT count(*) AS n FROM incident WHERE status = 'open'`)).toBe(3);
      expect(await number('SELECT sum(signal_count) AS n FROM incident')).toBe(sent + 2);
      expect(await number(`SELECT count(*) AS n FROM fact WHERE type = 'incident.opened'`)).toBe(3);
      const stated = `SELECT jsonb_array_elements_text(body->'signalIds') AS id FROM fact WHERE type LIKE 'incident.%'`;
      expect(await number(`SELECT count(*) AS n FROM (${stated}) AS stated`)).toBe(sent + 2);
      expect(await number(`SELECT count(DISTINCT id) AS n FROM (${stated}) AS stated`)).toBe(sent + 2);

      // every record is in the audit trail once, and the trail is one chain, signed at its end
      const audited = `SELECT coalesce(sum((detail->>'records')::integer), 0) AS n FROM audit_row JOIN audit_link ON row_id = id WHERE action = 'intake.records_accepted'`;
      const signed = `SELECT count(*) AS n FROM audit_checkpoint WHERE seq = (SELECT max(seq) FROM audit_link)`;
      await running.runUntil(async () => (await number(audited)) >= sent && (await number(signed)) === 1);
      expect(await number(audited)).toBe(sent);
      const trail = await Database.open({ url: running.database.appUrl, poolSize: 2 });
      try {
        expect(await verifyDatabase(new ChainReader(trail), { outside: [], trusted: new Set() })).toMatchObject({ finding: undefined, unsealed: 0 });
      } finally {
        await trail.close();
      }
    } finally {
      await client.end();
    }
  });
});
