import { InvalidArgumentError, type Command } from 'commander';

export interface ServeOptions {
  readonly config?: string;
  readonly port?: number;
  readonly data?: string;
}

const HIGHEST_PORT = 65_535;

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('start the server; the first start makes the configuration, its keys and the embedded database')
    .option('--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort)
    .option('--data <directory>', 'data directory')
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.js');
      process.exitCode = await serve(options);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > HIGHEST_PORT) throw new InvalidArgumentError(`a port is a number from 0 to ${HIGHEST_PORT}.`);
  return port;
}
