import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../kernel/index.js';
import { loadRules } from './load-rules.js';
import { parsePlaceholders } from './parse-placeholders.js';
import { RuleMatcher, type RuleMatch } from './rule-matcher.js';

const GATEWAY = { product: 'gateway', service: 'access' };

/** The matches of one rule whose detection is given as YAML, indented by two. */
function matchesOf(detection: string, event: JsonObject, placeholders = '{}'): RuleMatch[] {
  const text = `title: Rule\nlevel: low\nlogsource:\n  product: gateway\n  service: access\ndetection:\n${detection.replace(/^/gm, '  ')}`;
  const ruleSet = loadRules([{ file: 'rule.yml', text }], { placeholders: parsePlaceholders('placeholders.yml', placeholders) });
  expect(ruleSet.refused).toEqual([]);
  return new RuleMatcher(ruleSet.rules).match(event, [GATEWAY]);
}
const matches = (detection: string, event: JsonObject, placeholders?: string): boolean => matchesOf(detection, event, placeholders).length > 0;
/** A selection with one item. */
const item = (text: string, event: JsonObject): boolean => matches(`selection:\n  ${text}\ncondition: selection`, event);

const base64 = (text: string, encoding: BufferEncoding = 'utf8'): string => Buffer.from(text, encoding).toString('base64');

describe('a value', () => {
  it.each<[string, JsonObject, boolean]>([
    ['a: Root', { a: 'root' }, true],
    ['a|cased: Root', { a: 'root' }, false],
    ['a|cased: Root', { a: 'Root' }, true],
    ['a|contains|cased: Ro', { a: 'xRoot' }, true],
    ['a|contains|cased: Ro', { a: 'xroot' }, false],
    ['a: 4625', { a: '4625' }, true],
    ['a: 4625', { a: 4625 }, true],
    ["a: '4625'", { a: 4625 }, true],
    ['a: 4625', { a: '4625.0' }, true],
    ['a: 4625', { a: 46250 }, false],
    ['a: 1000', { a: '1e3' }, false],
    ['a: 0', { a: '' }, false],
    ['a: 0', { a: false }, false],
    ['a: 9007199254740993', { a: '9007199254740992' }, false],
    ['a: 9007199254740993', { a: '9007199254740993' }, true],
    ['a: 0x17', { a: '0x17' }, true],
    ['a: 0x17', { a: 23 }, true],
    ['a|contains: 00000429', { a: 'x00000429y' }, true],
    ['a|contains: 00000429', { a: 'x429y' }, false],
    ['a: true', { a: true }, true],
    ['a: true', { a: 'True' }, true],
    ['a: yes', { a: 'yes' }, true],
    ["a: ''", { a: '' }, true],
    ["a: ''", {}, false],
    ["a: ''", { a: null }, false],
    ["a: '*'", { a: '' }, true],
    ["a: '*'", { a: null }, false],
    ["a: '*'", {}, false],
    ['a: null', {}, true],
    ['a: null', { a: null }, true],
    ['a: null', { a: '' }, false],
    ['a:', { a: null }, true],
    ['a: [null, x]', {}, true],
  ])('%s on %j: %s', (text, event, expected) => {
    expect(item(text, event)).toBe(expected);
  });
});

describe('a field', () => {
  it.each<[string, JsonObject, boolean]>([
    ['a.b.c: x', { 'a.b.c': 'x' }, true],
    ['a.b.c: x', { a: { b: { c: 'x' } } }, true],
    ['a.b.c: x', { 'a.b': { c: 'x' } }, true],
    ['a.b.c: x', { a: { 'b.c': 'x' } }, true],
    ['a.b: x', { 'a.b': 'y', a: { b: 'x' } }, false],
    ['a: x', { A: 'x' }, false],
    ['a: x', { a: ['y', 'x'] }, true],
    ['a: x', { a: [['y'], ['x']] }, true],
    ['a.b: x', { a: [{ b: 'y' }, { b: 'x' }] }, true],
    ['a|contains: Suspended', { a: { versioning: { status: 'Suspended' } } }, true],
    ['a|contains|all: [x, y]', { a: ['x', 'y'] }, true],
    ['toString: x', {}, false],
    ['__proto__.x: y', {}, false],
    ['constructor|exists: true', {}, false],
  ])('%s on %j: %s', (text, event, expected) => {
    expect(item(text, event)).toBe(expected);
  });
});

describe('a modifier', () => {
  it.each<[string, JsonObject, boolean]>([
    ['a|contains: bc', { a: 'aBCd' }, true],
    ["a|contains: 'b*d'", { a: 'abxxde' }, true],
    ['a|startswith: ab', { a: 'ABc' }, true],
    ['a|startswith: bc', { a: 'abc' }, false],
    ['a|endswith: bc', { a: 'aBC' }, true],
    ["a|endswith: '\\tool.exe'", { a: 'C:\\x\\tool.exe' }, true],
    ['a|contains|all: [b, c]', { a: 'abc' }, true],
    ['a|contains|all: [b, d]', { a: 'abc' }, false],
    ['a|all|contains: [b, c]', { a: 'abc' }, true],
    ["a|re: 'b+c'", { a: 'abbc' }, true],
    ["a|re: 'B+C'", { a: 'abbc' }, false],
    ["a|re|i: 'B+C'", { a: 'abbc' }, true],
    ["a|re|ignorecase: 'B+C'", { a: 'abbc' }, true],
    ["a|re|m: '^b$'", { a: 'a\nb' }, true],
    ["a|re|multiline: '^b$'", { a: 'a\nb' }, true],
    ["a|re|s: 'a.b'", { a: 'a\nb' }, true],
    ["a|re|dotall: 'a.b'", { a: 'a\nb' }, true],
    ["a|re|startswith: 'b'", { a: 'ab' }, false],
    ["a|re|endswith: 'b'", { a: 'ab' }, true],
    ["a|re: '^\\d+$'", { a: 123 }, true],
    ['a|cidr: 192.0.2.0/24', { a: '192.0.2.77' }, true],
    ['a|cidr: 192.0.2.0/24', { a: '192.0.3.1' }, false],
    ['a|cidr: 192.0.2.0/24', { a: '::ffff:192.0.2.1' }, true],
    ['a|cidr: 192.0.2.0/24', { a: 'host.example.com' }, false],
    ['a|cidr: 192.0.2.0/24', { a: 3221225985 }, false],
    ['a|cidr: [198.51.100.0/24, "2001:db8::/32"]', { a: '2001:db8:1::5' }, true],
    ['a|cidr: 0.0.0.0/0', { a: '2001:db8::1' }, false],
    ['a|cidr: 192.0.2.7', { a: '192.0.2.7' }, true],
    ['a|exists: true', { a: null }, true],
    ['a|exists: true', { a: '' }, true],
    ['a|exists: true', {}, false],
    ['a|exists: false', {}, true],
    ['a|exists: yes', { a: 1 }, true],
    ['a.b|exists: false', { a: { c: 1 } }, true],
    ['a|gt: 5', { a: 6 }, true],
    ['a|gt: 5', { a: '5.5' }, true],
    ['a|gt: 5', { a: 5 }, false],
    ['a|gte: 5', { a: 5 }, true],
    ['a|lt: 5', { a: -1 }, true],
    ['a|lte: 5', { a: '5' }, true],
    ['a|lt: 5', { a: '' }, false],
    ['a|lt: 5', { a: 'abc' }, false],
    ['a|lt: 5', {}, false],
    ['a|neq: x', { a: 'y' }, true],
    ['a|neq: x', { a: 'X' }, false],
    ['a|neq: x', {}, true],
    ['a|neq: [x, y]', { a: 'y' }, false],
    ['a|contains|neq: x', { a: 'axb' }, false],
    ['a|fieldref: b', { a: 'Eve', b: 'eve' }, true],
    ['a|fieldref|cased: b', { a: 'Eve', b: 'eve' }, false],
    ['a|fieldref: b', { a: 'eve' }, false],
    ['a|fieldref: b', {}, false],
    ['a|fieldref|neq: b', { a: 'eve', b: 'bob' }, true],
    ['a|fieldref|contains: b', { a: 'xevey', b: 'eve' }, true],
    ['a|fieldref|startswith: b', { a: 'evey', b: 'eve' }, true],
    ['a|fieldref|endswith: b', { a: 'evey', b: 'eve' }, false],
    ['a|fieldref: b.c', { a: 7, b: { c: '7' } }, true],
    ['a|base64: foobar', { a: 'Zm9vYmFy' }, true],
    ['a|base64|contains: foobar', { a: `x${base64('foobar')}y` }, true],
    ['a|base64offset|contains: foobar', { a: base64('foobar!') }, true],
    ['a|base64offset|contains: foobar', { a: base64('.foobar!') }, true],
    ['a|base64offset|contains: foobar', { a: base64('..foobar!') }, true],
    ['a|base64offset|contains: größe', { a: base64('die größe!') }, true],
    ['a|base64offset|contains: größe', { a: base64('x größe!') }, true],
    ['a|wide|base64offset|contains: cmd', { a: base64('run cmd now', 'utf16le') }, true],
    ['a|utf16le|base64offset|contains: cmd', { a: base64('run cmd now', 'utf16le') }, true],
    ['a|utf16|base64: cmd', { a: Buffer.from('fffe63006d006400', 'hex').toString('base64') }, true],
    ['a|utf16be|base64: cmd', { a: Buffer.from('0063006d0064', 'hex').toString('base64') }, true],
    ["a|windash|contains: ' -enc'", { a: 'x /enc y' }, true],
    ["a|windash|contains: ' /enc'", { a: 'x –enc y' }, true],
    ["a|contains|windash: ' -enc'", { a: 'x ―enc y' }, true],
    ["a|windash|contains: 'a-b'", { a: 'a/b' }, false],
    ["a|windash|base64offset|contains: ' -enc'", { a: base64('x /enc y') }, true],
    ['a|hour: 23', { a: '2024-03-01T23:15:00Z' }, true],
    ['a|hour: 21', { a: '2024-03-01T23:15:00+02:00' }, true],
    ['a|hour|gte: 22', { a: '2024-03-01 23:15:00.123' }, true],
    ['a|minute: 15', { a: 1709334900 }, true],
    ['a|minute: 15', { a: 1709334900000 }, true],
    ['a|day: 1', { a: '2024-03-01' }, true],
    ['a|month|lt: 4', { a: '2024-03-01' }, true],
    ['a|year: 2024', { a: '2024-03-01' }, true],
    ['a|week: 1', { a: '2024-12-30' }, true],
    ['a|week: 53', { a: '2021-01-01' }, true],
    ['a|week: 9', { a: '2024-03-01' }, true],
    ['a|hour: 0', { a: 'midnight' }, false],
    ['a|hour: 0', { a: 0.5 }, true],
  ])('%s on %j: %s', (text, event, expected) => {
    expect(item(text, event)).toBe(expected);
  });

  it('expand puts in every configured value', () => {
    const detection = "selection:\n  a|expand: 'corp\\%admins%@%domain%'\ncondition: selection";
    const placeholders = '{"admins": ["eve", "adm*"], "domain": "example.com"}';
    for (const [value, expected] of [['corp\\EVE@example.com', true], ['corp\\adm1@example.com', true], ['corp\\bob@example.com', false]] as const) {
      expect(matches(detection, { a: value }, placeholders)).toBe(expected);
    }
  });

  it('expand puts values into a regular expression as plain text', () => {
    const detection = "selection:\n  a|re|expand: '^%host%$'\ncondition: selection";
    expect(matches(detection, { a: 'a.b' }, '{"host": ["a.b"]}')).toBe(true);
    expect(matches(detection, { a: 'axb' }, '{"host": ["a.b"]}')).toBe(false);
  });
});

describe('keywords', () => {
  it.each<[string, JsonObject, boolean]>([
    ['keywords: [alpha, beta]', { a: 'xBETAx' }, true],
    ['keywords: [alpha, beta]', { beta: 'x' }, false],
    ['keywords: [alpha]', { a: { b: ['x', { c: 'ALPHA' }] } }, true],
    ['keywords: [404]', { a: 4041 }, true],
    ["keywords: ['al*ta']", { a: 'xalpha betax' }, true],
    ["keywords: ['al*ta']", { a: 'alpha', b: 'beta' }, false],
    ["keywords:\n  '|all': [alpha, beta]", { a: 'alpha', b: 'beta' }, true],
    ["keywords:\n  '|all': [alpha, beta]", { a: 'alpha' }, false],
    ["keywords:\n  '|re': 'al.ha'", { a: 'xalphax' }, true],
    ['keywords: alpha', { a: 'alpha' }, true],
    ['keywords:\n  - alpha\n  - a: b', { a: 'b' }, true],
  ])('%s on %j: %s', (text, event, expected) => {
    expect(matches(`${text}\ncondition: keywords`, event)).toBe(expected);
  });
});

describe('a detection', () => {
  const selections = 's1:\n  a: 1\ns2:\n  b: 2\n_hidden:\n  c: 3\n';
  it.each<[string, JsonObject, boolean]>([
    ['condition: s1 and s2', { a: 1 }, false],
    ['condition: s1 and s2', { a: 1, b: 2 }, true],
    ['condition: s1 or s2 and _hidden', { a: 1 }, true],
    ['condition: not s1 and s2', { b: 2 }, true],
    ['condition: not (s1 and s2)', { b: 2 }, true],
    ['condition: 1 of them', { c: 3 }, false],
    ['condition: any of s*', { b: 2 }, true],
    ['condition: all of them', { a: 1, b: 2 }, true],
    ['condition: all of s*', { a: 1 }, false],
    ['condition: 1 of *', { c: 3 }, true],
    ['condition:\n  - s1\n  - s2', { b: 2 }, true],
  ])('%s on %j: %s', (condition, event, expected) => {
    expect(matches(selections + condition, event)).toBe(expected);
  });

  it('ANDs a mapping, ORs a list of mappings and a list of values', () => {
    const detection = 's:\n  - a: 1\n    b: [2, 3]\n  - c: 4\ncondition: s';
    expect(matches(detection, { a: 1, b: 3 })).toBe(true);
    expect(matches(detection, { a: 1 })).toBe(false);
    expect(matches(detection, { c: 4 })).toBe(true);
  });

  it('may use YAML anchors and merge keys', () => {
    expect(matches('s1: &s\n  a: 1\ns2:\n  <<: *s\n  b: 2\ncondition: s2', { a: 1, b: 2 })).toBe(true);
    expect(matches('s1: &s\n  a: 1\ns2:\n  <<: *s\n  b: 2\ncondition: s2', { b: 2 })).toBe(false);
  });
});

describe('a match', () => {
  it('names the terms that fired, with what was seen and what was asked for', () => {
    const [match] = matchesOf("s:\n  path|startswith: [/admin, /root]\n  bytes|gte: 100\nfilter:\n  user: bob\ncondition: s and not filter", { path: '/root/x', bytes: 250, user: 'eve' });
    expect(match!.terms).toEqual([
      { term: 'path', operator: 'startswith', observed: '/root/x', expected: '/root' },
      { term: 'bytes', operator: 'gte', observed: 250, expected: 100 },
    ]);
  });

  it('names every value of all, the element of an array, and the alternative that held', () => {
    const [match] = matchesOf("s:\n  - a|contains|all: [x, y]\n  - b: [1, 2]\ncondition: s", { a: 'xy', b: ['0', '2'] });
    expect(match!.terms).toEqual([
      { term: 'a', operator: 'contains', observed: 'xy', expected: 'x' },
      { term: 'a', operator: 'contains', observed: 'xy', expected: 'y' },
      { term: 'b', operator: 'equals', observed: '2', expected: 2 },
    ]);
  });

  it('has a term also when only something missing made it match', () => {
    expect(matchesOf('s:\n  a: 1\ncondition: not s', { a: 2 })[0]!.terms).toEqual([{ term: 'a', operator: 'not equals', observed: 2, expected: 1 }]);
  });
});

describe('a logsource', () => {
  const text = (logsource: string): string => `title: "${logsource}"\nlevel: low\nlogsource: ${logsource}\ndetection:\n  s:\n    a: 1\n  condition: s\n`;
  const { rules } = loadRules(['{product: Windows}', '{product: windows, category: process_creation}', '{product: windows, service: security}', '{category: proxy}']
    .map((logsource, i) => ({ file: `${i}.yml`, text: text(logsource) })));
  const matched = (...logsources: Parameters<RuleMatcher['match']>[1]): number[] => new RuleMatcher(rules).match({ a: 1 }, logsources).map(({ rule }) => rules.indexOf(rule));

  it('lets a rule see only events that carry all that it states', () => {
    expect(matched({ product: 'windows', category: 'process_creation' })).toEqual([0, 1]);
    expect(matched({ product: 'windows', service: 'security' }, { product: 'windows', category: 'process_creation' })).toEqual([0, 1, 2]);
    expect(matched({ product: 'linux', category: 'process_creation' })).toEqual([]);
    expect(matched({ product: 'squid', category: 'proxy' })).toEqual([3]);
    expect(matched({ category: 'process_creation', service: 'security' })).toEqual([]);
    expect(matched()).toEqual([]);
  });
});
