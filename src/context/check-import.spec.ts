import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entityKey } from '../kernel/index.js';
import { checkImport, type Elsewhere } from './check-import.js';
import type { RawRow } from './raw-row.js';

const NOTHING: Elsewhere = { entries: new Map(), claims: new Map(), managers: new Map() };

let line = 0;
const row = (type: RawRow['type'], value: unknown): RawRow => ({ file: 'f.json', line: ++line, type, value });
const person = (id: string, rest: object = {}) => row('person', { id, ...rest });
const account = (id: string, rest: object = {}) => row('account', { id, ...rest });

function found(rows: readonly RawRow[], elsewhere = NOTHING): string[] {
  return checkImport(rows, elsewhere).findings.map(({ type, id, field, reason }) => `${type} ${id} ${field}: ${reason}`);
}

describe('checkImport', () => {
  it('accepts rows that say little', () => {
    const { accepted, findings } = checkImport([person('E-1'), account('a'), row('endpoint', { id: 'x' })], NOTHING);
    expect(findings).toEqual([]);
    expect(accepted.map(({ type, personKey }) => [type, personKey])).toEqual([['person', null], ['account', null], ['endpoint', null]]);
  });

  it.each([
    [person('E-1', { email: 'x' }), 'email: is not an e-mail address'],
    [person('E-1', { status: 'gone' }), 'status: is none of the words'],
    [person('E-1', { leaver_date: '30.04.2026' }), 'leaver_date: is not a date'],
    [person('E-1', { break_glass: 'perhaps' }), 'break_glass: must be true or false'],
    [person('E-1', { nick: 'a' }), 'nick: is not a known member'],
    [person('E-1', { name: 'a\u0000b' }), 'name: has a control character'],
    [person('E-1', { name: 'a'.repeat(257) }), 'name: is longer than 256 characters'],
    [row('person', { name: 'a' }), 'id: is missing'],
    [row('person', 'E-1'), 'row: is not an object'],
    [person('-'), 'id: must not be "-"'],
    [account('a', { system: 'A:B' }), 'system: has another form'],
    [account('a', { kind: 'robot' }), 'kind: is none of the words'],
    [account('a', { aliases: 'x' }), 'aliases: must be a list'],
    [row('endpoint', { id: 'e', addresses: ['192.0.2.0/24'] }), 'addresses.0: is not an IP address'],
  ])('names what is wrong with %j', (bad, expected) => {
    const { findings, accepted, rejectedRows } = checkImport([bad], NOTHING);
    expect({ findings: findings.map(({ field, reason }) => `${field}: ${reason}`), accepted, rejectedRows }).toEqual({ findings: [expect.stringContaining(expected)], accepted: [], rejectedRows: 1 });
    expect(findings[0]).toMatchObject({ file: 'f.json', line: bad.line, remedy: expect.stringMatching(/\.$/) });
  });

  it('blames every row of a repeated id, whatever its case', () => {
    expect(found([person('E-1'), person('e-1'), person('E-2')])).toEqual([expect.stringContaining('person E-1 id: stands in several rows'), expect.stringContaining('person e-1 id')]);
    expect(found([account('a', { system: 'okta' }), account('a', { system: 'aws' })])).toEqual([]);
  });

  it('blames both of two people who claim a name, unless systems tell them apart', () => {
    const people = [person('E-1', { email: 'one@example.com' }), person('E-2')];
    const claims = (system?: string) => [account('a', { person: 'E-1', aliases: ['Both'], system: 'okta' }), account('b', { person: 'E-2', aliases: ['both'], system: system ?? 'okta' })];
    expect(found([...people, ...claims()])).toEqual([expect.stringContaining('account a aliases: "both" is claimed by b'), expect.stringContaining('account b aliases: "both" is claimed by a')]);
    expect(found([...people, ...claims('aws')])).toEqual([]);
    expect(found([...people, account('a', { person: 'E-1' }), account('b', { person: 'E-1', aliases: ['a'] })])).toEqual([]);
    expect(found([...people, account('b', { person: 'E-2', aliases: ['ONE@example.com'] })])).toHaveLength(2);
  });

  it('finds people nobody states, but blames no row for another faulty one', () => {
    expect(found([person('E-1', { manager: 'E-9' }), account('a', { person: 'E-8' }), row('endpoint', { id: 'x', owner: 'E-7' })])).toEqual([
      expect.stringContaining('person E-1 manager: "e-9" is no person'),
      expect.stringContaining('account a person: "e-8"'),
      expect.stringContaining('endpoint x owner: "e-7"'),
    ]);
    expect(found([person('E-1', { manager: 'E-2' }), person('E-2', { email: 'x' })])).toEqual([expect.stringContaining('person E-2 email')]);
    expect(found([person('E-1', { manager: 'E-9' })], { ...NOTHING, managers: new Map([['e-9', null]]) })).toEqual([]);
  });

  it('finds rings of managers, also through another source, and spares who only leads into one', () => {
    const ring = [person('A', { manager: 'B' }), person('B', { manager: 'C' }), person('C', { manager: 'A' })];
    expect(checkImport([...ring, person('D', { manager: 'A' }), person('E', { manager: '-' })], NOTHING).findings.map(({ id, field }) => `${id} ${field}`)).toEqual(['A manager', 'B manager', 'C manager']);
    expect(found([person('A', { manager: 'A' })])).toHaveLength(1);
    expect(found([person('A', { manager: 'B' })], { ...NOTHING, managers: new Map([['b', 'a']]) })).toEqual([expect.stringContaining('b → a')]);
  });

  const names = fc.constantFrom('Ann', 'ANN', 'ann ', 'Bo', 'bo', 'Cy', 'ß', 'SS');
  const rows = fc.array(
    fc.oneof(
      fc.record({ id: names, manager: names, email: fc.constantFrom('a@x', 'A@X', 'no') }, { requiredKeys: ['id'] }).map((value) => ({ type: 'person' as const, value })),
      fc.record({ id: names, person: names, system: fc.constantFrom('okta', 'aws'), aliases: fc.array(names, { maxLength: 2 }) }, { requiredKeys: ['id'] }).map((value) => ({ type: 'account' as const, value })),
    ),
    { maxLength: 12 },
  );

  it('comes to the same whatever the order of rows', () => {
    fc.assert(
      fc.property(
        rows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list.map((_, index) => index), { minLength: list.length }))),
        ([list, order]) => {
          const numbered = list.map((one, index): RawRow => ({ file: 'f', line: index + 1, ...one }));
          const outcome = (given: readonly RawRow[]) => {
            const { accepted, findings, rejectedRows } = checkImport(given, NOTHING);
            return { accepted: accepted.map((entry) => JSON.stringify(entry)).sort(), findings: findings.map(({ line: at, field }) => `${at} ${field}`).sort(), rejectedRows };
          };
          expect(outcome(order.map((index) => numbered[index]!))).toEqual(outcome(numbered));
        },
      ),
    );
  });

  it('leaves no id, and no name of two people, among the accepted', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { accepted, findings, rejectedRows } = checkImport(list.map((one, index): RawRow => ({ file: 'f', line: index + 1, ...one })), NOTHING);
        expect(accepted.length + rejectedRows).toBe(list.length);
        expect(new Set(findings.map(({ line: at }) => at)).size).toBe(rejectedRows);
        expect(new Set(accepted.map(({ type, key }) => `${type} ${key}`)).size).toBe(accepted.length);
        const owners = new Map<string, string>();
        for (const entry of accepted) {
          const owner = entry.type === 'person' ? entry.key : (entry.personKey ?? `account ${entry.key}`);
          for (const { kind, system, key } of entry.names) {
            expect(entityKey({ type: kind, value: key })).toBe(key);
            const id = `${kind} ${system} ${key}`;
            expect([id, owners.get(id) ?? owner]).toEqual([id, owner]);
            owners.set(id, owner);
          }
        }
      }),
    );
  });
});
