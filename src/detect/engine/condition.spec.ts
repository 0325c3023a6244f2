import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition, printCondition, type Condition } from './condition.js';

const at = { line: 1 };
const name = fc.constantFrom('selection', 'filter_main', '_own', 'sel-1', 'a');
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    name.map((text): Condition => ({ kind: 'selection', name: text })),
    fc.record({ kind: fc.constant('selector' as const), quantity: fc.constantFrom('any' as const, 'all' as const), pattern: fc.constantFrom('them', 'sel*', '*') }),
    tie('condition').map((operand): Condition => ({ kind: 'not', operand })),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), operands: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }) }),
  ),
}));

describe('a condition', () => {
  it('is read back from what it prints', () => {
    fc.assert(fc.property(condition, (tree) => {
      expect(parseCondition(printCondition(tree), at)).toEqual(tree);
    }));
  });

  it('binds not before and, and before or', () => {
    const selection = (text: string): Condition => ({ kind: 'selection', name: text });
    expect(parseCondition('a or not b and c', at)).toEqual({
      kind: 'or', operands: [selection('a'), { kind: 'and', operands: [{ kind: 'not', operand: selection('b') }, selection('c')] }],
    });
  });

  it('needs no space around parentheses', () => {
    expect(parseCondition('not(a or b)', at)).toEqual(parseCondition('not ( a or b )', at));
  });

  it.each([
    ['', 'empty'], ['a and', 'missing at the end'], ['a b', "'b' stands where"], ['(a', 'not closed'], ['a)', 'was not opened'], ['a AND b', "must be written 'and'"],
    ['NOT a', "must be written 'not'"], ['2 of them', "'2 of' is not known"], ['1 of', 'missing behind'], ['and a', 'where a selection is expected'], ['()', 'where a selection is expected'],
    [`${'('.repeat(200)}a`, 'nested deeper'],
  ])('%s is refused: %s', (source, reason) => {
    let refusal: unknown;
    try {
      parseCondition(source, { line: 7 });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'rules.condition_syntax', details: { detail: expect.stringContaining(reason), extra: { line: 7 } } });
  });
});
