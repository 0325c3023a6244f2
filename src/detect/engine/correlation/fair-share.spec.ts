import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairShare } from './fair-share.js';

const cut = (sizes: readonly number[], share: number): number => sizes.reduce((sum, size) => sum + Math.min(size, share), 0);

describe('fairShare', () => {
  it('is the largest share that fits', () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 30 })), fc.nat({ max: 300 }), (sizes, total) => {
      const share = fairShare(sizes, total);
      expect(cut(sizes, share)).toBeLessThanOrEqual(total);
      if (Number.isFinite(share)) expect(cut(sizes, share + 1)).toBeGreaterThan(total);
    }));
  });
});
