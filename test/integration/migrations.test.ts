import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Database, PostgresEventLog, requireCurrentSchema, runMigrations, schemaDrift } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { newRecord } from '../harness/new-record.js';

let database: TestDatabase | undefined;
const roles: string[] = [];

async function asSuperuser(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: database!.superuserUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A login role that may do nothing yet, under a name that needs quotes. */
async function createRole(): Promise<{ name: string; url: string }> {
  const name = `Role ${randomBytes(4).toString('hex')}`;
  await asSuperuser(`CREATE ROLE "${name}" LOGIN PASSWORD 'secret'`);
  roles.push(name);
  const url = new URL(database!.appUrl);
  url.username = name;
  url.password = 'secret';
  await asSuperuser(`GRANT CONNECT ON DATABASE ${database!.name} TO "${name}"`);
  return { name, url: url.href };
}

async function appendsAsApp(url: string): Promise<void> {
  const app = await Database.open({ url, poolSize: 2 });
  try {
    await requireCurrentSchema(app);
    expect(await new PostgresEventLog(app).append([newRecord()])).toMatchObject([{ status: 'stored' }]);
  } finally {
    await app.close();
  }
}

afterEach(async () => {
  for (const role of roles) await asSuperuser(`DROP OWNED BY "${role}" CASCADE`);
  const url = database!.superuserUrl;
  await database?.drop();
  const server = new URL(url);
  server.pathname = '/postgres';
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  for (const role of roles.splice(0)) await client.query(`DROP ROLE "${role}"`);
  await client.end();
  database = undefined;
});

describe('runMigrations', () => {
  it('works for owner and application roles of any name that are no superusers', async () => {
    database = await createTestDatabase({ migrated: false });
    const [owner, app] = [await createRole(), await createRole()];
    await asSuperuser(`GRANT CREATE ON SCHEMA public TO "${owner.name}"`);
    const { applied } = await runMigrations({ ownerUrl: owner.url, appUrl: app.url });
    expect(applied.length).toBeGreaterThanOrEqual(5);
    expect(await runMigrations({ ownerUrl: owner.url, appUrl: app.url })).toEqual({ applied: [] });
    await appendsAsApp(app.url);
  });

  it('works with one role for both', async () => {
    database = await createTestDatabase({ migrated: false });
    const only = await createRole();
    await asSuperuser(`GRANT CREATE ON SCHEMA public TO "${only.name}"`);
    await runMigrations({ ownerUrl: only.url, appUrl: only.url });
    await appendsAsApp(only.url);
  });

  it('grants a new application role what the old one had', async () => {
    database = await createTestDatabase();
    const app = await createRole();
    await expect(appendsAsApp(app.url)).rejects.toMatchObject({ code: 'platform.database_denied' });
    expect(await runMigrations({ ownerUrl: database.ownerUrl, appUrl: app.url })).toEqual({ applied: [] });
    await appendsAsApp(app.url);
  });

  it('says which role is missing', async () => {
    database = await createTestDatabase();
    const url = new URL(database.appUrl);
    url.username = 'nobody_here';
    await expect(runMigrations({ ownerUrl: database.ownerUrl, appUrl: url.href })).rejects.toMatchObject({ code: 'platform.database_denied', details: { field: 'database.url' } });
  });

  it('rolls a failed migration back, keeps those before it and goes on where it stopped', async () => {
    database = await createTestDatabase({ migrated: false });
    const client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    await client.query('CREATE TABLE pipeline_error ()');
    await expect(runMigrations(database)).rejects.toMatchObject({ code: 'platform.migration_failed' });
    const { rows } = await client.query(`SELECT to_regclass('log_record') IS NOT NULL AS log, to_regclass('event') IS NOT NULL AS event`);
    expect(rows).toEqual([{ log: true, event: false }]);
    await client.query('DROP TABLE pipeline_error');
    await client.end();
    const { applied } = await runMigrations(database);
    expect(applied[0]).toMatch(/^events-/);
  });

  it('goes on after its connection was cut in the middle', async () => {
    database = await createTestDatabase({ migrated: false });
    const blocker = new pg.Client({ connectionString: database.ownerUrl });
    await blocker.connect();
    await blocker.query('BEGIN');
    // The name is taken but not committed: the migration that makes this table waits here.
    await blocker.query('CREATE TABLE signal ()');
    const interrupted = runMigrations(database);
    const settled = interrupted.then(() => 'done', (error: unknown) => error);
    await untilBlocked();
    await asSuperuser(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.name}' AND application_name = 'cordon migrate'`);
    expect(await settled).toMatchObject({ code: 'platform.database_unavailable' });
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect((await runMigrations(database)).applied[0]).toMatch(/^detection-/);
    await appendsAsApp(database.appUrl);
  });

  it('lets one process migrate at a time', async () => {
    database = await createTestDatabase({ migrated: false });
    const other = new pg.Client({ connectionString: database.ownerUrl });
    await other.connect();
    await other.query('SELECT pg_advisory_lock(1129271876, 3)');
    await expect(runMigrations({ ...database, waitMs: 100 })).rejects.toMatchObject({ code: 'platform.migration_locked' });
    await other.end();
    const both = await Promise.all([runMigrations(database), runMigrations(database)]);
    expect(both.map(({ applied }) => applied.length).sort()[0]).toBe(0);
  });

  it('refuses a schema that is newer or older than the code', async () => {
    database = await createTestDatabase();
    await asSuperuser(`INSERT INTO schema_migration (timestamp, name) VALUES (99, 'of-a-later-version-0000000000099')`);
    await expect(runMigrations(database)).rejects.toMatchObject({ code: 'platform.schema_newer' });
    const app = await Database.open({ url: database.appUrl, poolSize: 2 });
    await expect(requireCurrentSchema(app)).rejects.toMatchObject({ code: 'platform.schema_newer' });
    await asSuperuser(`DELETE FROM schema_migration WHERE timestamp >= 5`);
    await expect(requireCurrentSchema(app)).rejects.toMatchObject({ code: 'platform.schema_older' });
    await app.close();
  });

  it('leaves nothing for TypeORM to change where there are no entities', async () => {
    database = await createTestDatabase();
    expect(await schemaDrift({ url: database.ownerUrl }, [])).toEqual([]);
  });
});

async function untilBlocked(): Promise<void> {
  const client = new pg.Client({ connectionString: database!.superuserUrl });
  await client.connect();
  const blocked = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cordon migrate' AND wait_event_type = 'Lock'`;
  while ((await client.query(blocked)).rows.length === 0);
  await client.end();
}
