import type { Command } from 'commander';
import { registerRulesCheck } from './rules-check.js';
import { registerRulesMatch } from './rules-match.js';
import { registerRulesReplay } from './rules-replay.js';
import { registerRulesTest } from './rules-test.js';

export function registerRules(program: Command): void {
  const rules = program.command('rules').description('check Sigma rules and try them on events, without a database');
  registerRulesCheck(rules);
  registerRulesMatch(rules);
  registerRulesReplay(rules);
  registerRulesTest(rules);
}
