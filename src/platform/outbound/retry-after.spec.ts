import { expect, it } from '@jest/globals';
import { parseRetryAfter } from './retry-after.js';

const now = new Date('2026-03-02T10:00:00Z');

it.each([
  ['120', 120_000], ['0', 0], [' 5 ', 5000], ['Mon, 02 Mar 2026 10:00:30 GMT', 30_000], ['Mon, 02 Mar 2026 09:00:00 GMT', 0],
  ['soon', undefined], ['5 minutes', undefined], ['-1', undefined], ['', undefined], [undefined, undefined],
])('Retry-After %p is %p ms', (text, expected) => expect(parseRetryAfter(text, now)).toBe(expected));
