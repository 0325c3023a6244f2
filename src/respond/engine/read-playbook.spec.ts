import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { findingCatalogue } from './finding-catalogue.js';
import { readPlaybook } from './read-playbook.js';

const valid = readFileSync(new URL('fixtures/valid/stop-bulk-download.yaml', import.meta.url), 'utf8');

const findingsOf = (text: string): string[] => {
  const read = readPlaybook(text);
  return read.ok ? [] : read.findings.map(({ code, path, line, column, message }) => `${line}:${column} ${code} ${path}: ${message}`);
};
const changed = (from: string | RegExp, to: string): string => {
  const text = valid.replace(from, to);
  expect(text).not.toBe(valid);
  return text;
};

describe('a playbook', () => {
  it('reads as YAML and as JSON with the same hash', () => {
    const yaml = readPlaybook(valid);
    const json = readPlaybook(JSON.stringify(parse(valid), null, 2));
    expect(findingsOf(valid)).toEqual([]);
    if (!yaml.ok || !json.ok) throw new Error('not read');
    expect(json.source).toEqual(yaml.source);
    expect(json.hash).toBe(yaml.hash);
    expect(yaml.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(yaml.positions.at(['machine', 'states', 'tell', 'invoke', 'src'])).toEqual({ line: 48, column: 14 });
    expect(yaml.positions.at(['machine', 'states', 'tell'], 'key')).toEqual({ line: 45, column: 5 });
  });

  it('has a hash that order and layout do not change, and any value does', () => {
    const hash = (text: string): string => {
      const read = readPlaybook(text);
      return read.ok ? read.hash : findingsOf(text).join();
    };
    const { machine, ...rest } = parse(valid);
    expect(hash(stringify({ machine, ...rest }, { indent: 4 }))).toBe(hash(valid));
    expect(hash(changed('1.2.0', '1.2.1'))).not.toBe(hash(valid));
    expect(hash(changed('priority: 10', 'priority: 0'))).not.toBe(hash(changed('  priority: 10\n', '')));
  });
});

describe('what is not read', () => {
  it.each<[string, string, string]>([
    ['unclosed', 'a: [1', '1:6 playbook.yaml_syntax'],
    ['empty', '', '1:1 playbook.yaml_syntax'],
    ['twice', 'a: 1\nb: 2\na: 3\n', '3:1 playbook.duplicate_key'],
    ['anchor', 'a: &x 1\nb: *x\n', '1:7 playbook.yaml_feature a: &x is an anchor'],
    ['merge', 'b:\n  <<: { a: 1 }\n', '2:3 playbook.yaml_feature b: << is a merge key'],
    ['tag', 'a: !!str 1\n', '1:10 playbook.yaml_feature'],
    ['set', 'a: !!set { b }\n', 'playbook.yaml_feature'],
    ['documents', 'a: 1\n---\nb: 2\n', '2:1 playbook.yaml_feature'],
    ['directive', '%YAML 1.1\n---\na: 1\n', 'playbook.yaml_feature'],
    ['number as key', 'a:\n  1: 2\n', '2:3 playbook.yaml_feature a: the key 1 is not text'],
    ['complex key', '? [a]\n: 1\n', 'playbook.yaml_feature'],
    ['prototype', '__proto__: 1\n', '1:1 playbook.yaml_feature'],
    ['not a number', 'a: .nan\n', '1:4 playbook.yaml_feature a: NaN'],
    ['too exact', 'a: 9007199254740993\n', '1:4 playbook.yaml_feature'],
    ['half a character', 'a: "\\ud800"\n', 'playbook.yaml_feature'],
    ['nested', `${'['.repeat(20_000)}`, '1:1 playbook.too_large'],
    ['deep', `a: ${'['.repeat(100)}${']'.repeat(100)}`, 'playbook.too_large'],
    ['long', `a: ${'x'.repeat(600_000)}`, '1:1 playbook.too_large'],
    ['many keys', `{${Array.from({ length: 51_000 }, (_, index) => `a${index}: 1`).join(', ')}}`, 'playbook.too_large'],
    ['wide', `a: [${'1,'.repeat(60_000)}]`, 'playbook.too_large'],
  ])('%s', (_name, text, expected) => {
    expect(findingsOf(text).join('\n')).toContain(expected);
  });
});

describe('what has the wrong shape', () => {
  it.each<[string | RegExp, string, string]>([
    ['title: Stop', 'titel: Stop', "4:1 playbook.unknown_key titel: 'titel' is not known here (did you mean 'title'?)"],
    ['title: Stop', 'titel: Stop', "1:1 playbook.missing_key : 'title' is missing"],
    ['cordon.playbook/1', 'cordon.playbook/2', '1:9 playbook.wrong_value format: "cordon.playbook/2" is not known here'],
    ['version: 1.2.0', 'version: 1.2', '3:10 playbook.wrong_value version: a text is expected here, not a number'],
    ['version: 1.2.0', 'version: "1.2"', 'is not a semantic version'],
    ['incident.opened', 'incident.openend', "(did you mean 'incident.opened'?)"],
    ['onError: approve', 'onEror: approve', "(did you mean 'onError'?)"],
    ['guard: "${ context.reminders', 'gaurd: "${ context.reminders', "machine.states.approve.states.asked.after.PT10M.gaurd: 'gaurd' is not known here (did you mean 'guard'?)"],
    ['clock: frozen', 'clok: frozen', "(did you mean 'clock'?)"],
    ['{ target: done, clock: frozen }', '{ target: 5 }', 'machine.states.watch.after["${ duration(params.watch) }"].target: a text is expected here, not a number'],
    ['[{ type: chat.send, params', '[{ type: chat.send, parms', "(did you mean 'params'?)"],
    ['[{ type: chat.send, params: { text: "still open: ${ context.incident }" } }]', '[chat.send]', 'actions[0]: a mapping is expected here, not a text'],
    ['backoff: PT1S', 'backof: PT1S', "(did you mean 'backoff'?)"],
    ['on: [TIMEOUT]', 'on: [TIMEOUTS]', "retry.on[0]: \"TIMEOUTS\" is not known here (did you mean 'TIMEOUT'?)"],
    ['mode: ask }', 'mode: always }', 'policy["directory.revoke-sessions"].mode: "always" is not known'],
    ['    watch:\n      after', '    watch it:\n      after', 'machine.states["watch it"]: the name "watch it" is not allowed'],
    ['id: mail', 'id: mail, now', 'playbook.wrong_value'],
    ['type: parallel', 'type: paralel', "(did you mean 'parallel'?)"],
    ['outcome: refused', 'outcome: refusd', "(did you mean 'refused'?)"],
    ['        timeout: PT1M', '        timeout: PT1M\n        systemId: mailer', 'playbook.refused_feature machine.states.tell.invoke.systemId'],
    ['      - { guard: "${ event.output', '      - { reenter: true, guard: "${ event.output', 'playbook.refused_feature machine.states.approve.states.asked.invoke.onDone[0].reenter'],
  ])('%s → %s', (from, to, expected) => {
    expect(findingsOf(changed(from, to)).join('\n')).toContain(expected);
  });
});

/** A copy of a document with another value at a path. */
function replaced(document: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(document)) return document.map((item: unknown, index) => (index === key ? replaced(item, rest, value) : item));
  return Object.fromEntries(Object.entries(document as object).map(([name, member]) => [name, name === key ? replaced(member, rest, value) : member]));
}

describe('reading', () => {
  it('gives findings for whatever text, and never fails', () => {
    const fragment = fc.constantFrom('a', ':', ' ', '\n', '  ', '- ', '{', '}', '[', ']', '"', "'", '&x', '*x', '!!map', '<<', '|', '>', '#', '%', '---', '? ', ',', '${ 1 }', '\t', '0', '~');
    const text = fc.oneof(fc.string(), fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join('')), fc.jsonValue().map((value) => JSON.stringify(value)), fc.jsonValue().map((value) => stringify(value)));
    fc.assert(
      fc.property(text, (source) => {
        const read = readPlaybook(source);
        if (read.ok) throw new Error('that is no playbook');
        expect(read.findings.length).toBeGreaterThan(0);
        for (const finding of read.findings) {
          expect(findingCatalogue[finding.code].remedy).toBe(finding.remedy);
          expect(finding.line).toBeGreaterThan(0);
          expect(finding.column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes any part of a playbook replaced by anything', () => {
    const paths: (string | number)[][] = [];
    const collect = (value: unknown, path: (string | number)[]): void => {
      paths.push(path);
      if (Array.isArray(value)) value.forEach((item, index) => collect(item, [...path, index]));
      else if (value !== null && typeof value === 'object') Object.entries(value).forEach(([key, member]) => collect(member, [...path, key]));
    };
    collect(parse(valid), []);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const read = readPlaybook(JSON.stringify(replaced(parse(valid), path, value)));
        expect(read.ok || read.findings.length > 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
