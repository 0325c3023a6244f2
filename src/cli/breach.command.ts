import type { Command } from 'commander';

export interface AssessOptions {
  readonly json?: boolean;
}

export function registerBreach(program: Command): void {
  const breach = program.command('breach').description('duties of breach notification; no legal advice');
  breach
    .command('assess')
    .description('what the regimes of this build ask on given events and facts, whether they are enabled or not')
    .argument('<file>', 'JSON: {"events": {"aware": TIME}, "facts": {"role": …, "eu_risk": …}, "zone": ZONE}')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: AssessOptions) => (await import('./breach-assess.js')).assessFile(file, options));
}
