import { InvalidArgumentError, type Command } from 'commander';

export interface ContextOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface ImportOptions extends ContextOptions {
  readonly source: string;
  readonly check?: boolean;
  readonly skipBadRows?: boolean;
}

export interface ShowOptions extends ContextOptions {
  readonly at?: Date;
  readonly system?: string;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;

export function registerContext(program: Command): void {
  const context = program.command('context').description('what is known of people, accounts and endpoints, in the database of the configuration');
  context
    .command('import')
    .description('replace what a source states by the rows of CSV and JSON files, or change nothing')
    .argument('<file...>', '.csv or .json files, together one import')
    .option('--source <name>', 'the source that states them', 'files')
    .option('--check', 'only tell what the import would do and what is wrong with it')
    .option('--skip-bad-rows', 'import the rows without a finding where others have one')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (files: string[], options: ImportOptions) => {
      process.exitCode = await (await import('./context.js')).importContext(files, options);
    });
  context
    .command('show')
    .description('say what is known of an entity, from which source, and how old it is')
    .argument('<entity>', 'TYPE:VALUE with person, account, token, ip, host or endpoint; without TYPE an account or e-mail address')
    .option('--system <name>', 'the system in which an account or token has this name')
    .option('--at <time>', 'as it was known then, ISO 8601, e.g. 2027-01-31T12:00:00Z', instant)
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (entity: string, options: ShowOptions) => {
      process.exitCode = await (await import('./context.js')).showContext(entity, options);
    });
}

function instant(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime())) throw new InvalidArgumentError('a time such as 2027-01-31T12:00:00Z is needed.');
  return time;
}
