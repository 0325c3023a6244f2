import { describe, expect, it } from '@jest/globals';
import { parseEventTime } from './event-time.js';

const INSTANT = Date.parse('2026-03-01T10:00:00.250Z');

describe('parseEventTime', () => {
  it.each([
    '2026-03-01T10:00:00.250Z', '2026-03-01T10:00:00.250999999Z', '2026-03-01 10:00:00,250', '2026-03-01T12:00:00.25+02:00', '2026-03-01T04:30:00.250-0530',
    INSTANT, String(INSTANT), INSTANT / 1000, INSTANT * 1000, `${INSTANT}000000`,
  ])('reads %p', (value) => {
    expect(parseEventTime(value)).toBe(INSTANT);
  });

  it('takes a date as its midnight in UTC', () => {
    expect(parseEventTime('2026-03-01')).toBe(Date.parse('2026-03-01T00:00:00Z'));
  });

  it.each(['yesterday', '', '2026-13-01T00:00:00Z', -1, Number.NaN, null, {}])('gives nothing for %p', (value) => {
    expect(parseEventTime(value)).toBeUndefined();
  });
});
