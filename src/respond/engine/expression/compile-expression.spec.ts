import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../../kernel/index.js';
import { ExpressionFailure, type Scope } from '../expression.js';
import { compileExpression } from './compile-expression.js';

const context: JsonObject = {
  user: 'mara', risk: 70, ratio: 0.5, count: 3, tags: ['exfiltration', 'insider'], account: null, empty: {},
  items: [{ id: 'a', size: 1 }, { id: 'b', size: 2 }], ip: '192.0.2.7', big: 2 ** 53, text: 'Zürich 🦊',
};
const scope: Scope = { context, event: { type: 'incident.opened' }, params: {}, now: new Date('2026-03-29T00:30:00.250Z') };
const value = (source: string): unknown => compileExpression(source).evaluate(scope);
const failure = (source: string): string => {
  try {
    return `gave ${JSON.stringify(value(source))}`;
  } catch (error) {
    if (error instanceof ExpressionFailure) return error.message;
    throw error;
  }
};

describe('values', () => {
  it.each<[string, unknown]>([
    ['context.risk >= 70', true],
    ['context.risk == 70.0 && 70 == 70.0', true],
    ['context.ratio + 1', 1.5],
    ['context.count / 2', 1.5],
    ['7 / 2', 3],
    ['-7 % 3', -1],
    ['size(context.tags) * 2', 4],
    ['context.count + size(context.text)', 11],
    ["'exfiltration' in context.tags", true],
    ["'user' in context", true],
    ['context.items[1].id', 'b'],
    ['context.items[context.count - 2].id', 'b'],
    ["context['user'] + '!'", 'mara!'],
    ['context.account == null', true],
    ['has(context.user) && !has(context.nobody)', true],
    ['has(context.nobody) ? context.nobody : context.user', 'mara'],
    ['context.nobody == 1 || true', true],
    ['false && context.nobody == 1', false],
    ['context.items.map(i, i.size * 2)', [2, 4]],
    ['context.items.map(i, i.size > 1, i.id)', ['b']],
    ["context.items.filter(i, i.id == 'a')", [{ id: 'a', size: 1 }]],
    ['context.items.exists(i, i.size == 2)', true],
    ['context.items.all(i, i.size > 1)', false],
    ['context.items.exists_one(i, i.size > 0)', false],
    ['{"a": 1, "b": [1.5, null]}', { a: 1, b: [1.5, null] }],
    ['[1] + context.tags', [1, 'exfiltration', 'insider']],
    ['[1, 2] == [1.0, 2.0] && {"a": 1} == {"a": 1.0}', true],
    ['now', '2026-03-29T00:30:00.250Z'],
    ["now + duration('PT30M')", '2026-03-29T01:00:00.250Z'],
    ["timestamp('2026-03-29T02:00:00+02:00') - now == duration('-30m250ms')", true],
    ["duration('1h30m')", 'PT1H30M'],
    ["duration('P8D') > duration('P1W')", true],
    ["duration('90s').getMinutes()", 1],
    ["now.getHours('Europe/Berlin')", 1],
    ["(now + duration('1h')).getHours('Europe/Berlin')", 3],
    ["now.getDayOfWeek() == 0 && now.getDayOfYear() == 87 && now.getMonth() == 2 && now.getDate() == 29 && now.getDayOfMonth() == 28", true],
    ["lower('ÄB')", 'äb'],
    ["cidr(context.ip, '192.0.2.0/24') && !cidr(context.ip, '2001:db8::/32')", true],
    ["cidr('::ffff:192.0.2.7', '192.0.2.0/24')", true],
    ["context.user.matches('^m.r') && context.user.startsWith('ma') && context.user.endsWith('a') && context.user.contains('ar')", true],
    ["int('42') + int(1.9)", 43],
    ["string(1) + string(1.5) + string(true)", '11.5true'],
    ["double('1e3')", 1000],
    ['type(1) == int && type(context.risk) == double && type(null) == null_type', true],
    ["'\\uff5e' < '\\U0001F600'", true],
    ['0.0 * -1', 0],
    ["{'__proto__': 1}.__proto__", 1],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('failures', () => {
  it.each([
    ['context.nobody', "no member 'nobody'"],
    ['context.constructor', "no member 'constructor'"],
    ['context.user.toString', "string has no member 'toString'"],
    ['context.tags[2]', 'no item 2'],
    ['context.tags[-1]', 'no item -1'],
    ['context.tags[0.5]', 'cannot be indexed'],
    ['input.host', "'input' has no value here"],
    ['context.risk / 0', 'division by zero'],
    ['1 % 0', 'division by zero'],
    ['9007199254740991 + 1', 'beyond 2^53'],
    ['9007199254740993', 'beyond 2^53'],
    ['context.big', 'beyond 2^53'],
    ['context.big * 2', 'beyond 2^53'],
    ["context.user > context.risk", 'not defined for string and double'],
    ['context.user && true', 'a condition gives true or false, not string'],
    ['context.risk ? 1 : 2', 'a condition gives true or false'],
    ["context.text.matches(context.user + '(?=x)')", 'RE2'],
    ["duration('P1M')", 'duration()'],
    ["timestamp('yesterday')", 'RFC 3339'],
    ["now.getHours('Mars/Olympus')", 'no time zone'],
    ["cidr('nowhere', '192.0.2.0/24')", 'needs an address'],
  ])('%s', (source, message) => {
    expect(failure(source)).toContain(message);
  });
});

describe('what is no expression', () => {
  it.each([
    ['', 'empty'],
    ['1 +', 'Unexpected token'],
    ['contxt.user', "did you mean 'context'"],
    ['context.user.lowr()', "did you mean 'lower'"],
    ['context.user.lower()', 'write lower(…)'],
    ['contains(context.user)', 'write value.contains'],
    ['exec(1)', 'no function exec()'],
    ['1 + "a"', '+ is not defined for number and string'],
    ['1 == "a"', 'number never equals string'],
    ['"a".matches("(?=x)")', 'RE2'],
    ['has(context)', 'has() takes one member'],
    ['[1].map(1, 2)', 'invalid predicate iteration variable'],
    ['b"x"', 'bytes'],
    ['1u', 'unsigned'],
    ['{1: 2}', 'keys of a map are strings'],
    [`${'('.repeat(200)}1${')'.repeat(200)}`, 'maxDepth'],
    [`${'!'.repeat(500)}true`, 'nested deeper'],
    [`"${'x'.repeat(5000)}"`, 'the limit is 4000'],
    [`1${' + 1'.repeat(900)}`, 'nested deeper'],
  ])('%s', (source, message) => {
    expect(failure(source)).toContain(message);
  });

  it('says where', () => {
    const error = catchFailure('context.user == nothing.x');
    expect(error?.offset).toBe(16);
  });
});

function catchFailure(source: string): ExpressionFailure | undefined {
  try {
    compileExpression(source);
  } catch (error) {
    return error as ExpressionFailure;
  }
  return undefined;
}

describe('cost', () => {
  const nest = (levels: number): string => (levels === 0 ? '1' : `[1,2,3,4,5,6,7,8,9,10].map(v${levels}, ${nest(levels - 1)})`);
  it.each([
    ['nested comprehensions', nest(12)],
    ['doubled lists', `[[1,2]]${'.map(a, a + a)'.repeat(60)}`],
    ['doubled texts', `['ab']${'.map(a, a + a)'.repeat(60)}`],
    ['shared lists, written out', `[[1]]${'.map(a, [a, a])'.repeat(60)}`],
    ['shared lists, compared', `[[[1]]${'.map(a, [a, a])'.repeat(40)}].map(x, x == x)`],
    ['a costly failure on either side', `(${nest(12)} == []) || (${nest(12)} == [])`],
    ['a pattern built at run time', `['aaaaaaaaaaaaaaaaaaaa']${'.map(a, a + a)'.repeat(15)}.map(a, a.matches('(a*)*(a*)*(a*)*' + 'b'))`],
  ])('%s end', (_name, source) => {
    expect(failure(source)).toMatch(/costs more than|longer than/);
  });
});

describe('properties', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 });
  const leaf = fc.oneof(
    fc.constantFrom('context', 'event', 'params', 'now', 'null', 'true', 'size', "'a'", '"ä🦊"', '1', '0', '2.5', '9007199254740991', '[]', '{}'),
    fc.integer().map(String), fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  const { tree } = fc.letrec<{ tree: string }>((tie) => {
    const sub = tie('tree');
    return {
      tree: fc.oneof(
        { maxDepth: 4 }, leaf, leaf,
        fc.tuple(sub, fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||'), sub).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
        fc.tuple(sub, fc.constantFrom('x', 'a', 'constructor', '__proto__')).map(([a, key]) => `${a}.${key}`),
        fc.tuple(sub, sub).map(([a, b]) => `${a}[${b}]`),
        fc.tuple(sub, sub, sub).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
        fc.tuple(fc.constantFrom('size', 'int', 'double', 'string', 'bool', 'timestamp', 'duration', 'lower', 'dyn', 'type'), sub).map(([name, a]) => `${name}(${a})`),
        fc.tuple(sub, fc.constantFrom('contains', 'startsWith', 'matches', 'getHours', 'size'), sub).map(([a, name, b]) => `${a}.${name}(${b})`),
        fc.tuple(sub, fc.constantFrom('map', 'filter', 'all', 'exists', 'exists_one'), sub).map(([a, macro, b]) => `${a}.${macro}(v, ${b})`),
        fc.tuple(sub, sub).map(([a, b]) => `[${a}, ${b}]`),
        fc.tuple(sub, sub).map(([a, b]) => `{"k": ${a}, "__proto__": ${b}}`),
        sub.map((a) => `has(${a}.x)`), sub.map((a) => `!${a}`), sub.map((a) => `-${a}`),
      ),
    };
  });

  it('fails only as a failure of an expression, gives JSON, and gives it again', () => {
    let gave = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 8, arbitrary: tree }, fc.string({ maxLength: 60 })), json, (source, data) => {
        const here: Scope = { context: data as JsonObject, event: { type: 'x' }, params: {}, now: new Date(0) };
        const run = (): unknown => compileExpression(source).evaluate(here);
        let first: unknown;
        try {
          first = run();
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionFailure);
          return;
        }
        gave++;
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
        expect(run()).toEqual(first);
      }),
      { numRuns: 3_000 },
    );
    expect(gave).toBeGreaterThan(300);
  });
});
