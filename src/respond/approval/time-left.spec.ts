import { expect, it } from '@jest/globals';
import { timeLeft } from './time-left.js';

const NOW = new Date('2027-01-10T09:00:00Z');

it.each([
  [0, 'now'], [999, 'now'], [1_000, 'in 1 second'], [61_000, 'in 1 minute 1 second'], [299_000, 'in 4 minutes 59 seconds'], [301_000, 'in 5 minutes'],
  [3_600_000, 'in 1 hour'], [7_500_000, 'in 2 hours 5 minutes'], [90_000_000, 'in 1 day 1 hour'], [-60_000, '1 minute ago'],
])('%i ms is %s', (distance, text) => expect(timeLeft(new Date(NOW.getTime() + distance), NOW)).toBe(text));
