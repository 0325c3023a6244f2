import { backup, restore, type BackupManifest } from '../platform/backup/index.js';
import { silentTelemetry } from '../platform/index.js';
import type { DbOptions } from './db.command.js';
import { ExitCode } from './exit-codes.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';

/** `cordon db backup FOLDER`, also beside a running server. @throws CordonError `config.*`, `platform.*` */
export const runBackup = (folder: string, options: DbOptions): Promise<number> => run(options, 'wrote', folder, (ownerUrl) => backup(ownerUrl, folder));

/** `cordon db restore FOLDER`. @throws CordonError `config.*`, `platform.*` */
export const runRestore = (folder: string, options: DbOptions): Promise<number> => run(options, 'restored', folder, (ownerUrl) => restore(ownerUrl, folder));

async function run(options: DbOptions, done: string, folder: string, work: (ownerUrl: string) => Promise<BackupManifest>): Promise<number> {
  const database = await joinDatabase(readConfig(options.config), { telemetry: silentTelemetry() });
  try {
    const { tables, createdAt } = await work(database.urls.ownerUrl);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    process.stdout.write(options.json ? `${JSON.stringify({ folder, createdAt, tables })}\n` : `${done} ${folder}: ${rows} rows of ${tables.length} tables, as of ${createdAt}\n`);
  } finally {
    await database.close();
  }
  return ExitCode.ok;
}
