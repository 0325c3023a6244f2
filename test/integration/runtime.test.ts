import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ActionFailure, type ExternalAction, type JsonObject, type Verification } from '../../src/kernel/index.js';
import type { Governor } from '../../src/respond/governor/governor.js';
import { checkRun } from '../../src/respond/runtime/check-run.js';
import { RunReader } from '../../src/respond/runtime/run-reader.js';
import { toRunDetailResponse } from '../../src/respond/runtime/run.schema.js';
import { databaseErrors } from '../../src/platform/database/database.errors.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { eventually } from '../harness/product.js';
import { FakeTarget, freeGovernor, playbookOf, RuntimeSite, type SiteOptions } from '../harness/runtime-site.js';

jest.setTimeout(60_000);

const CHAIN = playbookOf(`
initial: one
states:
  one: { invoke: { id: first, src: t.note, input: { step: "1" }, onDone: two, onError: bad } }
  two: { invoke: { id: second, src: t.note, input: { step: "2" }, onDone: three, onError: bad } }
  three: { invoke: { id: third, src: t.write, input: { step: "3" }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'chain' });

const RETRIED = playbookOf(`
initial: one
states:
  one: { invoke: { id: first, src: t.note, input: {}, retry: { max: 3, backoff: PT0.05S }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'retried' });

const ROUNDS = playbookOf(`
initial: block
states:
  block: { invoke: { id: block, src: t.block, input: { account: "ann" }, onDone: fine, onError: bad }, on: { manual.again: again } }
  again: { always: block }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'rounds' });

const BLOCKED = playbookOf(`initial: block
states:
  block:
    invoke: { id: block, src: t.block, input: { account: sam }, onDone: blocked, onError: over }
  blocked:
    on: { manual.end: over }
  over: { type: final, outcome: contained }`, { id: 'blocked' });
const CALLER = { actor: 'key:a', roles: ['responder'], person: null } as const;

let testDatabase: TestDatabase;
let target: FakeTarget;
const sites: RuntimeSite[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());
beforeEach(() => {
  target = new FakeTarget().add('t.note').add('t.write', { effectClass: 'unsafe' }).add('t.unblock').add('t.block', { undo: { action: 't.unblock' }, undoInput: ({ account }) => ({ account: account ?? null }) });
});
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

async function open(options: Partial<SiteOptions> = {}): Promise<RuntimeSite> {
  const site = await RuntimeSite.open({ url: testDatabase.appUrl, target, playbooks: [CHAIN], ...options });
  sites.push(site);
  return site.start();
}

/** What must hold of every run: the stored state follows from its log, the chain is whole, and no run waits for nothing. */
async function expectSound(site: RuntimeSite, runId: string): Promise<void> {
  expect(await checkRun(site.database, site.store, runId)).toEqual([]);
  expect(await site.runtime.monitor.check()).toEqual([]);
}

const ended = (site: RuntimeSite, runId: string) =>
  eventually(async () => {
    const run = await site.status(runId);
    return run.status === 'done' ? run : undefined;
  });

describe('a run', () => {
  it('goes through its effects to its end, each called once under its own key', async () => {
    const site = await open();
    const run = await site.run(CHAIN);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained', value: 'fine', seq: 4 });
    expect(target.asked.map(({ input }) => input.step)).toEqual(['1', '2', '3']);
    expect(new Set(target.asked.map(({ key }) => key)).size).toBe(3);
    const facts = await site.database.query<{ type: string }>(`SELECT type FROM fact WHERE body->>'runId' = $1 ORDER BY position`, [run.id]);
    expect(facts.map(({ type }) => type)).toEqual(['run.started', 'effect.done', 'effect.done', 'effect.done', 'run.finished']);
    await expectSound(site, run.id);
    await expect(site.store.of('no such hash')).rejects.toMatchObject({ code: 'respond.playbook_missing' });
  });

  it('repeats a keyed call that failed under the same key, and gives up after its retries', async () => {
    const site = await open({ playbooks: [RETRIED] });
    target.behave = ({ attempt }) => {
      if (attempt < 3) throw new ActionFailure('busy', { code: 'REFUSED_BY_TARGET', retryable: true });
    };
    const run = await site.run(RETRIED);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    expect(target.asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(target.asked.map(({ key }) => key)).size).toBe(1);
    target.behave = () => {
      throw new ActionFailure('never', { code: 'REFUSED_BY_TARGET', retryable: true });
    };
    const other = await site.run(RETRIED);
    expect(await ended(site, other.id)).toMatchObject({ outcome: 'failed' });
    expect(target.asked).toHaveLength(3 + 4);
    await expectSound(site, other.id);
  });

  it('never repeats an unsafe call of unknown outcome, but one that was not sent', async () => {
    const site = await open();
    const failures: ActionFailure[] = [new ActionFailure('refused', { code: 'TIMEOUT', retryable: true, notSent: true }), new ActionFailure('gone', { code: 'TIMEOUT', retryable: true })];
    target.behave = (_call, action) => {
      const failure = action === 't.write' ? failures.shift() : undefined;
      if (failure) throw failure;
    };
    const run = await site.run(CHAIN);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'failed' });
    expect(target.of('t.write')).toHaveLength(2);
    expect(await site.one(`SELECT status, error->>'code' AS code FROM effect WHERE run_id = $1 AND action = 't.write'`, [run.id])).toEqual({ status: 'unknown', code: 'UNKNOWN_OUTCOME' });
  });

  it('carries an action in the database out with the step, or with nothing of what it wrote', async () => {
    const playbook = playbookOf(`
initial: note
states:
  note: { invoke: { id: note, src: db.note, input: {}, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'noted' });
    let fails = false;
    target.addInDatabase('db.note', async (tx, { key, now }) => {
      await tx.query(`INSERT INTO refusal_counter (source, reason, minute, count) VALUES ($1, 'note', $2, 1)`, [`note:${key}`, now]);
      if (fails) throw new Error('not this time');
      return { result: {}, already: false };
    });
    const site = await open({ playbooks: [playbook] });
    const done = await site.run(playbook);
    expect(await site.status(done.id)).toMatchObject({ status: 'done', outcome: 'contained' });
    fails = true;
    const failed = await site.run(playbook);
    expect(await site.status(failed.id)).toMatchObject({ status: 'done', outcome: 'failed' });
    expect(await site.one<{ n: number }>(`SELECT count(*) AS n FROM refusal_counter WHERE source LIKE 'note:%'`)).toEqual({ n: 1 });
    await expectSound(site, failed.id);
  });

  it('takes a completion of a state that was left down, offers it for undo, and does not deliver it', async () => {
    const site = await open({ playbooks: [ROUNDS] });
    const gates: (() => void)[] = [];
    target.behave = (_call, action) => (action === 't.block' ? new Promise<void>((resolve) => gates.push(resolve)) : undefined);
    const run = await site.run(ROUNDS);
    await eventually(() => Promise.resolve(gates.length === 1 ? true : undefined));
    await site.runtime.stepper.submit({ kind: 'command', runId: run.id, caller: CALLER, command: { kind: 'event', event: { type: 'manual.again' } } });
    await eventually(() => Promise.resolve(gates.length === 2 ? true : undefined));
    gates[0]?.();
    await eventually(async () => ((await site.one<{ n: number }>(`SELECT count(*) AS n FROM effect WHERE run_id = $1 AND status = 'done'`, [run.id])).n === 1 ? true : undefined));
    // the second round still waits for its own completion
    expect(await site.status(run.id)).toMatchObject({ status: 'active', value: 'block' });
    const late = await site.one<{ late: boolean }>(`SELECT body->'late' AS late FROM fact WHERE type = 'effect.done' AND body->>'runId' = $1`, [run.id]);
    expect(late).toEqual({ late: true });
    gates[1]?.();
    await ended(site, run.id);
    expect(await site.one<{ n: number }>(`SELECT count(*) AS n FROM effect WHERE run_id = $1 AND undo_input IS NOT NULL`, [run.id])).toEqual({ n: 2 });
    await expectSound(site, run.id);
  });

  it('shows what an action marks as secret to nobody, and calls it with it all the same', async () => {
    const playbook = playbookOf(`
initial: revoke
states:
  revoke: { invoke: { id: revoke, src: t.revoke, input: { account: "ann", grants: ["planted-bearer"], tokens: ["planted-token"] }, onDone: ask, onError: ask }, on: { manual.go: ask } }
  ask: { invoke: { id: ask, src: core.approval, input: { role: approver, deadline: P1D, approves: [revoke] }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'revoked', head: 'policy: { t.revoke: { mode: auto, undo: none } }' });
    target.add('t.revoke', { destructive: true, input: { type: 'object', properties: { account: { type: 'string' }, grants: { type: 'array', items: { type: 'string' }, writeOnly: true }, tokens: {} } } });
    let decision: 'go' | 'ask' | 'refuse' = 'go';
    const governor: Governor = { ...freeGovernor, decide: () => Promise.resolve({ decision, mode: decision === 'refuse' ? 'observe' : 'auto', reasons: [], page: false }) };
    const site = await open({ playbooks: [playbook], governor });
    for (decision of ['go', 'ask', 'refuse'] as const) {
      const run = await site.run(playbook, { body: { tokens: ['planted-token'] } });
      await eventually(() => Promise.resolve(site.desk.asked.some(({ runId }) => runId === run.id) || undefined));
      const detail = toRunDetailResponse(await new RunReader(site.database, target).read(run.id));
      expect(detail.effects[0]).toMatchObject({ action: 't.revoke', input: { account: 'ann', grants: '[redacted]', tokens: '[redacted]' } });
      if (decision === 'refuse') expect(detail.effects[0]?.error).toMatchObject({ wouldHave: { action: 't.revoke', input: { account: 'ann', grants: '[redacted]' } } });
      const entries = await site.database.query<{ text: string }>(`SELECT audit_row::text AS text FROM audit_row WHERE audit_row::text LIKE '%' || $1 || '%'`, [run.id]);
      for (const seen of [detail, entries, site.desk.asked]) expect(JSON.stringify(seen)).not.toContain('planted');
      expect(entries.length).toBeGreaterThan(0);
    }
    expect(target.of('t.revoke').map(({ input }) => input.grants)).toEqual([['planted-bearer']]);
  });

  it('is taken back on the word of a caller who could approve that, and else waits for an approver, who is not whom it acted on', async () => {
    const site = await open({ playbooks: [BLOCKED] });
    const blocked = async () => {
      const run = await site.run(BLOCKED);
      await eventually(async () => ((await site.status(run.id)).value === 'blocked' ? true : undefined));
      return run;
    };
    const cancel = (runId: string) => site.runtime.stepper.submit({ kind: 'command', runId, caller: CALLER, command: { kind: 'cancel', undo: 'all', reason: 'a test' } });

    const own = await blocked();
    await cancel(own.id);
    expect(await ended(site, own.id)).toMatchObject({ outcome: 'cancelled' });
    expect({ undone: target.of('t.unblock').length, asked: site.desk.asked }).toEqual({ undone: 1, asked: [] });

    site.desk.mayDecide = () => Promise.resolve(false);
    const other = await blocked();
    await cancel(other.id);
    expect(await site.status(other.id)).toMatchObject({ status: 'cancelling' });
    expect(site.desk.asked).toMatchObject([{ runId: other.id, role: 'approver', about: [{ type: 'account', value: 'sam' }] }]);
    expect(target.of('t.unblock')).toHaveLength(1);
    await site.decide(site.desk.asked[0]!.effectId, 'approved', other.id);
    expect(await ended(site, other.id)).toMatchObject({ outcome: 'cancelled' });
    expect(target.of('t.unblock')).toHaveLength(2);

    // Of a run that is done as well.
    const past = await blocked();
    await site.runtime.stepper.submit({ kind: 'command', runId: past.id, caller: CALLER, command: { kind: 'cancel', undo: 'none', reason: 'a test' } });
    await site.runtime.stepper.submit({ kind: 'command', runId: past.id, caller: CALLER, command: { kind: 'undo', scope: 'all', reason: 'a test' } });
    expect(site.desk.asked).toHaveLength(2);
    await site.decide(site.desk.asked[1]!.effectId, 'approved', past.id);
    await eventually(() => Promise.resolve(target.of('t.unblock').length === 3 ? true : undefined));
    for (const { id } of [own, other, past]) await expectSound(site, id);
  });

  describe('left while a target may have done what it was asked', () => {
    const CLOSED = playbookOf(`
initial: block
states:
  block: { invoke: { id: block, src: t.lock, input: { account: "ann" }, retry: { max: 3, backoff: PT0.2S }, onDone: fine, onError: bad }, on: { manual.close: back } }
  back: { invoke: { id: back, src: core.undo, input: { scope: all }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'closed', head: 'policy: { t.lock: { mode: auto, undo: auto } }' });
    const lock = (more: Partial<ExternalAction> = {}) =>
      target.add('t.lock', { effectClass: 'convergent', destructive: true, undo: { action: 't.unblock' }, undoInput: ({ account }) => ({ account: account ?? null }), ...more });
    const close = (site: RuntimeSite, runId: string) => site.runtime.stepper.submit({ kind: 'command', runId, caller: CALLER, command: { kind: 'event', event: { type: 'manual.close' } } });

    it('a run does not say that all was taken back', async () => {
      lock();
      const site = await open({ playbooks: [CLOSED] });
      let answer: () => void = () => undefined;
      target.behave = async (_call, action) => {
        if (action !== 't.lock') return;
        await new Promise<void>((resolve) => (answer = resolve));
        throw new ActionFailure('no answer', { code: 'TIMEOUT', retryable: true });
      };
      for (const moment of ['during the call', 'before the next one'] as const) {
        const before = target.of('t.lock').length;
        const run = await site.run(CLOSED);
        await eventually(() => Promise.resolve(target.of('t.lock').length > before || undefined));
        if (moment === 'during the call') await close(site, run.id);
        answer();
        if (moment === 'before the next one') {
          await eventually(async () => ((await site.one<{ status: string }>(`SELECT status FROM effect WHERE run_id = $1 AND action = 't.lock'`, [run.id])).status === 'ready' ? true : undefined));
          await close(site, run.id);
        }
        expect(await ended(site, run.id)).toMatchObject({ outcome: 'failed' });
        expect(await site.one(`SELECT status FROM effect WHERE run_id = $1 AND action = 't.lock'`, [run.id])).toEqual({ status: 'unknown' });
        await expectSound(site, run.id);
      }
    });

    it('a run takes back what is known to have got through before a later attempt', async () => {
      const states: Verification['state'][] = ['not', 'verified'];
      lock({ verify: () => Promise.resolve({ state: states.shift() ?? 'verified', residual_access_until: null, why: '' }) });
      const site = await open({ playbooks: [CLOSED] });
      target.behave = ({ attempt }, action) => ({ already: action === 't.lock' && attempt > 1 });
      const run = await site.run(CLOSED);
      await ended(site, run.id);
      expect(await site.one(`SELECT status, attempts, output->'already' AS already, undo_input FROM effect WHERE run_id = $1`, [run.id])).toEqual({ status: 'done', attempts: 2, already: false, undo_input: { account: 'ann' } });
      await expectSound(site, run.id);
    });

    it('a lost call is not made again', async () => {
      lock();
      const site = await open({ playbooks: [CLOSED] });
      target.behave = (_call, action) => (action === 't.lock' ? new Promise<void>(() => undefined) : undefined);
      const run = await site.run(CLOSED);
      await eventually(() => Promise.resolve(target.of('t.lock').length === 1 || undefined));
      // as if its process had died: nobody renews the lease
      await site.database.query(`UPDATE effect SET lease_until = now(), fence = fence + 1, detached = true WHERE run_id = $1`, [run.id]);
      await eventually(async () => ((await site.one<{ status: string }>(`SELECT status FROM effect WHERE run_id = $1`, [run.id])).status === 'unknown' ? true : undefined));
      expect(target.of('t.lock')).toHaveLength(1);
    });
  });

  it('tells what came of a call again where the database could not take it, and calls once', async () => {
    const site = await open({ playbooks: [RETRIED] });
    const { stepper } = site.runtime;
    const submit = stepper.submit.bind(stepper);
    let refusals = 2;
    jest.spyOn(stepper, 'submit').mockImplementation((work) => (work.kind === 'settle' && refusals-- > 0 ? Promise.reject(databaseErrors.create('platform.database_unavailable')) : submit(work)));
    const run = await site.run(RETRIED);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    expect([target.asked.length, refusals]).toEqual([1, -1]);
  });

  it('puts a call off where nobody can say whether a kill switch is on', async () => {
    let failures = 1;
    const veto = () => (failures-- > 0 ? Promise.reject(new Error('no answer')) : Promise.resolve(undefined));
    const site = await open({ governor: { ...freeGovernor, veto } });
    const run = await site.run(CHAIN);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    const attempts = await site.database.query<{ outcome: string }>(`SELECT outcome FROM effect_attempt JOIN effect ON effect.id = effect_id WHERE run_id = $1 AND outcome = 'no_effect'`, [run.id]);
    expect([attempts.length, target.asked.length]).toEqual([1, 3]);
  });

  it('ends an approval that asks for half a person before anyone is asked', async () => {
    const playbook = playbookOf(`
initial: ask
states:
  ask: { invoke: { id: ask, src: core.approval, input: { role: approver, deadline: P1D, quorum: "\${ 1.5 }" }, onDone: fine, onError: bad } }
  fine: { type: final, outcome: contained }
  bad: { type: final, outcome: failed }
`, { id: 'halved' });
    const site = await open({ playbooks: [playbook] });
    const run = await site.run(playbook);
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'failed' });
    expect(site.desk.asked).toEqual([]);
  });

  it('keeps an event on which the machine fails as a dead letter and stays as it was', async () => {
    const playbook = playbookOf(`
initial: wait
states:
  wait:
    on: { manual.set: { target: fine, assign: { n: "\${ event.number }" } } }
    after: { P1D: fine }
  fine: { type: final, outcome: contained }
`, { id: 'strict' });
    const site = await open({ playbooks: [playbook] });
    const run = await site.run(playbook);
    const send = (body: JsonObject) => site.runtime.stepper.submit({ kind: 'command', runId: run.id, caller: CALLER, command: { kind: 'event', event: { type: 'manual.set', ...body } } });
    expect(await send({ number: 'many' })).toMatchObject({ delivery: 'dead' });
    expect(await site.status(run.id)).toMatchObject({ status: 'active', value: 'wait', seq: 1 });
    expect(await site.one<{ n: number }>('SELECT count(*) AS n FROM run_dead_letter WHERE run_id = $1', [run.id])).toEqual({ n: 1 });
    await expect(send({ type: 'manual.other' })).rejects.toMatchObject({ code: 'respond.event_not_accepted' });
    expect(await send({ number: 3 })).toMatchObject({ delivery: 'applied' });
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
    await expect(send({ number: 3 })).rejects.toMatchObject({ code: 'respond.run_state' });
  });
});

describe('timers', () => {
  const TIMED = playbookOf(`
initial: wait
states:
  wait: { after: { PT0.3S: fine }, on: { manual.stay: wait } }
  fine: { type: final, outcome: contained }
`, { id: 'timed' });

  it('never fire early, and fire once', async () => {
    const site = await open({ playbooks: [TIMED] });
    const runs = await Promise.all([1, 2, 3].map(() => site.run(TIMED)));
    for (const run of runs) await ended(site, run.id);
    for (const run of runs) {
      const fired = await site.database.query<{ body: string; at: Date }>(`SELECT body, at FROM run_event WHERE run_id = $1 AND kind = 'timer'`, [run.id]);
      expect(fired).toHaveLength(1);
      const { due, lateMs } = JSON.parse(fired[0]!.body) as { due: string; lateMs: number };
      expect(Date.parse(due)).toBe(run.startedAt.getTime() + 300);
      expect(fired[0]!.at.getTime()).toBe(Date.parse(due) + lateMs);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      await expectSound(site, run.id);
    }
  });

  it('of an earlier round do nothing', async () => {
    const site = await open({ playbooks: [TIMED] });
    const run = await site.run(TIMED);
    const { due } = await site.one<{ due: Date }>('SELECT due FROM run_timer WHERE run_id = $1', [run.id]);
    await site.runtime.stepper.submit({ kind: 'command', runId: run.id, caller: CALLER, command: { kind: 'event', event: { type: 'manual.stay' } } });
    const timer = await site.one<{ timer_id: string; generation: number; due: Date }>('SELECT timer_id, generation, due FROM run_timer WHERE run_id = $1', [run.id]);
    expect(timer.generation).toBe(2);
    await sleep(Math.max(0, due.getTime() - (await site.database.now()).getTime()));
    await site.runtime.stepper.submit({ kind: 'timer', runId: run.id, timerId: timer.timer_id, generation: 1, due });
    const [fired] = await site.database.query<{ seq: number; body: string }>(`SELECT seq, body FROM run_event WHERE run_id = $1 AND kind = 'timer'`, [run.id]);
    if (fired) expect((JSON.parse(fired.body) as { due: string }).due).toBe(timer.due.toISOString());
    await ended(site, run.id);
    const events = await site.database.query<{ body: string }>(`SELECT body FROM run_event WHERE run_id = $1 AND kind = 'timer'`, [run.id]);
    expect(events.map(({ body }) => (JSON.parse(body) as { due: string }).due)).toEqual([timer.due.toISOString()]);
  });

  it('wait while a run is suspended', async () => {
    const site = await open({ playbooks: [TIMED] });
    const run = await site.run(TIMED);
    const command = (kind: 'suspend' | 'resume') => site.runtime.stepper.submit({ kind: 'command', runId: run.id, caller: CALLER, command: { kind, reason: 'a test' } });
    await command('suspend');
    await sleep(600);
    expect(await site.status(run.id)).toMatchObject({ status: 'suspended', value: 'wait' });
    await expect(command('suspend')).rejects.toMatchObject({ code: 'respond.run_state' });
    await command('resume');
    expect(await ended(site, run.id)).toMatchObject({ outcome: 'contained' });
  });
});
