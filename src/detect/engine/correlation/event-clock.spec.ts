import { describe, expect, it } from '@jest/globals';
import { EventClock } from './event-clock.js';

const clock = (): EventClock => new EventClock({ allowedLatenessMs: (source) => (source === 'slow' ? 100 : 10), idleAfterMs: 1000 });

describe('EventClock', () => {
  it('holds each source to its own lateness and takes the least', () => {
    const time = clock();
    time.observe('fast', 500, 0);
    expect(time.watermark).toBe(490);
    time.observe('slow', 650, 1);
    time.observe('fast', 700, 2);
    expect(time.watermark).toBe(550);
  });

  it('never falls', () => {
    const time = clock();
    time.observe('fast', 500, 0);
    time.observe('fast', 100, 1);
    time.observe('slow', 100, 2);
    expect(time.watermark).toBe(490);
  });

  it('does not wait for an idle source, nor for one whose events are all too late', () => {
    const time = clock();
    time.observe('slow', 500, 0);
    time.observe('fast', 2000, 900);
    expect(time.watermark).toBe(400);
    time.observe('fast', 2100, 1100);
    expect(time.watermark).toBe(2090);
    time.observe('slow', 600, 1200);
    time.observe('fast', 2200, 1300);
    expect(time.watermark).toBe(2190);
  });

  it('waits for a source that is silent no longer than it may be late', () => {
    const time = new EventClock({ allowedLatenessMs: (source) => (source === 'slow' ? 3000 : 10), idleAfterMs: 1000 });
    time.observe('slow', 500, 0);
    time.observe('fast', 3000, 2900);
    expect(time.watermark).toBe(-2500);
    time.observe('fast', 3100, 3001);
    expect(time.watermark).toBe(3090);
  });

  it('waits for every source after a silence of all', () => {
    const time = clock();
    time.observe('slow', 500, 0);
    time.observe('fast', 500, 10);
    time.arrive(9000);
    time.observe('fast', 9000, 9000);
    expect(time.watermark).toBe(400);
    time.arrive(9400);
    time.observe('slow', 600, 9400);
    expect(time.watermark).toBe(500);
  });

  it('waits so after it was stored, too', () => {
    const before = clock();
    before.observe('slow', 500, 0);
    before.pass(400);
    const time = clock();
    time.restore(before.capture());
    time.arrive(9000);
    time.observe('fast', 9000, 9000);
    expect(time.watermark).toBe(400);
  });

  it('does not wait for good for a source that is gone, however rare events are', () => {
    const time = clock();
    time.observe('slow', 500, 0);
    for (const now of [2000, 4000, 6000, 8000]) {
      time.arrive(now);
      time.observe('fast', now, now);
    }
    expect(time.watermark).toBe(7990);
  });

  it('goes on at the pace of arrival when every source is idle', () => {
    const time = clock();
    time.observe('fast', 500, 100);
    time.pass(1100);
    expect(time.watermark).toBe(490);
    time.pass(1600);
    expect(time.watermark).toBe(1990);
  });

  it('is the same after it was stored as JSON', () => {
    const time = clock();
    time.observe('fast', 500, 0);
    const restored = clock();
    restored.restore(JSON.parse(JSON.stringify(time.capture())));
    for (const each of [time, restored]) each.observe('slow', 700, 5);
    expect(restored.capture()).toEqual(time.capture());
  });
});
