import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrations } from '../../../migrations/index.js';
import { createDataSource, MIGRATION_TABLE } from './data-source.js';
import { connectionSettings, userOf } from './database-config.js';
import type { Database } from './database.js';
import { databaseErrors, sqlState, toDatabaseError } from './database.errors.js';
import { FUNCTION_GRANTS, TABLE_GRANTS } from './grants.js';
import { identifiers, LOCK_CLASS, MIGRATION_LOCK, SERVER_VERSION, TRY_MIGRATION_LOCK } from './sql.js';

export interface MigrationConfig {
  /** Connection of the role that owns the schema. */
  readonly ownerUrl: string;
  /** Connection of the role the service runs as; its user must exist. The same as `ownerUrl` where there is one role only. */
  readonly appUrl: string;
  /** How long to wait for another process that migrates, default 60 000 ms. */
  readonly waitMs?: number;
}

export interface MigrationResult {
  /** Names of the migrations that ran now. */
  readonly applied: readonly string[];
}

const KNOWN = migrations.map((migration) => new migration().name);
const OLDEST_SERVER = 150_000;
const LOCK_RETRY_MS = 100;

/**
 * Brings the schema to this version and grants the application role what it needs. Each migration is one transaction, so
 * a process that is killed leaves none half done and the next run goes on; the lock belongs to the connection and goes with it.
 *
 * @throws platform.schema_newer, platform.migration_locked, platform.migration_failed, platform.database_*
 */
export async function runMigrations(config: MigrationConfig): Promise<MigrationResult> {
  // Building an index or attaching a partition may take long: no statement limit, and none on the client either.
  const settings = { ...connectionSettings({ url: config.ownerUrl, applicationName: 'cordon migrate', statementTimeoutMs: 0 }), idle_in_transaction_session_timeout: 0 };
  const lock = new pg.Client(settings);
  // If it breaks while the migrations run elsewhere, the next statement on it says so.
  lock.on('error', () => undefined);
  try {
    await lock.connect();
    const { rows } = await lock.query<{ version: number }>(SERVER_VERSION);
    requireServerVersion(rows[0]?.version ?? 0);
    await takeLock(lock, config.waitMs ?? 60_000);
    await refuseNewer(lock);
    const applied = await apply(config.ownerUrl);
    await grant(lock, userOf(config.appUrl));
    return { applied };
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await lock.end().catch(() => undefined);
  }
}

/**
 * Refuses to work on a schema of another version. For processes that start without migrating.
 * @throws platform.schema_newer, platform.schema_older
 */
export async function requireCurrentSchema(database: Database): Promise<void> {
  const rows = await database.query<{ name: string }>(`SELECT name FROM ${MIGRATION_TABLE}`).catch((error: unknown) => {
    if (sqlState(causeOf(error)) === '42P01') return [];
    throw error;
  });
  const present = new Set(rows.map((row) => row.name));
  refuseUnknown([...present]);
  const missing = KNOWN.filter((name) => !present.has(name));
  if (missing.length > 0) throw databaseErrors.create('platform.schema_older', { detail: `not applied yet: ${missing.join(', ')}` });
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/** `version` as in server_version_num. @throws platform.database_too_old */
export function requireServerVersion(version: number): void {
  if (version < OLDEST_SERVER) throw databaseErrors.create('platform.database_too_old', { detail: `the server is version ${Math.floor(version / 10_000)}` });
}

async function takeLock(client: pg.Client, waitMs: number): Promise<void> {
  for (let waited = 0; ; waited += LOCK_RETRY_MS) {
    const { rows } = await client.query<{ locked: boolean }>(TRY_MIGRATION_LOCK, [LOCK_CLASS, MIGRATION_LOCK]);
    if (rows[0]?.locked) return;
    if (waited >= waitMs) throw databaseErrors.create('platform.migration_locked', { detail: `waited ${waitMs} ms` });
    await sleep(LOCK_RETRY_MS);
  }
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query<{ present: boolean }>('SELECT to_regclass($1) IS NOT NULL AS present', [MIGRATION_TABLE]);
  if (!tables[0]?.present) return;
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${MIGRATION_TABLE}`);
  refuseUnknown(rows.map((row) => row.name));
}

function refuseUnknown(present: readonly string[]): void {
  const unknown = present.filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) throw databaseErrors.create('platform.schema_newer', { detail: `unknown migrations: ${unknown.join(', ')}` });
}

async function apply(ownerUrl: string): Promise<string[]> {
  const dataSource = createDataSource({ url: ownerUrl, applicationName: 'cordon migrate', poolSize: 1, statementTimeoutMs: 0 });
  try {
    await dataSource.initialize();
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    return applied.map((migration) => migration.name);
  } catch (error) {
    const mapped = toDatabaseError(error);
    if (mapped !== error) throw mapped;
    throw databaseErrors.create('platform.migration_failed', { detail: error instanceof Error ? error.message : String(error), cause: error });
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

/** Sets the privileges to exactly those of grants.ts, also after a change of the role or of the list. */
async function grant(client: pg.Client, appRole: string): Promise<void> {
  const { rows } = await client.query<{ same: boolean; known: boolean; schema: string }>(
    'SELECT current_user = $1 AS same, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS known, quote_ident(current_schema()) AS schema',
    [appRole],
  );
  const [row] = rows;
  if (!row || row.same) return;
  if (!row.known) {
    throw databaseErrors.create('platform.database_denied', { detail: `the role ${appRole} of database.url does not exist`, field: 'database.url' });
  }
  const role = identifiers([appRole]);
  const statements = [
    'BEGIN',
    `GRANT USAGE ON SCHEMA ${row.schema} TO ${role}`,
    ...Object.entries(TABLE_GRANTS).flatMap(([table, privileges]) => [`REVOKE ALL ON ${table} FROM ${role}`, `GRANT ${privileges} ON ${table} TO ${role}`]),
    ...FUNCTION_GRANTS.map((name) => `GRANT EXECUTE ON FUNCTION ${name} TO ${role}`),
    'COMMIT',
  ];
  await client.query(statements.join(';\n'));
}
