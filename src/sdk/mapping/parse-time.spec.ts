import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTime } from './parse-time.js';

describe('parseTime', () => {
  test.each([
    ['2026-01-15T09:30:00Z', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T09:30:00.1234567Z', '2026-01-15T09:30:00.123Z'],
    ['2026-01-15T09:30:00,5Z', '2026-01-15T09:30:00.500Z'],
    ['2026-01-15T10:30:00+01:00', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T10:30:00+0100', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T04:00:00-0530', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T09:30:00', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T9:30:00.5Z', '2026-01-15T09:30:00.500Z'],
    ['2026-01-15 09:30:00', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15', '2026-01-15T00:00:00.000Z'],
    ['15/Jan/2026:10:30:00 +0100', '2026-01-15T09:30:00.000Z'],
    ['1/15/2026 9:30:00 AM', '2026-01-15T09:30:00.000Z'],
    ['1/15/2026 12:30:00 AM', '2026-01-15T00:30:00.000Z'],
    ['1/15/2026 12:30:00 PM', '2026-01-15T12:30:00.000Z'],
    ['Thu Jan 15 09:30:00 2026', '2026-01-15T09:30:00.000Z'],
    ['Thu Jan  5 09:30:00 UTC 2026', '2026-01-05T09:30:00.000Z'],
    ['Thu, 15 Jan 2026 09:30:00 GMT', '2026-01-15T09:30:00.000Z'],
    [1768469400, '2026-01-15T09:30:00.000Z'],
    ['1768469400', '2026-01-15T09:30:00.000Z'],
    [1768469400.25, '2026-01-15T09:30:00.250Z'],
    [1768469400250, '2026-01-15T09:30:00.250Z'],
    [1768469400250000, '2026-01-15T09:30:00.250Z'],
    ['1768469400250000000', '2026-01-15T09:30:00.250Z'],
    ['134129430002500000', '2026-01-15T09:30:00.250Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ])('%p is %s', (value, expected) => {
    expect(parseTime(value)?.toISOString()).toBe(expected);
  });

  test.each([
    '', 'yesterday', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-15T24:00:00Z', '1/15/2026 13:00:00 PM', '0000-99-99T99:99:99Z',
    'Jan 15 09:30:00', 0, 0.0001, -5, NaN, Infinity, null, true, {}, [1768469400],
  ])('%p is no time', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });

  test('a time without year is the latest one that is not after its receipt by more than a day', () => {
    const at = (text: string, reference: string): string | undefined => parseTime(text, { reference: new Date(reference) })?.toISOString();
    expect(at('Dec 31 23:59:59', '2026-01-01T00:00:10Z')).toBe('2025-12-31T23:59:59.000Z');
    expect(at('Jan  1 00:00:05', '2025-12-31T23:59:50Z')).toBe('2026-01-01T00:00:05.000Z');
    expect(at('Jan 15 09:30:00', '2026-06-01T00:00:00Z')).toBe('2026-01-15T09:30:00.000Z');
  });

  test('every instant survives each way of writing it down to the millisecond', () => {
    fc.assert(fc.property(fc.date({ min: new Date('2002-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), (date) => {
      const millis = date.getTime();
      for (const form of [date.toISOString(), millis, String(millis), millis * 1000, `${millis}000000`, date.toISOString().replace('Z', '+00:00')]) {
        expect(parseTime(form)?.getTime()).toBe(millis);
      }
    }));
  });

  test('no text makes it throw or last', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => {
      const time = parseTime(text);
      expect(time === undefined || !Number.isNaN(time.getTime())).toBe(true);
    }));
  });
});
