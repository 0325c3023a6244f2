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
