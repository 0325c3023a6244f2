import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { uuidv7, type IncidentSnapshot } from '../../src/kernel/index.js';
import { BatchConsumer, Cursors, Leases, silentTelemetry } from '../../src/platform/index.js';
import { respondLogEvents } from '../../src/respond/respond.log-events.js';
import { respondMetrics } from '../../src/respond/respond.metrics.js';
import { RespondHandler } from '../../src/respond/runtime/respond.handler.js';
import { RunStarter } from '../../src/respond/runtime/run-starter.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { eventually } from '../harness/product.js';
import { FakeTarget, playbookOf, RuntimeSite } from '../harness/runtime-site.js';

jest.setTimeout(60_000);

const OPENED = playbookOf(`
initial: one
states:
  one: { invoke: { id: first, src: t.note, input: {}, onDone: fine, onError: fine } }
  fine: { type: final, outcome: contained }
`, { id: 'opened', trigger: '{ on: incident.opened }' });

const incident = (): IncidentSnapshot => ({
  id: uuidv7(), episode: 1, status: 'open', title: 'A test', level: 'high', risk: 80, tags: [], subject: { type: 'person', id: 'ann', accounts: ['ann'] }, first: '2026-01-01T00:00:00Z',
  last: '2026-01-01T00:00:00Z', signalCount: 1, rules: [], sources: [], assignee: null, verdict: null,
});

let testDatabase: TestDatabase;
let site: RuntimeSite;
let consumer: BatchConsumer<never>;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterEach(async () => {
  await consumer.stop();
  await site.close();
});
afterAll(() => testDatabase.drop());

describe('a batch of facts that is rolled back', () => {
  it.each(['when the cursor moves', 'when the lease is lost'])('%s keeps no place for a call', async (when) => {
    const target = new FakeTarget().add('t.note');
    site = await (await RuntimeSite.open({ url: testDatabase.appUrl, target, playbooks: [OPENED], options: { concurrency: 4 } })).start();
    const telemetry = silentTelemetry();
    const starter = new RunStarter(site.store, {});
    const handler = new RespondHandler({
      facts: site.facts, runtime: site.runtime, starter, incident: () => Promise.resolve(undefined), metrics: telemetry.metrics(respondMetrics), log: telemetry.log(respondLogEvents),
    });
    const [cursors, leases] = [new Cursors(site.database), new Leases(site.database)];
    let failures = 0;
    const fail = () => {
      failures += 1;
      throw new Error('not this time');
    };
    if (when === 'when the cursor moves') {
      const advance = cursors.advance.bind(cursors);
      cursors.advance = (...args) => (failures < 2 ? fail() : advance(...args));
    } else {
      const held = leases.assertHeld.bind(leases);
      leases.assertHeld = (...args) => (failures < 2 ? fail() : held(...args));
      // Another instance has it from now on: nobody comes to load this one's memory again.
      const acquire = leases.acquire.bind(leases);
      leases.acquire = (...args) => (failures === 2 ? Promise.resolve(undefined) : acquire(...args));
    }
    consumer = new BatchConsumer({ database: site.database, cursors, leases, telemetry }, handler as never, { name: `respond ${when}`, reads: 'fact', holder: uuidv7(), batchSize: 200, pollMs: 20, leaseMs: 2_000 });
    consumer.start();
    const facts = Array.from({ length: 8 }, incident).map((opened) => ({
      type: 'incident.opened' as const, subject: `incident:${opened.id}`, body: { incidentId: opened.id, episode: 1, incident: opened, signalIds: [] },
    }));
    await site.database.transaction((tx) => site.facts.append(tx, facts));
    await eventually(() => Promise.resolve(failures === 2 ? true : undefined));
    const runs = when === 'when the lease is lost' ? [await site.run(OPENED)] : [];
    const started = runs.length || facts.length;
    expect(await eventually(() => Promise.resolve(target.asked.length === started ? target.asked : undefined))).toHaveLength(started);
  });
});
