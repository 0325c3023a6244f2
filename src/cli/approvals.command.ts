import type { Command } from 'commander';

export interface ApprovalsOptions {
  readonly keyFile: string;
  readonly url?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export interface ListOptions extends ApprovalsOptions {
  readonly all?: boolean;
  readonly mine?: boolean;
}

export interface DecideOptions extends ApprovalsOptions {
  readonly reason: string;
}

export function registerApprovals(program: Command): void {
  const approvals = program.command('approvals').description('decisions that playbooks wait for, of the running server');
  const command = (name: string, description: string): Command =>
    approvals
      .command(name)
      .description(description)
      .requiredOption('--key-file <file>', 'file with your API key; to decide it must be the key of a person')
      .option('--url <url>', 'server to ask (default: server.host and server.port of the configuration)')
      .option('--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)')
      .option('--json', 'print the result as JSON');
  command('list', 'list what is open, the most urgent first')
    .option('--mine', 'only what this key may decide')
    .option('--all', 'also what is decided')
    .action(async (options: ListOptions) => (await import('./approvals.js')).listApprovals(options));
  command('show', 'show what is asked, why, and who has voted')
    .argument('<id>', 'id of the approval')
    .action(async (id: string, options: ApprovalsOptions) => (await import('./approvals.js')).showApproval(id, options));
  for (const choice of ['approve', 'refuse'] as const) {
    command(choice, choice === 'approve' ? 'vote for it; it is approved with the votes of its quorum' : 'vote against it; one refusal refuses')
      .argument('<id>', 'id of the approval')
      .requiredOption('--reason <text>', 'why; it goes on record')
      .action(async (id: string, options: DecideOptions) => (await import('./approvals.js')).decideApproval(id, choice, options));
  }
}
