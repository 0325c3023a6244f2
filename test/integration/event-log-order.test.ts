import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { uuidv7 } from '../../src/kernel/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

/**
 * Whether a cursor reader loses rows. The log must hold; the two variants that look as good (a bare bigserial, and a
 * sequence with a cache under the same lock) must be caught by the very same scenarios, or these prove nothing.
 */
interface Variant {
  readonly table: string;
  /** One statement that appends one row. */
  readonly append: string;
}

const logAppend = (at: string) => `SELECT * FROM log_append(ARRAY['${at}'::uuid], '{s}', '{t}', '{d}', '{0}', ARRAY[NULL::bytea], ARRAY['\\x00'::bytea], '\\x7b7d', '{2}', ARRAY[now()])`;

const log: Variant = { table: 'log_record', append: 'log' };
const bare: Variant = { table: 'bare_log', append: 'INSERT INTO bare_log DEFAULT VALUES' };
const cached: Variant = { table: 'cached_log', append: 'SELECT cached_append()' };

const statement = (variant: Variant): string => (variant === log ? logAppend(uuidv7()) : variant.append);

let database: TestDatabase;
const clients: pg.Client[] = [];

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  clients.push(client);
  return client;
}

class CursorReader {
  readonly seen = new Set<string>();
  private cursor = '0';

  constructor(
    private readonly client: pg.Client,
    private readonly table: string,
  ) {}

  async read(): Promise<void> {
    const { rows } = await this.client.query<{ position: string }>(`SELECT position FROM ${this.table} WHERE position > $1 ORDER BY position`, [this.cursor]);
    for (const { position } of rows) this.seen.add(position);
    this.cursor = rows.at(-1)?.position ?? this.cursor;
  }

  /** Committed rows that the reader has passed without seeing. */
  async missed(): Promise<number> {
    const { rows } = await this.client.query<{ position: string }>(`SELECT position FROM ${this.table}`);
    return rows.filter(({ position }) => !this.seen.has(position)).length;
  }
}

async function untilDoneOrBlocked(work: Promise<unknown>, pid: number, watcher: pg.Client): Promise<void> {
  let done = false;
  void work.then(() => (done = true));
  while (!done) {
    const { rows } = await watcher.query('SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = $2', [pid, 'Lock']);
    if (rows.length > 0) return;
    await sleep(5);
  }
}

/** A takes a position, B takes the next and commits if it can, the reader reads, A commits: nothing may be passed over. */
async function twoConnections(variant: Variant): Promise<number> {
  const [a, b, watcher] = [await connect(), await connect(), await connect()];
  const reader = new CursorReader(watcher, variant.table);
  const { rows } = await b.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await a.query(statement(variant));
  await a.query('BEGIN');
  await a.query(statement(variant));
  const second = b.query(statement(variant));
  await untilDoneOrBlocked(second, rows[0]!.pid, watcher);
  await reader.read();
  await a.query('COMMIT');
  await second;
  await reader.read();
  await a.query(statement(variant));
  await reader.read();
  return reader.missed();
}

/** Eight writers beside a reader that follows them with its cursor; then an audit of what it has seen. */
async function eightWriters(variant: Variant, milliseconds: number): Promise<{ missed: number; rows: number }> {
  const writers = await Promise.all(Array.from({ length: 8 }, connect));
  const reader = new CursorReader(await connect(), variant.table);
  const end = performance.now() + milliseconds;
  const writing = writers.map(async (client) => {
    while (performance.now() < end) {
      await client.query('BEGIN');
      await client.query(statement(variant));
      await client.query('COMMIT');
    }
  });
  const following = async () => {
    while (performance.now() < end) await reader.read();
  };
  await Promise.all([...writing, following()]);
  await reader.read();
  return { missed: await reader.missed(), rows: reader.seen.size };
}

beforeAll(async () => {
  database = await createTestDatabase();
  const client = await connect();
  await client.query(`
    SELECT partition_create('log_record', current_date + n) FROM generate_series(-1, 1) AS n;
    CREATE TABLE bare_log (position bigserial);
    CREATE SEQUENCE cached_position CACHE 50;
    CREATE TABLE cached_log (position bigint);
    CREATE FUNCTION cached_append() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(77);
      INSERT INTO cached_log VALUES (nextval('cached_position'));
    END $$;
  `);
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.drop();
});

describe('order of the event log', () => {
  it('loses nothing to a reader between two commits', async () => {
    expect(await twoConnections(log)).toBe(0);
  });

  it('loses nothing to a reader beside eight writers', async () => {
    const { missed, rows } = await eightWriters(log, 2_000);
    expect(rows).toBeGreaterThan(100);
    expect(missed).toBe(0);
  });
});

describe('the scenarios of the order test', () => {
  it.each([
    ['a bare bigserial', bare],
    ['a sequence with CACHE 50 under the lock', cached],
  ])('catch %s between two commits', async (_name, variant) => {
    expect(await twoConnections(variant)).toBeGreaterThan(0);
  });

  it.each([
    ['a bare bigserial', bare],
    ['a sequence with CACHE 50 under the lock', cached],
  ])('catch %s beside eight writers', async (_name, variant) => {
    expect((await eightWriters(variant, 1_500)).missed).toBeGreaterThan(0);
  });
});
