import type { Command } from 'commander';

export interface GovernorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface SwitchOptions extends GovernorOptions {
  readonly reason: string;
  readonly scope: string;
}

export interface ExplainOptions extends GovernorOptions {
  readonly action: string;
  readonly entity?: string[];
  readonly mode?: string;
  readonly incident?: string;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;
const JSON_OUTPUT = ['--json', 'print the result as JSON'] as const;

export function registerGovernor(program: Command): void {
  const governor = program.command('governor').description('the policy in front of every action: its state, the kill switch, and what it would decide');
  governor
    .command('status')
    .description('show kill switches, modes and how much of the caps is used')
    .option(...CONFIG)
    .option(...JSON_OUTPUT)
    .action(async (options: GovernorOptions) => (await import('./governor.js')).showGovernor(options));
  const killSwitch = governor.command('kill-switch').description('stop actions on every instance at once, or let them run again');
  for (const [name, description] of [['on', 'stop actions; an undo still runs'], ['off', 'let actions run again']] as const) {
    killSwitch
      .command(name)
      .description(description)
      .requiredOption('--reason <text>', 'why, for the audit trail')
      .option('--scope <scope>', 'all, destructive, other, notify, or the id of an action', 'all')
      .option(...CONFIG)
      .option(...JSON_OUTPUT)
      .action(async (options: SwitchOptions) => (await import('./governor.js')).changeSwitch(name === 'on', options));
  }
  governor
    .command('explain')
    .description('say what would be decided on an action now, and why; nothing is reserved')
    .requiredOption('--action <id>', 'id of the action, such as scim.deactivate-user')
    .option('--entity <type:value...>', 'whom it would act on, such as account:ann@example.com')
    .option('--mode <mode>', 'what the playbook asks for: observe, suggest, ask or auto')
    .option('--incident <id>', 'incident whose evidence counts')
    .option(...CONFIG)
    .option(...JSON_OUTPUT)
    .action(async (options: ExplainOptions) => (await import('./governor.js')).explainVerdict(options));
}
