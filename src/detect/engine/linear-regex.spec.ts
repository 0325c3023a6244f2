import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from './fold.js';
import { compileRegex, requiredLiteral } from './linear-regex.js';

const none = new Set<never>();

describe('a regular expression', () => {
  it('is searched for anywhere and respects case', () => {
    const regex = compileRegex('b+c', none);
    expect(regex.test('abbcd')).toBe(true);
    expect(regex.test('aBBCd')).toBe(false);
    expect(compileRegex('b+c', new Set(['i' as const])).test('aBBCd')).toBe(true);
    expect(compileRegex('(?i)b+c', none).test('aBBCd')).toBe(true);
  });

  it('takes the flags m and s', () => {
    expect(compileRegex('^b$', none).test('a\nb\nc')).toBe(false);
    expect(compileRegex('^b$', new Set(['m' as const])).test('a\nb\nc')).toBe(true);
    expect(compileRegex('a.b', none).test('a\nb')).toBe(false);
    expect(compileRegex('a.b', new Set(['s' as const])).test('a\nb')).toBe(true);
  });

  it.each([['(?=a)b', 'look-around'], ['(a)\\1', 'back-references'], ['(?>a)b', 'atomic'], ['a(b', 'missing']])('%s is refused: %s', (source, reason) => {
    expect(() => compileRegex(source, none)).toThrow(reason);
  });

  it.each([
    ['foo.*bar', 'foo'], ['(?i)Foo\\.exe', 'foo.exe'], ['a|b', ''], ['(abc|d)efgh', 'efgh'], ['abc?d', 'ab'], ['[abc]def+g', 'def'], ['x{2,3}yz', 'yz'], ['abc(?i)d', ''],
    ['\\bword\\b', 'word'], ['\\Qa.b\\E', ''], ['[^)]xyz', 'xyz'], ['a\\d+bc', 'bc'], ['ab*', 'a'],
  ])('%s needs %p', (source, literal) => {
    expect(requiredLiteral(source)).toBe(literal);
  });

  it('stands only where its literal stands', () => {
    const piece = fc.constantFrom('a', 'b', 'K', 's', '.', '(a|b)', '[ab]', '(?:ab)', 'b*', 'a?', 'b+', '(ab){1,2}', '\\.', '\\w', 'a{0,1}', '^', '$');
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'K', 'k', '\u212a', 's', '\u017f', '.'), maxLength: 12 });
    fc.assert(fc.property(fc.array(piece, { maxLength: 6 }), texts, fc.boolean(), (pieces, value, fold_) => {
      const regex = compileRegex(pieces.join(''), new Set(fold_ ? ['i' as const] : []));
      if (regex.test(value)) expect(fold(value)).toContain(regex.literal);
    }), { numRuns: 3000 });
  });
});
