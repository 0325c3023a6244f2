import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ManualClock } from '../../src/kernel/index.js';
import { Cursors, Database, InstanceBeacon, Leases } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const TTL = 10_000;

let testDatabase: TestDatabase;
let database: Database;
let leases: Leases;
let cursors: Cursors;
const clock = new ManualClock(new Date('2026-03-01T12:00:00Z'));

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl }, { clock });
  leases = new Leases(database);
  cursors = new Cursors(database);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

describe('Leases', () => {
  it('has one holder at a time, until it expires, is released or is asked for by the holder again', async () => {
    const first = await leases.acquire('one', 'a', TTL);
    expect(first).toMatchObject({ fence: 1 });
    expect(await leases.acquire('one', 'b', TTL)).toBeUndefined();
    clock.advance(TTL - 1);
    expect(await leases.acquire('one', 'b', TTL)).toBeUndefined();
    clock.advance(1);
    const second = await leases.acquire('one', 'b', TTL);
    expect(second).toMatchObject({ fence: 2 });
    await leases.release(first!);
    expect(await leases.acquire('one', 'c', TTL)).toBeUndefined();
    await leases.release(second!);
    expect(await leases.acquire('one', 'c', TTL)).toMatchObject({ fence: 3 });
    expect(await leases.acquire('one', 'c', TTL)).toMatchObject({ fence: 4 });
  });

  it('is prolonged by each use', async () => {
    const lease = await leases.acquire('used', 'a', TTL);
    for (let round = 0; round < 3; round++) {
      clock.advance(TTL - 1);
      await leases.renew(lease!);
    }
    expect(await leases.acquire('used', 'b', TTL)).toBeUndefined();
  });

  it('gives the lease to one of many who ask at once', async () => {
    const got = await Promise.all(Array.from({ length: 8 }, (_, index) => leases.acquire('race', `holder ${index}`, TTL)));
    expect(got.filter(Boolean)).toHaveLength(1);
  });

  it('refuses the commit of a holder that was replaced, however late it notices', async () => {
    await cursors.open('fenced', 'log_record');
    const old = await leases.acquire('fenced', 'old', TTL);
    clock.advance(TTL);
    const work = database.transaction(async (tx) => {
      await cursors.advance(tx, 'fenced', 0, 7);
      const replacement = await leases.acquire('fenced', 'new', TTL);
      expect(replacement).toBeDefined();
      await leases.assertHeld(tx, old!);
    });
    await expect(work).rejects.toMatchObject({ code: 'platform.lease_lost' });
    expect(await cursors.position('fenced')).toBe(0);
  });

  it('makes a takeover wait for a commit that was checked before it', async () => {
    const old = await leases.acquire('checked', 'old', TTL);
    clock.advance(TTL);
    let taken = false;
    let takeover: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      await leases.assertHeld(tx, old!);
      takeover = leases.acquire('checked', 'new', TTL).then((lease) => {
        taken = true;
        return lease;
      });
      await untilWaiting();
      expect(taken).toBe(false);
    });
    // The check prolonged the lease, so the takeover finds it held.
    expect(await takeover).toBeUndefined();
  });
});

describe('Cursors', () => {
  it('moves only from where the reader believes it to be', async () => {
    expect(await cursors.open('own', 'event', 5)).toBe(5);
    expect(await cursors.open('own', 'event', 9)).toBe(5);
    await database.transaction((tx) => cursors.advance(tx, 'own', 5, 8));
    await expect(database.transaction((tx) => cursors.advance(tx, 'own', 5, 8))).rejects.toMatchObject({ code: 'platform.cursor_moved' });
    expect(await cursors.position('own')).toBe(8);
  });
});

async function untilWaiting(): Promise<void> {
  for (;;) {
    const rows = await database.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    if (rows.length > 0) return;
  }
}

describe('InstanceBeacon', () => {
  it('frees the leases of an instance whose connections are gone, and only those', async () => {
    const other = await Database.open({ url: testDatabase.appUrl }, { clock });
    const beacons = [new InstanceBeacon(database), new InstanceBeacon(other)] as const;
    for (const beacon of beacons) await beacon.start();
    const [living, dying] = [new Leases(database, beacons[0]), new Leases(other, beacons[1])];
    await living.acquire('of the living', 'living', TTL);
    await dying.acquire('of the dying', 'dying', TTL);
    expect(await living.acquire('of the dying', 'living', TTL)).toBeUndefined();

    await end(testDatabase.superuserUrl, beacons[1].key);
    await other.close();
    beacons[1].stop();
    expect(await living.acquire('of the dying', 'living', TTL)).toMatchObject({ fence: 2 });
    expect(await leases.acquire('of the living', 'stranger', TTL)).toBeUndefined();
    beacons[0].stop();
  });
});

/** Cuts the connection that holds a beacon, as the death of its process does, and waits until PostgreSQL has let it go. */
async function end(url: string, key: number | undefined): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const holders = async () => (await client.query<{ pid: number }>(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND objsubid = 2`, [key])).rows;
  for (const { pid } of await holders()) await client.query('SELECT pg_terminate_backend($1)', [pid]);
  while ((await holders()).length > 0) await client.query('SELECT pg_sleep(0.01)');
  await client.end();
}
