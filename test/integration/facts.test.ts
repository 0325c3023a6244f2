import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewFact } from '../../src/kernel/index.js';
import { Database, PostgresFactLog } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let testDatabase: TestDatabase;
let database: Database;
let facts: PostgresFactLog;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl, poolSize: 12 });
  facts = new PostgresFactLog(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const fact = (subject: string): NewFact<'pipeline_error.raised'> => ({ type: 'pipeline_error.raised', subject, body: { recordId: subject, stream: 's', code: 'c' } });

/** Reads as one would without the fence: whatever is visible above the cursor. */
async function readWithoutFence(cursor: number): Promise<{ subjects: string[]; cursor: number }> {
  const rows = await database.query<{ position: number; subject: string }>('SELECT position, subject FROM fact WHERE position > $1 ORDER BY position', [cursor]);
  return { subjects: rows.map(({ subject }) => subject), cursor: rows.at(-1)?.position ?? cursor };
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** The cursor once all that is committed has been read. */
async function drain(): Promise<number> {
  let cursor = 0;
  for (;;) {
    const next = await facts.read(cursor, 1_000);
    if (next.cursor === cursor) return cursor;
    cursor = next.cursor;
  }
}

describe('PostgresFactLog', () => {
  it('gives facts back as written, with the time of their transaction', async () => {
    const start = await drain();
    const now = await database.transaction(async (tx) => {
      await facts.append(tx, [fact('first'), fact('second')]);
      return tx.now;
    });
    const read = await facts.read(start, 10);
    expect(read.facts.map(({ subject, at }) => [subject, at.getTime()])).toEqual([['first', now.getTime()], ['second', now.getTime()]]);
    expect(read.facts[0]).toMatchObject(fact('first'));
    expect(await facts.read(start, 1)).toMatchObject({ facts: [{ subject: 'first' }], cursor: read.facts[0]!.position });
  });

  it('does not pass a fact that is inserted but not committed, where a reader without the fence does', async () => {
    const start = await drain();
    const [inserted, release] = [gate(), gate()];
    const early = database.transaction(async (tx) => {
      await facts.append(tx, [fact('early')]);
      inserted.open();
      await release.opened;
    });
    await inserted.opened;
    await database.transaction((tx) => facts.append(tx, [fact('late')]));

    const naive = await readWithoutFence(start);
    expect(naive.subjects).toEqual(['late']);
    const fenced = await facts.read(start, 10);
    expect(fenced.facts).toEqual([]);

    release.open();
    await early;
    expect((await readWithoutFence(naive.cursor)).subjects).toEqual([]);
    expect((await facts.read(fenced.cursor, 10)).facts.map(({ subject }) => subject)).toEqual(['early', 'late']);
  });

  it('passes positions of a transaction that rolled back', async () => {
    const start = await drain();
    await expect(
      database.transaction(async (tx) => {
        await facts.append(tx, [fact('gone')]);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    const { facts: none, cursor } = await facts.read(start, 10);
    expect(none).toEqual([]);
    expect(cursor).toBeGreaterThan(start);
  });

  it('gives a cursor reader every fact of eight writers whose transactions overlap; without the fence some are missed', async () => {
    const start = await drain();
    const end = performance.now() + 1_500;
    const written: string[] = [];
    const ROUNDS = 10;
    let finished = false;
    const writing = Array.from({ length: 8 }, async (_, writer) => {
      // Long enough for transactions to overlap, and enough of them however slow the machine is.
      for (let round = 0; performance.now() < end || round < ROUNDS; round++) {
        const subjects = [`${writer}-${round}-a`, `${writer}-${round}-b`];
        await database.transaction(async (tx) => {
          await facts.append(tx, [fact(subjects[0]!)]);
          await sleep((writer * 7 + round * 3) % 11);
          await facts.append(tx, [fact(subjects[1]!)]);
        });
        written.push(...subjects);
      }
    });
    const seen: string[] = [];
    const naive: string[] = [];
    const following = async () => {
      let [cursor, naiveCursor] = [start, start];
      let last = false;
      for (;;) {
        const read = await facts.read(cursor, 50);
        seen.push(...read.facts.map(({ subject }) => subject));
        cursor = read.cursor;
        const without = await readWithoutFence(naiveCursor);
        naive.push(...without.subjects);
        naiveCursor = without.cursor;
        if (last && read.facts.length === 0) return;
        if (finished) last = true;
      }
    };
    await Promise.all([Promise.all(writing).then(() => (finished = true)), following()]);
    expect(written.length).toBeGreaterThan(100);
    expect([...seen].sort()).toEqual([...written].sort());
    expect(naive.length).toBeLessThan(written.length);
  });

  it('keeps clear of the locks of others: only a fact of this database raises the fence', async () => {
    const start = await drain();
    await database.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock_shared(1), pg_advisory_xact_lock_shared(1129271876, 2)');
      await database.transaction((inner) => facts.append(inner, [fact('not held back')]));
      expect((await facts.read(start, 10)).facts).toHaveLength(1);
    });
  });
});
