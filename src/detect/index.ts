export { detectErrors } from './detect.errors.js';
export { DetectModule } from './detect.module.js';
export { RuleLibrary, type RuleSummary } from './rule-library.js';
