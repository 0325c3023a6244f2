import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { derivedId, ManualClock, type Directory, type FactBodies, type NewFact, type PersonFact, type Unknown } from '../../src/kernel/index.js';
import { IncidentGrouper } from '../../src/incident/incident-grouper.js';
import { IncidentHandler } from '../../src/incident/incident.handler.js';
import { incidentLogEvents } from '../../src/incident/incident.log-events.js';
import { incidentMetrics } from '../../src/incident/incident.metrics.js';
import { IncidentReader } from '../../src/incident/incident-reader.js';
import { IncidentService } from '../../src/incident/incident.service.js';
import { IncidentStore } from '../../src/incident/incident-store.js';
import type { Incident } from '../../src/incident/incident.js';
import { Database, PostgresFactLog, silentTelemetry, WakeUp } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = new Date('2026-03-02T10:00:00Z');

const notFound: Unknown = { known: false, reason: 'not_found', detail: 'not in the test' };

/** Knows the accounts it was told of. */
class TestDirectory implements Directory {
  readonly owners = new Map<string, Partial<PersonFact> & { id: string }>();

  personOf = ({ type, value }: { type: string; value: string }): Promise<PersonFact | Unknown> => {
    const owner = type === 'person' ? [...this.owners.values()].find(({ id }) => id === value) : this.owners.get(value);
    return Promise.resolve(owner ? personOf(owner) : notFound);
  };
  resolve = (entity: { type: string; value: string }) => (entity.type === 'person' ? this.personOf(entity) : Promise.resolve(notFound));
  managersOf = () => Promise.resolve({ managers: [], end: notFound });
  reportsTo = () => Promise.resolve('unknown' as const);
  count = () => Promise.resolve(0);
}

const personOf = (more: Partial<PersonFact> & { id: string }): PersonFact => ({
  known: true, source: 'hr', asOf: START, type: 'person', name: null, email: null, manager: null, team: null, status: 'active', leaverDate: null, criticality: null, breakGlass: null, isTop: false, ...more,
});

let testDatabase: TestDatabase;
let database: Database;
let facts: PostgresFactLog;
let directory: TestDirectory;
let handler: IncidentHandler;
let service: IncidentService;
let reader: IncidentReader;
const clock = new ManualClock(START);
let cursor = 0;
let run = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl, poolSize: 6 }, { clock });
  facts = new PostgresFactLog(database);
  const [store, telemetry, written] = [new IncidentStore(), silentTelemetry(), new WakeUp()];
  const metrics = telemetry.metrics(incidentMetrics);
  directory = new TestDirectory();
  handler = new IncidentHandler({
    facts, store, directory, metrics, written, log: telemetry.log(incidentLogEvents), grouper: new IncidentGrouper(store, facts, { windowMs: 24 * HOUR, reopenWithinMs: 7 * 24 * HOUR }),
  });
  service = new IncidentService({ database, store, facts, metrics, written, audit: new AuditRows() });
  reader = new IncidentReader(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

beforeEach(() => {
  run += 1;
  clock.advance(MINUTE);
});

type Fired = FactBodies['signal.fired'];
let signalNumber = 0;

function fired(account: string | undefined, hours = 0, more: Partial<Fired> = {}): NewFact<'signal.fired'> {
  signalNumber += 1;
  const signalId = derivedId('test signal', signalNumber);
  const at = new Date(START.getTime() + hours * HOUR).toISOString();
  const body: Fired = {
    signalId, ruleId: 'rule-1', ruleTitle: 'Much read', level: 'high', tags: ['attack.exfiltration'], group: {}, eventIds: [], first: at, last: at,
    entities: account === undefined ? [] : [{ type: 'account', value: account, everywhere: true }, { type: 'ip', value: '192.0.2.7', everywhere: false }],
    sources: ['gateway'], dataClasses: [], ...more,
  };
  return { type: 'signal.fired', subject: `signal:${signalId}`, body };
}

const state = (list: readonly NewFact[]) => database.transaction((tx) => facts.append(tx, list));

/** Handles what is in the fact log beyond the cursor, in one transaction a batch as the consumer does. */
async function drain(limit = 500, beforeCommit: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  for (;;) {
    const { rows, cursor: to } = await handler.read(cursor, limit);
    if (rows.length > 0) {
      const apply = await database.transaction(async (tx) => {
        const done = await handler.handle(tx, { rows, from: cursor, to });
        await beforeCommit();
        return done;
      });
      apply?.();
    }
    if (to === cursor) return;
    cursor = to;
  }
}

const everything = async () => ({
  incidents: await database.query('SELECT * FROM incident ORDER BY id'),
  entities: await database.query('SELECT * FROM incident_entity ORDER BY incident_id, type, key'),
  signals: await database.query('SELECT * FROM incident_signal ORDER BY signal_id'),
  facts: await database.query(`SELECT * FROM fact WHERE type LIKE 'incident.%' ORDER BY position`),
});

const of = async (account: string): Promise<Incident[]> =>
  (await reader.list({ status: undefined, entity: { type: 'account', key: account }, minRisk: 0, after: undefined, limit: 100 })).incidents;

const name = (text: string) => `${text}-${run}`;

describe('facts in, incidents out', () => {
  it('opens one incident for one account and extends it, each change a fact with the state after it', async () => {
    const ann = name('ann');
    await state([fired(ann), fired(ann, 2, { ruleId: 'rule-2', sources: ['dlp'], level: 'critical' })]);
    await drain();
    const [opened] = await of(ann);
    await state([fired(ann, 20, { ruleId: 'rule-3', sources: ['ueba'], tags: ['attack.collection'] })]);
    await drain();
    const [incident, ...rest] = await of(ann);
    expect(rest).toEqual([]);
    expect(incident).toMatchObject({ id: opened?.id, signalCount: 3, level: 'critical', status: 'open', episode: 1 });
    expect(incident!.risk).toBeGreaterThan(opened!.risk);
    const { timeline, signals } = await reader.read(incident!.id);
    expect(timeline.map(({ type }) => type)).toEqual(['incident.opened', 'incident.updated']);
    expect(timeline.flatMap(({ body }) => body.signalIds)).toEqual(signals.map(({ signal_id }) => signal_id));
    expect(timeline.at(-1)?.body.incident).toMatchObject({ risk: incident!.risk, subject: { type: 'account', id: ann, accounts: [ann] }, tags: ['attack.collection', 'attack.exfiltration', 'collection', 'exfiltration'] });
  });

  it('keeps apart what lies more than a window apart, and who only shares an address', async () => {
    const [bob, cid] = [name('bob'), name('cid')];
    await state([fired(bob), fired(bob, 30), fired(cid)]);
    await drain();
    expect((await of(bob)).map(({ signalCount }) => signalCount)).toEqual([1, 1]);
    expect(await of(cid)).toHaveLength(1);
    // what lies between connects them
    await state([fired(bob, 15)]);
    await drain();
    expect((await of(bob)).map(({ signalCount }) => signalCount)).toEqual([3]);
  });

  it('collects signals that name nobody by their rule', async () => {
    await state([fired(undefined, 0, { ruleId: name('rule') }), fired(undefined, 1, { ruleId: name('rule') })]);
    await drain();
    const [incident] = (await reader.list({ status: undefined, entity: { type: 'rule', key: name('rule') }, minRisk: 0, after: undefined, limit: 9 })).incidents;
    expect(incident?.signalCount).toBe(2);
  });

  it('changes nothing when the same facts are handled again', async () => {
    await state([fired(name('dora')), fired(name('dora'), 1), fired(name('eli'))]);
    await drain();
    const before = await everything();
    cursor = 0;
    await drain();
    expect(await everything()).toEqual(before);
  });

  it('leaves nothing of a batch whose transaction fails, and does it whole the next time', async () => {
    const before = await everything();
    await state([fired(name('fay')), fired(name('fay'), 1)]);
    const crash = () => Promise.reject(new Error('killed here'));
    await expect(drain(500, crash)).rejects.toThrow('killed here');
    expect(await everything()).toEqual(before);
    await drain();
    const [incident] = await of(name('fay'));
    expect(incident?.signalCount).toBe(2);
    const { timeline } = await reader.read(incident!.id);
    expect(timeline.map(({ type }) => type)).toEqual(['incident.opened']);
  });

  it('gives the same incidents whether facts come one by one or together', async () => {
    const [one, other] = [name('gil'), name('hal')];
    const list = (who: string) => [fired(who, 50), fired(who), fired(who, 25, { level: 'low' }), fired(who, 90), fired(who, 3)];
    await state(list(one));
    await drain(1);
    await state(list(other));
    await drain();
    const shape = async (who: string) => (await of(who)).map(({ first, last, signalCount, level, risk }) => ({ first, last, signalCount, level, risk })).sort((a, b) => a.first.getTime() - b.first.getTime());
    expect(await shape(other)).toEqual(await shape(one));
    expect((await shape(one)).map(({ signalCount }) => signalCount)).toEqual([3, 1, 1]);
  });
});

describe('people', () => {
  it('groups the accounts of one person and counts what context states', async () => {
    const [a, b] = [name('ida'), name('ida-adm')];
    for (const account of [a, b]) directory.owners.set(account, { id: name('P-7'), leaverDate: '2026-04-01', criticality: 'high' });
    await state([fired(a), fired(b, 1)]);
    await drain();
    const [incident, ...rest] = await of(a);
    expect(rest).toEqual([]);
    expect(incident?.riskParts.map(({ name: part, points }) => [part, points])).toEqual([['level', 40], ['criticality', 7], ['leaver', 10]]);
    const { timeline } = await reader.read(incident!.id);
    expect(timeline[0]?.body.incident).toMatchObject({ subject: { type: 'person', id: name('P-7'), accounts: [a, b] } });
  });

  it('merges two incidents once context knows that they are of one person, and keeps the history of both', async () => {
    const [a, b] = [name('joe'), name('joe@example.com')];
    await state([fired(a)]);
    await drain();
    clock.advance(MINUTE);
    await state([fired(b, 1)]);
    await drain();
    const [[first], [second]] = [await of(a), await of(b)];
    expect(second?.id).not.toBe(first?.id);
    for (const account of [a, b]) directory.owners.set(account, { id: name('P-8') });
    await state([fired(a, 2)]);
    await drain();
    // the other account's incident joins with its own next signal: until then nothing says that they are one
    await state([fired(b, 3)]);
    await drain();
    const [stayed, ...rest] = await of(b);
    expect(rest).toEqual([]);
    expect(stayed).toMatchObject({ id: first?.id, signalCount: 4, status: 'open' });
    const gone = await reader.read(second!.id);
    expect(gone.incident).toMatchObject({ status: 'merged', mergedInto: first?.id });
    expect(gone.signals).toEqual([]);
    const { timeline, signals } = await reader.read(first!.id);
    expect(signals).toHaveLength(4);
    expect(timeline.map(({ type, body }) => [type, body.incidentId === first?.id])).toEqual([
      ['incident.opened', true], ['incident.opened', false], ['incident.updated', true], ['incident.merged', false], ['incident.updated', true],
    ]);
  });

  it('does not put two known people together through an account that changed hands', async () => {
    const shared = name('desk');
    directory.owners.set(shared, { id: name('P-1') });
    await state([fired(shared)]);
    await drain();
    directory.owners.set(shared, { id: name('P-2') });
    await state([fired(shared, 1)]);
    await drain();
    expect((await of(shared)).map(({ signalCount }) => signalCount)).toEqual([1, 1]);
  });
});

describe('life cycle', () => {
  it('re-opens a closed incident as a new episode, and opens another one when it is long ago', async () => {
    const kim = name('kim');
    await state([fired(kim)]);
    await drain();
    const [first] = await of(kim);
    await service.close(first!.id, 'key:a', 'false_positive', 'a test');
    await state([fired(kim, 72)]);
    await drain();
    const [again] = await of(kim);
    expect(again).toMatchObject({ id: first!.id, status: 'open', episode: 2, verdict: null, closedAt: null, signalCount: 2 });
    await service.close(first!.id, 'key:a', 'true_positive', 'it was real');
    await state([fired(kim, 72 + 200)]);
    await drain();
    expect((await of(kim)).map(({ id, status }) => [id === first!.id, status]).sort()).toEqual([[false, 'open'], [true, 'closed']]);
    const { timeline } = await reader.read(first!.id);
    expect(timeline.map(({ type, body }) => [type, body.episode])).toEqual([['incident.opened', 1], ['incident.closed', 1], ['incident.reopened', 2], ['incident.closed', 2]]);
  });

  it('becomes contained by the fact of a verified containment, once, of the present episode', async () => {
    const lea = name('lea');
    await state([fired(lea)]);
    await drain();
    const [incident] = await of(lea);
    const verified = (episode: number): NewFact<'containment.verified'> => ({
      type: 'containment.verified', subject: `incident:${incident!.id}`, body: { incidentId: incident!.id, episode, by: 'run:1', residualAccessUntil: '2026-03-02T10:15:00.000Z' },
    });
    await state([verified(2)]);
    await drain();
    expect((await of(lea))[0]?.status).toBe('open');
    await state([verified(1), verified(1)]);
    await drain();
    expect((await of(lea))[0]?.status).toBe('contained');
    const { timeline } = await reader.read(incident!.id);
    expect(timeline.filter(({ type }) => type === 'incident.contained').map(({ body }) => body)).toMatchObject([{ by: 'run:1', residualAccessUntil: '2026-03-02T10:15:00.000Z' }]);
  });

  it('gives each signal one incident while people close it at the same time', async () => {
    const max = name('max');
    await state([fired(max)]);
    await drain();
    const [incident] = await of(max);
    const closing = (async () => {
      for (let round = 0; round < 8; round++) {
        await service.close(incident!.id, 'key:a', 'true_positive', 'done').catch(() => undefined);
      }
    })();
    for (let hour = 1; hour <= 8; hour++) {
      await state([fired(max, hour)]);
      await drain();
    }
    await closing;
    const [after, ...rest] = await of(max);
    expect(rest).toEqual([]);
    expect(after).toMatchObject({ id: incident!.id, signalCount: 9 });
    const { timeline } = await reader.read(incident!.id);
    const openings = timeline.filter(({ type }) => type === 'incident.reopened').length;
    expect(after!.episode).toBe(1 + openings);
    expect(timeline.filter(({ type }) => type === 'incident.closed').length - openings).toBe(after!.status === 'closed' ? 1 : 0);
  });

  it('loses neither what a person nor what a signal changes while the other one is under way', async () => {
    const ole = name('ole');
    await state([fired(ole)]);
    await drain();
    const [incident] = await of(ole);
    await state([fired(ole, 1)]);
    let closing: Promise<unknown> | undefined;
    await drain(500, async () => {
      closing ??= service.close(incident!.id, 'key:a', 'true_positive', 'done');
      await sleep(200);
    });
    await closing;
    expect(await of(ole)).toMatchObject([{ status: 'closed', signalCount: 2, last: new Date(START.getTime() + HOUR) }]);
  });

  it('writes fact and audit entry of an act, or neither', async () => {
    const ned = name('ned');
    await state([fired(ned)]);
    await drain();
    const [incident] = await of(ned);
    await service.triage(incident!.id, 'key:a', 'mine');
    await expect(service.triage(incident!.id, 'key:b', 'mine too')).rejects.toMatchObject({ code: 'incident.step_refused' });
    const audit = await database.query<{ action: string; actor: string }>('SELECT action, actor FROM audit_row WHERE target = $1', [`incident:${incident!.id}`]);
    expect(audit).toEqual([{ action: 'incident.triaged', actor: 'key:a' }]);
    expect((await reader.read(incident!.id)).timeline.map(({ type }) => type)).toEqual(['incident.opened', 'incident.triaged']);
  });
});

describe('listing', () => {
  it('pages through all, newest opening first', async () => {
    for (const who of ['p1', 'p2', 'p3', 'p4', 'p5']) {
      clock.advance(MINUTE);
      await state([fired(name(who), 0, { ruleId: name('page') })]);
      await drain();
    }
    const all = await reader.list({ status: undefined, entity: undefined, minRisk: 0, after: undefined, limit: 500 });
    const seen: string[] = [];
    let after: { at: Date; id: string } | undefined;
    do {
      const { incidents, next } = await reader.list({ status: undefined, entity: undefined, minRisk: 0, after, limit: 3 });
      seen.push(...incidents.map(({ id }) => id));
      const last = incidents.at(-1);
      after = next && last ? { at: last.openedAt, id: last.id } : undefined;
    } while (after);
    expect(seen).toEqual(all.incidents.map(({ id }) => id));
    expect(all.incidents.every(({ status }) => status !== 'merged')).toBe(true);
  });
});
