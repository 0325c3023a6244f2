import { findEmbeddedPostgres } from '../platform/postgres/index.js';
import { cliErrors } from './cli.errors.js';
import type { DbOptions } from './db.command.js';
import { readConfig } from './read-config.js';

/** `cordon db url`. @throws CordonError `config.*`, `cli.database_not_running` */
export function printUrl(options: DbOptions): void {
  const { database, dataDirectory } = readConfig(options.config);
  const embedded = database.url ? undefined : findEmbeddedPostgres(dataDirectory);
  const appUrl = database.url?.reveal() ?? embedded?.appUrl;
  const ownerUrl = database.ownerUrl?.reveal() ?? embedded?.ownerUrl ?? appUrl;
  const url = options.owner ? ownerUrl : appUrl;
  if (url === undefined) throw cliErrors.create('cli.database_not_running', { detail: dataDirectory });
  process.stdout.write(`${url}\n`);
}
