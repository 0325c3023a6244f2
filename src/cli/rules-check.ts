import type { Command } from 'commander';
import type { RuleSet } from '../detect/engine/index.js';
import { isCordonError } from '../kernel/index.js';
import { ExitCode } from './exit-codes.js';
import { loadRuleSet, printRefused } from './load-rule-set.js';
import { reportError } from './report-error.js';

interface CheckOptions {
  readonly placeholders?: string;
  readonly json?: boolean;
}

export function registerRulesCheck(rules: Command): void {
  rules
    .command('check')
    .description('compile rule files and folders; say which documents are refused, and why')
    .argument('<path...>', 'rule files, or folders of *.yml and *.yaml')
    .option('--placeholders <file>', 'values of %placeholders%, JSON or YAML: {"Name": ["value", …]}')
    .option('--json', 'print the result as JSON')
    .action(async (paths: string[], options: CheckOptions) => {
      process.exitCode = await check(paths, options);
    });
}

async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  let ruleSet: RuleSet;
  try {
    ruleSet = await loadRuleSet(paths, options.placeholders);
  } catch (error) {
    if (!isCordonError(error)) throw error;
    reportError(error);
    return ExitCode.usage;
  }
  const { compiled, refused, warnings } = ruleSet;
  if (options.json) process.stdout.write(`${JSON.stringify({ compiled, refused, warnings })}\n`);
  else print(ruleSet);
  return refused.length > 0 ? ExitCode.findings : ExitCode.ok;
}

function print({ compiled, refused, warnings }: RuleSet): void {
  const rows = compiled.map(({ kind, id, title, file, document }) => [kind, id, title, document === 0 ? file : `${file} (document ${document})`]);
  const widths = [0, 1, 2].map((column) => Math.min(60, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))));
  process.stdout.write(rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join(''));
  for (const { file, line, code, message } of warnings) process.stderr.write(`${file}${line === undefined ? '' : `:${line}`}: warning ${code}: ${message}\n`);
  printRefused(refused);
  process.stdout.write(`${compiled.length} compiled, ${refused.length} refused, ${warnings.length} warnings\n`);
}
