import { describe, expect, it } from '@jest/globals';
import { CorrelationEngine } from './correlation-engine.js';
import type { CorrelationOptions } from './options.js';
import { correlation, engineEvent, match, restarted, threshold, windowsOf } from './testing/fixtures.js';
import type { TimedMatch } from './testing/oracle.js';

const three = correlation({ condition: threshold({ gte: 3 }) });
const bounds: Partial<CorrelationOptions> = { maxEntriesPerGroup: 16, maxEntriesPerRule: 32, suppress: 'none' };

describe('the entries of a rule', () => {
  it('are bounded over all groups, in what is stored as well, and what is dropped is counted', () => {
    const engine = new CorrelationEngine([three], bounds);
    const stored = new Map<string, number>();
    for (let index = 0; index < 300; index++) {
      engine.accept(engineEvent(match(0, { id: `e${index}`, user: `u${index % 60}` }), index + 1), ['a']);
      for (const { ruleId, key, state } of engine.takeChanges()) {
        if (ruleId === '') continue;
        if (state === null) stored.delete(key);
        else stored.set(key, (state as { entries: unknown[] }).entries.length);
      }
      expect([...stored.values()].reduce((sum, entries) => sum + entries, 0)).toBeLessThanOrEqual(32);
    }
    const kept = [...stored.values()].reduce((sum, entries) => sum + entries, 0);
    expect(kept).toBeGreaterThanOrEqual(30);
    expect(engine.statistics.rules.get('burst')).toMatchObject({ entriesEvicted: 300 - kept });
  });

  it('are given up by the largest groups', () => {
    const engine = new CorrelationEngine([three], bounds);
    const flood = ['f1', 'f2', 'f3'].flatMap((user) => Array.from({ length: 15 }, (_, index) => match(20, { id: `${user}${index}`, user })));
    const fired = [match(0), match(10), ...flood, match(30)].flatMap((event, index) => engine.accept(engineEvent(event, index + 1), event.rules));
    expect(windowsOf(fired)).toContain('ann@30');
    expect(engine.statistics.rules.get('burst')?.entriesEvicted).toBeGreaterThan(0);
  });

  it('are given up by the source that holds the most, not by the larger groups of others', () => {
    const engine = new CorrelationEngine([correlation({ condition: threshold({ gte: 6 }) })], bounds);
    const own = [0, 1, 2, 3, 4].map((time) => match(time));
    const flood = Array.from({ length: 200 }, (_, index) => match(20, { id: `f${index}`, user: `u${index % 40}` }));
    for (const [index, event] of own.entries()) engine.accept(engineEvent(event, index + 1), ['a']);
    for (const [index, event] of flood.entries()) engine.accept(engineEvent(event, index + 6, { source: 'flood' }), ['a']);
    expect(windowsOf(engine.accept(engineEvent(match(30), 300), ['a']))).toEqual(['ann@30']);
  });
});

describe('windows that lost entries for want of room', () => {
  it('keep their value across a restart', () => {
    const five = correlation({ condition: threshold({ gte: 5 }) });
    const options: Partial<CorrelationOptions> = { ...bounds, maxEntriesPerGroup: 1 };
    const create = (): CorrelationEngine => new CorrelationEngine([five], options);
    const others = Array.from({ length: 9 }, (_, index) => match(150 + index));
    const before: TimedMatch[] = [match(0), match(10), match(20), ...others];
    const late = [match(15), match(16)];
    const engine = create();
    for (const [index, event] of before.entries()) engine.accept(engineEvent(event, index + 1), ['a']);
    const next = restarted(engine, new Map(), create);
    const [restored, steady] = [next, engine].map((each) => late.flatMap((event, index) => each.accept(engineEvent(event, 20 + index), ['a'])));
    expect(steady).toMatchObject([{ value: 5, last: new Date(20) }]);
    expect(restored).toEqual(steady);
  });

  it('have the average of what is left', () => {
    const average = correlation({ type: 'value_avg', condition: threshold({ gt: 6 }, { fields: ['value'] }) });
    const engine = new CorrelationEngine([average], { ...bounds, maxEntriesPerGroup: 4, allowedLatenessMs: () => 1000 });
    const steady = Array.from({ length: 9 }, (_, index) => match(index, { value: 5 }));
    const signals = steady.flatMap((event, index) => engine.accept(engineEvent(event, index + 1), ['a']));
    expect([...signals, ...engine.close()]).toEqual([]);
  });
});
