import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from './fold.js';
import { compilePattern, DASHES, parsePattern, positioned, printPattern, withDashes, type Pattern } from './pattern.js';

/** Tries every way to spend the text on the pattern; slow, and plainly right. */
function oracle(pattern: Pattern, characters: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return characters.length === 0;
  switch (part.kind) {
    case 'text': {
      const wanted = [...part.text];
      return wanted.every((character, i) => characters[i] === character) && oracle(rest, characters.slice(wanted.length));
    }
    case 'one': return characters.length > 0 && oracle(rest, characters.slice(1));
    case 'dash': return characters.length > 0 && DASHES.includes(characters[0]!) && oracle(rest, characters.slice(1));
    case 'any': return Array.from({ length: characters.length + 1 }, (_, i) => i).some((i) => oracle(rest, characters.slice(i)));
  }
}

const letters = fc.constantFrom('a', 'b', 'A', '-', '/', '–', '\\', '*', '?', '😀', '\n');
const source = fc.array(letters, { maxLength: 8 }).map((characters) => characters.join(''));
const text = fc.array(letters, { maxLength: 9 }).map((characters) => characters.join(''));

describe('a pattern', () => {
  it.each([
    ['a*c', 'abc', true], ['a*c', 'a\nc', true], ['a?c', 'ac', false], ['a?c', 'abc', true], ['a\\*c', 'a*c', true], ['a\\*c', 'abc', false],
    ['a\\?c', 'a?c', true], ['a\\\\*c', 'a\\xyzc', true], ['a\\\\*c', 'axyzc', false], ['a\\\\\\*c', 'a\\*c', true], ['a\\\\\\*c', 'a\\xc', false],
    ['c:\\windows', 'C:\\Windows', true], ['c:\\windows\\', 'c:\\windows\\', true], ['\\\\\\\\host', '\\\\host', true], ['', '', true], ['', 'a', false],
    ['*', '', true], ['?', '😀', true], ['?', '', false], ['ΟΔΟΣ', 'οδος', true],
  ])('%s on %s: %s', (pattern, value, expected) => {
    expect(compilePattern(parsePattern(pattern), false).test(fold(value))).toBe(expected);
  });

  it('matches as the brute-force oracle says, in every position', () => {
    fc.assert(fc.property(source, text, fc.constantFrom(undefined, 'contains' as const, 'startswith' as const, 'endswith' as const), fc.boolean(), (written, value, position, dashes) => {
      const parsed = parsePattern(written);
      const pattern = positioned(dashes ? withDashes(parsed) : parsed, position);
      expect(compilePattern(pattern, true).test(value)).toBe(oracle(pattern, [...value]));
    }), { numRuns: 3000 });
  });

  it('is read back from what it prints', () => {
    fc.assert(fc.property(source, (written) => {
      const pattern = parsePattern(written);
      expect(parsePattern(printPattern(pattern))).toEqual(pattern);
    }));
  });

  it('has a literal that stands in every match', () => {
    fc.assert(fc.property(source, text, (written, value) => {
      const compiled = compilePattern(parsePattern(written), false);
      if (compiled.test(fold(value))) expect(fold(value)).toContain(compiled.literal);
    }), { numRuns: 2000 });
  });

  it('puts a position around what was parsed, so a backslash at the end stays one', () => {
    const compiled = compilePattern(positioned(parsePattern('foobar\\'), 'contains'), false);
    expect(compiled.test('xfoobar\\y')).toBe(true);
    expect(compiled.test('xfoobary')).toBe(false);
  });

  it('lets a dash before an option be any dash, and no other one', () => {
    const compiled = compilePattern(positioned(withDashes(parsePattern(' -param-a /b')), 'contains'), false);
    for (const dash of DASHES) expect(compiled.test(`x ${dash}param-a ${dash}b`)).toBe(true);
    expect(compiled.test('x -param/a /b')).toBe(false);
  });
});

describe('fold', () => {
  it('keeps a part of a text a part', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('Σ', 'ς', 'A', 'İ', 'ſ', ' ', 'Ω') }), fc.nat(8), fc.nat(8), (value, from, length) => {
      expect(fold(value)).toContain(fold(value.slice(from, from + length)));
    }));
  });
});
