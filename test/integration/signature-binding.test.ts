import { createSecretKey, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { GroupCommitter } from '../../src/intake/group-committer.js';
import { forgetSignatures } from '../../src/intake/index.js';
import { signatureHeader } from '../../src/intake/signature.js';
import { ManualClock, type Binding, type BoundAppend } from '../../src/kernel/index.js';
import { Database, PostgresEventLog } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { SECRET, source, startIntake, type TestIntake } from '../harness/intake-server.js';
import { newRecord } from '../harness/new-record.js';

const now = new Date('2026-03-01T12:00:00Z');
const later = new Date(now.getTime() + 300_000);

let store: TestDatabase;
let databases: Database[];
let logs: PostgresEventLog[];

beforeAll(async () => {
  store = await createTestDatabase();
  databases = await Promise.all([1, 2].map(() => Database.open({ url: store.appUrl }, { clock: new ManualClock(now) })));
  logs = databases.map((database) => new PostgresEventLog(database));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await store.drop();
});

const newKey = () => randomBytes(16);
const bind = (key: Buffer, holder: string): Binding => ({ key, holder, expires: later });
/** Appends one record a binding, told apart by `body`. */
const append = (log: PostgresEventLog, body: string, ...bindings: Binding[]): Promise<BoundAppend> =>
  log.appendBound(bindings.map(({ holder }) => newRecord(body, { delivery: holder, receivedAt: now })), bindings);
const deliveries = async (body: string) => (await databases[0]!.query<{ delivery: string }>('SELECT delivery FROM log_record WHERE body = $1 ORDER BY position', [Buffer.from(body)])).map(({ delivery }) => delivery);
const stored = expect.objectContaining({ status: 'stored' });

describe('appendBound', () => {
  it('binds a key to its first holder, for every instance and after a restart', async () => {
    const [here, there] = logs;
    const key = newKey();
    expect(await append(here!, 'first', bind(key, 'd-1'))).toEqual({ results: [stored] });
    expect(await append(there!, 'first', bind(key, 'd-2'))).toEqual({ refused: [0] });
    const restarted = new PostgresEventLog(databases[1]!);
    expect(await append(restarted, 'first', bind(key, 'd-2'))).toEqual({ refused: [0] });
    expect(await append(restarted, 'first', bind(key, 'd-1'))).toEqual({ results: [stored] });
    expect(await deliveries('first')).toEqual(['d-1', 'd-1']);
  });

  it('appends nothing of a group that it refuses, and names the refused ones only', async () => {
    const [log] = logs;
    const [taken, free] = [newKey(), newKey()];
    await append(log!, 'owner', bind(taken, 'd-1'));
    const group = [bind(free, 'd-3'), bind(taken, 'd-2'), bind(taken, 'd-1'), bind(free, 'd-4'), bind(free, 'd-3')];
    expect(await append(log!, 'group', ...group)).toEqual({ refused: [1, 3] });
    expect(await deliveries('group')).toEqual([]);
    expect(await append(log!, 'group', ...[group[0]!, group[2]!, group[4]!])).toEqual({ results: [stored, stored, stored] });
  });

  it('binds nothing where the append fails', async () => {
    const [log] = logs;
    const key = newKey();
    await expect(log!.appendBound([newRecord('far', { receivedAt: new Date('2020-01-01') })], [bind(key, 'd-1')])).rejects.toMatchObject({ code: 'platform.log_no_partition' });
    expect(await append(log!, 'far', bind(key, 'd-2'))).toEqual({ results: [stored] });
  });

  it('takes groups with the same keys in another order from two instances, without a deadlock', async () => {
    const keys = [1, 2, 3].map((first) => Buffer.alloc(16, first));
    const watcher = new pg.Client({ connectionString: store.superuserUrl });
    await watcher.connect();
    // Both groups come as far as they can without the middle key, then it is let go.
    await watcher.query('BEGIN');
    await watcher.query('INSERT INTO intake_signature VALUES ($1, $2, $3)', [keys[1], 'd-0', later]);
    const groups = [append(logs[0]!, 'order', ...keys.map((key) => bind(key, 'd-1'))), append(logs[1]!, 'order', ...keys.toReversed().map((key) => bind(key, 'd-2')))];
    const blocked = async () => (await watcher.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).rowCount;
    while ((await blocked()) !== 2) await sleep(5);
    await watcher.query('ROLLBACK');
    await watcher.end();
    const outcomes = await Promise.all(groups);
    expect(outcomes.filter((outcome) => 'results' in outcome)).toHaveLength(1);
    expect(new Set(await deliveries('order')).size).toBe(1);
  });

  it('is done again for the rest of a group in which one is refused', async () => {
    const committer = new GroupCommitter(logs[0]!, { maxRecords: 1000, maxBytes: 1_000_000 });
    const key = newKey();
    const submit = (body: string, binding?: Binding) => committer.submit('lane', { records: [newRecord(body, { delivery: binding?.holder ?? 'unsigned', receivedAt: now })], binding });
    const outcomes = await Promise.all([submit('rest', bind(key, 'owner')), submit('rest', bind(key, 'thief')), submit('rest'), submit('rest', bind(newKey(), 'other'))]);
    expect(outcomes).toEqual([[stored], 'refused', [stored], [stored]]);
    expect(await deliveries('rest')).toEqual(['owner', 'unsigned', 'other']);
  });

  it('forgets a key once the age of its signature refuses it', async () => {
    const [log] = logs;
    const key = newKey();
    await append(log!, 'age', bind(key, 'd-1'));
    await forgetSignatures(databases[0]!, new Date(later.getTime() + 30_000));
    expect(await append(log!, 'age', bind(key, 'd-2'))).toEqual({ refused: [0] });
    await forgetSignatures(databases[0]!, new Date(later.getTime() + 61_000));
    expect(await append(log!, 'age', bind(key, 'd-2'))).toEqual({ results: [stored] });
  });
});

describe('two instances of the intake', () => {
  let instances: TestIntake[];

  beforeAll(async () => {
    instances = await Promise.all(logs.map((log) => startIntake({ gateway: source() }, {}, { log })));
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
  });

  it('take a signature that races under two delivery ids once, refuse the other, and store nothing of it', async () => {
    const key = createSecretKey(Buffer.from(SECRET));
    for (let round = 0; round < 30; round += 1) {
      const body = `{"race":${round}}`;
      const signature = { 'x-cordon-signature': signatureHeader(key, now, Buffer.from(body)) };
      const ids = [`race-${round}-here`, `race-${round}-there`];
      const answers = await Promise.all(instances.map((instance, index) => instance.post('gateway', body, { ...signature, 'x-cordon-delivery': ids[index]! })));
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
      const winner = answers.findIndex(({ status }) => status === 202);
      expect(answers[1 - winner]!.body).toMatchObject({ code: 'intake.replayed' });
      expect(await deliveries(body)).toEqual([ids[winner]]);
      const retry = await instances[1 - winner]!.post('gateway', body, { ...signature, 'x-cordon-delivery': ids[winner]! });
      expect(retry).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 1 } });
    }
  });
});
