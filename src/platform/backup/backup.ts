import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyToStream } from 'pg-copy-streams';
import { connectionSettings } from '../database/database-config.js';
import { toDatabaseError } from '../database/database.errors.js';
import { backupErrors } from './backup.errors.js';
import { MANIFEST_FILE, MANIFEST_FORMAT, tableFile, type BackupManifest } from './manifest.js';
import { RowHash } from './row-hash.js';
import { BEGIN_SNAPSHOT, copyOut, MIGRATIONS, SEQUENCES, TABLES, TEXT_FORM } from './sql.js';

export interface BackupTable {
  readonly name: string;
  readonly columns: string[];
  readonly days: string[];
}

const SECRET_FILE = 0o600;
const SECRET_FOLDER = 0o700;

/**
 * Writes a logical export of one moment, readable by PostgreSQL 15 and newer, while the product runs. The manifest comes
 * last: a folder without one was cut off. Keys and configuration are files of their own and not part of it.
 * @param ownerUrl connection of the role that owns the schema
 * @throws CordonError `platform.backup_target`, `platform.database_*`
 */
export async function backup(ownerUrl: string, folder: string): Promise<BackupManifest> {
  await makeFolder(folder);
  return withOwner(ownerUrl, 'cordon backup', async (client) => {
    await client.query(BEGIN_SNAPSHOT);
    await client.query(TEXT_FORM);
    const manifest: BackupManifest = {
      format: MANIFEST_FORMAT,
      createdAt: (await client.query<{ now: Date }>('SELECT transaction_timestamp() AS now')).rows[0]?.now.toISOString() ?? '',
      migrations: await migrationsOf(client),
      tables: [],
      sequences: [],
    };
    for (const table of await tablesOf(client)) {
      const hash = new RowHash();
      const file = createWriteStream(tableFile(folder, table.name), { mode: SECRET_FILE, flags: 'wx' });
      await pipeline(client.query(copyToStream(copyOut(table.name, table.columns))), hash, createGzip(), file);
      manifest.tables.push({ ...table, rows: hash.rows, rowHash: hash.hex });
    }
    // Read after the tables: a sequence is not part of the snapshot, and one that is ahead of the rows does no harm.
    manifest.sequences = (await client.query<{ name: string; value: string | null }>(SEQUENCES)).rows;
    await client.query('COMMIT');
    await writeManifest(folder, manifest);
    return manifest;
  });
}

export async function withOwner<T>(ownerUrl: string, applicationName: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connectionSettings({ url: ownerUrl, applicationName, statementTimeoutMs: 0 }), idle_in_transaction_session_timeout: 0 });
  // A connection that breaks between two statements says so at the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const tablesOf = async (client: pg.Client): Promise<BackupTable[]> => (await client.query<BackupTable>(TABLES)).rows;

export const migrationsOf = async (client: pg.Client): Promise<string[]> => (await client.query<{ name: string }>(MIGRATIONS)).rows.map((row) => row.name);

/** Rows and hash of a table as it stands in the running transaction. */
export async function hashTable(client: pg.Client, { name, columns }: Pick<BackupTable, 'name' | 'columns'>): Promise<{ rows: number; rowHash: string }> {
  const hash = new RowHash();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await pipeline(client.query(copyToStream(copyOut(name, columns))), hash, nowhere);
  return { rows: hash.rows, rowHash: hash.hex };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: SECRET_FOLDER });
    if ((await readdir(folder)).length > 0) throw new Error('it is not empty');
  } catch (error) {
    throw backupErrors.create('platform.backup_target', { detail: `${folder}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  }
}

async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const file = await open(path.join(folder, MANIFEST_FILE), 'wx', SECRET_FILE);
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
