import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, type JsonValue } from '../kernel/index.js';
import { readDetail } from './read-detail.js';

describe('readDetail', () => {
  it.each([
    ['{"a": 1, "b": [1.5, -2, 0.0000001, 1000000000000000000000]}', { a: 1, b: [1.5, -2, 1e-7, 1e21] }],
    ['{"text": "1.10 [[{{ \\" 1e5"}', { text: '1.10 [[{{ " 1e5' }],
    ['"\\\\"', '\\'],
    ['null', null],
  ])('gives the value of %s', (text, value) => {
    expect(readDetail(text)).toEqual(value);
  });

  it.each(['{"a": 9007199254740993}', '{"a": 1.10}', '{"a": 0.1000000000000000055511151231257827}', `1${'0'.repeat(400)}`, '['.repeat(5000) + ']'.repeat(5000)])(
    'keeps apart what a double or a parser would not: %#',
    (text) => {
      expect(readDetail(text)).toBe(`\0${text}`);
    },
  );

  it('gives two different numbers two different values', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?$/), fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?$/), (one, other) => {
        if (one !== other) expect(canonicalJson(readDetail(one))).not.toBe(canonicalJson(readDetail(other)));
      }),
    );
  });

  it('reads JSON as any other reader where it is exact', () => {
    const json = fc.json({ noUnicodeString: false, maxDepth: 5 }).map((text) => JSON.stringify(JSON.parse(text) as JsonValue)).filter((text) => !/e[+-]/.test(text));
    fc.assert(fc.property(json, (text) => expect(readDetail(text)).toEqual(JSON.parse(text))));
  });
});
