import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Directory, EntityFact, EntityRef, PersonFact, SignalEntity, Tx, Unknown } from '../kernel/index.js';
import type { FiredSignal } from './fired-signal.js';
import type { IncidentSignal } from './incident.js';
import { SubjectFinder } from './subject-finder.js';

const unknown: Unknown = { known: false, reason: 'not_found', detail: 'not in the test' };
const stated = { known: true, source: 'hr', asOf: new Date(0), criticality: null } as const;
const person = (id: string, more: Partial<PersonFact> = {}): PersonFact => ({
  ...stated, type: 'person', id, name: null, email: null, manager: null, team: null, status: null, leaverDate: null, breakGlass: null, isTop: false, ...more,
});

const people = new Map<string, PersonFact>();
const known = new Map<string, EntityFact>();
let asked: string[] = [];

const directory: Pick<Directory, 'personOf' | 'resolve'> = {
  personOf: ({ type, value }: EntityRef) => {
    asked.push(`${type}:${value}`);
    return Promise.resolve(people.get(value) ?? unknown);
  },
  resolve: ({ value }: EntityRef) => Promise.resolve(known.get(value) ?? unknown),
};

beforeEach(() => {
  people.clear();
  known.clear();
  asked = [];
});

const finder = () => new SubjectFinder(directory as Directory, {} as Tx);
const named = (...entities: string[]): SignalEntity[] =>
  entities.map((text) => {
    const [type, value = ''] = text.split('=') as [SignalEntity['type'], string];
    return { type, value: value.replace('~', ''), everywhere: !value.startsWith('~') };
  });
const signal = (...entities: string[]): FiredSignal => ({
  signalId: 's', ruleId: 'r', title: 'R', level: 'low', tags: [], first: new Date(0), last: new Date(0), entities: named(...entities), sources: ['gateway'], dataClasses: [],
});
const subjects = ({ entities }: IncidentSignal) => entities.filter(({ subject }) => subject).map(({ type, value }) => `${type}=${value}`);

describe('SubjectFinder', () => {
  it('takes the first kind that is named throughout, and only that kind', async () => {
    expect(subjects(await finder().describe(signal('account=ann', 'token=t1', 'ip=192.0.2.1')))).toEqual(['account=ann']);
    expect(subjects(await finder().describe(signal('account=~ann', 'token=t1', 'ip=192.0.2.1')))).toEqual(['token=t1']);
    expect(subjects(await finder().describe(signal('account=~ann', 'account=~bob', 'ip=192.0.2.1', 'endpoint=/a')))).toEqual(['ip=192.0.2.1']);
    expect(subjects(await finder().describe(signal('endpoint=/a')))).toEqual(['endpoint=/a']);
    expect(subjects(await finder().describe(signal('account=~ann')))).toEqual(['rule=r']);
  });

  it('puts the person before the accounts, and keeps the accounts that may be theirs', async () => {
    people.set('ann', person('P-1'));
    people.set('t9', person('P-1'));
    expect(subjects(await finder().describe(signal('account=ann', 'account=u-17')))).toEqual(['person=P-1', 'account=ann', 'account=u-17']);
    expect(subjects(await finder().describe(signal('token=t9')))).toEqual(['person=P-1', 'token=t9']);
  });

  it('leaves an account of somebody else among the involved', async () => {
    people.set('ann', person('P-1'));
    people.set('bob', person('P-2'));
    const { entities } = await finder().describe(signal('account=ann', 'account=bob'));
    expect(entities.map(({ type, value, subject }) => [type, value, subject])).toEqual([['person', 'P-1', true], ['account', 'ann', true], ['account', 'bob', false]]);
  });

  it('reckons with what context states of the subject and of the endpoints, not of who is only involved', async () => {
    people.set('ann', person('P-1'));
    known.set('P-1', person('P-1', { criticality: 'medium', status: 'leaving' }));
    known.set('bob', person('P-2', { criticality: 'critical' }));
    known.set('/a', { ...stated, type: 'endpoint', id: '/a', name: null, owner: null, team: null, criticality: 'high', dataClass: 'confidential' });
    const { grounds } = await finder().describe(signal('account=ann', 'account=~bob', 'endpoint=~/a'));
    expect(grounds).toEqual({ rules: ['r'], sources: ['gateway'], dataClasses: ['confidential'], criticality: 'high', leaving: true });
  });

  it('states nothing where context is silent', async () => {
    expect((await finder().describe(signal('account=ann'))).grounds).toMatchObject({ criticality: null, leaving: false, dataClasses: [] });
  });

  it('asks for a name once', async () => {
    const one = finder();
    await one.describe(signal('account=ann'));
    await one.describe(signal('account=Ann'));
    expect(asked).toEqual(['account:ann']);
  });
});
