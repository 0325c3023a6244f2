import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { backup, restore, type BackupManifest } from '../../src/platform/backup/index.js';
import { runMigrations } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let source: TestDatabase;
let folder: string;
let manifest: BackupManifest;

async function on<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  await runMigrations(database);
  return database;
}

beforeAll(async () => {
  source = await createTestDatabase();
  await on(source.ownerUrl, async (client) => {
    await client.query("SELECT partition_create('log_record', '2026-03-01'), partition_create('log_record', '2026-03-02')");
    await client.query(`
      INSERT INTO log_record (position, id, source, stream, delivery, item_index, clash, body_hash, body, received_at)
      SELECT nextval('log_position'), gen_random_uuid(), 'gateway', 'cordon.gateway', 'd' || n, 0, n % 2 = 0, sha256(n::text::bytea),
        convert_to(E'{"tab":"\\\\t","line":"\\\\n","word":"Zürich 🙂 ' || n || E'\\\\\\\\"}', 'UTF8'), timestamptz '2026-03-01T00:00:00.123456Z' + n * interval '1 minute'
      FROM generate_series(0, 2000) AS n`);
    await client.query("INSERT INTO consumer_cursor (name, reads, position, updated_at) VALUES ('normalise', 'log_record', 17, '2026-03-02T00:00:00Z')");
  });
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'cordon-backup-')), 'export');
  manifest = await backup(source.ownerUrl, folder);
}, 60_000);

afterAll(async () => {
  rmSync(path.dirname(folder), { recursive: true, force: true });
  await source.drop();
});

describe('a backup', () => {
  it('states its tables with rows and hashes, in files that others cannot read', () => {
    const log = manifest.tables.find(({ name }) => name === 'log_record');
    expect(log).toMatchObject({ rows: 2001, days: expect.arrayContaining(['20260301', '20260302']) });
    expect(manifest.sequences).toContainEqual({ name: 'log_position', value: '2001' });
    expect(statSync(path.join(folder, 'log_record.copy.gz')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(folder, 'manifest.json')).mode & 0o777).toBe(0o600);
  });

  it('is not written over another one', async () => {
    await expect(backup(source.ownerUrl, folder)).rejects.toMatchObject({ code: 'platform.backup_target' });
  });

  it('restored into an empty database is equal by row hashes, and positions go on behind it', async () => {
    const target = await emptyDatabase();
    const again = path.join(path.dirname(folder), 'again');
    try {
      await restore(target.ownerUrl, folder);
      const second = await backup(target.ownerUrl, again);
      const hashes = ({ tables }: BackupManifest) => tables.map(({ name, rows, rowHash }) => [name, rows, rowHash]);
      expect(hashes(second)).toEqual(hashes(manifest));
      const next = await on(target.ownerUrl, (client) => client.query<{ next: string }>("SELECT nextval('log_position') AS next"));
      expect(next.rows[0]!.next).toBe('2002');
      await expect(restore(target.ownerUrl, folder)).rejects.toMatchObject({ code: 'platform.restore_not_empty' });
    } finally {
      await target.drop();
    }
  }, 60_000);

  it('that was changed or cut off is refused, and leaves nothing', async () => {
    const target = await emptyDatabase();
    const damaged = path.join(path.dirname(folder), 'damaged');
    try {
      const other = await backup(source.ownerUrl, damaged);
      const file = path.join(damaged, 'log_record.copy.gz');
      const text = gunzipSync(readFileSync(file)).toString('utf8');
      writeFileSync(file, gzipSync(text.replace('\tgateway\t', '\tgatewaY\t')));
      await expect(restore(target.ownerUrl, damaged)).rejects.toMatchObject({ code: 'platform.restore_mismatch' });
      writeFileSync(file, gzipSync(text).subarray(0, 200));
      await expect(restore(target.ownerUrl, damaged)).rejects.toMatchObject({ code: 'platform.backup_unreadable' });
      writeFileSync(path.join(damaged, 'manifest.json'), JSON.stringify({ ...other, migrations: ['of-tomorrow'] }));
      await expect(restore(target.ownerUrl, damaged)).rejects.toMatchObject({ code: 'platform.restore_schema' });
      rmSync(path.join(damaged, 'manifest.json'));
      await expect(restore(target.ownerUrl, damaged)).rejects.toMatchObject({ code: 'platform.backup_unreadable' });
      const left = await on(target.ownerUrl, (client) => client.query<{ count: string }>('SELECT count(*) FROM log_record'));
      expect(left.rows[0]!.count).toBe('0');
    } finally {
      await target.drop();
    }
  }, 60_000);
});
