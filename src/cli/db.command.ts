import type { Command } from 'commander';

export interface DbOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly owner?: boolean;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;

export function registerDb(program: Command): void {
  const db = program.command('db').description('the database: schema, connection, backup');
  db.command('migrate')
    .description('bring the schema to this version and grant the application role what it needs')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (options: DbOptions) => {
      const { migrate } = await import('./db-migrate.js');
      process.exitCode = await migrate(options);
    });
  db.command('url')
    .description('print the connection string of the database, password included, for another worker or for psql')
    .option(...CONFIG)
    .option('--owner', 'as the role that owns the schema instead of the role of the application')
    .action(async (options: DbOptions) => {
      const { printUrl } = await import('./db-url.js');
      printUrl(options);
    });
  db.command('backup')
    .description('write a logical export of one moment, while the product runs; keys and configuration are not part of it')
    .argument('<folder>', 'folder to write, which must not exist yet or be empty')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, options: DbOptions) => {
      const { runBackup } = await import('./db-backup.js');
      process.exitCode = await runBackup(folder, options);
    });
  db.command('restore')
    .description('load an export into a migrated, empty database, as the role that owns the schema')
    .argument('<folder>', 'folder that backup wrote')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, options: DbOptions) => {
      const { runRestore } = await import('./db-backup.js');
      process.exitCode = await runRestore(folder, options);
    });
}
