import type { Command } from 'commander';
import { ExitCode } from './exit-codes.js';

export function registerPlaybooksExplain(playbooks: Command): void {
  playbooks
    .command('explain')
    .description('say what a finding of check means, and what to do about it')
    .argument('[code]', 'code of the finding, with or without playbook. in front; none: list all')
    .action(async (code: string | undefined) => {
      process.exitCode = await explain(code);
    });
}

async function explain(code: string | undefined): Promise<number> {
  const [{ findingCatalogue }, { closest }] = await Promise.all([import('../respond/engine/finding-catalogue.js'), import('../respond/engine/closest.js')]);
  const entries = Object.entries(findingCatalogue);
  if (code === undefined) {
    process.stdout.write(entries.map(([name, { severity, title }]) => `${name}\t${severity}\t${title}\n`).join(''));
    return ExitCode.ok;
  }
  const full = code.startsWith('playbook.') ? code : `playbook.${code}`;
  const found = entries.find(([name]) => name === full);
  if (!found) {
    process.stderr.write(`cordon: there is no finding '${code}'${closest(full, entries.map(([name]) => name))}\n`);
    return ExitCode.usage;
  }
  const [name, { severity, title, why, remedy }] = found;
  process.stdout.write(`${name} (${severity})\n${title}.\n\nWhy:    ${why}\nRemedy: ${remedy}\n\nAn example stands in docs/playbooks/findings.md.\n`);
  return ExitCode.ok;
}
