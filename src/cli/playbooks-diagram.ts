import { Option, type Command } from 'commander';
import { isCordonError } from '../kernel/index.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';

export function registerPlaybooksDiagram(playbooks: Command): void {
  playbooks
    .command('diagram')
    .description('print the states and transitions of a playbook as a diagram')
    .argument('<file>', 'playbook file')
    .addOption(new Option('--format <format>', 'of the diagram').choices(['mermaid']).default('mermaid'))
    .action(async (file: string) => {
      process.exitCode = await diagram(file);
    });
}

async function diagram(file: string): Promise<number> {
  try {
    const { readPlaybookFile } = await import('./read-playbook-file.js');
    const { mermaidOf } = await import('../respond/engine/diagram/index.js');
    const { source } = await readPlaybookFile(file);
    process.stdout.write(mermaidOf(source));
    return ExitCode.ok;
  } catch (error) {
    if (!isCordonError(error)) throw error;
    reportError(error);
    return ExitCode.usage;
  }
}
