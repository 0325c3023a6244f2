import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AuditRows, ChainReader, CheckpointKey, verifyDatabase, verifyExport, type Checkpoint } from '../../src/audit/index.js';
import { auditLogEvents } from '../../src/audit/audit.log-events.js';
import { auditMetrics } from '../../src/audit/audit.metrics.js';
import { DeliveryDigests } from '../../src/audit/delivery-digests.js';
import { exportChain } from '../../src/audit/export-file.js';
import { readDetail } from '../../src/audit/read-detail.js';
import { RefusalCounts } from '../../src/audit/refusal-counts.js';
import { Sealer } from '../../src/audit/sealer.js';
import { TrailWork } from '../../src/audit/trail-work.js';
import { UnsealedWatch } from '../../src/audit/unsealed-watch.js';
import { ManualClock, type AuditEntry } from '../../src/kernel/index.js';
import { Cursors, Database, LeasedWorker, Leases, PostgresEventLog, silentTelemetry, type Lease } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { newRecord } from '../harness/new-record.js';

const TTL = 60_000;
const key = new CheckpointKey(Buffer.alloc(32, 7));

let testDatabase: TestDatabase;
let app: Database;
let superuser: pg.Client;
const audit = new AuditRows();

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  app = await Database.open({ url: testDatabase.appUrl });
  superuser = new pg.Client({ connectionString: testDatabase.superuserUrl });
  await superuser.connect();
});

afterEach(async () => {
  await superuser.end();
  await app.close();
  await testDatabase.drop();
});


const entry = (target: string, detail: AuditEntry['detail'] = {}): AuditEntry => ({ action: 'test.done', actor: 'key:1', target, detail });
const record = (...targets: string[]) => app.transaction((tx) => audit.record(tx, targets.map((target) => entry(target))));

function trail(database = app, telemetry = silentTelemetry()) {
  const leases = new Leases(database);
  const reader = new ChainReader(database);
  const log: string[] = [];
  const sealer = new Sealer({ database, leases, reader, key, metrics: telemetry.metrics(auditMetrics), log: (event) => void log.push(event) });
  const digests = new DeliveryDigests({ database, leases, cursors: new Cursors(database), audit });
  const refusals = new RefusalCounts({ database, leases, audit });
  return { leases, reader, sealer, digests, refusals, log, telemetry };
}

async function sealAll({ leases, sealer }: ReturnType<typeof trail>, { sign = false } = {}): Promise<Checkpoint | undefined> {
  const lease = (await leases.acquire('audit-sealer', 'test', TTL))!;
  while (await sealer.seal(lease));
  return sign ? sealer.checkpoint(lease) : undefined;
}

const verify = (outside: readonly Checkpoint[] = []) => verifyDatabase(new ChainReader(app), { outside, trusted: new Set([key.publicKey]) });

/** As somebody who may do anything on the host would. */
async function tamper(...statements: string[]): Promise<void> {
  await superuser.query("SET session_replication_role = 'replica'");
  for (const statement of statements) await superuser.query(statement);
  await superuser.query("SET session_replication_role = 'origin'");
}

describe('the application role', () => {
  it.each(['audit_row', 'audit_link', 'audit_checkpoint'])('and the owner can neither change, remove nor empty %s', async (table) => {
    await record('one');
    await sealAll(trail(), { sign: true });
    const owner = await Database.open({ url: testDatabase.ownerUrl });
    const column = table === 'audit_row' ? 'at = now()' : 'seq = 7';
    for (const statement of [`UPDATE ${table} SET ${column}`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`]) {
      await expect(app.query(statement)).rejects.toMatchObject({ code: 'platform.database_denied' });
      await expect(owner.query(statement)).rejects.toMatchObject({ code: 'platform.database_denied' });
      await expect(superuser.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
    await owner.close();
    expect(await verify()).toMatchObject({ entries: 1, finding: undefined });
  });

  it('writes rows and links through their functions alone, and takes no row off the list', async () => {
    await record('one');
    for (const statement of [
      "INSERT INTO audit_row (id, at, action, actor, target, detail) VALUES (gen_random_uuid(), now(), 'a', 'b', 'c', '{}')",
      'INSERT INTO audit_link SELECT 1, row_id, sha256(\'\'), sha256(\'\') FROM audit_pending',
      'DELETE FROM audit_pending',
    ]) await expect(app.query(statement)).rejects.toMatchObject({ code: 'platform.database_denied' });
  });
});

describe('sealing', () => {
  it('links what is there by time, and what commits late after it, and leaves none out', async () => {
    const parts = trail();
    const late = await app.openSession(() => undefined);
    await late.query('BEGIN', []);
    await late.query(`SELECT audit_append(ARRAY[gen_random_uuid()], clock_timestamp(), '{test.late}', '{key:1}', '{late}', '{"{}"}')`, []);
    await record('one', 'two');
    await sealAll(parts, { sign: true });
    await record('three');
    await sealAll(parts);
    await late.query('COMMIT', []);
    late.close();
    await sealAll(parts, { sign: true });
    const entries = await parts.reader.list({ actor: undefined, action: undefined, target: undefined, from: undefined, to: undefined, before: undefined, limit: 10 });
    expect(entries.map(({ seq, content }) => [seq, content?.target])).toEqual([[4, 'late'], [3, 'three'], [2, 'two'], [1, 'one']]);
    expect(await verify()).toMatchObject({ entries: 4, checkpoints: 2, vouched: 4, unsealed: 0, finding: undefined });
  });

  it('gives an export the hashes that the database has, whatever the detail holds', async () => {
    const details: AuditEntry['detail'][] = [{ text: 'Zürich 🙂 \u0000 \ud800 "\\u0000"', list: [1.5, -0, 1e21, 5e-324, 1e300], nested: { ä: null, 'a"b': [[]] } }, { ['__proto__']: 1, b: 0.1 + 0.2 }];
    await app.transaction((tx) => audit.record(tx, details.map((detail) => entry('odd', detail))));
    // past the product: numbers and times that no entry of ours has
    await app.query(`SELECT audit_append(ARRAY[gen_random_uuid(), gen_random_uuid()], timestamptz '2026-03-01T12:00:00.123456+02', '{a,a}', '{b,b}', '{c,c}', ARRAY['{"n": 9007199254740993, "m": 1.10}', '1e400'])`);
    await app.query(`SELECT audit_append(ARRAY[gen_random_uuid()], 'infinity', '{a}', '{b}', '{c}', ARRAY[$1])`, [`{"a":${'['.repeat(900)}${']'.repeat(900)}}`]);
    await sealAll(trail(), { sign: true });
    expect(await verify()).toMatchObject({ finding: undefined, unsealed: 0 });
    const lines = await exported();
    expect(await verifyExport(streamed(lines), { outside: [], trusted: new Set([key.publicKey]) })).toMatchObject({ finding: undefined, vouched: lines.length - 3 });
  });

  it('takes the numbers of ours as PostgreSQL prints them', async () => {
    const numbers = [0, 1, -1.5, 1e20, 1e21, 123456789012345680000, 1e23, 1.7976931348623157e308, 5e-324, 2.5e-7, -1e-10, 0.1 + 0.2, Number.MAX_SAFE_INTEGER];
    const [row] = await app.query<{ text: string }>('SELECT $1::jsonb::text AS text', [JSON.stringify(numbers)]);
    expect(readDetail(row!.text)).toEqual(numbers);
  });

  it('never forks the chain: a sealer that lost its lease, or did not see the end, adds nothing', async () => {
    const clock = new ManualClock(new Date('2026-03-01T12:00:00Z'));
    const [one, other] = await Promise.all([1, 2].map(() => Database.open({ url: testDatabase.appUrl }, { clock })));
    try {
      const [a, b] = [trail(one), trail(other)];
      const leaseA = (await a.leases.acquire('audit-sealer', 'a', TTL))!;
      await record('one');
      await a.sealer.seal(leaseA);
      clock.advance(TTL);
      const leaseB = (await b.leases.acquire('audit-sealer', 'b', TTL))!;
      await record('two');
      await expect(a.sealer.seal(leaseA)).rejects.toMatchObject({ code: 'platform.lease_lost' });
      await expect(a.sealer.checkpoint(leaseA)).rejects.toMatchObject({ code: 'platform.lease_lost' });
      await expect(a.digests.fold(leaseA).then(() => a.refusals.fold(leaseA))).rejects.toMatchObject({ code: 'platform.lease_lost' });
      await b.sealer.seal(leaseB);
      await record('three');
      const [pending] = await app.query<{ id: string }>('SELECT row_id AS id FROM audit_pending');
      const seal = (after: number, prev: string) => app.query(`SELECT audit_seal($1, decode($2, 'hex'), ARRAY[$3::uuid], ARRAY[sha256('x')])`, [after, prev, pending!.id]);
      await expect(seal(1, '00'.repeat(32))).rejects.toThrow(/does not end at entry 1/);
      await expect(seal(2, '00'.repeat(32))).rejects.toThrow(/does not end at entry 2/);
      const { end } = await b.reader.extent();
      await expect(app.query(`SELECT audit_seal(2, decode($1, 'hex'), ARRAY[gen_random_uuid()], ARRAY[sha256('x')])`, [end.hash])).rejects.toThrow(/0 of 1 audit rows/);
      expect(await verify()).toMatchObject({ entries: 2, unsealed: 1, finding: undefined });
    } finally {
      await Promise.all([one!.close(), other!.close()]);
    }
  });

  it('goes on among many writers and two instances, one of which stops, without a gap', async () => {
    const workers = await Promise.all(['a', 'b'].map(async (holder) => {
      const database = await Database.open({ url: testDatabase.appUrl });
      const parts = trail(database);
      const work = new TrailWork({ sealer: parts.sealer, digests: parts.digests, refusals: parts.refusals, digestMs: 20, checkpointMs: 20 });
      const worker = new LeasedWorker({ leases: parts.leases, telemetry: silentTelemetry() }, work, { name: 'audit-sealer', holder, pollMs: 5, leaseMs: 300 });
      worker.start();
      return { worker, database };
    }));
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 25; round++) {
        await app.transaction(async (tx) => {
          await audit.record(tx, [entry(`${writer}/${round}`)]);
          if (round % 5 === 0) await sleep(15);
          await audit.record(tx, [entry(`${writer}/${round}/again`)]);
        });
      }
    });
    await sleep(50);
    await workers[0]!.worker.stop();
    await Promise.all(writers);
    while ((await new ChainReader(app).unsealed()).count > 0) await sleep(10);
    await workers[1]!.worker.stop();
    await Promise.all(workers.map(({ database }) => database.close()));
    expect(await verify()).toMatchObject({ entries: 400, last: { seq: 400 }, vouched: 400, unsealed: 0, finding: undefined });
  });

  it('says on every instance how far sealing is behind', async () => {
    const parts = trail();
    const clock = new ManualClock(new Date(Date.now() + 60_000));
    const watch = new UnsealedWatch({ reader: parts.reader, clock, metrics: parts.telemetry.metrics(auditMetrics), log: (event) => void parts.log.push(event) });
    const gauges = async () => (await parts.telemetry.registry.metrics()).split('\n').filter((line) => line.startsWith('cordon_audit_unsealed'));
    await record('one', 'two');
    await watch.look();
    const [unsealed, age] = await gauges();
    expect(unsealed).toBe('cordon_audit_unsealed 2');
    expect(Number(age!.split(' ')[1])).toBeGreaterThan(30);
    await sealAll(parts);
    await watch.look();
    expect(await gauges()).toEqual(['cordon_audit_unsealed 0', 'cordon_audit_unsealed_age_seconds 0']);
    expect(parts.log).toEqual(['audit.sealing_behind', 'audit.sealing_caught_up']);
    expect(Object.keys(auditLogEvents)).toEqual(expect.arrayContaining(parts.log));
  });

  it('reports at once that the end of the chain was changed while it alone may seal', async () => {
    const parts = trail();
    const lease = (await parts.leases.acquire('audit-sealer', 'test', TTL))!;
    await record('one', 'two');
    await parts.sealer.seal(lease);
    await tamper('DELETE FROM audit_link WHERE seq = 2');
    await record('three');
    await parts.sealer.seal(lease);
    expect(parts.log).toEqual(['audit.chain_changed']);
  });
});

describe('what intake did', () => {
  let parts: ReturnType<typeof trail>;
  let lease: Lease;
  beforeEach(async () => {
    parts = trail();
    lease = (await parts.leases.acquire('audit-sealer', 'test', TTL))!;
  });
  const entriesOf = (action: string) => app.query<{ target: string; detail: Record<string, unknown> }>('SELECT target, detail FROM audit_row WHERE action = $1 ORDER BY at, id', [action]);

  it('is audited as one entry over the digests of all batches since the last', async () => {
    const log = new PostgresEventLog(app);
    const [head] = await log.append([newRecord(), newRecord()]);
    const n = (head as { position: number }).position;
    await log.append([newRecord()]);
    expect(await parts.digests.fold(lease)).toBe(false);
    await parts.digests.fold(lease);
    await log.append([newRecord()]);
    await trail().digests.fold(lease);
    const entries = await entriesOf('intake.records_accepted');
    expect(entries.map(({ detail: { sha256: _hash, ...detail }, target }) => ({ target, ...detail }))).toEqual([
      { target: `log:${n}-${n + 2}`, first: n, last: n + 2, records: 3, batches: 2 },
      { target: `log:${n + 3}-${n + 3}`, first: n + 3, last: n + 3, records: 1, batches: 1 },
    ]);
    const [expected] = await app.query<{ hash: string }>(`SELECT encode(sha256(string_agg(sha256, ''::bytea ORDER BY first_position)), 'hex') AS hash FROM log_digest WHERE last_position <= $1`, [n + 2]);
    expect(entries[0]!.detail.sha256).toBe(expected!.hash);
  });

  it('is audited by source, reason and minute once the minute is over, and late counts as what they add', async () => {
    const count = (minute: Date, n: number) => app.query(`INSERT INTO refusal_counter AS c (source, reason, minute, count) VALUES ('edge', 'quota', $1, $2) ON CONFLICT (minute, source, reason) DO UPDATE SET count = c.count + $2`, [minute, n]);
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const [past, present] = [new Date(minute - 120_000), new Date(minute + 60_000)];
    await count(past, 3);
    await count(present, 1);
    await parts.refusals.fold(lease);
    await parts.refusals.fold(lease);
    await count(past, 2);
    await parts.refusals.fold(lease);
    expect(await entriesOf('intake.deliveries_refused')).toEqual([3, 2].map((n) => ({ target: 'source:edge', detail: { reason: 'quota', minute: past.toISOString(), count: n } })));
  });
});

async function exported(): Promise<string[]> {
  let text = '';
  for await (const piece of exportChain(new ChainReader(app), 1, new Date())) text += piece;
  return text.trimEnd().split('\n');
}

async function* streamed(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

describe('verifying after tampering as the superuser, triggers off', () => {
  const id = (seq: number) => `(SELECT row_id FROM audit_link WHERE seq = ${seq})`;
  const DOWN = 'UPDATE audit_link SET seq = -seq; UPDATE audit_link SET seq = -seq - 1 WHERE seq < -3; UPDATE audit_link SET seq = -seq WHERE seq < 0';
  let ids: string[];
  let kept: Checkpoint;

  beforeEach(async () => {
    const parts = trail();
    await record('1', '2', '3');
    await sealAll(parts, { sign: true });
    await record('4', '5', '6');
    kept = (await sealAll(parts, { sign: true }))!;
    await superuser.query('ALTER TABLE audit_link DROP CONSTRAINT audit_link_hash_check');
    ids = (await app.query<{ id: string }>('SELECT row_id AS id FROM audit_link ORDER BY seq')).map((row) => row.id);
  });

  it.each<[string, number | null, (() => number | null) | number | null, string[]]>([
    ['changed', 2, 2, [`UPDATE audit_row SET actor = 'key:9' WHERE id = ${id(2)}`]],
    ['changed', 5, 5, [`UPDATE audit_row SET at = at + interval '1 microsecond' WHERE id = ${id(5)}`]],
    ['changed', 4, 4, [`UPDATE audit_row SET detail = '{"n": 1}' WHERE id = ${id(4)}`]],
    ['changed', 4, 4, ['UPDATE audit_link SET hash = prev_hash WHERE seq = 4']],
    ['missing', 3, 3, [`DELETE FROM audit_row WHERE id = ${id(3)}`]],
    ['missing', 3, null, [`DELETE FROM audit_row WHERE id = ${id(3)}`, 'DELETE FROM audit_link WHERE seq = 3']],
    ['missing', 3, null, [`DELETE FROM audit_row WHERE id = ${id(3)}`, 'DELETE FROM audit_link WHERE seq = 3', ...DOWN.split('; ')]],
    ['reordered', 2, 3, ['UPDATE audit_link SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)', 'UPDATE audit_link SET seq = -seq WHERE seq < 0']],
    ['truncated', 5, null, [`DELETE FROM audit_row WHERE id IN (${id(5)}, ${id(6)})`, 'DELETE FROM audit_link WHERE seq > 4']],
    ['checkpoint', 3, null, ["UPDATE audit_checkpoint SET at = at - interval '1 day' WHERE seq = 3"]],
    ['checkpoint', 6, null, ["UPDATE audit_checkpoint SET public_key = sha256('x') WHERE seq = 6"]],
    ['checkpoint', 4, null, ['UPDATE audit_checkpoint SET seq = 4 WHERE seq = 6']],
  ])('finds %s entry %s', async (kind, seq, named, statements) => {
    await tamper(...statements);
    const { finding } = await verify();
    expect(finding).toMatchObject({ kind, seq, id: typeof named === 'number' ? ids[named - 1] : null });
    const lines = await exported();
    expect((await verifyExport(streamed(lines), { outside: [], trusted: new Set([key.publicKey]) })).finding).toMatchObject({ kind, seq });
  });

  it('finds a row that came in past the product, and one that was taken out before it was sealed', async () => {
    await tamper("INSERT INTO audit_row (id, at, action, actor, target, detail) VALUES ('00000000-0000-7000-8000-000000000001', now(), 'a', 'b', 'c', '{}')");
    expect((await verify()).finding).toMatchObject({ kind: 'inserted', seq: null, id: '00000000-0000-7000-8000-000000000001' });
    await tamper("DELETE FROM audit_row WHERE action = 'a'");
    expect((await verify()).finding).toBeUndefined();
    await record('7');
    await tamper("DELETE FROM audit_row WHERE target = '7'");
    expect((await verify()).finding).toMatchObject({ kind: 'missing', seq: null });
  });

  it('finds that the end was cut off with its checkpoints by one that was kept elsewhere, and by no other way', async () => {
    await tamper(`DELETE FROM audit_row WHERE id IN (${id(5)}, ${id(6)})`, 'DELETE FROM audit_link WHERE seq > 4', 'DELETE FROM audit_checkpoint WHERE seq > 4');
    expect((await verify()).finding).toBeUndefined();
    expect((await verify([kept])).finding).toMatchObject({ kind: 'truncated', seq: 5 });
  });

  it('finds that history was sealed anew by a checkpoint that was kept elsewhere, and by no other way', async () => {
    await tamper(`UPDATE audit_row SET actor = 'key:9' WHERE id = ${id(4)}`, 'DELETE FROM audit_checkpoint WHERE seq > 3',
      'INSERT INTO audit_pending SELECT id, at FROM audit_row r JOIN audit_link l ON l.row_id = r.id WHERE l.seq > 3', 'DELETE FROM audit_link WHERE seq > 3');
    await sealAll(trail(), { sign: true });
    expect((await verify()).finding).toBeUndefined();
    expect((await verify([kept])).finding).toMatchObject({ kind: 'rewritten', seq: 6, detail: expect.stringContaining('from 1 on') });
  });

  it('finds a file that was changed, cut or lengthened, and refuses one that is no export', async () => {
    const lines = await exported();
    const check = async (changed: readonly string[]) => (await verifyExport(streamed(changed), { outside: [], trusted: new Set() })).finding;
    expect(await check(lines)).toBeUndefined();
    expect(await check(lines.slice(0, -1))).toMatchObject({ kind: 'truncated', seq: 7 });
    expect(await check([...lines.slice(0, 5), ...lines.slice(6)])).toMatchObject({ kind: 'missing', seq: 4 });
    expect(await check([...lines, lines[1]!])).toMatchObject({ kind: 'inserted', seq: 7 });
    expect(await check(lines.with(1, lines[1]!.replace('"actor":"key:1"', '"actor":"key:9","actor":"key:1"')))).toMatchObject({ kind: 'changed', seq: 1 });
    expect(await check(lines.with(1, lines[1]!.replace('"seq":1', '"seq":1.0')))).toMatchObject({ kind: 'changed', seq: 1 });
    expect(await check(lines.with(2, 'nonsense'))).toMatchObject({ kind: 'changed', seq: 2 });
    await expect(check(lines.slice(1))).rejects.toMatchObject({ code: 'audit.file_unreadable' });
    await expect(check([])).rejects.toMatchObject({ code: 'audit.file_unreadable' });
  });

  it('verifies an export of the newer part by itself', async () => {
    let text = '';
    for await (const piece of exportChain(new ChainReader(app), 4, new Date())) text += piece;
    const lines = text.trimEnd().split('\n');
    expect(await verifyExport(streamed(lines), { outside: [kept], trusted: new Set() })).toMatchObject({ from: 4, entries: 3, finding: undefined });
    await expect(exportChain(new ChainReader(app), 9, new Date()).next()).rejects.toMatchObject({ code: 'audit.request_invalid' });
  });
});
