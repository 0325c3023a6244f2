import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CorrelationSpec } from '../correlation-spec.js';
import { CorrelationEngine } from './correlation-engine.js';
import { correlation, engineEvent, notRule, restarted, ruleHit, run, threshold, windowsOf } from './testing/fixtures.js';
import { qualifyingWindows, type TimedMatch } from './testing/oracle.js';

const LATENESS = 200;
const everyHit = { suppress: 'none', allowedLatenessMs: () => LATENESS } as const;

/** Bounds that drop entries of most deliveries. */
const tight = { maxEntriesPerGroup: 4, maxEntriesPerRule: 8 } as const;

const abc = ['a', 'b', 'c'];
const specs: Readonly<Record<string, CorrelationSpec>> = {
  event_count: correlation({ condition: threshold({ gte: 3 }) }),
  'event_count of several rules': correlation({ rules: abc, condition: threshold({ gt: 3 }) }),
  'event_count in a range': correlation({ condition: threshold({ gt: 1, lte: 3 }) }),
  'event_count of exactly': correlation({ condition: threshold({ eq: 2 }) }),
  value_count: correlation({ type: 'value_count', condition: threshold({ gte: 3 }, { fields: ['value'] }) }),
  value_sum: correlation({ type: 'value_sum', condition: threshold({ gt: 10 }, { fields: ['value'] }) }),
  value_avg: correlation({ type: 'value_avg', condition: threshold({ gt: 3.5 }, { fields: ['value'] }) }),
  'value_avg below': correlation({ type: 'value_avg', condition: threshold({ lte: 2 }, { fields: ['value'] }) }),
  value_median: correlation({ type: 'value_median', condition: threshold({ gte: 4 }, { fields: ['value'] }) }),
  value_percentile: correlation({ type: 'value_percentile', condition: threshold({ lt: 2 }, { fields: ['value'], percentile: 90 }) }),
  temporal: correlation({ type: 'temporal', rules: abc, condition: threshold({ gte: 3 }) }),
  'temporal, two of three': correlation({ type: 'temporal', rules: abc, condition: threshold({ gte: 2 }) }),
  temporal_ordered: correlation({ type: 'temporal_ordered', rules: abc, condition: threshold({ gte: 3 }) }),
  'temporal_ordered, two of three': correlation({ type: 'temporal_ordered', rules: abc, condition: threshold({ gte: 2 }) }),
  'a condition over rules': correlation({ type: 'temporal', rules: abc, condition: { kind: 'boolean', expression: { kind: 'and', operands: [ruleHit('a'), ruleHit('b')] } } }),
  'a negated rule': correlation({ type: 'temporal', rules: abc, condition: { kind: 'boolean', expression: { kind: 'and', operands: [ruleHit('a'), ruleHit('b'), notRule('c')] } } }),
};

/** Event times at most LATENESS - 1 behind the newest before them, many of them equal. */
const deliveries: fc.Arbitrary<TimedMatch[]> = fc
  .array(fc.record({
    step: fc.nat({ max: 6 }), lateness: fc.oneof(fc.constant(0), fc.nat({ max: (LATENESS / 10) - 1 })), user: fc.constantFrom('ann', 'bob'),
    value: fc.integer({ min: 0, max: 5 }), rule: fc.constantFrom(...abc),
  }), { maxLength: 60, size: 'max' })
  .map((drafts) => {
    let newest = 0;
    return drafts.map(({ step, lateness, user, value, rule }, index) => {
      newest += step * 10;
      return { id: `e${index}`, time: Math.max(0, newest - lateness * 10), user, value, rules: [rule] };
    });
  });

describe('CorrelationEngine', () => {
  describe.each(Object.entries(specs))('%s', (_name, spec) => {
    it('fires for exactly the windows that a full recount finds, whatever the order of arrival', () => {
      fc.assert(fc.property(deliveries, (events) => {
        const fired = windowsOf(run(new CorrelationEngine([spec], everyHit), events));
        expect([...new Set(fired)].sort()).toEqual(qualifyingWindows(spec, events));
      }), { numRuns: 60 });
    });

    it('fires the same after a restart at any event', () => {
      fc.assert(fc.property(deliveries, fc.infiniteStream(fc.nat({ max: 4 })), fc.constantFrom('none' as const, 'episode' as const), fc.constantFrom({}, tight), (events, restarts, suppress, bounds) => {
        const options = { ...everyHit, suppress, ...bounds };
        const stored = new Map<string, string>();
        let engine = new CorrelationEngine([spec], options);
        const fired = events.flatMap((event, index) => {
          if (restarts.next().value === 0) engine = restarted(engine, stored, () => new CorrelationEngine([spec], options));
          return engine.accept(engineEvent(event, index + 1), event.rules);
        });
        fired.push(...restarted(engine, stored, () => new CorrelationEngine([spec], options)).close());
        expect(fired).toEqual(run(new CorrelationEngine([spec], options), events));
      }), { numRuns: 40 });
    });

    it('fires once for each stretch of qualifying windows when events come in order', () => {
      fc.assert(fc.property(deliveries, (events) => {
        const inOrder = events.toSorted((a, b) => a.time - b.time);
        const fired = windowsOf(run(new CorrelationEngine([spec], { ...everyHit, suppress: 'episode' }), inOrder));
        expect(fired.toSorted()).toEqual(episodes(spec, inOrder).toSorted());
      }), { numRuns: 40 });
    });
  });

  it('is not changed by arrival time that passes between events', () => {
    const spec = specs['a negated rule'];
    fc.assert(fc.property(deliveries, fc.infiniteStream(fc.boolean()), (events, passes) => {
      const timed = events.map((event, index) => engineEvent(event, index + 1, { source: event.user, receivedAt: 10_000 + index * 40 }));
      const take = (engine: CorrelationEngine, ticks: boolean): string[] => {
        const signals = timed.flatMap((event, index) => [
          ...(ticks && passes.next().value === true ? engine.advanceTo(event.receivedAt - 20) : []),
          ...engine.accept(event, events[index]!.rules),
        ]);
        return [...signals, ...engine.close()].map(({ id }) => id);
      };
      const options = { ...everyHit, allowedLatenessMs: () => 60, idleAfterMs: 100 };
      expect(take(new CorrelationEngine([spec!], options), true)).toEqual(take(new CorrelationEngine([spec!], options), false));
    }));
  });
});

/** The first window of each stretch: hits of a group whose windows qualify, none between them whose does not, at most a timespan apart. */
function episodes(spec: CorrelationSpec, inOrder: readonly TimedMatch[]): string[] {
  const qualifying = new Set(qualifyingWindows(spec, inOrder));
  const counted = inOrder.filter(({ rules }) => rules.some((rule) => spec.rules.includes(rule)));
  return ['ann', 'bob'].flatMap((user) => {
    const times = [...new Set(counted.filter((event) => event.user === user).map(({ time }) => time))];
    return times.filter((time, index) => {
      const previous = times[index - 1];
      const goesOn = previous !== undefined && time - previous <= spec.timespanMs && qualifying.has(`${user}@${previous}`);
      return qualifying.has(`${user}@${time}`) && !goesOn;
    }).map((time) => `${user}@${time}`);
  });
}
