import type { Command } from 'commander';
import { ExitCode } from './exit-codes.js';

export interface ActionsOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;

export function registerActions(program: Command): void {
  const actions = program.command('actions').description('what this build can do on other systems, and what of it is configured; without a database or network');
  actions
    .command('list')
    .description('every action with its effect class, how it is proved and taken back, and whether it is configured')
    .option(...CONFIG)
    .option('--json', 'print one JSON object an action')
    .action(async (options: ActionsOptions) => {
      const { listActions } = await import('./actions.js');
      listActions(options);
      process.exitCode = ExitCode.ok;
    });
  actions
    .command('show')
    .description('one action with the JSON Schemas of its input and result')
    .argument('<id>', 'such as scim.deactivate-user')
    .option(...CONFIG)
    .option('--json', 'print one JSON object')
    .action(async (id: string, options: ActionsOptions) => {
      const { showAction } = await import('./actions.js');
      process.exitCode = showAction(id, options);
    });
}
