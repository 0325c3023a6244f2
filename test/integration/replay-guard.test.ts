import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresReplayGuard } from '../../src/intake/index.js';
import { ManualClock } from '../../src/kernel/index.js';
import { Database } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const now = new Date('2026-03-01T12:00:00Z');
const later = new Date(now.getTime() + 300_000);
const signature = () => randomBytes(32);

let store: TestDatabase;
let databases: Database[];

beforeAll(async () => {
  store = await createTestDatabase();
  databases = await Promise.all([1, 2].map(() => Database.open({ url: store.appUrl })));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await store.drop();
});

const guards = (clock = new ManualClock(now)) => databases.map((database) => new PostgresReplayGuard(database, clock));

describe('PostgresReplayGuard', () => {
  it('binds a signature to its first delivery, for every instance and after a restart', async () => {
    const [here, there] = guards();
    const one = signature();
    expect(await here!.bind(one, 'd-1', later)).toBe(true);
    expect(await there!.bind(one, 'd-2', later)).toBe(false);
    const [restarted] = guards();
    expect(await restarted!.bind(one, 'd-2', later)).toBe(false);
    expect(await restarted!.bind(one, 'd-1', later)).toBe(true);
  });

  it('lets one of many deliveries have a signature that all present at once, over two instances', async () => {
    const both = guards();
    const signatures = Array.from({ length: 20 }, signature);
    const claims = signatures.flatMap((one) => [0, 1, 2, 3].map((n) => both[n % 2]!.bind(one, `d-${n}`, later)));
    const outcomes = await Promise.all(claims);
    signatures.forEach((_, index) => expect(outcomes.slice(index * 4, index * 4 + 4).filter(Boolean)).toHaveLength(1));
  });

  it('forgets a signature once its age refuses it', async () => {
    const clock = new ManualClock(now);
    const [guard] = guards(clock);
    const one = signature();
    await guard!.bind(one, 'd-1', later);
    clock.set(new Date(later.getTime() + 30_000));
    await guard!.forget();
    expect(await guard!.bind(one, 'd-2', later)).toBe(false);
    clock.set(new Date(later.getTime() + 61_000));
    await guard!.forget();
    expect(await guard!.bind(one, 'd-2', later)).toBe(true);
  });
});
