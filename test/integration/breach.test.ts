import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { BreachOpenAction } from '../../src/breach/breach-open.action.js';
import { breachMetrics } from '../../src/breach/breach.metrics.js';
import { BreachService } from '../../src/breach/breach.service.js';
import { CaseStore } from '../../src/breach/case-store.js';
import { regimes } from '../../src/breach/engine/regimes.js';
import { RegimeRegister } from '../../src/breach/regime-register.js';
import { IncidentStore } from '../../src/incident/index.js';
import { ManualClock, uuidv7, type JsonObject, type RunReference } from '../../src/kernel/index.js';
import { Database, PostgresFactLog, silentTelemetry, WakeUp } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const OPENED = new Date('2026-10-02T15:40:00.000Z');
const HOUR = 3_600_000;

let testDatabase: TestDatabase;
let database: Database;
let facts: PostgresFactLog;
let store: CaseStore;
let service: BreachService;
let action: BreachOpenAction;
let incident: string;
const clock = new ManualClock(OPENED);

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl, poolSize: 4 }, { clock });
  facts = new PostgresFactLog(database);
  store = new CaseStore();
  const audit = new AuditRows();
  service = new BreachService({
    database, store, facts, audit, register: new RegimeRegister(regimes, facts, audit), metrics: silentTelemetry().metrics(breachMetrics), written: new WakeUp(), zone: 'Europe/Berlin',
  });
  action = new BreachOpenAction(service, new IncidentStore());
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  clock.set(OPENED);
  incident = uuidv7();
  await database.query(
    `INSERT INTO incident (id, status, episode, title, level, tags, grounds, risk, risk_parts, signal_count, first_at, last_at, opened_at, updated_at)
     VALUES ($1, 'open', 1, 'Export', 'high', '{}', '{}', 80, '[]', 1, $2, $2, $2, $2)`,
    [incident, OPENED],
  );
});

const run = (episode = 1): RunReference => ({ runId: 'r1', playbook: 'p', incidentId: incident, episode });
const open = (input: JsonObject = { incident }, episode = 1) => database.transaction((tx) => action.do(tx, { input }, run(episode)));
const caseOf = async (episode = 1) => (await store.ofEpisode(database, incident, episode))!;
const authority = async (id: string) => (await service.read(id)).duties.find(({ duty }) => duty.id === 'eu-gdpr.sa');
const factsOf = async (id: string) => {
  const rows = await database.query<{ type: string; body: JsonObject }>(`SELECT type, body FROM fact WHERE body ->> 'caseId' = $1 ORDER BY position`, [id]);
  return rows.map(({ type, body }) => ({ type, incident: body.incidentId }));
};

describe('breach.open', () => {
  it('opens one case for an episode, however often it is asked', async () => {
    const [first, second] = [await open(), await open()];
    expect(first.already).toBe(false);
    expect(second).toMatchObject({ already: true, result: { case: first.result.case } });
    const other = await open({ incident }, 2);
    expect(other.result.case).not.toBe(first.result.case);
  });

  it('opens one case when two ask at once', async () => {
    const both = await Promise.all([open(), open()]);
    expect(new Set(both.map(({ result }) => result.case)).size).toBe(1);
    expect(both.map(({ already }) => already).sort()).toEqual([false, true]);
  });

  it('leaves nothing behind when its step fails', async () => {
    await expect(
      database.transaction(async (tx) => {
        await action.do(tx, { input: { incident } }, run());
        throw new Error('the step failed');
      }),
    ).rejects.toThrow('the step failed');
    expect(await store.ofEpisode(database, incident, 1)).toBeUndefined();
  });

  it('refuses an incident that does not exist', async () => {
    await expect(open({ incident: uuidv7() })).rejects.toMatchObject({ code: 'breach.request_invalid' });
  });

  it('has no clock while nobody has enabled a regime', async () => {
    expect((await open()).result.clocks).toEqual([]);
  });
});

describe('with the regime enabled by a recorded act', () => {
  beforeEach(async () => {
    await service.decideRegime('eu-gdpr', true, 'counsel signed off', 'key:privacy');
  });

  it('assumes awareness at the opening, and says that it is assumed', async () => {
    await open();
    const { id } = await caseOf();
    expect(await authority(id)).toMatchObject({ outcome: 'needs_decision', start: { basis: 'provisional' }, due: new Date(OPENED.getTime() + 72 * HOUR) });
  });

  it('counts from the awareness that a person recorded, also before the opening', async () => {
    await open();
    const { id } = await caseOf();
    const aware = new Date(OPENED.getTime() - 5 * HOUR);
    await service.recordFinding(id, 'role', 'controller', 'our customers', 'key:privacy');
    await service.recordFinding(id, 'eu_risk', 'risk', 'contact data', 'key:privacy');
    await service.recordEvent(id, 'aware', aware, 'the analyst confirmed the export', 'key:privacy');
    expect(await authority(id)).toMatchObject({ outcome: 'required', due: new Date(aware.getTime() + 72 * HOUR), start: { basis: 'recorded' } });
    expect(await factsOf(id)).toEqual(
      ['breach.opened', 'breach.finding_recorded', 'breach.finding_recorded', 'breach.event_recorded'].map((type) => ({ type, incident })),
    );
  });

  const statedAt = (at: string) => ({ incident, aware: { at, why: 'first event of the export' } });

  it('counts from what a playbook states, and leaves it to a person to record it', async () => {
    await open(statedAt('2026-10-02T14:00:00Z'));
    const { id } = await caseOf();
    expect(await authority(id)).toMatchObject({ outcome: 'needs_decision', start: { basis: 'provisional', at: new Date('2026-10-02T14:00:00Z') } });
  });

  it('takes no time in the future from a playbook: it may come from an event', async () => {
    await open(statedAt('2099-01-01T00:00:00Z'));
    const { id } = await caseOf();
    expect(await authority(id)).toMatchObject({ start: { at: OPENED } });
  });

  it('moves an assumed clock to an earlier time that is stated later, never to a later one', async () => {
    await open();
    await open(statedAt('2026-10-02T13:00:00Z'));
    await open(statedAt('2026-10-02T15:00:00Z'));
    const { id } = await caseOf();
    expect(await authority(id)).toMatchObject({ start: { at: new Date('2026-10-02T13:00:00Z') } });
  });

  it.each([
    ['eu_risk', 'High', 'value', 'unlikely, risk, high, unknown'],
    ['eu_riks', 'high', 'name', 'eu_risk, role'],
  ])('refuses the finding %s %s, which would decide nothing', async (name, value, field, known) => {
    await open();
    const { id } = await caseOf();
    await expect((async () => service.recordFinding(id, name, value, 'typo', 'key:privacy'))()).rejects.toMatchObject({ code: 'breach.request_invalid', details: { field, detail: expect.stringContaining(known) } });
  });

  it('keeps what was recorded before a correction', async () => {
    await open();
    const { id } = await caseOf();
    clock.advance(HOUR);
    await service.recordFinding(id, 'eu_risk', 'unlikely', 'first look', 'key:privacy');
    clock.advance(HOUR);
    await service.recordFinding(id, 'eu_risk', 'high', 'health data found', 'key:privacy');
    const { breachCase, duties } = await service.read(id);
    expect(breachCase.findings.map(({ value }) => value)).toEqual(['unlikely', 'high']);
    expect(duties.find(({ duty }) => duty.id === 'eu-gdpr.ds')?.outcome).toBe('needs_decision');
  });

  it('refuses an awareness in the future, and any record on a closed case', async () => {
    await open();
    const { id } = await caseOf();
    await expect(service.recordEvent(id, 'aware', new Date(OPENED.getTime() + HOUR), 'typo', 'key:privacy')).rejects.toMatchObject({ code: 'breach.request_invalid' });
    await service.close(id, 'not_notifiable', 'a test export', 'key:privacy');
    await expect(service.recordFinding(id, 'eu_risk', 'high', 'too late', 'key:privacy')).rejects.toMatchObject({ code: 'breach.case_closed' });
  });

  it('stops counting when the regime is disabled', async () => {
    await open();
    const { id } = await caseOf();
    await service.decideRegime('eu-gdpr', false, 'no establishment in the Union', 'key:privacy');
    expect((await service.read(id)).duties).toEqual([]);
  });

  it('does not know other regimes', async () => {
    await expect(service.decideRegime('atlantis', true, 'why not', 'key:privacy')).rejects.toMatchObject({ code: 'breach.regime_unknown' });
    await expect(service.read(uuidv7())).rejects.toMatchObject({ code: 'breach.case_unknown' });
  });
});
