import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deadlineOf, localDate } from './deadline.js';

const EU_72 = { type: 'elapsed_hours', hours: 72, latest: 'eu_hours' } as const;

describe('deadlineOf', () => {
  it.each([
    // start, due, latest
    ['2026-10-02T15:40:00Z', '2026-10-05T15:40:00.000Z', '2026-10-05T16:00:00.000Z'],
    ['2026-11-06T22:05:00Z', '2026-11-09T22:05:00.000Z', '2026-11-09T23:00:00.000Z'],
    // exactly on the hour is inside that hour
    ['2026-05-04T17:00:00Z', '2026-05-07T17:00:00.000Z', '2026-05-07T18:00:00.000Z'],
  ])('counts 72 hours from %s', (start, due, latest) => {
    const deadline = deadlineOf(EU_72, new Date(start), 'Europe/Berlin');
    expect([deadline.due?.toISOString(), deadline.latest?.toISOString()]).toEqual([due, latest]);
  });

  it('counts hours, not days, over the change to winter time', () => {
    const { due } = deadlineOf(EU_72, new Date('2026-10-24T10:00:00+02:00'), 'Europe/Berlin');
    expect(due?.toISOString()).toBe(new Date('2026-10-27T09:00:00+01:00').toISOString());
  });

  it('takes the hour of the local clock where it is no full hour of UTC', () => {
    const { latest } = deadlineOf(EU_72, new Date('2026-03-01T10:10:00Z'), 'Asia/Kolkata');
    expect(latest?.toISOString()).toBe('2026-03-04T10:30:00.000Z');
  });

  it('is never due after the latest limit, and that lies less than an hour and at least an instant later', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }), fc.constantFrom('UTC', 'Europe/Lisbon', 'Asia/Kolkata', 'America/St_Johns'), (start, zone) => {
        const { due, latest } = deadlineOf(EU_72, start, zone);
        const slack = (latest?.getTime() ?? 0) - (due?.getTime() ?? 0);
        expect(slack).toBeGreaterThan(0);
        expect(slack).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });

  it('has no instant where the law gives no number', () => {
    expect(deadlineOf({ type: 'promptly' }, new Date(), 'UTC')).toMatchObject({ due: null, latest: null });
  });
});

describe('localDate', () => {
  it('is the date on the local clock', () => {
    expect(localDate(new Date('2026-11-03T02:30:00Z'), 'America/Los_Angeles')).toBe('2026-11-02');
  });
});
