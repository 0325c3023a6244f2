import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '../../src/kernel/index.js';
import { Database, DatabaseClock, toJson } from '../../src/platform/index.js';
import { CutProxy, type Cut } from '../harness/cut-proxy.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.ownerUrl });
  await database.query('CREATE TABLE sample (id bigint, name text, flag boolean, at timestamptz, raw bytea, tags text[], doc jsonb, items jsonb)');
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const COLUMNS = ['id', 'name', 'flag', 'at', 'raw', 'tags', 'doc', 'items'];
const count = async (): Promise<unknown> => (await database.query<{ count: number }>('SELECT count(*) FROM sample'))[0]?.count;

/** What PostgreSQL can keep of a string. */
const kept = (text: string): string => Buffer.from(text.replaceAll('\0', '\ufffd')).toString();
const keptJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value), (_key, item: unknown) => (typeof item === 'string' ? kept(item) : item));

const text = fc.string({ unit: fc.oneof(fc.constantFrom('\0', '\\', '\t', '\n', '\r', '"', '{', '}', ',', 'N', '\ud800', 'é', '😀', "'"), fc.string({ minLength: 1, maxLength: 1 })) });

describe('copyIn', () => {
  it('gives back every value as it went in', async () => {
    const row = fc.tuple(
      fc.maxSafeInteger(),
      fc.option(text),
      fc.boolean(),
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.array(fc.option(text)),
      fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), fc.oneof(text, fc.integer(), fc.constant(null))),
      fc.array(text),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        await database.query('TRUNCATE sample');
        const copied = await database.transaction((tx) => tx.copyIn('sample', COLUMNS, rows.map((values) => [...values.slice(0, 7), toJson(values[7])] as never)));
        expect(copied).toBe(rows.length);
        const read = await database.query('SELECT * FROM sample');
        const expected = rows.map(([id, name, flag, at, raw, tags, doc, items]) => ({
          id: id === 0 ? 0 : id, name: name === null ? null : kept(name), flag, at, raw, tags: tags.map((tag) => (tag === null ? null : kept(tag))), doc: keptJson(doc), items: keptJson(items),
        }));
        const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
        expect([...read].sort(byText)).toEqual([...expected].sort(byText));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('fails as a whole and leaves the transaction to roll back', async () => {
    await database.query('TRUNCATE sample');
    const rows = [[1], ['no number'], [2]];
    await expect(database.transaction((tx) => tx.copyIn('sample', ['id'], rows))).rejects.toThrow(/invalid input syntax/);
    expect(await count()).toBe(0);
    expect(await database.transaction((tx) => tx.copyIn('sample', ['id'], []))).toBe(0);
  });
});

describe('transaction', () => {
  it('rolls back what failed, also an error of a statement that was swallowed', async () => {
    await database.query('TRUNCATE sample');
    const insert = 'INSERT INTO sample (id) VALUES (1)';
    await expect(database.transaction(async (tx) => { await tx.query(insert); throw new Error('mine'); })).rejects.toThrow('mine');
    await expect(database.transaction(async (tx) => { await tx.query(insert); await tx.query('nonsense').catch(() => undefined); })).rejects.toThrow(/swallowed/);
    expect(await count()).toBe(0);
  });

  it('gives one time for all of it, that of the database or of an injected clock', async () => {
    const before = await database.now();
    const now = await database.transaction(async (tx) => tx.now);
    expect(now.getTime()).toBeGreaterThanOrEqual(before.getTime());
    const clock = new ManualClock(new Date('2020-02-02T02:02:02Z'));
    const frozen = await Database.open({ url: testDatabase.appUrl, poolSize: 2 }, { clock });
    expect(await frozen.transaction(async (tx) => tx.now)).toEqual(clock.now());
    await frozen.close();
  });

  it('lets TypeORM take part: its rows go with the rollback, its nested transaction is a savepoint', async () => {
    await database.query('TRUNCATE sample');
    await database.transaction(async (tx) => {
      await tx.manager.query('INSERT INTO sample (id) VALUES (1)');
      await tx.manager.transaction(async (inner) => { await inner.query('INSERT INTO sample (id) VALUES (2)'); throw new Error('inner'); }).catch(() => undefined);
      expect(await tx.query('SELECT id FROM sample')).toEqual([{ id: 1 }]);
    });
    await expect(database.transaction(async (tx) => { await tx.manager.query('INSERT INTO sample (id) VALUES (3)'); throw new Error('outer'); })).rejects.toThrow('outer');
    expect(await database.query('SELECT id FROM sample')).toEqual([{ id: 1 }]);
  });

  it('refuses a statement through TypeORM after its end', async () => {
    const { manager } = await database.transaction(async (tx) => ({ manager: tx.manager }));
    await expect(manager.query('SELECT 1')).rejects.toThrow(/released/i);
  });

  it('tells a commit of unknown outcome from one that failed, and goes on with a new connection', async () => {
    let cut: Cut = 'never';
    const proxy = await CutProxy.start(testDatabase.ownerUrl, () => cut);
    const through = await Database.open({ url: proxy.url, poolSize: 2 });
    const insert = () => through.transaction((tx) => tx.query('INSERT INTO sample (id) VALUES (1)'));
    await database.query('TRUNCATE sample');
    cut = 'before';
    await expect(insert()).rejects.toMatchObject({ code: 'platform.commit_unknown' });
    cut = 'after';
    await expect(insert()).rejects.toMatchObject({ code: 'platform.commit_unknown' });
    cut = 'never';
    await insert();
    expect(proxy.cuts).toBe(2);
    expect(await count()).toBe(2);
    await through.close();
    await proxy.stop();
  });

  it('says platform.database_unavailable when the connection breaks before the commit', async () => {
    const work = database.transaction((tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(work).rejects.toMatchObject({ code: 'platform.database_unavailable', definition: { retryable: true } });
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('errors', () => {
  it('names what PostgreSQL refused', async () => {
    await expect(database.query('SET statement_timeout = 10; SELECT pg_sleep(5)')).rejects.toMatchObject({ code: 'platform.database_timeout' });
    await expect(database.query('SELECT FROM not_there')).rejects.toMatchObject({ code: 'platform.database_missing' });
    const wrong = (change: (url: URL) => void): string => {
      const url = new URL(testDatabase.appUrl);
      change(url);
      return url.href;
    };
    await expect(Database.open({ url: wrong((url) => (url.pathname = '/not_there')) })).rejects.toMatchObject({ code: expect.stringMatching(/platform\.database_(missing|denied)/) });
    await expect(Database.open({ url: 'postgresql://user@127.0.0.1:1/x' })).rejects.toMatchObject({ code: 'platform.database_unavailable' });
  });

  it('leaves a violated constraint to the module that caused it', async () => {
    await database.query('TRUNCATE sample');
    await database.query('CREATE UNIQUE INDEX sample_id ON sample (id)');
    await database.query('INSERT INTO sample (id) VALUES (1)');
    await expect(database.query('INSERT INTO sample (id) VALUES (1)')).rejects.toMatchObject({ code: '23505', constraint: 'sample_id' });
    await database.query('DROP INDEX sample_id');
  });

  it('reads a bigint as a number and refuses one that would lose digits', async () => {
    expect(await database.query('SELECT 9007199254740991 AS a, ARRAY[1, NULL]::bigint[] AS b')).toEqual([{ a: Number.MAX_SAFE_INTEGER, b: [1, null] }]);
    await expect(database.query('SELECT 9007199254740993::bigint AS a')).rejects.toThrow(RangeError);
  });
});

describe('DatabaseClock', () => {
  it('stays near the database clock and never falls', async () => {
    const clock = await DatabaseClock.start(database);
    let last = clock.now().getTime();
    for (let round = 0; round < 20; round++) {
      await clock.refresh();
      const now = clock.now().getTime();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(Math.abs(last - (await database.now()).getTime())).toBeLessThan(1_000);
    clock.stop();
  });
});
