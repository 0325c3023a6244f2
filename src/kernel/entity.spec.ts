import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ENTITY_TYPES, entityKey } from './entity.js';

describe('entityKey', () => {
  it.each([
    ['account', ' Avery@Example.COM ', 'avery@example.com'],
    ['account', 'STRASSE', 'strasse'],
    ['account', 'Straße', 'strasse'],
    ['account', 'ＡＶＥＲＹ', 'avery'],
    ['host', 'DB-1.Example.com.', 'db-1.example.com'],
    ['ip', '::ffff:192.0.2.7', '192.0.2.7'],
    ['ip', '2001:DB8:0:0::1', '2001:db8::1'],
    ['ip', 'Unknown', 'unknown'],
    ['token', 'aBc', 'aBc'],
  ] as const)('%s %s is %s', (type, value, key) => {
    expect(entityKey({ type, value })).toBe(key);
  });

  it('is a fixed point', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ENTITY_TYPES), fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('a', 'B', '.', ' ', 'ß', 'Σ', '1', ':') })), (type, value) => {
        const key = entityKey({ type, value });
        expect(entityKey({ type, value: key })).toBe(key);
      }),
    );
  });
});
