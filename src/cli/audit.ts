import { createWriteStream } from 'node:fs';
import { userInfo } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AuditExport, auditErrors, AuditRows, ChainReader, CheckpointKey } from '../audit/index.js';
import type { ResolvedConfig } from '../config/index.js';
import { Database, existingKey, Telemetry } from '../platform/index.js';
import type { AuditOptions, ExportAuditOptions } from './audit.command.js';
import { cliErrors } from './cli.errors.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';

const SECRET_FILE = 0o600;

/** @throws CordonError `cli.file_exists`, `audit.request_invalid`, `platform.*`, `config.*` */
export async function exportAudit({ out, fromSeq = 1, ...options }: ExportAuditOptions): Promise<void> {
  await withAuditDatabase(options, async (database) => {
    const pieces = await new AuditExport(database, new ChainReader(database), new AuditRows()).open(fromSeq, `cli:${userInfo().username}`);
    const source = Readable.from(pieces, { objectMode: false });
    if (out === undefined) return pipeline(source, process.stdout, { end: false });
    try {
      await pipeline(source, createWriteStream(out, { flags: 'wx', mode: SECRET_FILE }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw cliErrors.create('cli.file_exists', { detail: out });
      throw error;
    }
  });
}

/** @throws CordonError `audit.no_checkpoint`, `platform.*`, `config.*` */
export async function printCheckpoint(options: AuditOptions): Promise<void> {
  const checkpoint = await withAuditDatabase(options, (database) => new ChainReader(database).newestCheckpoint());
  if (!checkpoint) throw auditErrors.create('audit.no_checkpoint');
  process.stdout.write(`${JSON.stringify(checkpoint)}\n`);
}

/** @throws CordonError `audit.no_key`, `platform.key_invalid`, `config.*` */
export function printPublicKey({ config }: AuditOptions): void {
  const [key] = ownPublicKeys(readConfig(config));
  if (key === undefined) throw auditErrors.create('audit.no_key');
  process.stdout.write(`${key}\n`);
}

/** The key that this installation signs with, none where it has no audit key yet. */
export function ownPublicKeys(config: Pick<ResolvedConfig, 'keys' | 'dataDirectory'>): string[] {
  const key = existingKey(config, 'audit');
  return key ? [new CheckpointKey(key).publicKey] : [];
}

/** Opens the database for commands that read the trail; no statement is cut short, since a chain may be long. */
export async function withAuditDatabase<T>({ config }: AuditOptions, work: (database: Database) => Promise<T>): Promise<T> {
  const server = await joinDatabase(readConfig(config), { telemetry: new Telemetry({ level: 'warn' }) });
  try {
    const database = await Database.open({ url: server.urls.appUrl, poolSize: 2, statementTimeoutMs: 0, applicationName: 'cordon audit' });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await server.close();
  }
}
