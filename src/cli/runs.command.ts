import type { Command } from 'commander';

export interface RunsOptions {
  readonly keyFile: string;
  readonly url?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export interface ListRunsOptions extends RunsOptions {
  readonly status?: string;
  readonly playbook?: string;
  readonly incident?: string;
}

export interface RunCommandOptions extends RunsOptions {
  readonly reason: string;
  /** Of `cancel`: whether to take back what the run did. */
  readonly undo?: string;
  /** Of `undo`: `all`, `since:<state>`, or invoke ids. */
  readonly scope?: readonly string[];
}

export function registerRuns(program: Command): void {
  const runs = program.command('runs').description('runs of playbooks, of the running server');
  const command = (name: string, description: string): Command =>
    runs
      .command(name)
      .description(description)
      .requiredOption('--key-file <file>', 'file with your API key')
      .option('--url <url>', 'server to ask (default: server.host and server.port of the configuration)')
      .option('--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)')
      .option('--json', 'print the result as JSON');
  command('list', 'list runs, the newest first')
    .option('--status <status>', 'only those that are active, suspended, cancelling or done')
    .option('--playbook <id>', 'only those of a playbook')
    .option('--incident <id>', 'only those for an incident')
    .action(async (options: ListRunsOptions) => (await import('./runs.js')).listRuns(options));
  command('show', 'show where a run is, what it did, and what it waits for')
    .argument('<id>', 'id of the run')
    .action(async (id: string, options: RunsOptions) => (await import('./runs.js')).showRun(id, options));
  const act = (name: 'cancel' | 'undo' | 'suspend' | 'resume', description: string): Command =>
    command(name, description)
      .argument('<id>', 'id of the run')
      .requiredOption('--reason <text>', 'why; it goes on record')
      .action(async (id: string, options: RunCommandOptions) => (await import('./runs.js')).commandRun(id, name, options));
  act('cancel', 'end a run before its playbook does').option('--undo <which>', 'take back what it did: all, none, or ask an approver', 'none');
  act('undo', 'take back what a finished run did, the last effect first').option('--scope <scope...>', 'all, since:<state>, or the invoke ids to take back (default: all)');
  act('suspend', 'hold a run: timers do not fire, events wait');
  act('resume', 'let a held run go on');
}
