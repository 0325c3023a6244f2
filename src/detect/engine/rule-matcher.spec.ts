import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../kernel/index.js';
import { compileExpression } from './evaluator.js';
import { EventView, FieldTable } from './event-view.js';
import { loadRules } from './load-rules.js';
import { RuleMatcher } from './rule-matcher.js';
import type { SigmaRule } from './sigma-rule.js';
import { SubstringSet } from './substring-set.js';

const LOGSOURCE = { product: 'gateway' };
const words = fc.constantFrom('alpha', 'beta', 'ALPHAbeta', '12', '012', '12.0', 'a-b', ' -alpha', ' /alpha', '', 'x', '192.0.2.7', 'été');
const field = fc.constantFrom('a', 'b', 'c.d');

const value: fc.Arbitrary<JsonValue> = fc.oneof(words, words, fc.constantFrom(12, 0, true, null), fc.array(words, { maxLength: 2 }));
const event: fc.Arbitrary<JsonObject> = fc.record({ a: value, b: value, c: fc.oneof(value, fc.record({ d: value })) }, { requiredKeys: [] });

const item = fc.oneof(
  fc.tuple(field, fc.constantFrom('', '|contains', '|startswith', '|endswith', '|contains|all', '|cased', '|neq', '|windash|contains', '|base64offset|contains', '|contains|neq'), fc.array(fc.constantFrom('alpha', 'beta', 'ta', 'Alpha*', ' -alpha', 'lph', 'a?p', '12'), { minLength: 1, maxLength: 2 }))
    .filter(([, modifiers, values]) => !modifiers.includes('base64') || values.every((text) => text.length > 2 && !/[*?]/.test(text))),
  fc.tuple(field, fc.constantFrom(''), fc.array(fc.constantFrom(12, 0, true, null), { minLength: 1, maxLength: 2 })),
  fc.tuple(field, fc.constantFrom('|gt', '|lte'), fc.constantFrom([3], [12])),
  fc.tuple(field, fc.constantFrom('|exists'), fc.constantFrom([true], [false])),
  fc.tuple(field, fc.constantFrom('|fieldref', '|fieldref|contains'), fc.constantFrom(['a'], ['b'])),
  fc.tuple(field, fc.constantFrom('|re', '|re|i'), fc.constantFrom(['alp.a'], ['^b'], ['(alpha|beta)x?'])),
  fc.tuple(field, fc.constantFrom('|cidr'), fc.constantFrom(['192.0.2.0/24'])),
  fc.tuple(fc.constant(''), fc.constantFrom('', '|all'), fc.constantFrom(['alpha'], ['beta', 'x'], [12])),
).map(([name, modifiers, values]) => [`${name}${modifiers}`, modifiers === '|exists' ? values[0] : values] as const);

const selection = fc.oneof(
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.fromEntries(items)),
  fc.array(item.map((one) => Object.fromEntries([one])), { minLength: 1, maxLength: 2 }),
);
const rule = fc.record({
  s1: selection, s2: selection, s3: selection,
  condition: fc.constantFrom('s1', 's1 and s2', 's1 or s2', 's1 and not s2', 'not s1', '1 of s*', 'all of s*', 's1 and (s2 or not s3)', 'not (s1 or s2)', 's3 and 1 of s*'),
});

describe('a matcher', () => {
  it('finds with its index what each rule finds alone', () => {
    let found = 0;
    fc.assert(fc.property(fc.array(rule, { minLength: 1, maxLength: 8 }), fc.array(event, { minLength: 1, maxLength: 6 }), (detections, events) => {
      const files = detections.map((detection, i) => ({ file: `${i}.yml`, text: JSON.stringify({ title: `Rule ${i}`, level: 'low', logsource: LOGSOURCE, detection }) }));
      const { rules, refused } = loadRules(files);
      expect(refused).toEqual([]);
      const matcher = new RuleMatcher(rules);
      for (const one of events) {
        const expected = rules.filter((candidate) => matchesAlone(candidate, one)).map(({ title }) => title);
        const matches = matcher.match(one, [LOGSOURCE]);
        expect(matches.map((match) => match.rule.title)).toEqual(expected);
        for (const { terms } of matches) expect(terms.length).toBeGreaterThan(0);
        found += matches.length;
      }
    }), { numRuns: 150 });
    expect(found).toBeGreaterThan(150);
  });
});

function matchesAlone(candidate: SigmaRule, one: JsonObject): boolean {
  const table = new FieldTable();
  return compileExpression(candidate.expression, table).test(new EventView(one, table));
}

describe('a set of substrings', () => {
  it('finds exactly the texts that stand in a text', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '😀'), minLength: 1, maxLength: 4 });
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '😀', 'x'), maxLength: 30 }), (texts, text) => {
      const set = new SubstringSet();
      texts.forEach((searched, i) => set.add(searched, i));
      set.build();
      const found = new Set<number>();
      if (set.size > 0) set.search(text, (payload) => found.add(payload));
      expect([...found].sort((a, b) => a - b)).toEqual(texts.flatMap((searched, i) => (text.includes(searched) ? [i] : [])));
    }), { numRuns: 2000 });
  });
});
