import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PlaybookFailure } from '../respond/engine/compiled-playbook.js';
import { coverageOf, readScenario, runScenario, type Coverage, type ScenarioOutcome } from '../respond/engine/scenario/index.js';
import { respondErrors } from '../respond/respond.errors.js';
import { knownActions } from './known-actions.js';
import { readPlaybookFile } from './read-playbook-file.js';

export interface PlaybookTest extends ScenarioOutcome {
  readonly scenario: string;
  readonly title: string;
}

export interface PlaybookTestResult {
  readonly file: string;
  readonly tests: readonly PlaybookTest[];
  readonly coverage: Coverage;
}

/**
 * Runs a playbook in its scenarios.
 * @param scenarios files; none: `scenarios/*.yaml` beside the playbook
 * @throws {CordonError} `respond.playbook_invalid`, `respond.scenario_invalid`, `respond.params_invalid`
 */
export async function runPlaybookTests(file: string, scenarios: readonly string[]): Promise<PlaybookTestResult> {
  const { source } = await readPlaybookFile(file);
  const tests: PlaybookTest[] = [];
  for (const scenarioFile of scenarios.length > 0 ? scenarios : await scenariosBeside(file)) {
    const scenario = readScenario(scenarioFile, await readText(scenarioFile));
    tests.push({ scenario: scenarioFile, title: scenario.title, ...run(() => runScenario(source, scenario, describe), file) });
  }
  return { file, tests, coverage: coverageOf(source, tests.map(({ result }) => result)) };
}

function run(test: () => ScenarioOutcome, file: string): ScenarioOutcome {
  try {
    return test();
  } catch (error) {
    if (!(error instanceof PlaybookFailure)) throw error;
    throw respondErrors.create('respond.playbook_invalid', { detail: `${file}: ${error.message}`, cause: error });
  }
}

const described = new Map(knownActions.map((action) => [action.id, action]));
const describe = (action: string) => described.get(action);

async function scenariosBeside(file: string): Promise<string[]> {
  const folder = path.join(path.dirname(file), 'scenarios');
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => /\.ya?ml$/.test(name)).sort().map((name) => path.join(folder, name));
  if (found.length === 0) throw respondErrors.create('respond.scenario_invalid', { detail: `${folder} holds no *.yaml` });
  return found;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw respondErrors.create('respond.scenario_invalid', { detail: `${file}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  });
}
