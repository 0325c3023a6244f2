import type { Command } from 'commander';
import { isCordonError } from '../kernel/index.js';
import type { RuleTestResult } from '../detect/rule-tests/index.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';

export function registerRulesTest(rules: Command): void {
  rules
    .command('test')
    .description('run the tests beside rules: <rule>.tests.yml says which records make <rule>.yml fire')
    .argument('<path...>', 'rule files, test files or folders')
    .option('--json', 'print one JSON object a test file')
    .action(async (paths: string[], options: { readonly json?: boolean }) => {
      process.exitCode = await test(paths, options.json === true);
    });
}

async function test(paths: readonly string[], json: boolean): Promise<number> {
  try {
    const { runRuleTests } = await import('./run-rule-tests.js');
    const results = await runRuleTests(paths);
    for (const { file, tests } of results) process.stdout.write(json ? `${JSON.stringify({ file, tests })}\n` : `${file}\n${tests.map(describe).join('')}`);
    const all = results.flatMap(({ tests }) => tests);
    const failed = all.filter(({ passed }) => !passed).length;
    if (!json) process.stdout.write(`${all.length - failed} passed, ${failed} failed\n`);
    return failed > 0 ? ExitCode.findings : ExitCode.ok;
  } catch (error) {
    if (!isCordonError(error)) throw error;
    reportError(error);
    return ExitCode.usage;
  }
}

function describe({ name, passed, expected, fired }: RuleTestResult): string {
  const outcome = passed ? '' : `\n    expected ${counts(expected)}\n    fired    ${counts(fired)}`;
  return `  ${passed ? 'ok  ' : 'FAIL'} ${name}${outcome}\n`;
}

function counts(fires: Readonly<Record<string, number>>): string {
  return Object.entries(fires).map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing';
}
