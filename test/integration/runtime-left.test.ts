import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CompiledPlaybook } from '../../src/respond/engine/compiled-playbook.js';
import type { Governor } from '../../src/respond/governor/governor.js';
import { checkRun } from '../../src/respond/runtime/check-run.js';
import type { RunCommand } from '../../src/respond/runtime/commands.js';
import { PUT_INBOX } from '../../src/respond/runtime/sql.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { eventually } from '../harness/product.js';
import { FakeTarget, freeGovernor, playbookOf, RuntimeSite, type SiteOptions } from '../harness/runtime-site.js';

jest.setTimeout(60_000);

const HEAD = 'policy: { t.block: { mode: auto } }';

/** Lets an approved effect go, and asks about every other. */
const askingGovernor: Governor = {
  ...freeGovernor,
  decide: (_tx, { approved }) => Promise.resolve({ decision: approved ? 'go' : 'ask', mode: 'ask', reasons: ['a person decides'], page: false }),
};

let testDatabase: TestDatabase;
let target: FakeTarget;
const sites: RuntimeSite[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());
beforeEach(() => {
  target = new FakeTarget()
    .add('t.note')
    .add('t.unblock', { effectClass: 'convergent' })
    .add('t.block', { effectClass: 'convergent', destructive: true, undo: { action: 't.unblock' }, undoInput: ({ account }) => ({ account: account ?? null }) });
});
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

async function open(playbook: CompiledPlaybook, options: Partial<SiteOptions> = {}): Promise<RuntimeSite> {
  const site = await RuntimeSite.open({ url: testDatabase.appUrl, target, playbooks: [playbook], ...options });
  sites.push(site);
  return site.start();
}

const command = (site: RuntimeSite, runId: string, what: RunCommand) => site.runtime.stepper.submit({ kind: 'command', runId, caller: { actor: 'key:a', roles: ['responder'], person: null }, command: what });
const suspend = (site: RuntimeSite, runId: string) => command(site, runId, { kind: 'suspend', reason: 'a test' });
const resume = (site: RuntimeSite, runId: string) => command(site, runId, { kind: 'resume', reason: 'a test' });

/** Puts events into the inbox as facts do. */
async function put(site: RuntimeSite, runId: string, ...types: string[]): Promise<void> {
  for (const type of types) {
    const entry = { run_id: runId, dedupe_key: `fact:${type}`, body: { input: { kind: 'event', event: { type } } }, actor: 'system:respond' };
    await site.database.query(PUT_INBOX, [JSON.stringify([entry]), new Date()]);
  }
  site.runtime.notify();
}

const ended = (site: RuntimeSite, runId: string) =>
  eventually(async () => {
    const run = await site.status(runId);
    return run.status === 'done' ? run : undefined;
  });

const effect = (site: RuntimeSite, runId: string, invokeId: string) =>
  site.one<{ id: string; status: string; detached: boolean }>('SELECT id, status, detached FROM effect WHERE run_id = $1 AND invoke_id = $2 ORDER BY seq DESC LIMIT 1', [runId, invokeId]);

const inStatus = (site: RuntimeSite, runId: string, invokeId: string, status: string) =>
  eventually(async () => {
    const row = await effect(site, runId, invokeId);
    return row?.status === status ? row : undefined;
  });

/** The stored state follows from the log, no run waits for nothing, and nothing is left to be called. */
async function expectSound(site: RuntimeSite, runId: string): Promise<void> {
  expect(await checkRun(site.database, site.store, runId)).toEqual([]);
  expect(await site.runtime.monitor.check()).toEqual([]);
  expect(await site.database.query(`SELECT invoke_id, status FROM effect WHERE run_id = $1 AND status IN ('ready', 'leased', 'waiting')`, [runId])).toEqual([]);
}

describe('an effect that waits for a yes', () => {
  const CONTAIN = playbookOf(`
initial: contain
on: { manual.leave: .release }
states:
  contain: { invoke: { id: block, src: t.block, input: { account: "ann" }, onDone: contained, onError: bad } }
  contained: { after: { P1D: fine } }
  release: { invoke: { id: undo, src: core.undo, input: { scope: all }, onDone: released, onError: bad } }
  fine: { type: final, outcome: contained }
  released: { type: final, outcome: released }
  bad: { type: final, outcome: failed }
`, { id: 'contain', head: HEAD });

  it.each([
    ['before', true],
    ['after', false],
  ])('is never called where its state is left in the same transaction as it comes, %s or behind it', async (_order, approvedFirst) => {
    const site = await open(CONTAIN, { governor: askingGovernor });
    const run = await site.run(CONTAIN);
    const { id } = await inStatus(site, run.id, 'block', 'waiting');
    await suspend(site, run.id);
    if (approvedFirst) await site.decide(id, 'approved', run.id);
    await put(site, run.id, 'manual.leave');
    if (!approvedFirst) await site.decide(id, 'approved', run.id);
    await resume(site, run.id);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'released' });
    await sleep(300);
    expect(target.asked).toEqual([]);
    expect(await effect(site, run.id, 'block')).toMatchObject({ status: 'cancelled', detached: true });
    await expectSound(site, run.id);
  });
});

describe('a state that is entered and left in one transaction', () => {
  const machineOf = (invoke: string) => `
initial: wait
on: { manual.leave: .fine }
states:
  wait: { on: { manual.go: work } }
  work: { invoke: { id: work, ${invoke}, onDone: worked, onError: bad } }
  worked: { after: { P1D: fine } }
  fine: { type: final, outcome: cancelled }
  bad: { type: final, outcome: failed }
`;

  it.each<[string, string, Governor]>([
    ['an action in the database', 'src: db.note, input: {}', freeGovernor],
    ['a decision of people', 'src: core.approval, input: { role: approver, deadline: PT1H }', freeGovernor],
    ['an undo', 'src: core.undo, input: { scope: all }', freeGovernor],
    ['an action that the governor asks about', 'src: t.note, input: {}', askingGovernor],
  ])('leaves nothing of %s', async (_what, invoke, governor) => {
    let done = 0;
    target.addInDatabase('db.note', () => {
      done += 1;
      return Promise.resolve({ result: {}, already: false });
    });
    const playbook = playbookOf(machineOf(invoke), { id: 'passing' });
    const site = await open(playbook, { governor });
    const run = await site.run(playbook);
    await suspend(site, run.id);
    await put(site, run.id, 'manual.go', 'manual.leave');
    await resume(site, run.id);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'cancelled', value: 'fine' });
    expect({ done, called: target.asked, asked: site.desk.asked }).toEqual({ done: 0, called: [], asked: [] });
    expect(await effect(site, run.id, 'work')).toMatchObject({ status: 'cancelled', detached: true });
    await expectSound(site, run.id);
  });
});

describe('an undo that an approver lets go', () => {
  it('ends where there is nothing to take back', async () => {
    const playbook = playbookOf(`
initial: wait
states:
  wait: { after: { P1D: fine } }
  fine: { type: final, outcome: contained }
`, { id: 'waiting' });
    const site = await open(playbook);
    const run = await site.run(playbook);
    await command(site, run.id, { kind: 'cancel', undo: 'ask', reason: 'a test' });
    const { id } = await inStatus(site, run.id, '$undo', 'waiting');
    await site.decide(id, 'approved', run.id);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'cancelled' });
    await expectSound(site, run.id);
  });
});
