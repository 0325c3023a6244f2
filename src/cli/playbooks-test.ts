import { InvalidArgumentError, type Command } from 'commander';
import { isCordonError } from '../kernel/index.js';
import type { Covered } from '../respond/engine/scenario/index.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';
import type { PlaybookTest, PlaybookTestResult } from './run-playbook-tests.js';

interface TestOptions {
  readonly scenario?: readonly string[];
  readonly minCoverage?: number;
  readonly json?: boolean;
}

export function registerPlaybooksTest(playbooks: Command): void {
  playbooks
    .command('test')
    .description('run playbooks in scenarios, on a clock of their own and without a network')
    .argument('<file...>', 'playbook files')
    .option('--scenario <file...>', 'scenarios; default: scenarios/*.yaml beside each playbook')
    .option('--min-coverage <percent>', 'of the states and of the transitions that the scenarios have to pass', percent)
    .option('--json', 'print one JSON object a scenario, and one a playbook where no scenario is named')
    .action(async (files: string[], options: TestOptions) => {
      process.exitCode = await test(files, options);
    });
}

async function test(files: readonly string[], { scenario = [], minCoverage = 0, json = false }: TestOptions): Promise<number> {
  try {
    const { runPlaybookTests } = await import('./run-playbook-tests.js');
    let failed = 0;
    let passed = 0;
    let short = false;
    for (const file of files) {
      const result = await runPlaybookTests(file, scenario);
      process.stdout.write(json ? toJson(result, scenario.length === 0) : toText(result));
      const failing = result.tests.filter(({ differences }) => differences.length > 0).length;
      failed += failing;
      passed += result.tests.length - failing;
      short ||= [result.coverage.states, result.coverage.transitions].some((covered) => covered.percent < minCoverage);
    }
    if (!json) process.stdout.write(`${passed} passed, ${failed} failed\n`);
    if (short) process.stderr.write(`cordon: the scenarios pass less than ${minCoverage} %\n`);
    return failed > 0 || short ? ExitCode.findings : ExitCode.ok;
  } catch (error) {
    if (!isCordonError(error)) throw error;
    reportError(error);
    return ExitCode.usage;
  }
}

function toJson({ file, tests, coverage }: PlaybookTestResult, withCoverage: boolean): string {
  const lines: object[] = tests.map(({ scenario, title, result, differences }) => {
    const { states, effects, timers, approvals, final, outcome, facts, ignored, context, failure } = result;
    return { states, effects, timers, approvals, final, outcome, facts, ignored, context, failure, file, scenario, title, ok: differences.length === 0, differences };
  });
  return [...lines, ...(withCoverage ? [{ file, coverage }] : [])].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function toText({ file, tests, coverage }: PlaybookTestResult): string {
  return `${file}\n${tests.map(describe).join('')}  ${counted('states', coverage.states)}\n  ${counted('transitions', coverage.transitions)}\n`;
}

function describe({ title, scenario, differences }: PlaybookTest): string {
  if (differences.length === 0) return `  ✓ ${title}\n`;
  return `  ✗ ${title} (${scenario})\n${differences.map((line) => `      ${line}\n`).join('')}`;
}

function counted(what: string, { total, missed }: Covered): string {
  return `${total - missed.length} of ${total} ${what}${missed.length === 0 ? '' : `; not passed:${missed.map((name) => `\n      ${name}`).join('')}`}`;
}

function percent(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 100)) throw new InvalidArgumentError('a number from 0 to 100');
  return value;
}
