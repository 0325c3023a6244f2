import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadRules, type RuleSet } from './load-rules.js';
import { readRuleFiles } from './read-rule-files.js';
import { RuleMatcher } from './rule-matcher.js';

const folder = path.join(import.meta.dirname, 'fixtures/bad');
const load = (...texts: string[]): RuleSet => loadRules(texts.map((text, i) => ({ file: `${i}.yml`, text })));

const rule = (title: string, selection: string, more = ''): string => `
title: ${title}
${more}
level: low
logsource:
  product: gateway
  service: access
detection:
  selection:
    ${selection}
  condition: selection
`;
const correlation = (title: string, reference: string): string => `
title: ${title}
correlation:
  type: event_count
  rules:
    - ${reference}
  timespan: 5m
  condition:
    gte: 2
level: low
`;
const filter = (reference: string, product = 'gateway', condition = 'not selection'): string => `
title: Filter
logsource:
  product: ${product}
filter:
  rules:
    - ${reference}
  selection:
    user: svc
  condition: ${condition}
`;
const codes = ({ refused }: RuleSet): string[] => refused.map(({ code }) => code);
const kinds = ({ compiled }: RuleSet): string[] => compiled.map(({ kind, title }) => `${kind} ${title}`);

describe('a bad document', () => {
  it.each(readdirSync(folder).map((file) => [file]))('%s is refused as it states', (file) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const [, code] = /^# expect: (.*)$/m.exec(text)!;
    const [, says] = /^# says: (.*)$/m.exec(text)!;
    const ruleSet = load(text);
    expect(ruleSet.compiled).toEqual([]);
    expect(ruleSet.refused).toMatchObject([{ file: '0.yml', document: 0, code, message: expect.stringContaining(says!) }]);
  });

  it('has a fixture for each code that a single file can earn', () => {
    const codes = readdirSync(folder).map((file) => /^# expect: (.*)$/m.exec(readFileSync(path.join(folder, file), 'utf8'))![1]);
    expect([...new Set(codes)].sort()).toEqual([
      'rules.aggregation_in_condition', 'rules.bad_cidr', 'rules.bad_regex', 'rules.condition_syntax', 'rules.correlation_invalid', 'rules.duplicate_key', 'rules.missing_key',
      'rules.modifier_order', 'rules.modifier_value', 'rules.not_a_rule', 'rules.placeholder_without_value', 'rules.reference_cycle', 'rules.selector_matches_nothing',
      'rules.unknown_modifier', 'rules.unknown_reference', 'rules.unknown_selection', 'rules.wrong_type', 'rules.yaml_syntax', 'rules.yaml_too_large',
    ]);
  });

  it.each(['aggregation-count.yml', 'aggregation-distinct.yml'])('%s: the correlation that its message shows compiles in its place', (file) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const [, condition, document] = /Write '(condition: .*?)' and add[^\n]*\n([^]*?\nlevel: \w+)\n/.exec(load(text).refused[0]!.message)!;
    const ruleSet = load(`${text.replace(/condition: .*/, condition!)}---\n${document!}`);
    expect(ruleSet.refused).toEqual([]);
    expect(ruleSet.compiled.map(({ kind }) => kind)).toEqual(['rule', 'correlation']);
  });

  it('does not take the others of its file with it', () => {
    const ruleSet = load(`${rule('First', 'user: a')}---\n${rule('Second', 'user|nothing: a')}---\n${rule('Third', 'user: c')}`);
    expect(kinds(ruleSet)).toEqual(['rule First', 'rule Third']);
    expect(ruleSet.refused).toMatchObject([{ document: 1, code: 'rules.unknown_modifier', line: 22 }]);
    expect(ruleSet.compiled.map(({ document }) => document)).toEqual([0, 2]);
  });

  it('is refused when it nests without end, and when it is no text', async () => {
    // each of these ends the process in the YAML library
    for (const text of ['['.repeat(50_000), `${'['.repeat(5_000)}${']'.repeat(5_000)}`, '- '.repeat(50_000), '{a: '.repeat(5_000)]) {
      expect(codes(load(text))).toEqual(['rules.yaml_too_large']);
    }
    expect(codes(load(`title: x\na: ${'['.repeat(60)}${']'.repeat(60)}`))).toEqual(['rules.yaml_too_large']);
    expect(codes(loadRules([{ file: 'x.yml', problem: 'the file is not UTF-8 text' }]))).toEqual(['rules.not_readable']);
    await expect(readRuleFiles(['/nowhere/at/all.yml'])).rejects.toMatchObject({ code: 'rules.not_readable' });
  });
});

describe('references', () => {
  it('are found by id, name and title, across files and in any order', () => {
    const id = '5f0c1b8e-0000-4000-8000-000000000001';
    for (const reference of [id, id.toUpperCase(), 'base_rule', 'Base rule']) {
      const ruleSet = load(correlation('Burst', reference), rule('Base rule', 'user: a', `id: ${id}\nname: base_rule`));
      expect(ruleSet.correlations.map(({ rules }) => rules)).toEqual([[id]]);
    }
  });

  it('to a refused document are refused with it, over any number of steps', () => {
    const ruleSet = load(rule('Base', 'user|nothing: a'), correlation('One', 'Base'), correlation('Two', 'One'), correlation('Three', 'Two'));
    expect(codes(ruleSet)).toEqual(['rules.unknown_modifier', 'rules.unknown_reference', 'rules.unknown_reference', 'rules.unknown_reference']);
    expect(ruleSet.compiled).toEqual([]);
  });

  it('in a circle are refused, and what leads into it', () => {
    const ruleSet = load(correlation('One', 'Two'), correlation('Two', 'One'), correlation('Three', 'One'), rule('Free', 'user: a'), correlation('Four', 'Free'));
    expect(codes(ruleSet)).toEqual(['rules.reference_cycle', 'rules.reference_cycle', 'rules.reference_cycle']);
    expect(kinds(ruleSet)).toEqual(['rule Free', 'correlation Four']);
  });

  it('that fit several rules are refused', () => {
    const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    expect(codes(load(...ids.map((id) => rule('Same title', 'user: a', `id: ${id}`)), correlation('Burst', 'Same title')))).toEqual(['rules.ambiguous_reference']);
  });

  it('need ids that stand once', () => {
    const twice = rule('Twice', 'user: a', 'id: 00000000-0000-4000-8000-000000000001');
    expect(load(twice, twice).refused).toMatchObject([{ file: '1.yml', code: 'rules.duplicate_id', message: expect.stringContaining('0.yml') }]);
  });
});

describe('a filter', () => {
  const matched = (ruleSet: RuleSet, user: string): string[] => new RuleMatcher(ruleSet.rules)
    .match({ user, path: '/x' }, [{ product: 'gateway', service: 'access' }]).map((match) => match.rule.title);

  it('is ANDed with its rules as it is written', () => {
    const ruleSet = load(rule('Base', 'path: /x'), rule('Other', 'path: "*"'), filter('Base'));
    expect(matched(ruleSet, 'svc')).toEqual(['Other']);
    expect(matched(ruleSet, 'eve')).toEqual(['Base', 'Other']);
    expect(ruleSet.rules[0]!.filters).toEqual(['Filter']);
    expect(matched(load(rule('Base', 'path: /x'), filter('Base', 'gateway', 'selection')), 'eve')).toEqual([]);
  });

  it('for any reaches every rule that its logsource covers', () => {
    expect(matched(load(rule('Base', 'path: /x'), rule('Other', 'path: "*"'), filter('any')), 'svc')).toEqual([]);
    const elsewhere = load(rule('Base', 'path: /x'), filter('any', 'windows'));
    expect(matched(elsewhere, 'svc')).toEqual(['Base']);
    expect(elsewhere.warnings).toMatchObject([{ code: 'rules.filter_without_rule' }]);
  });

  it('is refused when its logsource does not cover a rule it names, or it names a correlation', () => {
    expect(codes(load(rule('Base', 'path: /x'), filter('Base', 'windows')))).toEqual(['rules.filter_logsource']);
    expect(codes(load(rule('Base', 'path: /x'), correlation('Burst', 'Base'), filter('Burst')))).toEqual(['rules.unknown_reference']);
  });
});

describe('metadata', () => {
  it('is read leniently: odd values warn, and the rule compiles', () => {
    const ruleSet = load(rule('Odd', 'user: a', 'id: not-a-uuid\nstatus: finished\nreferences: https://example.com\ntags: attack.t1078').replace('level: low', 'level: sever'));
    expect(ruleSet.refused).toEqual([]);
    expect(ruleSet.warnings.map(({ code }) => code).sort()).toEqual(['rules.id_not_uuid', 'rules.metadata', 'rules.metadata']);
    expect(ruleSet.rules[0]).toMatchObject({ id: 'not-a-uuid', tags: ['attack.t1078'] });
  });

  it('has a version that changes with the source of its own document only', () => {
    const [a, b] = load(`${rule('A', 'user: a')}---\n${rule('B', 'user: b')}`).rules;
    const [same, changed] = load(`${rule('A', 'user: a')}---\n${rule('B', 'user: c')}`).rules;
    expect(a!.version).toMatch(/^[0-9a-f]{64}$/);
    expect(same!.version).toBe(a!.version);
    expect(changed!.version).not.toBe(b!.version);
  });
});
