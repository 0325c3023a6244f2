import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DueQueue, type Due } from './due-queue.js';

const items = fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), key: fc.constantFrom('a', 'b', 'c'), counts: fc.boolean() }), { maxLength: 400, size: 'max' });

describe('DueQueue', () => {
  it('gives what counts in order of time, then of key', () => {
    fc.assert(fc.property(items, (pushed) => {
      const counting = new Set<Due>(pushed.filter(({ counts }) => counts));
      const queue = new DueQueue((item) => counting.has(item));
      for (const item of pushed) queue.push(item);
      const popped: Due[] = [];
      for (let item = queue.pop(); item; item = queue.pop()) if (counting.has(item)) popped.push(item);
      expect(popped.map(({ at, key }) => [at, key])).toEqual(
        [...counting].sort((a, b) => a.at - b.at || a.key.localeCompare(b.key)).map(({ at, key }) => [at, key]),
      );
    }));
  });

  it('does not grow with what no longer counts', () => {
    const queue = new DueQueue(({ at }) => at === 0);
    queue.push({ at: 0, key: 'kept' });
    for (let at = 1; at <= 10_000; at++) queue.push({ at, key: 'gone' });
    expect(queue.size).toBeLessThan(100);
    expect(queue.pop()).toEqual({ at: 0, key: 'kept' });
  });
});
