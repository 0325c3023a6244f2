import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeRow, toJson } from './copy-format.js';

describe('encodeRow', () => {
  it.each<[string, Parameters<typeof encodeRow>[0][number], string]>([
    ['null', null, '\\N'],
    ['undefined', undefined, '\\N'],
    ['the text that means null', '\\N', '\\\\N'],
    ['separators', 'a\tb\nc\rd\\e', 'a\\tb\\nc\\rd\\\\e'],
    ['U+0000', 'a\0b', 'a\ufffdb'],
    ['a boolean', true, 't'],
    ['bytes', Buffer.from([0, 255]), '\\\\x00ff'],
    ['an instant', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an array', ['a"b', null, 'c\\d', ''], '{"a\\\\"b",NULL,"c\\\\\\\\d",""}'],
    ['an object', { a: ['\n'] }, '{"a":["\\\\n"]}'],
  ])('writes %s', (_name, value, expected) => {
    expect(encodeRow([value])).toBe(`${expected}\n`);
  });

  it('keeps one line a row and one separator between values, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (values) => {
        const line = encodeRow(values);
        expect(line.slice(0, -1)).not.toMatch(/[\n\r\0]/);
        expect(line.split('\t')).toHaveLength(values.length);
      }),
    );
  });
});

describe('toJson', () => {
  it('replaces what jsonb refuses and nothing else', () => {
    expect(toJson({ 'k\0': '\0', lone: '\ud800x\udc00', pair: '😀', text: '\\u0000', escape: '\u0001' })).toBe(
      '{"k\\ufffd":"\\ufffd","lone":"\\ufffdx\\ufffd","pair":"😀","text":"\\\\u0000","escape":"\\u0001"}',
    );
  });

  it('gives what JSON.stringify gives for all that jsonb takes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        fc.pre(!/\\u0000|\\ud[89a-f]/.test(json));
        expect(toJson(value)).toBe(json);
      }),
    );
  });
});
