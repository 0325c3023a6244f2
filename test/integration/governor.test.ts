import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { loadConfig } from '../../src/config/index.js';
import { ContextImporter, PostgresDirectory } from '../../src/context/index.js';
import { derivedId, ManualClock, type ActionDescription, type EntityRef, type IncidentSnapshot } from '../../src/kernel/index.js';
import { Database, PostgresFactLog, silentTelemetry, WakeUp } from '../../src/platform/index.js';
import { openGovernor, type GovernorRequest, type OpenGovernor, type Verdict } from '../../src/respond/governor/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const MINUTE = 60_000;
const START = new Date('2026-03-02T10:00:00Z');

const SUSPEND: ActionDescription = {
  id: 'demo.suspend-account', title: 'Suspend an account', effectClass: 'convergent', destructive: true, notify: false,
  input: {}, result: {}, verification: 'read-back', undo: { action: 'demo.restore-account' }, timeoutMs: 1000,
};
const TELL: ActionDescription = { ...SUSPEND, id: 'demo.tell', destructive: false, notify: true, undo: { none: 'it was said' } };

const INCIDENT: IncidentSnapshot = {
  id: derivedId('incident'), episode: 1, status: 'open', title: 'x', level: 'high', risk: 80, tags: [], subject: { type: 'account', id: 'a', accounts: ['a'] },
  first: START.toISOString(), last: START.toISOString(), signalCount: 2, rules: ['r1'], sources: ['gateway', 'idp'], assignee: null, verdict: null,
};

let testDatabase: TestDatabase;
const clock = new ManualClock(START);
const databases: Database[] = [];

async function open(respond: object): Promise<OpenGovernor & { database: Database }> {
  const database = await Database.open({ url: testDatabase.appUrl, poolSize: 12 }, { clock });
  databases.push(database);
  const source = { auth: { type: 'bearer', keys: [{ secret: 'env:CORDON_TEST_TOKEN' }] } };
  const config = loadConfig({
    root: '/', environment: { CORDON_TEST_TOKEN: 'x' },
    overrides: { respond, sources: { gateway: { stream: 'cordon.gateway', ...source }, idp: { stream: 'azure.identity_protection', ...source } } },
  });
  const governor = openGovernor({
    config, database, telemetry: silentTelemetry(), facts: new PostgresFactLog(database), written: new WakeUp(), audit: new AuditRows(),
    directory: new PostgresDirectory(database), catalogue: { find: (id) => [SUSPEND, TELL].find((action) => action.id === id), list: () => [SUSPEND, TELL] },
  });
  return { ...governor, database };
}

const AUTO = { modes: { destructive: 'auto' }, caps: { perHour: 20, reserve: 20, share: 100 } };
let one: Awaited<ReturnType<typeof open>>;
let two: Awaited<ReturnType<typeof open>>;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  [one, two] = [await open(AUTO), await open(AUTO)];
  const rows = Array.from({ length: 300 }, (_, index) => `user-${index},false\n`).join('');
  await new ContextImporter(one.database, new AuditRows(), silentTelemetry()).run({
    source: 'hr', actor: 'system:test', check: false, skipBadRows: false,
    files: [{ name: 'people.csv', content: `person_id,break_glass\n${Array.from({ length: 300 }, (_, index) => `p-${index},false\n`).join('')}` }, { name: 'accounts.csv', content: `account_id,break_glass,person\n${rows.replaceAll(/user-(\d+),false/g, 'user-$1,false,p-$1')}` }],
  });
});

afterAll(async () => {
  for (const database of databases) await database.close();
  await testDatabase.drop();
});

// Each test starts in an hour, and a day, of its own.
beforeEach(() => clock.advance(48 * 60 * MINUTE));

let number = 0;
const account = (index: number): EntityRef => ({ type: 'account', value: `user-${index}` });

function request(more: Partial<GovernorRequest> = {}): GovernorRequest {
  number += 1;
  return {
    effectId: derivedId('effect', number), runId: derivedId('run'), playbook: 'contain', action: SUSPEND, input: {}, entities: [account(number % 300)], mode: 'auto', incident: INCIDENT,
    approved: null, isUndo: false, ...more,
  };
}

const decide = (what: GovernorRequest, { governor, database } = one): Promise<Verdict> => database.transaction((tx) => governor.decide(tx, what));
const release = (effectId: string) => one.database.transaction((tx) => one.governor.release(tx, effectId));
const critical = { ...INCIDENT, level: 'critical' as const };

function tally(verdicts: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { decision } of verdicts) counts[decision] = (counts[decision] ?? 0) + 1;
  return counts;
}

describe('slots', () => {
  it('lets exactly the cap go when 200 decisions of two processes come at once, and a release frees exactly its own', async () => {
    const requests = Array.from({ length: 200 }, () => request({ incident: critical }));
    const verdicts = await Promise.all(requests.map((what, index) => decide(what, index % 2 === 0 ? one : two)));
    expect(tally(verdicts)).toEqual({ go: 20, ask: 180 });
    const went = requests.filter((_, index) => verdicts[index]!.decision === 'go');
    await Promise.all(went.slice(0, 3).flatMap(({ effectId }) => [release(effectId), release(effectId)]));
    const again = await Promise.all(Array.from({ length: 50 }, (_, index) => decide(request({ incident: critical }), index % 2 === 0 ? one : two)));
    expect(tally(again)).toEqual({ go: 3, ask: 47 });
  });
});

describe('caps', () => {
  it('asks and pages when its cap is spent, keeps the reserve for critical incidents, and lets what people approved pass, counted', async () => {
    const first = await Promise.all(Array.from({ length: 25 }, () => decide(request())));
    expect(tally(first)).toEqual({ go: 16, ask: 9 });
    expect(first.find(({ decision }) => decision === 'ask')).toMatchObject({ mode: 'ask', page: true, reasons: [expect.stringMatching(/^the cap of 20 destructive actions an hour, 4 of which are kept .* is spent: 16 /)] });
    const approved = await decide(request({ approved: { approvalId: 'a-1', by: ['person:p-1'] } }));
    expect(approved).toMatchObject({ decision: 'go', mode: 'ask', page: false, reasons: ['approved by person:p-1 (approval a-1)', expect.stringMatching(/is spent.*; the approval overrides it/)] });
    expect(tally(await Promise.all(Array.from({ length: 5 }, () => decide(request({ incident: critical })))))).toEqual({ go: 3, ask: 2 });
  });

  it('never lets more than the cap go in any hour, however the hours are cut', async () => {
    const went: number[] = [];
    for (let step = 0; step < 40; step += 1) {
      clock.advance(7 * MINUTE);
      const verdicts = await Promise.all(Array.from({ length: 4 }, () => decide(request({ incident: critical }))));
      went.push(...verdicts.filter(({ decision }) => decision === 'go').map(() => clock.now().getTime()));
    }
    const most = Math.max(...went.map((from) => went.filter((at) => at >= from && at < from + 60 * MINUTE).length));
    expect(most).toBe(20);
  });

  it('counts an effect once, keeps its slot over further decisions, and obeys the kill switch anew', async () => {
    const what = request({ incident: critical });
    expect((await decide(what)).decision).toBe('go');
    expect(tally(await Promise.all(Array.from({ length: 30 }, () => decide(what))))).toEqual({ go: 30 });
    expect(tally(await Promise.all(Array.from({ length: 30 }, () => decide(request({ incident: critical })))))).toEqual({ go: 19, ask: 11 });
    expect((await decide(what)).decision).toBe('go');
    await one.switches.change({ on: true, scope: 'all', reason: 'test', actor: 'cli:test' });
    expect((await decide(what, two)).decision).toBe('refuse');
    await one.switches.change({ on: false, scope: 'all', reason: 'test', actor: 'cli:test' });
    await release(what.effectId);
    expect((await decide(what)).decision).toBe('go');
  });

  it('gives a slot back with the transaction that took it', async () => {
    const what = request();
    const cut = one.database.transaction(async (tx) => {
      expect((await one.governor.decide(tx, what)).decision).toBe('go');
      throw new Error('cut');
    });
    await expect(cut).rejects.toThrow('cut');
    expect(await one.database.query('SELECT FROM governor_slot WHERE effect_id = $1', [what.effectId])).toEqual([]);
  });

  it('counts people and accounts once within the share of the directory', async () => {
    const small = await open({ ...AUTO, caps: { perHour: 1000, share: 1 }, cooldown: { period: '0s' } });
    const hit = (...numbers: number[]) => decide(request({ entities: numbers.map(account) }), small);
    expect(await hit(1, 2)).toMatchObject({ decision: 'go' });
    expect(await hit(2)).toMatchObject({ decision: 'go' });
    expect(await hit(2, 3)).toMatchObject({ decision: 'go' });
    expect(await hit(4)).toMatchObject({ decision: 'ask', page: true, reasons: [expect.stringMatching(/^the cap of 3 accounts in 24 h \(1 % of 300\) is spent: 3 were hit/)] });
    clock.advance(24 * 60 * MINUTE);
    expect(await hit(4)).toMatchObject({ decision: 'go' });
  });

  it('keeps the same action off the same one for the time of the cool-down, under whatever name', async () => {
    expect((await decide(request({ entities: [account(7)] }))).decision).toBe('go');
    expect(await decide(request({ entities: [{ type: 'account', value: 'USER-7' }] }))).toMatchObject({ decision: 'ask', page: false, reasons: [expect.stringContaining('went for the same one')] });
    expect((await decide(request({ entities: [account(8)] }))).decision).toBe('go');
    clock.advance(60 * MINUTE);
    expect((await decide(request({ entities: [account(7)] }))).decision).toBe('go');
  });

  it('lets only one of two actions on the same one go that come at once', async () => {
    const verdicts = await Promise.all([one, two, one, two].map((where) => decide(request({ entities: [account(9)] }), where)));
    expect(tally(verdicts)).toEqual({ go: 1, ask: 3 });
  });

  it('refuses to be switched off for an action that the build does not have, and lifts such a switch', async () => {
    const change = (on: boolean, scope: string) => one.switches.change({ on, scope, reason: 'r', actor: 'key:a' });
    const mistyped = 'demo.suspend-acount';
    await expect(change(true, mistyped)).rejects.toMatchObject({ code: 'governor.scope_unknown', details: { detail: expect.stringContaining(mistyped) } });
    expect((await one.switches.list()).map(({ scope }) => scope)).not.toContain(mistyped);
    await expect(change(false, mistyped)).rejects.toMatchObject({ code: 'governor.switch_not_on' });
    expect(await change(true, SUSPEND.id)).toEqual(expect.arrayContaining([expect.objectContaining({ scope: SUSPEND.id, engaged: true })]));
    await change(false, SUSPEND.id);
  });

  it('takes no slot for what only tells, for an undo and for a question', async () => {
    const before = await one.database.query('SELECT count(*) FROM governor_slot');
    expect((await decide(request({ action: TELL, mode: undefined, incident: null }))).decision).toBe('go');
    expect((await decide(request({ isUndo: true, incident: null }))).decision).toBe('go');
    const asked = await one.desk.explain({ action: SUSPEND.id, entities: [account(1)], mode: 'auto', incidentId: undefined });
    expect(asked.verdict).toMatchObject({ decision: 'ask', reasons: [expect.stringContaining('the run has no incident')] });
    expect(await one.database.query('SELECT count(*) FROM governor_slot')).toEqual(before);
    await expect(one.desk.explain({ action: 'demo.suspend-acount', entities: [], mode: undefined, incidentId: undefined })).rejects.toMatchObject({ code: 'governor.action_unknown' });
  });
});

describe('protected identities', () => {
  it('finds who is listed, and who is break-glass, by every name that context knows', async () => {
    await new ContextImporter(one.database, new AuditRows(), silentTelemetry()).run({
      source: 'special', actor: 'system:test', check: false, skipBadRows: false,
      files: [
        { name: 'people.csv', content: 'person_id,email,break_glass\nS-1,root@example.com,false\nS-2,glass@example.com,true\nS-3,blank@example.com,\n' },
        { name: 'accounts.csv', content: 'account_id,system,person,aliases,break_glass\nroot,okta,S-1,root-alias,false\nglass-daily,okta,S-2,,false\nblank,okta,S-3,,\n' },
      ],
    });
    const strict = await open({ ...AUTO, protected: { refuse: ['account:root-alias', 'ip:192.0.2.0/24'], own: ['account:user-30'], ask: ['person:p-31'] } });
    const hit = (type: EntityRef['type'], value: string) => decide(request({ entities: [{ type, value }] }), strict);
    for (const name of ['root', 'ROOT-alias', 'root@example.com']) expect(await hit('account', name)).toMatchObject({ decision: 'refuse', reasons: [expect.stringContaining('respond.protected.refuse')] });
    expect(await hit('person', 's-1')).toMatchObject({ decision: 'refuse' });
    expect(await hit('account', 'glass-daily')).toMatchObject({ decision: 'refuse', reasons: [expect.stringContaining('source special states person S-2 as break-glass')] });
    expect(await hit('account', 'blank')).toMatchObject({ decision: 'ask', reasons: [expect.stringContaining('no source states break_glass for account blank or person S-3')] });
    expect(await hit('account', 'nobody-knows')).toMatchObject({ decision: 'ask', reasons: [expect.stringContaining('no source states account "nobody-knows"')] });
    expect(await hit('account', 'user-30')).toMatchObject({ decision: 'refuse', reasons: [expect.stringContaining('Cordon itself')] });
    expect(await hit('account', 'user-31')).toMatchObject({ decision: 'ask' });
    expect(await hit('ip', '::ffff:192.0.2.9')).toMatchObject({ decision: 'refuse' });
    expect(await hit('ip', '198.51.100.9')).toMatchObject({ decision: 'go' });
    expect((await decide(request({ entities: [account(32), account(30)], approved: { approvalId: 'a', by: ['person:p-1'] } }), strict)).decision).toBe('refuse');
  });
});

describe('kill switch', () => {
  const change = (on: boolean, scope: string, where = one) => where.switches.change({ on, scope, reason: `because ${scope}`, actor: 'key:1' });
  const veto = (action: ActionDescription, isUndo = false) => two.governor.veto({ action, isUndo });

  it('holds on every instance at once, by scope, and not for an undo', async () => {
    for (const [scope, suspends, tells] of [['all', true, true], ['destructive', true, false], ['notify', false, true], [SUSPEND.id, true, false], [TELL.id, false, true]] as const) {
      await change(true, scope);
      expect({ scope, suspends: (await veto(SUSPEND)) !== undefined, tells: (await veto(TELL)) !== undefined }).toEqual({ scope, suspends, tells });
      expect((await decide(request(), two)).decision).toBe(suspends ? 'refuse' : 'go');
      expect(await veto(SUSPEND, true)).toBeUndefined();
      expect((await decide(request({ isUndo: true }), two)).decision).toBe('go');
      await change(false, scope, two);
      expect(await veto(SUSPEND)).toBeUndefined();
    }
  });

  it('says who set it and why, over an approval too', async () => {
    await change(true, 'all');
    expect(await veto(SUSPEND)).toBe(`the kill switch for all actions is on since ${clock.now().toISOString()}, set by key:1: because all`);
    expect(await decide(request({ approved: { approvalId: 'a', by: ['person:p-1'] } }))).toMatchObject({ decision: 'refuse', reasons: expect.arrayContaining([expect.stringContaining('because all')]) });
    await change(false, 'all');
  });

  it('is a fact and an audit entry each time, and refuses what it does not know', async () => {
    const { length: before } = await one.database.query(`SELECT FROM audit_row WHERE action LIKE 'governor.%'`);
    await change(true, 'other');
    await change(true, 'other');
    expect(await change(false, 'other')).toContainEqual({ scope: 'other', engaged: false, reason: 'because other', by: 'key:1', at: clock.now() });
    await expect(change(false, 'other')).rejects.toMatchObject({ code: 'governor.switch_not_on', details: { detail: 'other; on: none' } });
    await expect(change(true, 'everything')).rejects.toMatchObject({ code: 'governor.scope_unknown' });
    expect(await one.database.query(`SELECT FROM audit_row WHERE action LIKE 'governor.%'`)).toHaveLength(before + 3);
    const facts = await one.database.query<{ body: object }>(`SELECT body FROM fact WHERE type = 'governor.kill_switch' ORDER BY position DESC LIMIT 1`);
    expect(facts).toEqual([{ body: { on: false, scope: 'other', reason: 'because other', by: 'key:1' } }]);
  });
});
