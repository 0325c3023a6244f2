export { ruleTestErrors } from './rule-test.errors.js';
export { parseRuleTests, type RuleTest, type RuleTestFile, type TestRecord } from './rule-test-file.js';
export { runRuleTest, type NormaliseTestRecord, type RuleTestResult } from './run-rule-test.js';
