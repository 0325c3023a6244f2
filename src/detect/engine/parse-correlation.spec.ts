import { describe, expect, it } from '@jest/globals';
import { loadRules, type RuleSet } from './load-rules.js';

const base = ['one', 'two'].map((name) => `title: Rule ${name}\nname: ${name}\nlogsource:\n  product: test\ndetection:\n  sel:\n    kind: ${name}\n  condition: sel\n---\n`).join('');

const load = (correlation: string): RuleSet => loadRules([{ file: 'rules.yml', text: `${base}title: Correlation\nid: chained\ncorrelation:\n${correlation.trim().split('\n').map((line) => `  ${line}`).join('\n')}\n` }]);
const parsed = (correlation: string) => {
  const { correlations, refused } = load(correlation);
  expect(refused).toEqual([]);
  return correlations[0]!;
};

const COUNT = 'type: event_count\nrules: [one]\ngroup-by: [user]\ntimespan: 5m\ncondition:\n  gte: 5';

describe('parseCorrelation', () => {
  it('reads a count', () => {
    expect(parsed(COUNT)).toMatchObject({
      id: 'chained', type: 'event_count', rules: ['one'], groupBy: ['user'], timespanMs: 300_000, generate: false,
      condition: { kind: 'threshold', bounds: [{ operator: 'gte', value: 5 }], fields: [] },
    });
  });

  it.each([['30s', 30_000], ['2h', 7_200_000], ['1d', 86_400_000], ['1w', 604_800_000], ['1M', 2_629_746_000], ['1y', 31_556_952_000]])('reads the timespan %s', (text, expected) => {
    expect(parsed(COUNT.replace('5m', text)).timespanMs).toBe(expected);
  });

  it('reads ranges, fractions and fields', () => {
    expect(parsed('type: value_avg\nrules: one\ntimespan: 1h\ncondition:\n  field: bytes\n  gt: 0.5\n  lte: 2').condition)
      .toEqual({ kind: 'threshold', fields: ['bytes'], bounds: [{ operator: 'gt', value: 0.5 }, { operator: 'lte', value: 2 }] });
  });

  it('asks a temporal correlation for all of its rules by default', () => {
    expect(parsed('type: temporal\nrules: [Rule one, two]\ntimespan: 1h').condition).toMatchObject({ bounds: [{ operator: 'gte', value: 2 }] });
  });

  it('reads conditions over rule names, aliases and generate', () => {
    expect(parsed('type: temporal\nrules: [one, two]\ntimespan: 1h\ngenerate: true\ngroup-by: [who]\naliases:\n  who:\n    one: user\n    two: actor\ncondition: one and not two')).toMatchObject({
      condition: { kind: 'boolean', expression: { kind: 'and', operands: [{ kind: 'rule', rule: 'one' }, { kind: 'not', operand: { kind: 'rule', rule: 'two' } }] } },
      aliases: { who: { one: 'user', two: 'actor' } }, generate: true,
    });
  });

  // the key correlation stands in line 21 of the file
  it.each([
    ['the old name of a type', COUNT.replace('event_count', 'ordered_temporal'), 'rules.correlation_invalid', 22, "'temporal_ordered'"],
    ['a misspelt key', COUNT.replace('group-by', 'groupby'), 'rules.correlation_invalid', 24, "'group-by'"],
    ['a missing type', COUNT.replace('type: event_count\n', ''), 'rules.missing_key', 22, 'correlation.type'],
    ['a rule that is not there', COUNT.replace('[one]', '[three]'), 'rules.unknown_reference', 23, 'three'],
    ['a rule twice', COUNT.replace('[one]', '[one, Rule one]'), 'rules.correlation_invalid', 23, 'twice'],
    ['an unknown unit of time', COUNT.replace('5m', '5min'), 'rules.correlation_invalid', 25, '5min'],
    ['a bound that is no number', COUNT.replace('gte: 5', 'gte: many'), 'rules.wrong_type', 27, "'many'"],
    ['bounds that exclude each other', COUNT.replace('gte: 5', 'gt: 5\n  lt: 5'), 'rules.correlation_invalid', 27, 'no value'],
    ['a count of values without a field', COUNT.replace('event_count', 'value_count'), 'rules.missing_key', 27, 'condition.field'],
    ['a percentile without the percentile', COUNT.replace('event_count', 'value_percentile').replace('gte: 5', 'gte: 5\n  field: bytes'), 'rules.missing_key', 27, 'percentile'],
    ['a condition that holds without any event', 'type: temporal\nrules: [one, two]\ntimespan: 1h\ncondition: not one', 'rules.correlation_invalid', 25, 'no rule matches'],
    ['a condition that never holds', 'type: temporal\nrules: [one, two]\ntimespan: 1h\ncondition: one and not one', 'rules.correlation_invalid', 25, 'never'],
    ['more rules than there are', 'type: temporal\nrules: [one, two]\ntimespan: 1h\ncondition:\n  gte: 3', 'rules.correlation_invalid', 26, 'more rules'],
    ['an alias for a rule it does not use', `${COUNT}\naliases:\n  who:\n    two: actor`, 'rules.unknown_reference', 30, 'two'],
  ])('refuses %s and names line and remedy', (_case, correlation, code, line, words) => {
    const { refused, correlations } = load(correlation);
    expect(correlations).toEqual([]);
    expect(refused).toMatchObject([{ code, line, message: expect.stringContaining(words) }]);
  });
});
