import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/kernel/index.js';
import { Cursors, Database, EventDays, PartitionManager, PostgresEventLog, silentTelemetry } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { dedupeKey, newRecord } from '../harness/new-record.js';

jest.setTimeout(60_000);

const DAY = 86_400_000;
const EVENING = new Date('2026-03-01T23:59:59.900Z');

let testDatabase: TestDatabase;
let database: Database;
let manager: PartitionManager;
let log: PostgresEventLog;
let cursors: Cursors;
const clock = new ManualClock(EVENING);
const telemetry = silentTelemetry();

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl }, { clock });
  manager = new PartitionManager(database, clock, { log: 2 * DAY, events: DAY, dedupe: DAY, slowReaderLimit: 3 * DAY }, telemetry);
  log = new PostgresEventLog(database);
  cursors = new Cursors(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const days = async (table: string): Promise<string[]> => (await database.query<{ day: string }>('SELECT day FROM partition_days($1) AS day', [table])).map(({ day }) => day);
const partitionOf = (body: string): Promise<unknown[]> => database.query('SELECT tableoid::regclass::text AS name FROM log_record WHERE body = $1', [Buffer.from(body)]);
const append = (body: string) => log.append([newRecord(body, { receivedAt: clock.now() })]);

describe('PartitionManager', () => {
  it('keeps today and two days ahead, as often as it runs', async () => {
    await manager.ensure();
    await manager.ensure();
    expect(await days('log_record')).toEqual(['20260301', '20260302', '20260303']);
    expect(await days('event')).toEqual(['20260301', '20260302', '20260303']);
  });

  it('rolls over at midnight UTC without a moment in which appending fails', async () => {
    await append('before midnight');
    clock.advance(100);
    await append('at midnight');
    expect(await partitionOf('before midnight')).toEqual([{ name: 'log_record_20260301' }]);
    expect(await partitionOf('at midnight')).toEqual([{ name: 'log_record_20260302' }]);
    await manager.ensure();
    expect(await days('log_record')).toContain('20260304');
    expect((await log.read(0, 10)).map(({ body }) => body.toString())).toEqual(['before midnight', 'at midnight']);
  });

  it('drops a day past its retention that every reader has read', async () => {
    await cursors.open('fast', 'log_record');
    await database.transaction((tx) => cursors.advance(tx, 'fast', 0, 1));
    clock.set(new Date('2026-03-03T23:59:59Z'));
    await manager.ensure();
    expect(await manager.trim()).toEqual({ dropped: ['event/2026-03-01'], waiting: [] });
    expect(await days('log_record')).toContain('20260301');
    clock.set(new Date('2026-03-04T00:00:00Z'));
    expect(await manager.trim()).toEqual({ dropped: ['log_record/2026-03-01'], waiting: ['event/2026-03-02'] });
    expect(await days('log_record')).not.toContain('20260301');
    expect((await log.read(0, 10)).map(({ body }) => body.toString())).toEqual(['at midnight']);
  });

  it('waits for a slow reader up to the limit, then drops, and counts what the reader lost', async () => {
    clock.set(new Date('2026-03-05T00:00:00Z'));
    await manager.ensure();
    expect(await manager.trim()).toMatchObject({ dropped: expect.not.arrayContaining(['log_record/2026-03-02']), waiting: expect.arrayContaining(['log_record/2026-03-02', 'event/2026-03-02']) });
    expect(await cursors.position('fast')).toBe(1);
    expect(await log.read(1, 10)).toHaveLength(1);

    clock.set(new Date('2026-03-08T00:00:01Z'));
    expect((await manager.trim()).dropped).toContain('log_record/2026-03-02');
    const [reader] = await database.query('SELECT lost, lossy_at FROM consumer_cursor WHERE name = $1', ['fast']);
    expect(reader).toEqual({ lost: 1, lossy_at: clock.now() });
    expect(await telemetry.registry.metrics()).toContain('cordon_log_lost_records_total{reader="fast"} 1');

    await manager.ensure();
    await append('after the loss');
    expect((await log.read(1, 10)).map(({ body }) => body.toString())).toEqual(['after the loss']);
  });

  it('keeps the day of events while records of it are still to be read, past any limit, and marks nobody lossy for it', async () => {
    const patient = new PartitionManager(database, clock, { log: 30 * DAY, events: DAY, dedupe: DAY, slowReaderLimit: DAY }, telemetry);
    const { position } = (await append('read late'))[0] as { position: number };
    const day = clock.now().toISOString().slice(0, 10);
    const suffix = day.replaceAll('-', '');
    clock.advance(9 * DAY);
    await patient.ensure();
    expect((await patient.trim()).waiting).toContain(`event/${day}`);
    expect(await days('event')).toContain(suffix);
    expect(await database.query('SELECT lost FROM consumer_cursor WHERE name = $1', ['fast'])).toEqual([{ lost: 1 }]);
    await database.transaction((tx) => cursors.advance(tx, 'fast', 1, position));
    expect((await patient.trim()).dropped).toContain(`event/${day}`);
  });

  it('makes the day of an event again that was dropped, also one it had known', async () => {
    const late = new Date('2026-03-01T12:00:00Z');
    const eventDays = new EventDays(database);
    expect(await days('event')).not.toContain('20260301');
    await eventDays.ensure([late, new Date('2026-03-01T23:59:59Z'), clock.now()]);
    expect(await days('event')).toContain('20260301');
    await database.query('SELECT partition_drop($1, $2)', ['event', '2026-03-01']);
    eventDays.forget();
    await eventDays.ensure([late]);
    expect(await days('event')).toContain('20260301');
  });

  it('keeps digests as long as the days of their records', async () => {
    const digests = () => database.query<{ first_position: number }>('SELECT first_position FROM log_digest ORDER BY 1');
    const owner = await Database.open({ url: testDatabase.ownerUrl, poolSize: 2 });
    await owner.query(`INSERT INTO log_digest SELECT -n, -n, 1, '\\x00', $1 FROM generate_series(1, 20001) AS n`, [new Date('2026-03-01T12:00:00Z')]);
    await owner.close();
    await manager.ensure();
    const { position } = (await append('kept'))[0] as { position: number };
    await manager.trim();
    const oldest = (await days('log_record'))[0]!;
    const kept = await database.query<{ position: number }>('SELECT position FROM log_record ORDER BY 1');
    expect(oldest > '20260301').toBe(true);
    expect(await digests()).toEqual(kept.map((row) => ({ first_position: row.position })));
    expect(kept).toContainEqual({ position });
  });

  it('forgets dedupe keys past their time', async () => {
    const send = () => log.append([newRecord('again', { dedupeKey: dedupeKey('again'), receivedAt: clock.now() })]);
    expect(await send()).toMatchObject([{ status: 'stored' }]);
    clock.advance(DAY - 1_000);
    await manager.ensure();
    await manager.trim();
    expect(await send()).toMatchObject([{ status: 'duplicate' }]);
    const owner = await Database.open({ url: testDatabase.ownerUrl, poolSize: 2 });
    await owner.query(`INSERT INTO log_dedupe SELECT 'many', sha256(n::text::bytea), gen_random_uuid(), '\\x00', $1 FROM generate_series(1, 20001) AS n`, [new Date(0)]);
    await owner.close();
    clock.advance(2_000);
    await manager.trim();
    expect(await database.query('SELECT FROM log_dedupe')).toEqual([]);
    expect(await send()).toMatchObject([{ status: 'stored' }]);
  });

  it('takes no name but those of its two tables', async () => {
    await expect(database.query('SELECT partition_drop($1, $2)', ['audit_row', '2026-03-01'])).rejects.toThrow(/no partitioned table/);
  });
});
