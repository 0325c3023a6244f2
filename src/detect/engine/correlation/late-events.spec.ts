import { describe, expect, it } from '@jest/globals';
import type { Signal } from '../../../kernel/index.js';
import { CorrelationEngine } from './correlation-engine.js';
import type { EngineEvent } from './engine-event.js';
import { correlation, engineEvent, match, threshold, windowsOf } from './testing/fixtures.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const pair = correlation({ timespanMs: 5 * MINUTE, condition: threshold({ gte: 2 }) });

/** Gives matches of ann at these times, in ms. */
function deliver(engine: CorrelationEngine, deliveries: readonly Pick<EngineEvent, 'source' | 'time' | 'receivedAt'>[]): Signal[] {
  return deliveries.flatMap(({ source, time, receivedAt }, index) => {
    const rules = source === 'idp' ? ['a'] : [];
    return engine.accept(engineEvent(match(time, { id: `${source}${time}`, rules }), index + 1, { source, receivedAt }), rules);
  });
}

describe('events that are late', () => {
  it('count when an outage of everything held them up, whichever source comes back first', () => {
    const engine = new CorrelationEngine([pair]);
    const minutes = (from: number, to: number, source: string, receivedAt?: number): Pick<EngineEvent, 'source' | 'time' | 'receivedAt'>[] => Array.from(
      { length: to - from },
      (_, index) => ({ source, time: (from + index) * MINUTE, receivedAt: receivedAt ?? (from + index) * MINUTE }),
    );
    const fired = deliver(engine, [
      ...minutes(0, 5, 'mail'), { source: 'idp', time: 4 * MINUTE, receivedAt: 4 * MINUTE },
      ...minutes(5, 120, 'mail', 120 * MINUTE), { source: 'idp', time: 8 * MINUTE, receivedAt: 121 * MINUTE },
    ]);
    expect(engine.statistics.tooLate).toBe(0);
    expect(windowsOf(fired)).toEqual([`ann@${8 * MINUTE}`]);
  });

  it('count within the lateness of a source that delivers in bursts', () => {
    const engine = new CorrelationEngine([pair], { allowedLatenessMs: (source) => (source === 'idp' ? 15 * MINUTE : MINUTE) });
    const mail = Array.from({ length: 7 }, (_, index) => ({ source: 'mail', time: index * MINUTE, receivedAt: index * MINUTE }));
    const fired = deliver(engine, [
      { source: 'idp', time: 0, receivedAt: 0 }, ...mail,
      { source: 'idp', time: 30 * SECOND, receivedAt: 6 * MINUTE }, { source: 'idp', time: 6 * MINUTE, receivedAt: 6 * MINUTE },
    ]);
    expect(engine.statistics.tooLate).toBe(0);
    expect(windowsOf(fired)).toEqual([`ann@${30 * SECOND}`]);
  });

  it('are none of those that another sender of the source with a fast clock overtook', () => {
    const engine = new CorrelationEngine([pair], { allowedLatenessMs: () => MINUTE, clockSkewMs: 5 * MINUTE });
    const now = 60 * MINUTE;
    const fired = deliver(engine, [
      { source: 'idp', time: now + 4 * MINUTE, receivedAt: now },
      { source: 'idp', time: now + 10 * SECOND, receivedAt: now + 10 * SECOND },
    ]);
    expect(engine.statistics.tooLate).toBe(0);
    expect(windowsOf(fired)).toEqual([`ann@${now + 4 * MINUTE}`]);
  });
});
