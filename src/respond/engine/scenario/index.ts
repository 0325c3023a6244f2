export { coverageOf, type Coverage, type Covered } from './coverage.js';
export { readScenario } from './read-scenario.js';
export { runScenario, type ScenarioOutcome } from './run-scenario.js';
export type { Describe } from './scenario-run.js';
export type { ScenarioResult } from './scenario-result.js';
export type { Scenario } from './scenario-source.js';
