import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { loadConfig } from '../../src/config/index.js';
import { ContextImporter, PostgresDirectory } from '../../src/context/index.js';
import { derivedId, type ActionCall, type IncidentSnapshot } from '../../src/kernel/index.js';
import { Database, PostgresFactLog, silentTelemetry, WakeUp } from '../../src/platform/index.js';
import { openGovernor, type OpenGovernor } from '../../src/respond/governor/index.js';
import { checkRun } from '../../src/respond/runtime/check-run.js';
import type { StepBatch } from '../../src/respond/runtime/step-batch.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { FakeTarget, playbookOf, RuntimeSite } from '../harness/runtime-site.js';

jest.setTimeout(120_000);

const RUNS = 200;
const CAP = 20;
const BLOCK = playbookOf(`
initial: block
states:
  block: { invoke: { id: block, src: t.block, input: { account: "\${ event.account }" }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: refused }
`, { id: 'block', head: 'policy: { t.block: { mode: auto } }' });

let testDatabase: TestDatabase;
let target: FakeTarget;
/** When each call began, and by which of the two instances. */
let calls: { at: number; by: number }[];
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  target = new FakeTarget().add('t.block', { effectClass: 'convergent', destructive: true, undo: { action: 't.unblock' } });
  calls = [];
  const database = await Database.open({ url: testDatabase.appUrl, poolSize: 2 });
  const all = Array.from({ length: RUNS }, (_, index) => index);
  await new ContextImporter(database, new AuditRows(), silentTelemetry()).run({
    source: 'hr', actor: 'system:test', check: false, skipBadRows: false,
    files: [
      { name: 'people.csv', content: `person_id,break_glass\n${all.map((index) => `p-${index},false\n`).join('')}` },
      { name: 'accounts.csv', content: `account_id,break_glass,person\n${all.map((index) => `user-${index},false,p-${index}\n`).join('')}` },
    ],
  });
  await database.close();
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await testDatabase.drop();
});

interface Instance extends OpenGovernor {
  readonly site: RuntimeSite;
}

/** An instance of the runtime with the real governor. */
async function open(number: number, perHour: number): Promise<Instance> {
  const database = await Database.open({ url: testDatabase.appUrl, poolSize: 4 });
  const source = { auth: { type: 'bearer', keys: [{ secret: 'env:CORDON_TEST_TOKEN' }] } };
  const config = loadConfig({
    root: '/', environment: { CORDON_TEST_TOKEN: 'x' },
    overrides: {
      respond: { modes: { destructive: 'auto' }, caps: { perHour, reserve: 0, share: 100 } },
      sources: { gateway: { stream: 'cordon.gateway', ...source }, idp: { stream: 'azure.identity_protection', ...source } },
    },
  });
  const governed = openGovernor({
    config, database, telemetry: silentTelemetry(), facts: new PostgresFactLog(database), written: new WakeUp(), audit: new AuditRows(), directory: new PostgresDirectory(database), catalogue: target,
  });
  const own = new FakeTarget();
  const block = target.actions.get('t.block');
  if (!block || block.effectClass === 'in-database') throw new Error('no action');
  own.actions.set('t.block', { ...block, do: (call: ActionCall) => (calls.push({ at: Date.now(), by: number }), block.do(call)) });
  const site = await RuntimeSite.open({ url: testDatabase.appUrl, target: own, playbooks: [BLOCK], governor: governed.governor, options: { concurrency: 4 } });
  opened.push(site, database);
  await site.start();
  return { ...governed, site };
}

/** One run for an incident of its own that two streams saw. */
async function start({ runtime, database }: RuntimeSite, index: number): Promise<string> {
  const now = new Date().toISOString();
  const incident: IncidentSnapshot = {
    id: derivedId('incident', index), episode: 1, status: 'open', title: 'x', level: 'high', risk: 80, tags: [], subject: { type: 'person', id: `p-${index}`, accounts: [`user-${index}`] }, first: now, last: now,
    signalCount: 2, rules: ['r1'], sources: ['gateway', 'idp'], assignee: null, verdict: null,
  };
  let batch: StepBatch | undefined;
  const run = await database.transaction(async (tx) => {
    batch = runtime.stepper.batch(tx);
    const started = await batch.start(BLOCK, { startKey: `manual:${index}`, event: { type: 'manual', account: `user-${index}` }, params: {}, incident, requestedBy: null });
    await batch.write();
    return started;
  });
  if (batch) runtime.stepper.committed(batch);
  return run.id;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 60_000; !(await done()); await sleep(50)) if (performance.now() > deadline) throw new Error('it did not happen in time');
}

const startAll = (instances: readonly Instance[]) => Promise.all(Array.from({ length: RUNS }, (_, index) => start(instances[index % 2]!.site, index)));
const expectOnce = () => expect(new Set(target.asked.map(({ key }) => key)).size).toBe(target.asked.length);

async function expectAllSound({ database, store, runtime }: RuntimeSite, ids: readonly string[]): Promise<void> {
  for (const id of ids) expect({ id, problems: await checkRun(database, store, id) }).toEqual({ id, problems: [] });
  expect(await runtime.monitor.check()).toEqual([]);
}

describe('two instances with 200 runs at once', () => {
  it('let exactly the cap go between them, and ask about every other one', async () => {
    const instances = [await open(0, CAP), await open(1, CAP)];
    const [{ site }] = instances as [Instance, Instance];
    const ids = await startAll(instances);
    await until(async () => (await site.one<{ n: number }>(`SELECT count(*) AS n FROM effect WHERE status IN ('ready', 'leased')`)).n === 0);
    expect(target.asked).toHaveLength(CAP);
    expectOnce();
    expect(await site.one(`SELECT count(*) FILTER (WHERE status = 'done') AS done, count(*) FILTER (WHERE status = 'waiting') AS asked FROM effect`)).toEqual({ done: CAP, asked: RUNS - CAP });
    expect(instances.flatMap(({ site: { desk } }) => desk.asked)).toHaveLength(RUNS - CAP);
    await expectAllSound(site, ids);
  });

  it('begin no call on either one later than a second after the kill switch was set on one', async () => {
    target.behave = async () => {
      await sleep(300);
    };
    const instances = [await open(0, 10_000), await open(1, 10_000)];
    const [{ site, switches }] = instances as [Instance, Instance];
    const ids = await startAll(instances);
    await until(async () => [0, 1].every((number) => calls.filter(({ by }) => by === number).length > 5));
    await switches.change({ on: true, scope: 'destructive', reason: 'a test', actor: 'key:1' });
    const set = Date.now();
    await until(async () => (await site.one<{ n: number }>(`SELECT count(*) AS n FROM run WHERE status <> 'done'`)).n === 0);
    expect(calls.filter(({ at }) => at > set + 1_000)).toEqual([]);
    expectOnce();
    const { refused } = await site.one<{ refused: number }>(`SELECT count(*) AS refused FROM effect WHERE status = 'refused' AND error->>'code' = 'GOVERNOR_REFUSED'`);
    expect(refused).toBe(RUNS - target.asked.length);
    // Otherwise nothing was stopped, and the test says nothing.
    expect(refused).toBeGreaterThan(50);
    await expectAllSound(site, ids);
  });
});
