import { describe, expect, it } from '@jest/globals';
import { isCordonError } from '../../kernel/index.js';
import { parseRuleTests } from './rule-test-file.js';

function problemOf(text: string): string {
  try {
    parseRuleTests('x.tests.yml', text);
  } catch (error) {
    if (isCordonError(error, 'rules.test_invalid')) return error.message;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('a file with tests of rules', () => {
  it('repeats entries, lays them over the common record and fills in number and time', () => {
    const { tests } = parseRuleTests('x.tests.yml', `
stream: cordon.gateway
record: { time: "{time}", user: { name: avery, id: u1 }, route: /a }
tests:
  - name: t
    fires: { r: 1 }
    events:
      - { at: 2026-03-02T10:00:10Z, repeat: 2, every: 5s, record: { user: { id: "u{n}" }, route: null } }
      - { at: 2026-03-02T10:00:00Z, stream: netskope.alerts, record: { timestamp: "{time}" } }
`);
    expect(tests).toEqual([
      {
        name: 't',
        fires: { r: 1 },
        records: [
          { time: Date.parse('2026-03-02T10:00:00Z'), stream: 'netskope.alerts', record: { timestamp: '2026-03-02T10:00:00.000Z' } },
          { time: Date.parse('2026-03-02T10:00:10Z'), stream: 'cordon.gateway', record: { time: '2026-03-02T10:00:10.000Z', user: { name: 'avery', id: 'u1' } } },
          { time: Date.parse('2026-03-02T10:00:15Z'), stream: 'cordon.gateway', record: { time: '2026-03-02T10:00:15.000Z', user: { name: 'avery', id: 'u2' } } },
        ],
      },
    ]);
  });

  it.each([
    ['no YAML', 'tests: [', 'x.tests.yml'],
    ['no tests', 'stream: a.b', 'tests'],
    ['a time without a zone', 'tests: [{ name: t, fires: {}, events: [{ at: 2026-03-02T10:00:00 }] }]', 'at'],
    ['a duration that is none', 'tests: [{ name: t, fires: {}, events: [{ at: 2026-03-02T10:00:00Z, every: soon }] }]', 'soon'],
    ['an unknown key', 'tests: [{ name: t, fires: {}, events: [{ at: 2026-03-02T10:00:00Z, times: 3 }] }]', 'times'],
    ['a rule that fires zero times', 'tests: [{ name: t, fires: { r: 0 }, events: [{ at: 2026-03-02T10:00:00Z }] }]', 'fires'],
  ])('is refused for %s', (_name, text, named) => {
    expect(problemOf(text)).toContain(named);
  });
});
