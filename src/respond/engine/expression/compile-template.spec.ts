import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../../kernel/index.js';
import { ExpressionFailure } from '../expression.js';
import { compileTemplate } from './compile-template.js';

const scope = { context: { user: 'mara', risk: 70, none: null, tags: ['a'], set: { k: 1 } } };
const value = (template: JsonValue): JsonValue => compileTemplate(template).evaluate(scope);

describe('template', () => {
  it.each<[JsonValue, JsonValue]>([
    ['${ context.risk }', 70],
    ['${context.set}', { k: 1 }],
    ['risk ${ context.risk } of ${ context.user }', 'risk 70 of mara'],
    [' ${ context.risk }', ' 70'],
    ['${ context.user }${ context.risk }', 'mara70'],
    ['${ context.none } ${ context.tags } ${ context.set }', 'null ["a"] {"k":1}'],
    ['costs $${ 5 } or $5 or $$5', 'costs ${ 5 } or $5 or $$5'],
    ['$$${ context.risk }', '$${ context.risk }'],
    ["${ {'a': '}'}.a + \"}\" }", '}}'],
    ["${ '''a'}''' }", "a'}"],
    ["${ 'it\\'s } ' + context.user }", "it's } mara"],
    ['${ 1 // one }\n + 1 }', 2],
    ['', ''],
    ['plain }', 'plain }'],
    [{ '${ context.user }': ['${ context.user }', { deep: 'x${ 1 }' }, 5, null, true] }, { '${ context.user }': ['mara', { deep: 'x1' }, 5, null, true] }],
  ])('%j', (template, expected) => {
    expect(value(template)).toEqual(expected);
  });

  it.each(['${', 'a ${ context.user', '${ "}', "${ {'a': 1 }", '${ 1 // }', "${ 'a\n' }"])('%j is not closed', (template) => {
    expect(() => compileTemplate({ deep: [template] })).toThrow(/not closed/);
  });

  it('gives text without expressions back as it is, but for the escape', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (template) => {
        fc.pre(!JSON.stringify(template).includes('${'));
        expect(JSON.stringify(value(template as JsonValue))).toEqual(JSON.stringify(template));
      }),
    );
  });

  it('fails only as a failure of an expression', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', '"', "'", '\\', 'context.user', ' ', '//', '\n', '1', '${', 'r'), { maxLength: 12 }), (pieces) => {
        try {
          value(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionFailure);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
