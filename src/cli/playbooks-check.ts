import type { Command } from 'commander';
import { isCordonError } from '../kernel/index.js';
import type { CheckedFile } from './check-playbooks.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';

interface CheckOptions {
  readonly json?: boolean;
  readonly strict?: boolean;
}

export function registerPlaybooksCheck(playbooks: Command): void {
  playbooks
    .command('check')
    .description('check playbooks before they run: names, types, ways, waits, policy')
    .argument('<path...>', 'playbook files, or folders of them')
    .option('--json', 'print one JSON object a file')
    .option('--strict', 'let warnings fail too')
    .action(async (paths: string[], options: CheckOptions) => {
      process.exitCode = await check(paths, options);
    });
}

async function check(paths: readonly string[], { json = false, strict = false }: CheckOptions): Promise<number> {
  try {
    const [{ checkPlaybooks }, { knownActions }] = await Promise.all([import('./check-playbooks.js'), import('./known-actions.js')]);
    const count = { files: 0, failed: 0, error: 0, warning: 0 };
    for await (const checked of checkPlaybooks(paths, knownActions, strict)) {
      count.files++;
      if (!checked.ok) count.failed++;
      for (const { severity } of checked.findings) count[severity]++;
      process.stdout.write(json ? `${JSON.stringify(checked)}\n` : describe(checked));
    }
    if (!json) process.stdout.write(`${count.files} checked, ${count.failed} refused, ${count.error} errors, ${count.warning} warnings\n`);
    return count.failed > 0 ? ExitCode.findings : ExitCode.ok;
  } catch (error) {
    if (!isCordonError(error)) throw error;
    reportError(error);
    return ExitCode.usage;
  }
}

/** One paragraph a finding: where, what, what to do. */
function describe({ file, findings }: CheckedFile): string {
  if (findings.length === 0) return `${file}: ok\n`;
  return findings
    .map(({ line, column, severity, message, path, remedy, code }) => `${file}:${line}:${column}: ${severity}: ${message}\n  at:     ${path || 'the document'}\n  remedy: ${remedy}\n  code:   ${code}\n`)
    .join('');
}
