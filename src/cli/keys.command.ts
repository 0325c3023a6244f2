import { InvalidArgumentError, type Command } from 'commander';

export interface KeysOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface CreateKeyOptions extends KeysOptions {
  readonly name: string;
  readonly role: string[];
  readonly person?: string;
  readonly expires?: Date;
  readonly out?: string;
}

export interface GenerateKeyOptions {
  readonly out?: string;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('API keys, in the database of the configuration');
  keys
    .command('create')
    .description('make a key; it is shown once')
    .requiredOption('--name <name>', 'what or whom the key is for')
    .requiredOption('--role <role...>', 'viewer, analyst, engineer, responder, approver, privacy, auditor, admin')
    .option('--person <id>', 'person of the context whose key it is; only such a key can decide approvals')
    .option('--expires <time>', 'when it stops working, ISO 8601, e.g. 2027-01-31', instant)
    .option('--out <file>', 'write the key to this new file (0600) instead of printing it')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (options: CreateKeyOptions) => (await import('./keys.js')).createKey(options));
  keys
    .command('generate')
    .description('make a key for keys.admin of the configuration, without a database; it works once the product has started with it')
    .option('--out <file>', 'write the key to this new file (0600) instead of printing it')
    .action(async (options: GenerateKeyOptions) => (await import('./generate-key.js')).generateKey(options));
  keys
    .command('list')
    .description('list the keys, never their secrets')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (options: KeysOptions) => (await import('./keys.js')).listKeys(options));
  keys
    .command('revoke')
    .description('stop a key at once')
    .argument('<id>', 'id of the key')
    .option(...CONFIG)
    .action(async (id: string, options: KeysOptions) => (await import('./keys.js')).revokeKey(id, options));
}

function instant(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime())) throw new InvalidArgumentError('a time such as 2027-01-31 or 2027-01-31T12:00:00Z is needed.');
  return time;
}
