import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CRITICALITIES } from '../kernel/index.js';
import { Grouping, type Group } from './grouping.js';
import { extendIncident, mergeIncidents, openIncident, snapshotOf, type Incident, type IncidentEntity, type IncidentSignal } from './incident.js';

const NOW = new Date('2026-03-02T12:00:00Z');
const MINUTE = 60_000;
const WINDOW = 60 * MINUTE;

const subject = (type: 'person' | 'account', key: string): IncidentEntity => ({ type, key, value: key, subject: true });

/** Accounts 0–5 belong to three people; whether context knew that when a signal was described is up to chance. */
const entities = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.subarray([0, 1]), fc.boolean())
  .map(([person, own, known]) => [...(known || own.length === 0 ? [subject('person', `p${person}`)] : []), ...own.map((account) => subject('account', `a${person * 2 + account}`))]);

const signal = fc
  .record({
    at: fc.integer({ min: 0, max: 600 }),
    lasts: fc.integer({ min: 0, max: 40 }),
    rule: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
    level: fc.constantFrom('informational', 'low', 'medium', 'high', 'critical'),
    tags: fc.subarray(['attack.exfiltration', 'attack.collection', 'attack.t1567', 'team.apis']),
    sources: fc.subarray(['gateway', 'dlp', 'ueba']),
    dataClasses: fc.subarray(['pii', 'secret']),
    criticality: fc.option(fc.constantFrom(...CRITICALITIES)),
    leaving: fc.boolean(),
    entities,
  })
  .map(({ at, lasts, rule, sources, dataClasses, criticality, leaving, ...rest }) => ({
    ...rest,
    ruleId: rule,
    title: `rule ${rule}`,
    first: new Date(NOW.getTime() + at * MINUTE),
    last: new Date(NOW.getTime() + (at + lasts) * MINUTE),
    grounds: { rules: [rule], sources, dataClasses, criticality, leaving },
  }));

const signals = fc.array(signal, { minLength: 1, maxLength: 14 }).map((list): IncidentSignal[] => list.map((one, index) => ({ ...one, id: `s${String(index).padStart(2, '0')}` })));

const shuffled = signals.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })));

function groupsOf(list: readonly IncidentSignal[]): Group[] {
  const grouping = new Grouping(WINDOW);
  for (const one of list) grouping.addSignal(one);
  return grouping.groups();
}

const ids = (groups: readonly Group[]): string[] => groups.map(({ signals: members }) => members.map(({ id }) => id).join(' ')).sort();

/** Without what depends on which of two incidents stays. */
const substance = ({ id: _id, title: _title, openedAt: _openedAt, ...rest }: Incident) => rest;

describe('grouping', () => {
  it('puts the same signals together in whatever order they come', () => {
    fc.assert(fc.property(shuffled, ([list, other]) => expect(ids(groupsOf(other))).toEqual(ids(groupsOf(list)))));
  });

  it('gives each signal one group, and leaves no two groups that belong together', () => {
    fc.assert(
      fc.property(signals, (list) => {
        const groups = groupsOf(list);
        expect(groups.flatMap(({ signals: members }) => members.map(({ id }) => id)).sort()).toEqual(list.map(({ id }) => id));
        for (const a of groups) {
          for (const b of groups) {
            const near = Math.max(a.first, b.first) - Math.min(a.last, b.last) <= WINDOW;
            const shared = [...a.keys].some((key) => b.keys.has(key));
            expect(a !== b && near && shared).toBe(false);
          }
        }
      }),
    );
  });

  it('finds the same incidents when signals come one batch after the other', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 0, max: 14 }), ([list, other], cut) => {
        const grouping = new Grouping(WINDOW);
        for (const { signals: members } of groupsOf(other.slice(0, cut))) grouping.addIncident(openIncident(members[0]!.id, members, NOW));
        const before = new Map(grouping.groups().flatMap(({ incidents }) => incidents.map((incident) => [incident.id, incident] as const)));
        for (const one of other.slice(cut)) grouping.addSignal(one);
        const found = grouping.groups().map(({ incidents, signals: members }) => {
          const [first, ...rest] = incidents;
          if (!first) return substance(openIncident('x', members, NOW));
          return substance(extendIncident(rest.reduce((target, next) => mergeIncidents(target, before.get(next.id)!, NOW).target, first), members, NOW));
        });
        const atOnce = groupsOf(list).map(({ signals: members }) => substance(openIncident('x', members, NOW)));
        const sorted = (incidents: readonly unknown[]) => incidents.map((incident) => JSON.stringify(incident)).sort();
        expect(sorted(found)).toEqual(sorted(atOnce));
      }),
    );
  });
});

describe('incident', () => {
  it('has a risk from 0 to 100 that is the sum of named parts, each with a reason', () => {
    fc.assert(
      fc.property(signals, (list) => {
        const { risk, riskParts } = openIncident('i', list, NOW);
        expect(riskParts.reduce((sum, { points }) => sum + points, 0)).toBe(risk);
        expect(risk).toBeGreaterThan(0);
        expect(risk).toBeLessThanOrEqual(100);
        expect(new Set(riskParts.map(({ name }) => name)).size).toBe(riskParts.length);
        expect(riskParts.every(({ points, reason }) => points > 0 && reason !== '')).toBe(true);
      }),
    );
  });

  it('does not depend on the order of its signals, and never loses risk by another one', () => {
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const incident = openIncident('i', list, NOW);
        expect(openIncident('i', other, NOW)).toEqual(incident);
        expect(openIncident('i', list.slice(0, 1), NOW).risk).toBeLessThanOrEqual(incident.risk);
      }),
    );
  });

  it('merges to what all signals together would have made', () => {
    fc.assert(
      fc.property(signals, signals, (some, more) => {
        const { target, absorbed } = mergeIncidents(openIncident('i', some, NOW), openIncident('j', more, NOW), NOW);
        expect(substance(target)).toEqual(substance(openIncident('i', [...some, ...more], NOW)));
        expect(absorbed).toMatchObject({ id: 'j', status: 'merged', mergedInto: 'i' });
      }),
    );
  });

  it('merges an incident into its equal without a change but the number of signals', () => {
    fc.assert(
      fc.property(signals, (list) => {
        const incident = openIncident('i', list, NOW);
        expect({ ...mergeIncidents(incident, { ...incident, id: 'j' }, NOW).target, signalCount: incident.signalCount }).toEqual(incident);
      }),
    );
  });

  it('goes into a fact as JSON that says the same', () => {
    fc.assert(
      fc.property(signals, (list) => {
        const snapshot = snapshotOf(openIncident('i', list, NOW));
        expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
      }),
    );
  });
});
