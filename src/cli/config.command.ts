import type { Command } from 'commander';
import { ExitCode } from './exit-codes.js';

interface ConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;

export function registerConfig(program: Command): void {
  const config = program.command('config').description('check and show the configuration, without starting anything');
  config
    .command('check')
    .description('read file and environment as a start would; say what is wrong')
    .option(...CONFIG)
    .action(async (options: ConfigOptions) => {
      const { checkConfig } = await import('./check-config.js');
      const { sources, connectors } = checkConfig(options.config);
      process.stdout.write(`the configuration can be used; sources: ${Object.keys(sources).join(', ') || 'none'}; connectors: ${Object.keys(connectors).join(', ') || 'none'}\n`);
      process.exitCode = ExitCode.ok;
    });
  config
    .command('show')
    .description('print the configuration in force, defaults and environment included, secrets as [secret]')
    .option(...CONFIG)
    .option('--json', 'as JSON instead of YAML')
    .action(async (options: ConfigOptions) => {
      const [{ readConfig }, { stringify }] = await Promise.all([import('./read-config.js'), import('yaml')]);
      // Through JSON, which is where a secret turns into its mask.
      const text = JSON.stringify(readConfig(options.config), null, 2);
      process.stdout.write(options.json ? `${text}\n` : stringify(JSON.parse(text)));
      process.exitCode = ExitCode.ok;
    });
}
