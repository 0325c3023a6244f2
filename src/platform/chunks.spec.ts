import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunksOfSize } from './chunks.js';

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

describe('chunksOfSize', () => {
  it('keeps every item in order, exceeds the limit for a single item only, and makes no list that would have fitted the one before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 60 }), (sizes, limit) => {
        const chunks = [...chunksOfSize(sizes, limit, (size) => size)];
        expect(chunks.flat()).toEqual(sizes);
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.length === 1 || (chunk.length > 1 && sum(chunk) <= limit)).toBe(true);
          const next = chunks[index + 1]?.[0];
          if (next !== undefined) expect(sum(chunk) + next).toBeGreaterThan(limit);
        }
      }),
    );
  });

  it('takes an item only when the list before it was used: the rest is not held in memory', () => {
    let taken = 0;
    const items = (function* () {
      for (;;) yield ++taken;
    })();
    const chunks = chunksOfSize(items, 10, () => 5);
    expect(chunks.next().value).toEqual([1, 2]);
    expect(taken).toBe(3);
  });
});
