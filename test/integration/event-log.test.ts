import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { AppendResult, NewRecord } from '../../src/kernel/index.js';
import { Database, PostgresEventLog } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { dedupeKey, newRecord } from '../harness/new-record.js';

let testDatabase: TestDatabase;
let database: Database;
let log: PostgresEventLog;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl });
  log = new PostgresEventLog(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const positions = (results: readonly AppendResult[]): number[] => results.flatMap((result) => (result.status === 'duplicate' ? [] : [result.position]));
const lastPosition = async (): Promise<number> => (await log.read(0, 1_000_000)).at(-1)?.position ?? 0;

describe('PostgresEventLog', () => {
  it('makes the partition of today when nobody has, and gives back what was appended, in order', async () => {
    const records = ['{"a":1}', '', 'no json: \0\xff'].map((body, itemIndex) => newRecord(body, { itemIndex, delivery: 'with "quotes", \\ and {braces}', source: 'NULL' }));
    const results = await log.append(records);
    expect(results.map((result) => result.status)).toEqual(['stored', 'stored', 'stored']);
    const stored = await log.read(0, 10);
    expect(stored).toEqual(
      records.map(({ dedupeKey: _key, bodyHash: _hash, ...record }, index) => ({ ...record, position: positions(results)[index] })),
    );
    expect(await log.read(stored[0]!.position, 1)).toEqual([stored[1]]);
  });

  it('refuses a day far from today with platform.log_no_partition', async () => {
    await expect(log.append([newRecord('{}', { receivedAt: new Date('2020-01-01') })])).rejects.toMatchObject({ code: 'platform.log_no_partition' });
  });

  it('stores the same key and body once, and says which record it was', async () => {
    const start = await lastPosition();
    const first = newRecord('once', { dedupeKey: dedupeKey('once') });
    expect(await log.append([first])).toMatchObject([{ status: 'stored' }]);
    const again = newRecord('once', { dedupeKey: dedupeKey('once') });
    expect(await log.append([again])).toEqual([{ status: 'duplicate', originalId: first.id }]);
    expect(await log.append([newRecord('once', { dedupeKey: dedupeKey('once'), source: 'other' })])).toMatchObject([{ status: 'stored' }]);
    expect(await log.read(start, 10)).toHaveLength(2);
  });

  it('stores another body under a known key as a clash, and a repeat of that clash not again', async () => {
    const key = dedupeKey('clash');
    const [original, other, third] = ['one', 'two', 'three'].map((body) => newRecord(body, { dedupeKey: key }));
    const again = (record: NewRecord): NewRecord => newRecord(record.body.toString(), { dedupeKey: key });
    expect(await log.append([original!])).toMatchObject([{ status: 'stored' }]);
    expect(await log.append([other!])).toMatchObject([{ status: 'clash' }]);
    expect(await log.append([again(other!), again(original!), third!])).toEqual([
      { status: 'duplicate', originalId: other!.id },
      { status: 'duplicate', originalId: original!.id },
      { status: 'clash', position: expect.any(Number) },
    ]);
  });

  it('judges repeats within one group as it does across groups', async () => {
    const key = dedupeKey('group');
    const [a, b, c, d, e] = ['x', 'x', 'y', 'y', 'z'].map((body) => newRecord(body, { dedupeKey: key }));
    const keyless = [newRecord('x'), newRecord('x')];
    const results = await log.append([a!, b!, keyless[0]!, c!, d!, keyless[1]!, e!]);
    expect(results).toEqual([
      { status: 'stored', position: expect.any(Number) },
      { status: 'duplicate', originalId: a!.id },
      { status: 'stored', position: expect.any(Number) },
      { status: 'clash', position: expect.any(Number) },
      { status: 'duplicate', originalId: c!.id },
      { status: 'stored', position: expect.any(Number) },
      { status: 'clash', position: expect.any(Number) },
    ]);
    const stored = await log.read(positions(results)[0]! - 1, 10);
    expect(stored.map(({ id }) => id)).toEqual([a!.id, keyless[0]!.id, c!.id, keyless[1]!.id, e!.id]);
  });

  it('stores each record of overlapping groups once, whatever the order of their keys', async () => {
    const start = await lastPosition();
    const names = Array.from({ length: 40 }, (_, index) => `overlap ${index}`);
    const groups = Array.from({ length: 6 }, (_, writer) => names.map((_name, index) => names[(index * 7 + writer * 11) % names.length]!));
    await Promise.all(groups.map((group) => log.append(group.map((name) => newRecord(name, { dedupeKey: dedupeKey(name) })))));
    const bodies = (await log.read(start, 1_000)).map(({ body }) => body.toString());
    expect(bodies.sort()).toEqual([...names].sort());
  });

  it('keeps one digest a group, which the stored rows give again', async () => {
    const results = await log.append([newRecord('p', { dedupeKey: dedupeKey('digest') }), newRecord('p', { dedupeKey: dedupeKey('digest') }), newRecord('q')]);
    const [first, last] = positions(results);
    const [digest] = await database.query<{ last_position: number; count: number; sha256: Buffer }>('SELECT last_position, count, sha256 FROM log_digest WHERE first_position = $1', [first]);
    const rows = await database.query<{ id: string; body_hash: Buffer; body: Buffer }>('SELECT id, body_hash, body FROM log_record WHERE position BETWEEN $1 AND $2 ORDER BY position', [first, last]);
    const hash = createHash('sha256');
    for (const row of rows) hash.update(Buffer.from(row.id.replaceAll('-', ''), 'hex')).update(row.body_hash).update(createHash('sha256').update(row.body).digest());
    expect(digest).toEqual({ last_position: last, count: 2, sha256: hash.digest() });
    expect(await log.append([newRecord('p', { dedupeKey: dedupeKey('digest') })])).toMatchObject([{ status: 'duplicate' }]);
    expect(await database.query('SELECT FROM log_digest WHERE first_position > $1', [last])).toEqual([]);
  });

  it('answers platform.log_busy while another appender does not let go of the lock', async () => {
    const other = new pg.Client({ connectionString: testDatabase.superuserUrl });
    await other.connect();
    try {
      await other.query(`ALTER FUNCTION log_append SET lock_timeout = '50ms'`);
      await other.query('BEGIN');
      await other.query('SELECT pg_advisory_xact_lock(1129271876, 1)');
      await expect(log.append([newRecord()])).rejects.toMatchObject({ code: 'platform.log_busy', details: { retryAfter: 1 } });
      await other.query('COMMIT');
      expect(await log.append([newRecord()])).toMatchObject([{ status: 'stored' }]);
    } finally {
      await other.end();
    }
  });
});
