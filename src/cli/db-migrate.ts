import { runMigrations, silentTelemetry } from '../platform/index.js';
import type { DbOptions } from './db.command.js';
import { ExitCode } from './exit-codes.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';
import { endedBy, stopSignal } from './stop-signals.js';

/**
 * `cordon db migrate`: on the database that the configuration names; the embedded one is started where it does not run.
 * A signal lets the migration in hand finish. @throws CordonError `config.*`, `platform.*`
 */
export async function migrate(options: DbOptions): Promise<number> {
  const signal = stopSignal();
  const database = await joinDatabase(readConfig(options.config), { telemetry: silentTelemetry(), signal });
  try {
    const { applied } = await runMigrations(database.urls);
    process.stdout.write(options.json ? `${JSON.stringify({ database: database.description, applied })}\n` : describe(database.description, applied));
  } finally {
    await database.close();
  }
  return endedBy(signal) ?? ExitCode.ok;
}

function describe(database: string, applied: readonly string[]): string {
  const lines = applied.length === 0 ? ['the schema is up to date'] : applied.map((name) => `applied ${name}`);
  return `${database}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
