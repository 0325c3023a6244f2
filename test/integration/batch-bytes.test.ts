import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { connectors } from '../../src/connectors.js';
import { CheckpointStore } from '../../src/detect/checkpoint-store.js';
import type { StateChange } from '../../src/detect/engine/index.js';
import { READ_EVENTS } from '../../src/detect/sql.js';
import type { StoredRecord } from '../../src/kernel/index.js';
import { NormaliseHandler } from '../../src/normalise/normalise.handler.js';
import { normaliseMetrics } from '../../src/normalise/normalise.metrics.js';
import { PipelineErrorStore } from '../../src/normalise/pipeline-error-store.js';
import { StreamRegistry } from '../../src/normalise/stream-registry.js';
import { Cursors, Database, EventDays, KeyRing, PostgresEventLog, PostgresFactLog, silentTelemetry, WakeUp, type DatabaseTx } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { newRecord } from '../harness/new-record.js';

jest.setTimeout(60_000);

const MIB = 1024 * 1024;
/** A batch ends with the row that reaches 16 MiB. */
const MOST = 17 * MIB;

const keys = new KeyRing({ master: randomBytes(32), token: randomBytes(32), dedupe: randomBytes(32), audit: randomBytes(32) });
let testDatabase: TestDatabase;
let database: Database;
let log: PostgresEventLog;
let handler: NormaliseHandler;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl, poolSize: 4 });
  log = new PostgresEventLog(database);
  const facts = new PostgresFactLog(database);
  handler = new NormaliseHandler({
    eventLog: log,
    days: new EventDays(database),
    streams: new StreamRegistry(connectors),
    keys,
    facts,
    metrics: silentTelemetry().metrics(normaliseMetrics),
    written: new WakeUp(),
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

let start = 0;
beforeEach(async () => {
  start = (await database.query<{ last: number | null }>('SELECT max(position) AS last FROM log_record'))[0]?.last ?? 0;
});

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
/** Compresses well, so that what PostgreSQL stores of it says nothing about its size. */
const large = (more: object = {}): string => JSON.stringify({ time: '2026-03-01T12:00:00Z', route: '/large', response: { status: 200 }, padding: 'a'.repeat(MIB), ...more });

async function appendLarge(count: number, more: object = {}): Promise<void> {
  for (let index = 0; index < count; index++) await log.append([newRecord(large(more))]);
}

/** The transaction, with every list of binary values that goes through it noted. */
function noting(tx: DatabaseTx, sizes: number[]): DatabaseTx {
  return new Proxy(tx, {
    get(target, name) {
      if (name !== 'query') return Reflect.get(target, name) as unknown;
      return (sql: string, params: readonly unknown[] = []) => {
        for (const param of params) if (Array.isArray(param) && Buffer.isBuffer(param[0])) sizes.push(sum((param as Buffer[]).map((value) => value.length)));
        return target.query(sql, params);
      };
    },
  });
}

describe('a batch', () => {
  it('of the log is bounded in bytes, and every record comes in turn', async () => {
    await appendLarge(20);
    const seen: StoredRecord[] = [];
    for (let cursor = start; ; ) {
      const rows = await log.read(cursor, 1_000);
      const last = rows.at(-1);
      if (!last) break;
      expect(sum(rows.map(({ body }) => body.length))).toBeLessThanOrEqual(MOST);
      seen.push(...rows);
      cursor = last.position;
    }
    expect(seen).toHaveLength(20);
    expect(seen.map(({ position }) => position)).toEqual(seen.map(({ position }) => position).toSorted((a, b) => a - b));
  });

  it('of the log has its first record whatever the size of that', async () => {
    await log.append([newRecord('x'.repeat(MOST))]);
    await log.append([newRecord('next')]);
    const [first, ...rest] = await log.read(start, 10);
    expect([first?.body.length, rest.length]).toEqual([MOST, 0]);
    expect((await log.read(first!.position, 10)).map(({ body }) => body.toString())).toEqual(['next']);
  });

  it('of events is bounded by the size of their documents, not by what is stored of them', async () => {
    await appendLarge(20);
    for (let cursor = start; ; ) {
      const batch = await handler.read(cursor, 1_000);
      if (batch.cursor === cursor) break;
      await database.transaction((tx) => handler.handle(tx, { rows: batch.rows, from: cursor, to: batch.cursor }));
      cursor = batch.cursor;
    }
    let read = 0;
    for (let cursor = start; ; ) {
      const rows = await database.query<{ position: number; doc: unknown }>(READ_EVENTS, [cursor, 2_000]);
      const last = rows.at(-1);
      if (!last) break;
      // a document holds its record as text too
      const sizes = rows.map(({ doc }) => JSON.stringify(doc).length);
      expect(sum(sizes.slice(0, -1))).toBeLessThan(16 * MIB);
      read += rows.length;
      cursor = last.position;
    }
    expect(read).toBe(20);
  });

  it('of records for quarantine goes out in pieces', async () => {
    await appendLarge(12, { time: 'never' });
    const { rows, cursor } = await handler.read(start, 1_000);
    const sizes: number[] = [];
    await database.transaction((tx) => handler.handle(noting(tx, sizes), { rows, from: start, to: cursor }));
    expect(rows).toHaveLength(12);
    expect(await database.query('SELECT FROM pipeline_error WHERE position > $1', [start])).toHaveLength(12);
    expect(Math.max(...sizes)).toBeLessThan(9 * MIB);
  });
});

describe('a record whose day of events is gone', () => {
  it('gets its partition when it is read, again after a failure when it went once more', async () => {
    await log.append([newRecord(JSON.stringify({ time: '2026-03-01T12:00:00Z', route: '/late', response: { status: 200 } }))]);
    const today = new Date().toISOString().slice(0, 10);
    const batch = async () => {
      const { rows, cursor } = await handler.read(start, 1_000);
      await database.transaction((tx) => handler.handle(tx, { rows, from: start, to: cursor }));
    };
    await database.query('SELECT partition_drop($1, $2)', ['event', today]);
    await handler.reset();
    await batch();
    await database.query('SELECT partition_drop($1, $2)', ['event', today]);
    await expect(batch()).rejects.toThrow(/partition/);
    await handler.reset();
    await batch();
    expect(await database.query('SELECT FROM event WHERE position > $1', [start])).toHaveLength(1);
  });
});

describe('CheckpointStore', () => {
  const change = (key: string, text: string): StateChange => ({ ruleId: 'rule', ruleVersion: '1', key, state: { text } });

  it('writes and reads large state in pieces', async () => {
    const store = new CheckpointStore(database, new Cursors(database));
    expect(await store.load()).toEqual({ position: 0, rows: [] });
    const rows = Array.from({ length: 40 }, (_, index) => change(`group ${String(index).padStart(2, '0')}`, 'a'.repeat(MIB)));
    const sizes: number[] = [];
    await database.transaction((tx) => store.save(noting(tx, sizes), 0, 5, rows));
    expect(Math.max(...sizes)).toBeLessThan(9 * MIB);
    expect(await store.load()).toEqual({ position: 5, rows });
    const fewer = rows.slice(3);
    await database.transaction((tx) => store.save(tx, 5, 6, [...rows.slice(0, 3).map((row) => ({ ...row, state: null })), change('group 03', 'new')]));
    expect(await store.load()).toEqual({ position: 6, rows: [change('group 03', 'new'), ...fewer.slice(1)] });
  });
});

describe('a resolved pipeline error', () => {
  it('keeps no copy of its record, and says so when it is looked at', async () => {
    const store = new PipelineErrorStore(database, log, keys, new PostgresFactLog(database), new AuditRows());
    for (const body of ['{"time":"never 1"}', '{"time":"never 2"}']) await log.append([newRecord(body, { source: 'small', stream: 'no.such.stream' })]);
    const { rows, cursor } = await handler.read(start, 1_000);
    await database.transaction((tx) => handler.handle(tx, { rows, from: start, to: cursor }));
    const [discarded, replayed] = rows.map(({ id }) => id) as [string, string];
    expect((await store.inspect(discarded, 'key:1')).raw?.toString()).toBe('{"time":"never 1"}');
    await store.discard(discarded, 'key:1');
    expect((await store.replay('no.such.stream', 10, 'key:1')).map(({ recordId }) => recordId)).toEqual([replayed]);
    expect((await log.read(cursor, 10)).map(({ body }) => body.toString())).toEqual(['{"time":"never 2"}']);
    for (const [id, status] of [[discarded, 'discarded'], [replayed, 'replayed']] as const) {
      expect(await store.inspect(id, 'key:1')).toMatchObject({ error: { recordId: id, status }, raw: null });
    }
    expect(await database.query('SELECT DISTINCT octet_length(raw) AS size FROM pipeline_error WHERE status <> $1', ['open'])).toEqual([{ size: 0 }]);
    await expect(store.inspect(randomUUID(), 'key:1')).rejects.toMatchObject({ code: 'normalise.pipeline_error_unknown' });
  });
});
