import { describe, expect, test } from '@jest/globals';
import { cleanJson, MAX_DEPTH, storableText } from './clean-json.js';

describe('cleanJson', () => {
  test('nothing empty is left', () => {
    expect(cleanJson({ a: null, b: '', c: [], d: {}, e: [null, '', { f: null }], g: 0, h: false, '': 1 })).toEqual({ g: 0, h: false });
    expect(cleanJson({ a: { b: null } })).toBeUndefined();
  });

  test('keys that name a prototype are left out and pollute nothing', () => {
    const clean = cleanJson(JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"prototype":1,"toString":"kept"}')) as object;
    expect(Object.getPrototypeOf(clean)).toBe(Object.prototype);
    expect(Object.entries(clean)).toEqual([['toString', 'kept']]);
  });

  test('what is too deep is cut and told once', () => {
    let told = 0;
    const deep: unknown = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000));
    expect(cleanJson({ deep, flat: 1 }, () => told++)).toEqual({ flat: 1 });
    expect(told).toBe(1);
    const atLimit: unknown = JSON.parse('{"a":'.repeat(MAX_DEPTH) + '1' + '}'.repeat(MAX_DEPTH));
    expect(cleanJson(atLimit)).toEqual(atLimit);
  });

  test('numbers that JSON cannot hold are left out', () => {
    expect(cleanJson([Infinity, NaN, 1])).toEqual([1]);
  });
});

test('text is storable in jsonb: no NUL, no lone surrogate, the rest as it was', () => {
  expect(storableText('a\u0000b')).toBe('a\ufffdb');
  expect(storableText('a\ud800b')).toBe('a\ufffdb');
  expect(storableText('\u{1f4a3} é')).toBe('\u{1f4a3} é');
});
