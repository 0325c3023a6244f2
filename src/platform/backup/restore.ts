import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFromStream } from 'pg-copy-streams';
import { hashTable, migrationsOf, tablesOf, withOwner } from './backup.js';
import { backupErrors } from './backup.errors.js';
import { readManifest, tableFile, type BackupManifest } from './manifest.js';
import { BEGIN_RESTORE, copyFrom, CREATE_PARTITION, hasRows, SET_SEQUENCE, TEXT_FORM } from './sql.js';

/**
 * Loads a backup into a migrated, empty database, in one transaction: all of it or nothing. Before the commit every table is
 * read again and must have the rows that the manifest states.
 * @param ownerUrl connection of the role that owns the schema
 * @throws CordonError `platform.backup_unreadable`, `platform.restore_schema`, `platform.restore_not_empty`, `platform.restore_mismatch`
 */
export async function restore(ownerUrl: string, folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder);
  return withOwner(ownerUrl, 'cordon restore', async (client) => {
    await client.query(BEGIN_RESTORE);
    await client.query(TEXT_FORM);
    await requireSameSchema(client, manifest);
    await requireEmpty(client);
    for (const { name, days } of manifest.tables) for (const day of days) await client.query(CREATE_PARTITION, [name, day]);
    for (const table of manifest.tables) await load(client, folder, table);
    for (const { name, value } of manifest.sequences) if (value !== null) await client.query(SET_SEQUENCE, [name, value]);
    await client.query('COMMIT');
    return manifest;
  });
}

async function requireSameSchema(client: pg.Client, { migrations }: BackupManifest): Promise<void> {
  const present = await migrationsOf(client);
  const differing = [...migrations.filter((name) => !present.includes(name)), ...present.filter((name) => !migrations.includes(name))];
  if (differing.length > 0) throw backupErrors.create('platform.restore_schema', { detail: `not in both: ${differing.join(', ')}` });
}

async function requireEmpty(client: pg.Client): Promise<void> {
  for (const { name } of await tablesOf(client)) {
    const { rows } = await client.query<{ found: boolean }>(hasRows(name));
    if (rows[0]?.found) throw backupErrors.create('platform.restore_not_empty', { detail: `table ${name} has rows` });
  }
}

async function load(client: pg.Client, folder: string, table: BackupManifest['tables'][number]): Promise<void> {
  try {
    await pipeline(createReadStream(tableFile(folder, table.name)), createGunzip(), client.query(copyFromStream(copyFrom(table.name, table.columns))));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT' || code.startsWith('Z_')) throw backupErrors.create('platform.backup_unreadable', { detail: `${tableFile(folder, table.name)}: ${code}`, cause: error });
    throw error;
  }
  const { rows, rowHash } = await hashTable(client, table);
  if (rows !== table.rows || rowHash !== table.rowHash) {
    throw backupErrors.create('platform.restore_mismatch', { detail: `table ${table.name}: ${rows} rows with hash ${rowHash}, the backup has ${table.rows} with ${table.rowHash}` });
  }
}
