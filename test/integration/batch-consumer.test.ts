import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BatchConsumer, Cursors, Database, Leases, PostgresEventLog, silentTelemetry, type Batch, type DatabaseTx } from '../../src/platform/index.js';
import type { StoredRecord } from '../../src/kernel/index.js';
import { CutProxy, type Cut } from '../harness/cut-proxy.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { newRecord } from '../harness/new-record.js';

let testDatabase: TestDatabase;
let direct: Database;
let log: PostgresEventLog;
let name = '';
let run = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const owner = await Database.open({ url: testDatabase.ownerUrl, poolSize: 2 });
  // No key on purpose: a record that takes effect twice must show as two rows.
  await owner.query('CREATE TABLE applied (consumer text, position bigint, worker text)');
  await owner.query('GRANT SELECT, INSERT ON applied TO PUBLIC');
  await owner.close();
  direct = await Database.open({ url: testDatabase.appUrl, poolSize: 4 });
  log = new PostgresEventLog(direct);
});

afterAll(async () => {
  await direct.close();
  await testDatabase.drop();
});

beforeEach(() => {
  name = `consumer-${++run}`;
});

/** Sums what it sees, in the database and in memory; the two may never differ once a batch is over. */
class Counting {
  readonly memory = new Map<number, number>();
  resets = 0;
  failures = 0;
  fail: (batch: Batch<StoredRecord>, tx: DatabaseTx) => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly worker: string,
  ) {}

  async read(cursor: number, limit: number) {
    const rows = await new PostgresEventLog(this.database).read(cursor, limit);
    return { rows, cursor: rows.at(-1)?.position ?? cursor };
  }

  async handle(tx: DatabaseTx, batch: Batch<StoredRecord>): Promise<() => void> {
    await tx.copyIn('applied', ['consumer', 'position', 'worker'], batch.rows.map(({ position }) => [name, position, this.worker]));
    await this.fail(batch, tx);
    return () => {
      for (const { position } of batch.rows) this.memory.set(position, (this.memory.get(position) ?? 0) + 1);
    };
  }

  readonly rejected: number[] = [];

  async reject(_tx: DatabaseTx, { position }: StoredRecord): Promise<void> {
    this.rejected.push(position);
  }

  async reset(cursor: number): Promise<void> {
    this.resets++;
    this.memory.clear();
    const rows = await this.database.query<{ position: number; times: number }>('SELECT position, count(*) AS times FROM applied WHERE consumer = $1 AND position <= $2 GROUP BY position', [name, cursor]);
    for (const { position, times } of rows) this.memory.set(position, times);
  }
}

function consumerOf(database: Database, handler: Counting, worker: string, batchSize = 7): BatchConsumer<StoredRecord> {
  const dependencies = { database, cursors: new Cursors(database), leases: new Leases(database), telemetry: silentTelemetry() };
  return new BatchConsumer(dependencies, handler, { name, reads: 'log_record', holder: worker, batchSize, pollMs: 20, leaseMs: 400, idleMs: 50 });
}

const append = (count: number) => log.append(Array.from({ length: count }, () => newRecord()));

async function untilCaughtUp(): Promise<number[]> {
  const all = (await log.read(0, 100_000)).map(({ position }) => position);
  const cursors = new Cursors(direct);
  while ((await cursors.position(name)) !== all.at(-1)) await sleep(10);
  return all;
}

const applied = async (): Promise<number[]> => (await direct.query<{ position: number }>('SELECT position FROM applied WHERE consumer = $1 ORDER BY position', [name])).map(({ position }) => position);

describe('BatchConsumer', () => {
  it('applies every record once, in order, and follows what is appended later', async () => {
    await append(20);
    const handler = new Counting(direct, 'a');
    const consumer = consumerOf(direct, handler, 'a');
    consumer.start();
    await untilCaughtUp();
    await append(5);
    consumer.notify();
    const all = await untilCaughtUp();
    await consumer.stop();
    expect(await applied()).toEqual(all);
    expect([...handler.memory.values()].every((times) => times === 1)).toBe(true);
    expect(handler.resets).toBe(1);
  });

  it('applies every record once when commits break before and after they happen, batches fail and connections die', async () => {
    let round = 0;
    const cuts: Cut[] = ['never', 'after', 'before', 'never', 'never', 'after', 'never', 'before'];
    const proxy = await CutProxy.start(testDatabase.appUrl, () => (round < 60 ? cuts[round++ % cuts.length]! : 'never'));
    const through = await Database.open({ url: proxy.url, poolSize: 3 });
    const handler = new Counting(through, 'a');
    let batches = 0;
    handler.fail = async (_batch, tx) => {
      batches++;
      if (batches < 40 && batches % 5 === 0) throw new Error('the handler failed');
      if (batches < 40 && batches % 7 === 0) await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
    };
    await append(120);
    const consumer = consumerOf(through, handler, 'a', 5);
    consumer.start();
    const all = await untilCaughtUp();
    // A last commit whose answer was cut reaches memory by the reset that follows it.
    while (handler.memory.size !== all.length) await sleep(10);
    await consumer.stop();
    await through.close();
    await proxy.stop();
    expect(proxy.cuts).toBeGreaterThan(5);
    expect(handler.resets).toBeGreaterThan(5);
    expect(await applied()).toEqual(all);
    expect([...handler.memory].sort(([a], [b]) => a - b)).toEqual(all.map((position) => [position, 1]));
  }, 60_000);

  it('lets one of two instances work, and the other go on when the first stops or stalls past its lease', async () => {
    const [first, second] = [new Counting(direct, 'first'), new Counting(direct, 'second')];
    let stall: Promise<void> | undefined;
    let resume = (): void => undefined;
    first.fail = () => stall ?? Promise.resolve();
    const consumers = [consumerOf(direct, first, 'first'), consumerOf(direct, second, 'second')];
    await append(10);
    consumers[0]!.start();
    await untilCaughtUp();
    consumers[1]!.start();
    await append(10);
    await untilCaughtUp();
    expect(second.resets).toBe(0);

    stall = new Promise((resolve) => (resume = resolve));
    await append(10);
    const all = await untilCaughtUp();
    resume();
    stall = undefined;
    await append(1);
    const more = await untilCaughtUp();
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    expect(more.length).toBe(all.length + 1);
    expect(await applied()).toEqual(more);
    expect(second.resets).toBeGreaterThan(0);
  }, 30_000);

  it('leaves out the one row that fails every batch, and no other', async () => {
    await append(30);
    const poisoned = (await log.read(0, 100_000)).at(-10)?.position;
    const handler = new Counting(direct, 'a');
    handler.fail = ({ rows }) => (rows.some(({ position }) => position === poisoned) ? Promise.reject(new RangeError('cannot be held')) : Promise.resolve());
    const consumer = consumerOf(direct, handler, 'a', 100);
    consumer.start();
    const all = await untilCaughtUp();
    await consumer.stop();
    expect(handler.rejected).toEqual([poisoned]);
    expect(await applied()).toEqual(all.filter((position) => position !== poisoned));
  }, 30_000);

  it('ticks while there is nothing to read, under its lease', async () => {
    const handler = Object.assign(new Counting(direct, 'a'), {
      ticks: [] as number[],
      idle(_tx: DatabaseTx, cursor: number) {
        handler.ticks.push(cursor);
        return Promise.resolve(undefined);
      },
    });
    const consumer = consumerOf(direct, handler, 'a');
    await append(1);
    consumer.start();
    const all = await untilCaughtUp();
    while (handler.ticks.length < 2) await sleep(10);
    await consumer.stop();
    expect(new Set(handler.ticks)).toEqual(new Set([all.at(-1)]));
  }, 30_000);

  it('gives its lease back when it stops, so that the next one starts at once', async () => {
    await append(1);
    const consumer = consumerOf(direct, new Counting(direct, 'a'), 'a');
    consumer.start();
    await untilCaughtUp();
    await consumer.stop();
    expect(await new Leases(direct).acquire(name, 'b', 1_000)).toBeDefined();
  });
});
