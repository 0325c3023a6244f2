import { InvalidArgumentError, type Command } from 'commander';

export interface SendOptions {
  readonly source: string;
  readonly config?: string;
  readonly url?: string;
  readonly secretFile?: string;
  readonly batch: number;
  readonly delivery?: string;
  readonly gzip?: boolean;
  readonly json?: boolean;
  readonly retries: number;
}

const DEFAULT_BATCH = 500;
const DEFAULT_RETRIES = 8;

export function registerSend(program: Command): void {
  program
    .command('send')
    .description('sign records and post them to the intake of a source')
    .argument('<file>', 'one JSON record a line, a JSON array, one JSON object, or lines of text; - reads standard input')
    .requiredOption('--source <name>', 'source to send to', 'gateway')
    .option('--config <file>', 'configuration file with the source and its key (default: CORDON_CONFIG, else config/cordon.yaml)')
    .option('--url <url>', 'server to send to (default: server.host and server.port of the configuration)')
    .option('--secret-file <file>', 'signing key; with --url no configuration is read')
    .option('--batch <records>', 'most records in one delivery', whole, DEFAULT_BATCH)
    .option('--delivery <id>', 'id of the deliveries, so that the same call can be repeated without storing twice (default: a new one)')
    .option('--gzip', 'compress deliveries')
    .option('--retries <count>', 'how often to repeat a delivery that the server cannot take yet', whole, DEFAULT_RETRIES)
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: SendOptions) => {
      const { send } = await import('./send.js');
      process.exitCode = await send(file, options);
    });
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number above 0 is needed.');
  return Number(text);
}
