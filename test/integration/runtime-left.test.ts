import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ActionFailure, type IncidentSnapshot } from '../../src/kernel/index.js';
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

describe('a plan that waits for a call', () => {
  const parallel = playbookOf(`
initial: both
states:
  both:
    type: parallel
    onDone: fine
    states:
      one:
        initial: block
        states:
          block: { invoke: { id: block, src: t.block, input: { account: "ann" }, retry: { max: 3, backoff: PT0.2S }, onDone: over, onError: over } }
          over: { type: final }
      two:
        initial: wait
        states:
          wait: { on: { manual.back: back } }
          back: { invoke: { id: undo, src: core.undo, input: { scope: all }, onDone: over, onError: over } }
          over: { type: final }
  fine: { type: final, outcome: released }
`, { id: 'parallel', head: HEAD });

  const single = playbookOf(`
initial: block
on: { manual.back: .back }
states:
  block: { invoke: { id: block, src: t.block, input: { account: "ann" }, retry: { max: 3, backoff: PT0.2S }, onDone: fine, onError: bad } }
  back: { invoke: { id: undo, src: core.undo, input: { scope: all }, onDone: released, onError: bad } }
  fine: { type: final, outcome: contained }
  released: { type: final, outcome: released }
  bad: { type: final, outcome: failed }
`, { id: 'single', head: HEAD });

  const gated = () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    return { gate, release: () => release() };
  };

  it('begins once a call that its machine still awaits has ended, and takes it back', async () => {
    const site = await open(parallel);
    const { gate, release } = gated();
    target.behave = (_call, action) => (action === 't.block' ? gate : undefined);
    const run = await site.run(parallel);
    await eventually(() => Promise.resolve(target.of('t.block').length === 1 || undefined));
    await command(site, run.id, { kind: 'event', event: { type: 'manual.back' } });
    release();
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'released' });
    expect(target.of('t.unblock')).toHaveLength(1);
    await expectSound(site, run.id);
  });

  it('begins where the call of a state that was left would have been tried again', async () => {
    const site = await open(single);
    const { gate, release } = gated();
    target.behave = async (_call, action) => {
      if (action !== 't.block') return;
      await gate;
      throw new ActionFailure('busy', { code: 'REFUSED_BY_TARGET', retryable: true });
    };
    // as on another instance: the one that calls has not heard yet that the state was left
    (site.runtime as unknown as { pool: { giveUp: () => void } }).pool.giveUp = () => undefined;
    const run = await site.run(single);
    await eventually(() => Promise.resolve(target.of('t.block').length === 1 || undefined));
    await command(site, run.id, { kind: 'event', event: { type: 'manual.back' } });
    release();
    await ended(site, run.id);
    expect(target.of('t.block')).toHaveLength(1);
    await expectSound(site, run.id);
  });
});

describe('what the machine of a run fails on', () => {
  const strict = playbookOf(`
initial: work
states:
  work:
    type: parallel
    onDone: fine
    states:
      one:
        initial: note
        states:
          note: { invoke: { id: note, src: t.note, input: {}, onDone: { target: over, assign: { n: "\${ event.output.result.number }" } }, onError: over } }
          over: { type: final }
      two:
        initial: wait
        states:
          wait: { after: { P1D: over } }
          over: { type: final }
  fine: { type: final, outcome: contained }
`, { id: 'strict' });

  it('as a completion ends the run as failed, with nothing left of it', async () => {
    const site = await open(strict);
    target.behave = () => ({ result: { number: 'many' } });
    const run = await site.run(strict);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'failed' });
    expect(await site.one('SELECT count(*) AS n FROM run_timer WHERE run_id = $1', [run.id])).toEqual({ n: 0 });
    expect(await site.one('SELECT count(*) AS n FROM run_dead_letter WHERE run_id = $1', [run.id])).toEqual({ n: 1 });
    expect(await site.one(`SELECT body->>'outcome' AS outcome FROM fact WHERE type = 'run.finished' AND body->>'runId' = $1`, [run.id])).toEqual({ outcome: 'failed' });
    expect(await site.one(`SELECT body::jsonb->>'command' AS command FROM run_event WHERE run_id = $1 ORDER BY seq DESC LIMIT 1`, [run.id])).toEqual({ command: 'failed' });
    await expectSound(site, run.id);
  });

  it('as a timer ends the run as failed', async () => {
    const playbook = playbookOf(`
initial: wait
states:
  wait: { after: { PT0.1S: { target: fine, assign: { n: "\${ [1][int(context.n) + 1] }" } } } }
  fine: { type: final, outcome: contained }
`, { id: 'timed' });
    const site = await open(playbook);
    const run = await site.run(playbook);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'failed', value: 'wait' });
    await expectSound(site, run.id);
  });
});

describe('while a run is suspended', () => {
  const ROUNDS = playbookOf(`
initial: block
on: { manual.again: .block }
states:
  block: { invoke: { id: block, src: t.block, input: { account: "ann" }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'rounds', head: HEAD });

  it('what a destructive action came to is noted', async () => {
    const site = await open(ROUNDS);
    let release: () => void = () => undefined;
    target.behave = () => new Promise<void>((resolve) => (release = resolve));
    const run = await site.run(ROUNDS);
    await eventually(() => Promise.resolve(target.asked.length === 1 || undefined));
    await suspend(site, run.id);
    release();
    await inStatus(site, run.id, 'block', 'done');
    expect(await site.one(`SELECT containing#>>'{block,state}' AS state FROM run WHERE id = $1`, [run.id])).toEqual({ state: 'done' });
    await resume(site, run.id);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    await expectSound(site, run.id);
  });

  it('a completion is kept for its own round', async () => {
    const site = await open(ROUNDS);
    const gates: (() => void)[] = [];
    target.behave = () => new Promise<void>((resolve) => gates.push(resolve));
    const run = await site.run(ROUNDS);
    await eventually(() => Promise.resolve(gates.length === 1 || undefined));
    await suspend(site, run.id);
    await put(site, run.id, 'manual.again');
    gates[0]?.();
    await inStatus(site, run.id, 'block', 'done');
    await resume(site, run.id);
    await eventually(() => Promise.resolve(gates.length === 2 || undefined));
    // the second round waits for its own call, not for what came of the first
    await sleep(300);
    expect(await site.status(run.id)).toMatchObject({ status: 'active', value: 'block' });
    gates[1]?.();
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    await expectSound(site, run.id);
  });
});

describe('a passing conflict of the database', () => {
  it.each(['40001', '40P01', '55P03', '57014'])('%s inside an action is no answer of the action: the step is done again', async (code) => {
    const playbook = playbookOf(`
initial: wait
states:
  wait: { after: { PT0.05S: note } }
  note: { invoke: { id: note, src: db.note, input: {}, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'noted' });
    let calls = 0;
    target.addInDatabase('db.note', async (tx) => {
      calls += 1;
      if (calls === 1) await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '${code}'; END $$`);
      return { result: {}, already: false };
    });
    const site = await open(playbook);
    const run = await site.run(playbook);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    expect(calls).toBe(2);
    await expectSound(site, run.id);
  });
});

describe('the containment of an incident', () => {
  const incident: IncidentSnapshot = {
    id: '01a20177-170d-7000-905a-2a7b2a535201', status: 'open', verdict: null, subject: { type: 'person', id: 'ann', accounts: ['ann'] }, tactics: [], tags: [], severity: 'high', risk: 90, episode: 1, signals: 1,
  } as unknown as IncidentSnapshot;
  const BOTH = `
initial: contain
on: { manual.leave: .release }
states:
  contain:
    type: parallel
    onDone: judge
    states:
      one:
        initial: block
        states:
          block: { invoke: { id: block, src: t.block, input: { account: "ann" }, onDone: over, onError: over } }
          over: { type: final }
      two:
        initial: other
        states:
          other: { invoke: { id: other, src: SECOND, input: { account: "ann" }, onDone: over, onError: over } }
          over: { type: final }
  judge: { after: { P1D: fine } }
  release: { invoke: { id: undo, src: core.undo, input: { scope: all }, onDone: released, onError: released } }
  released: { after: { P1D: fine } }
  fine: { type: final, outcome: contained }
`;
  const TWO = 'policy: { t.block: { mode: auto }, t.gone: { mode: auto } }';
  let episode = 0;

  async function start(site: RuntimeSite, playbook: CompiledPlaybook): Promise<string> {
    episode += 1;
    const about = { ...incident, episode };
    const batched = await site.database.transaction(async (tx) => {
      const batch = site.runtime.stepper.batch(tx);
      const run = await batch.start(playbook, { startKey: `incident:${episode}`, event: { type: 'manual.start' }, params: {}, incident: about, requestedBy: null });
      await batch.write();
      return { batch, run };
    });
    site.runtime.stepper.committed(batched.batch);
    return batched.run.id;
  }

  const stated = async () => (await sites[0]!.one<{ n: number }>(`SELECT count(*) AS n FROM fact WHERE type = 'containment.verified' AND body->>'episode' = $1`, [String(episode)])).n;
  const reached = (site: RuntimeSite, runId: string, value: string) => eventually(async () => ((await site.status(runId)).value === value ? true : undefined));

  it('is stated once all is done', async () => {
    const playbook = playbookOf(BOTH.replace('SECOND', 't.block'), { id: 'both', head: TWO });
    const site = await open(playbook);
    await reached(site, await start(site, playbook), 'judge');
    expect(await stated()).toBe(1);
  });

  it('is not stated where a connector that the playbook counts on is missing', async () => {
    const playbook = playbookOf(BOTH.replace('SECOND', 't.gone'), { id: 'both', head: TWO });
    const site = await open(playbook);
    await reached(site, await start(site, playbook), 'judge');
    expect(await stated()).toBe(0);
  });

  it('is not stated while what was done is taken back, nor afterwards', async () => {
    const playbook = playbookOf(BOTH.replace('SECOND', 't.slow'), { id: 'both', head: 'policy: { t.block: { mode: auto }, t.slow: { mode: auto } }' });
    target.add('t.slow', { effectClass: 'convergent', destructive: true });
    target.behave = ({ signal }, action) => (action === 't.slow' ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new ActionFailure('broken off', { code: 'TIMEOUT', retryable: false, notSent: true })))) : undefined);
    const site = await open(playbook);
    const id = await start(site, playbook);
    await inStatus(site, id, 'block', 'done');
    await command(site, id, { kind: 'event', event: { type: 'manual.leave' } });
    await reached(site, id, 'released');
    expect(await stated()).toBe(0);
  });

  it('is stated by a run that ends as contained where the last action made up for the one before', async () => {
    const playbook = playbookOf(`
initial: first
states:
  first: { invoke: { id: first, src: t.gone, input: {}, onDone: fine, onError: second } }
  second: { invoke: { id: second, src: t.block, input: { account: "ann" }, onDone: wait, onError: bad } }
  wait: { on: { manual.close: fine } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'made-up', head: TWO });
    const site = await open(playbook);
    const id = await start(site, playbook);
    await reached(site, id, 'wait');
    expect(await stated()).toBe(0);
    await command(site, id, { kind: 'event', event: { type: 'manual.close' } });
    expect(await stated()).toBe(1);
  });
});
