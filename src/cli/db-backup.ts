import type { BackupManifest } from '../platform/backup/index.js';
import { backup, restore } from '../platform/backup/index.js';
import { silentTelemetry } from '../platform/index.js';
import { ExitCode } from './exit-codes.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';

export interface BackupOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** `cordon db backup FOLDER`, also beside a running server. @throws CordonError `config.*`, `platform.*` */
export const runBackup = (folder: string, options: BackupOptions): Promise<number> => run(options, 'wrote', folder, (ownerUrl) => backup(ownerUrl, folder));

/** `cordon db restore FOLDER`. @throws CordonError `config.*`, `platform.*` */
export const runRestore = (folder: string, options: BackupOptions): Promise<number> => run(options, 'restored', folder, (ownerUrl) => restore(ownerUrl, folder));

async function run(options: BackupOptions, done: string, folder: string, work: (ownerUrl: string) => Promise<BackupManifest>): Promise<number> {
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
