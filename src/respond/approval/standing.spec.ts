import { describe, expect, it } from '@jest/globals';
import type { PersonFact } from '../../kernel/index.js';
import { standingOf, type StandingFacts } from './standing.js';

const person: PersonFact = {
  known: true, type: 'person', id: 'E-4', name: null, email: null, manager: null, isTop: true, team: null, status: null, leaverDate: null, criticality: null, breakGlass: null,
  source: 'hr', asOf: new Date('2027-01-10T00:00:00Z'),
};
const able: StandingFacts = { approval: { role: 'approver', breakGlass: false, votes: [] }, roles: ['approver'], person, conflict: 'none', unknownSubject: null, asked: false };
const glass = { ...person, breakGlass: true };
const codeOf = (facts: StandingFacts) => {
  const standing = standingOf(facts);
  return standing.may ? 'may' : standing.why.code;
};

describe('the standing of a caller', () => {
  it('is that of who may vote when nothing stands against it', () => expect(standingOf(able)).toEqual({ may: true, person: 'E-4', breakGlass: false }));

  it.each<[string, string, Partial<StandingFacts>]>([
    ['the subject', 'approval.unknown', { conflict: 'subject' }],
    ['a report of the subject', 'approval.unknown', { conflict: 'report' }],
    ['a break-glass person who is the subject', 'approval.unknown', { conflict: 'subject', person: glass, approval: { role: 'approver', breakGlass: true, votes: [] } }],
    ['a key of nobody', 'approval.no_person', { person: null }],
    ['a person whom context does not know', 'approval.person_unknown', { person: { known: false, reason: 'not_found', detail: 'x' } }],
    ['who has left', 'approval.person_unknown', { person: { ...person, status: 'left' } }],
    ['who is suspended', 'approval.person_unknown', { person: { ...person, status: 'suspended' } }],
    ['who asked', 'approval.four_eyes', { asked: true }],
    ['a break-glass person who asked', 'approval.four_eyes', { asked: true, person: glass, approval: { role: 'approver', breakGlass: true, votes: [] } }],
    ['who has another role', 'approval.not_eligible', { roles: ['analyst', 'privacy'] }],
    ['a break-glass person while it is not open to them', 'approval.not_eligible', { roles: ['analyst'], person: glass }],
    ['anyone where the subject is not known', 'approval.subject_unknown', { unknownSubject: 'x' }],
  ])('refuses %s with %s', (_who, code, facts) => expect(codeOf({ ...able, ...facts })).toBe(code));

  it('lets a break-glass person in once it is open to them, and says that they are one', () => {
    const opened = { role: 'approver' as const, breakGlass: true, votes: [] };
    expect(standingOf({ ...able, roles: ['analyst'], person: glass, approval: opened })).toEqual({ may: true, person: 'E-4', breakGlass: true });
    expect(standingOf({ ...able, person: glass, approval: opened, unknownSubject: 'x' })).toMatchObject({ may: true, breakGlass: true });
    expect(standingOf({ ...able, person: glass, approval: opened })).toMatchObject({ may: true, breakGlass: false });
  });

  it('lets leaving people vote: they work here', () => expect(codeOf({ ...able, person: { ...person, status: 'leaving' } })).toBe('may'));
});
