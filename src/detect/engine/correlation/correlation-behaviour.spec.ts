import { describe, expect, it } from '@jest/globals';
import type { Signal } from '../../../kernel/index.js';
import type { CorrelationSpec } from '../correlation-spec.js';
import { CorrelationEngine } from './correlation-engine.js';
import type { CorrelationOptions } from './options.js';
import { correlation, engineEvent, match, notRule, restarted, ruleHit, run, threshold, windowsOf } from './testing/fixtures.js';
import type { TimedMatch } from './testing/oracle.js';

const fire = (spec: CorrelationSpec | readonly CorrelationSpec[], events: readonly TimedMatch[], options: Partial<CorrelationOptions> = {}): Signal[] =>
  run(new CorrelationEngine(Array.isArray(spec) ? spec : [spec], options), events);

const hit = (time: number, rule: string, changes: Partial<TimedMatch> = {}): TimedMatch => match(time, { id: `${rule}${time}`, rules: [rule], ...changes });

describe('windows', () => {
  const ordered = correlation({ type: 'temporal_ordered', rules: ['a', 'b', 'c'] });
  const distinct = correlation({ type: 'value_count', condition: threshold({ gte: 3 }, { fields: ['value'] }) });

  it('hold both of their ends', () => {
    const pair = correlation({ condition: threshold({ gte: 2 }) });
    expect(windowsOf(fire(pair, [match(0), match(100)]))).toEqual(['ann@100']);
    expect(fire(pair, [match(0), match(101)])).toEqual([]);
  });

  it('do not mix groups', () => {
    const spec = correlation({ type: 'temporal', rules: ['a', 'b'], condition: threshold({ gte: 2 }) });
    expect(fire(spec, [hit(0, 'a'), hit(10, 'b', { user: 'bob' })])).toEqual([]);
  });

  it('check the order of every step, not only against the first', () => {
    expect(fire(ordered, [hit(0, 'a'), hit(10, 'c'), hit(20, 'b')])).toEqual([]);
    expect(windowsOf(fire(ordered, [hit(0, 'a'), hit(10, 'b'), hit(20, 'c')]))).toEqual(['ann@20']);
  });

  it('take equal times as in order and say so', () => {
    const [signal] = fire(ordered, [hit(0, 'c'), hit(0, 'b'), hit(0, 'a')]);
    expect(signal?.terms).toContainEqual(expect.objectContaining({ term: 'order' }));
  });

  it('do not let one event be two neighbouring steps', () => {
    const both = correlation({ type: 'temporal_ordered', rules: ['a', 'b'], condition: threshold({ gte: 2 }) });
    expect(fire(both, [match(0, { rules: ['a', 'b'] })])).toEqual([]);
  });

  it('count distinct values within the timespan only', () => {
    expect(fire(distinct, [match(0, { value: 1 }), match(90, { value: 2 }), match(180, { value: 3 })])).toEqual([]);
  });

  it('do not join a late event with one that lies a timespan ahead of it', () => {
    expect(fire(correlation({ condition: threshold({ gte: 2 }) }), [match(300), match(100)])).toEqual([]);
  });

  it('count an event once that matches several rules, or that comes twice', () => {
    const spec = correlation({ rules: ['a', 'b'], condition: threshold({ gte: 2 }) });
    expect(fire(spec, [match(0, { rules: ['a', 'b'] })])).toEqual([]);
    expect(fire(spec, [match(0), match(0)])).toEqual([]);
  });

  it('leave out events without a value of the group', () => {
    const engine = new CorrelationEngine([correlation({ condition: threshold({ gte: 2 }) })]);
    const fired = [0, 10].flatMap((time) => engine.accept(engineEvent(match(time), time, { document: { user: null } }), ['a']));
    expect([...fired, ...engine.close()]).toEqual([]);
  });

  it('compare the percentile they compute', () => {
    const spec = correlation({ type: 'value_percentile', condition: threshold({ gt: 8 }, { fields: ['value'], percentile: 50 }) });
    expect(fire(spec, [match(0, { value: 1 }), match(10, { value: 9 })])).toEqual([]);
  });

  it('join fields by aliases', () => {
    const spec = correlation({ type: 'temporal', rules: ['a', 'b'], condition: threshold({ gte: 2 }), groupBy: ['who'], aliases: { who: { a: 'user', b: 'actor.email' } } });
    const engine = new CorrelationEngine([spec]);
    engine.accept(engineEvent(match(0), 1), ['a']);
    const [signal] = engine.accept(engineEvent(match(5), 2, { id: 'x', document: { actor: { email: 'ann' } } }), ['b']);
    expect(signal).toMatchObject({ group: { who: 'ann' }, eventIds: ['0', 'x'], value: 2 });
  });
});

describe('decisions that wait', () => {
  const unlessC = correlation({ type: 'temporal', rules: ['a', 'c'], condition: { kind: 'boolean', expression: { kind: 'and', operands: [ruleHit('a'), notRule('c')] } } });

  it('stay silent when what must not occur arrives after the rest', () => {
    expect(fire(unlessC, [hit(0, 'a'), hit(4, 'c')])).toEqual([]);
    expect(windowsOf(fire(unlessC, [hit(0, 'a'), hit(101, 'c')]))).toEqual(['ann@0']);
  });

  it('fire when the watermark has passed the end of the window, not earlier', () => {
    const engine = new CorrelationEngine([unlessC], { allowedLatenessMs: () => 50 });
    expect(engine.accept(engineEvent(hit(0, 'a'), 1), ['a'])).toEqual([]);
    expect(engine.accept(engineEvent(hit(150, 'x'), 2), [])).toEqual([]);
    expect(engine.accept(engineEvent(hit(151, 'x'), 3), [])).toMatchObject([{ position: 1, late: false }]);
  });

  it('take a condition without a lower bound at the close of a window that a hit opened', () => {
    const few = correlation({ condition: threshold({ lt: 3 }) });
    expect(fire(few, [match(0), match(10), match(100)])).toEqual([]);
    expect(fire(few, [match(0), match(10)])).toMatchObject([{ value: 2, eventCount: 2 }]);
  });

  it('fire for silence after a group was seen', () => {
    const silent = correlation({ condition: threshold({ eq: 0 }) });
    expect(fire(silent, [match(0), match(90), match(300)])).toMatchObject([{ value: 0, last: new Date(90) }, { value: 0, last: new Date(300) }]);
  });
});

describe('chains', () => {
  const burst = correlation({ id: 'burst', condition: threshold({ gte: 2 }) });

  it('fire when their last step is a correlation, and cite its events', () => {
    const chain = correlation({ id: 'chain', type: 'temporal_ordered', rules: ['b', 'burst'], condition: threshold({ gte: 2 }) });
    expect(fire([chain, burst], [hit(0, 'b'), hit(10, 'a'), hit(20, 'a')])).toMatchObject([{ ruleId: 'chain', eventIds: ['b0', 'a10', 'a20'], eventCount: 3 }]);
  });

  it('see a burst that still goes on long after it alerted', () => {
    const chain = correlation({ id: 'chain', type: 'temporal_ordered', rules: ['burst', 'b'], condition: threshold({ gte: 2 }) });
    const failures = Array.from({ length: 30 }, (_, index) => hit(index * 10, 'a'));
    expect(windowsOf(fire([chain, burst], [...failures, hit(390, 'b')]))).toEqual(['ann@390']);
  });

  it('wait for a step that itself waits', () => {
    const unless = correlation({ id: 'unless', type: 'temporal', rules: ['a', 'c'], condition: { kind: 'boolean', expression: { kind: 'and', operands: [ruleHit('a'), notRule('c')] } } });
    const chain = correlation({ id: 'chain', type: 'temporal', rules: ['unless', 'b'], condition: threshold({ gte: 2 }) });
    expect(windowsOf(fire([chain, unless], [hit(0, 'a'), hit(90, 'b'), hit(500, 'x')], { allowedLatenessMs: () => 0 }))).toEqual(['ann@90']);
  });

  it('show the steps only where the document says generate', () => {
    const chain = correlation({ id: 'chain', type: 'temporal', rules: ['b', 'burst'], condition: threshold({ gte: 2 }), generate: true });
    expect(fire([chain, burst], [hit(10, 'a'), hit(20, 'a')]).map(({ ruleId }) => ruleId)).toEqual(['burst']);
  });
});

describe('signals', () => {
  it('say which term fired, with what was seen', () => {
    expect(fire(correlation(), [match(0), match(10), match(20)])).toMatchObject([{
      ruleId: 'burst', ruleVersion: '1', group: { user: 'ann' }, first: new Date(0), last: new Date(20), windowMs: 100, value: 3, eventCount: 3,
      eventIds: ['0', '10', '20'], late: false, position: 3, terms: [{ term: 'count', operator: 'gte', observed: 3, expected: 3 }],
    }]);
  });

  it('keep the newest event ids and the true number', () => {
    const spec = correlation({ condition: threshold({ gte: 5 }) });
    expect(fire(spec, [0, 1, 2, 3, 4].map((time) => match(time)), { maxEventIds: 2 })).toMatchObject([{ eventIds: ['3', '4'], eventCount: 5 }]);
  });

  it('are marked late when an older event completed them', () => {
    expect(fire(correlation(), [match(0), match(20), match(10)])).toMatchObject([{ late: true, last: new Date(20) }]);
  });

  it('come again after the group fell below, or after the time set for it', () => {
    const spec = correlation({ condition: threshold({ gte: 2 }) });
    const steady = Array.from({ length: 10 }, (_, index) => match(index * 50));
    expect(windowsOf(fire(spec, [...steady, match(1000), match(1010)]))).toEqual(['ann@50', 'ann@1010']);
    expect(windowsOf(fire(spec, steady, { refireAfterMs: 200 }))).toEqual(['ann@50', 'ann@250', 'ann@450']);
  });
});

describe('bounds', () => {
  it('let a source that invents keys displace its own groups only', () => {
    const engine = new CorrelationEngine([correlation({ condition: threshold({ gte: 2 }) })], { maxGroupsPerRule: 10 });
    engine.accept(engineEvent(match(0), 1), ['a']);
    for (let index = 0; index < 100; index++) engine.accept(engineEvent(match(1, { id: `f${index}`, user: `u${index}` }), index + 2, { source: 'flood' }), ['a']);
    expect(engine.accept(engineEvent(match(50), 200), ['a'])).toHaveLength(1);
    expect(engine.statistics.rules.get('burst')).toMatchObject({ groups: 10, groupsEvicted: 91 });
  });

  it('drop the oldest entries of a group that grows too large, and count them', () => {
    const engine = new CorrelationEngine([correlation()], { maxEntriesPerGroup: 6 });
    for (let index = 0; index < 10; index++) engine.accept(engineEvent(match(index), index + 1), ['a']);
    expect(engine.statistics.rules.get('burst')).toMatchObject({ entriesEvicted: 4 });
  });

  it('leave out and count what comes later than allowed', () => {
    const engine = new CorrelationEngine([correlation({ condition: threshold({ gte: 2 }) })], { allowedLatenessMs: () => 50 });
    expect(run(engine, [match(0), match(100, { rules: [] }), match(49)])).toEqual([]);
    expect(engine.statistics.tooLate).toBe(1);
  });

  it('do not believe a timestamp far in the future', () => {
    const engine = new CorrelationEngine([correlation({ condition: threshold({ gte: 2 }) })], { allowedLatenessMs: () => 50, clockSkewMs: 10 });
    const events = [match(0), match(1e12, { user: 'eve' }), match(30)];
    const fired = events.flatMap((event, index) => engine.accept(engineEvent(event, index + 1, { receivedAt: 40 }), event.rules));
    expect(windowsOf(fired)).toEqual(['ann@30']);
    expect(engine.statistics.future).toBe(1);
  });

  it('fold windows beyond the exact limit and print the granularity', () => {
    const spec = correlation({ timespanMs: 25_600, condition: threshold({ gte: 1000 }) });
    const engine = new CorrelationEngine([spec], { exactUpToMs: 10_000 });
    const events = Array.from({ length: 1000 }, (_, index) => match(index * 20, { id: `e${index}` }));
    expect(run(engine, events, { receivedAt: 30_000 })).toMatchObject([{ value: 1000, eventCount: 1000, granularityMs: 100, first: new Date(0), last: new Date(19_980) }]);
    const folded = new CorrelationEngine([spec], { exactUpToMs: 10_000 });
    for (const [index, event] of events.entries()) folded.accept(engineEvent(event, index, { receivedAt: 30_000 }), event.rules);
    const [row] = folded.takeChanges();
    expect(row?.state).toMatchObject({ entries: { length: 200 } });
  });
});

describe('restarts', () => {
  const five = correlation({ condition: threshold({ gte: 5 }) });
  const four = [0, 1, 2, 3].map((time) => match(time));
  const afterFour = (spec: CorrelationSpec): CorrelationEngine => {
    const engine = new CorrelationEngine([five]);
    for (const [index, event] of four.entries()) engine.accept(engineEvent(event, index + 1), event.rules);
    return restarted(engine, new Map(), () => new CorrelationEngine([spec]));
  };

  it('keep four of five at four', () => {
    expect(afterFour(five).accept(engineEvent(match(4), 5), ['a'])).toHaveLength(1);
  });

  it('start a changed rule afresh and delete its old rows', () => {
    const engine = afterFour({ ...five, version: '2' });
    expect(engine.takeChanges()[0]).toMatchObject({ ruleId: 'burst', ruleVersion: '1', key: 'ann', state: null });
    expect(engine.accept(engineEvent(match(4), 5), ['a'])).toEqual([]);
  });

  it('read each stored row a few times, however many rules there are', () => {
    let reads = 0;
    const rows = Array.from({ length: 40 }, (_, index) => ({ get ruleId() { reads++; return `gone${index}`; }, ruleVersion: '1', key: 'ann', state: {} }));
    new CorrelationEngine(Array.from({ length: 60 }, (_, index) => ({ ...five, id: `rule${index}` }))).restore(rows);
    expect(reads).toBeLessThanOrEqual(10 * rows.length);
  });

  it('store only the groups that changed', () => {
    const engine = afterFour(five);
    engine.takeChanges();
    engine.accept(engineEvent(match(4, { user: 'bob' }), 5), ['a']);
    expect(engine.takeChanges().map(({ key }) => key)).toEqual(['bob', 'clock']);
  });
});
