import type { JsonObject } from '../../kernel/index.js';
import { CorrelationEngine, referredOnly, RuleMatcher, type Logsource, type RuleSet } from '../engine/index.js';
import { ruleTestErrors } from './rule-test.errors.js';
import type { RuleTest, RuleTestFile, TestRecord } from './rule-test-file.js';

/** Turns a record of a stream into the ECS document and logsources that the product would give the rules. */
export type NormaliseTestRecord = (stream: string, record: JsonObject, time: Date) => { readonly document: JsonObject; readonly logsources: readonly Logsource[] };

/** What a test asked for and what happened, as counts by the rule's name (else its id). Equal where the test passed. */
export interface RuleTestResult {
  readonly name: string;
  readonly expected: Readonly<Record<string, number>>;
  readonly fired: Readonly<Record<string, number>>;
  readonly passed: boolean;
}

/**
 * Feeds the records of a test to the rules of one file, in order of time and with nothing late, and closes every window
 * after the last. Rules that only serve a correlation do not fire.
 */
export function runRuleTest(test: RuleTest, file: RuleTestFile, { rules, correlations }: RuleSet, normalise: NormaliseTestRecord): RuleTestResult {
  const names = new Map([...rules, ...correlations].map(({ id, name }) => [id, name ?? id]));
  const known = new Set(names.values());
  const unknown = Object.keys(test.fires).find((name) => !known.has(name));
  if (unknown !== undefined) throw ruleTestErrors.create('rules.test_invalid', { detail: `test '${test.name}' names '${unknown}', which is none of ${[...known].join(', ')}` });

  const matcher = new RuleMatcher(rules);
  const engine = new CorrelationEngine(correlations, { suppress: 'episode' });
  const silent = referredOnly(correlations);
  const fired: Record<string, number> = {};
  const count = (id: string): void => {
    const name = names.get(id) ?? id;
    fired[name] = (fired[name] ?? 0) + 1;
  };
  const take = (entry: TestRecord, index: number): void => {
    const { document, logsources } = entry.stream === undefined
      ? { document: { '@timestamp': new Date(entry.time).toISOString(), ...entry.record }, logsources: file.logsources }
      : normalise(entry.stream, entry.record, new Date(entry.time));
    const matched = matcher.match(document, logsources).map(({ rule }) => rule.id);
    matched.filter((id) => !silent.has(id)).forEach(count);
    const event = { id: `event ${index + 1}`, position: index + 1, source: entry.stream ?? 'test', time: entry.time, receivedAt: entry.time, document };
    for (const { ruleId } of engine.accept(event, matched)) count(ruleId);
  };
  test.records.forEach(take);
  for (const { ruleId } of engine.close()) count(ruleId);
  return { name: test.name, expected: test.fires, fired, passed: same(test.fires, fired) };
}

function same(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => a[name] === b[name]);
}
