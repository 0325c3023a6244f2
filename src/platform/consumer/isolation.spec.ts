import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Isolation } from './isolation.js';

/** Consumes `rows` in batches; a batch that holds a bad row fails. Gives what was handled and what was rejected. */
function consume(rows: readonly number[], bad: ReadonlySet<number>, batchSize: number): { handled: number[]; rejected: number[] } {
  const isolation = new Isolation(batchSize, 3);
  const [handled, rejected]: [number[], number[]] = [[], []];
  for (let at = 0, guard = 0; at < rows.length; ) {
    if (++guard > 100_000) throw new Error('it does not end');
    const batch = rows.slice(at, at + isolation.limit);
    if (isolation.takeRejected(batch)) rejected.push(...batch);
    else if (batch.some((row) => bad.has(row))) {
      isolation.failed(batch.length, new RangeError('bad row'));
      continue;
    } else handled.push(...batch);
    isolation.passed();
    at += batch.length;
  }
  return { handled, rejected };
}

describe('Isolation', () => {
  it('rejects the bad rows and those alone, whatever the batch size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.uniqueArray(fc.integer({ min: 0, max: 59 })), fc.integer({ min: 1, max: 40 }), (count, badRows, batchSize) => {
        const rows = Array.from({ length: count }, (_, index) => index);
        const bad = new Set(badRows);
        const { handled, rejected } = consume(rows, bad, batchSize);
        expect(handled).toEqual(rows.filter((row) => !bad.has(row)));
        expect(rejected).toEqual(rows.filter((row) => bad.has(row)));
      }),
    );
  });

  it('takes a failure of the surroundings for what it is', () => {
    const isolation = new Isolation(10, 1);
    isolation.failed(10, Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    isolation.failed(1, Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    expect(isolation.limit).toBe(10);
    expect(isolation.takeRejected([1])).toBeUndefined();
  });
});
