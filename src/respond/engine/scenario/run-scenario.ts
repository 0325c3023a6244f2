import { compilePlaybook } from '../machine/index.js';
import type { PlaybookSource } from '../playbook-source.js';
import { differences } from './compare-result.js';
import { instrument } from './instrument.js';
import type { ScenarioResult } from './scenario-result.js';
import { ScenarioRun, type Describe } from './scenario-run.js';
import type { Scenario } from './scenario-source.js';

export interface ScenarioOutcome {
  readonly result: ScenarioResult;
  /** What differs from what the scenario expects, one line each. */
  readonly differences: readonly string[];
}

/**
 * Runs a playbook in a scenario: the machine that runs in production, on a clock and in a world that are data.
 * @param describe what is known of actions; without it inputs are not checked and nothing is taken back
 * @throws PlaybookFailure no machine can be made of the playbook; CordonError `respond.params_invalid`
 */
export function runScenario(source: PlaybookSource, scenario: Scenario, describe: Describe = () => undefined): ScenarioOutcome {
  const result = new ScenarioRun(compilePlaybook(instrument(source), 'scenario'), scenario, describe).run();
  return { result, differences: differences(scenario.expect, result) };
}
