import { userInfo } from 'node:os';
import { AuditRows, ChainReader, verifyDatabase } from '../audit/index.js';
import { backup, restore, type BackupManifest } from '../platform/backup/index.js';
import { Database, silentTelemetry } from '../platform/index.js';
import { ownPublicKeys } from './audit.js';
import type { DbOptions } from './db.command.js';
import { ExitCode } from './exit-codes.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';

/**
 * `cordon db restore FOLDER`: loads it, puts that on record, and verifies the audit trail that came with it.
 * @returns the exit code: findings where the trail is not as it was sealed
 * @throws CordonError `config.*`, `platform.*`
 */
export async function runRestore(folder: string, options: DbOptions): Promise<number> {
  const config = readConfig(options.config);
  const server = await joinDatabase(config, { telemetry: silentTelemetry() });
  try {
    const manifest = await restore(server.urls.ownerUrl, folder);
    const database = await Database.open({ url: server.urls.appUrl, poolSize: 2, statementTimeoutMs: 0, applicationName: 'cordon restore' });
    try {
      const { entries, finding } = await verifyDatabase(new ChainReader(database), { outside: [], trusted: new Set(ownPublicKeys(config)) });
      await database.transaction((tx) =>
        new AuditRows().record(tx, [{ action: 'db.restored', actor: `cli:${userInfo().username}`, target: 'database', detail: { as_of: manifest.createdAt, entries } }]));
      const { createdAt, tables } = manifest;
      if (options.json) process.stdout.write(`${JSON.stringify({ folder, createdAt, tables, audit: { ok: finding === undefined, entries, finding: finding ?? null } })}\n`);
      else process.stdout.write(`${summary('restored', folder, manifest)}audit trail: ${finding ? `${finding.kind} at entry ${finding.seq ?? 'outside the chain'}: ${finding.detail}` : `${entries} entries are as they were sealed`}\n`);
      return finding ? ExitCode.findings : ExitCode.ok;
    } finally {
      await database.close();
    }
  } finally {
    await server.close();
  }
}

/** `cordon db backup FOLDER`, also beside a running server. @throws CordonError `config.*`, `platform.*` */
export async function runBackup(folder: string, options: DbOptions): Promise<number> {
  const server = await joinDatabase(readConfig(options.config), { telemetry: silentTelemetry() });
  try {
    const manifest = await backup(server.urls.ownerUrl, folder);
    const { createdAt, tables } = manifest;
    process.stdout.write(options.json ? `${JSON.stringify({ folder, createdAt, tables })}\n` : summary('wrote', folder, manifest));
  } finally {
    await server.close();
  }
  return ExitCode.ok;
}

function summary(done: string, folder: string, { createdAt, tables }: BackupManifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${done} ${folder}: ${rows} rows of ${tables.length} tables, as of ${createdAt}\n`;
}
