export { detectErrors } from './detect.errors.js';
export { DetectModule } from './detect.module.js';
export { SignalReader } from './signal-reader.js';
export type { StoredSignal } from './signal-row.js';
export { RuleLibrary, type RuleSummary } from './rule-library.js';
