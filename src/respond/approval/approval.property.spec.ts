import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCordonError, ON_DEADLINE } from '../../kernel/index.js';
import { atDeadline, remindAt, withdrawn, withVote, type Approval, type Choice, type Vote } from './approval.js';

const START = new Date('2027-01-10T09:00:00Z');
const MINUTE = 60_000;
const at = (minutes: number): Date => new Date(START.getTime() + minutes * MINUTE);

function open(more: Partial<Approval> = {}): Approval {
  return {
    id: '5f0c3a52-52d6-7c0e-8d5f-8a3f0d5f0001', effectId: 'e', runId: 'r', playbook: 'p', incidentId: null, episode: null, role: 'approver', quorum: 1, onDeadline: 'refuse',
    content: { shows: null, would: [] }, about: [], requestedBy: null, requestedAt: START, deadline: at(60), remindAt: at(30), escalatedAt: null, breakGlass: false,
    state: 'open', decidedAt: null, reason: null, votes: [], ...more,
  };
}

const vote = (person: string, choice: Choice, when: Date): Vote => ({ person, choice, reason: `${person} says ${choice}`, actor: `key:${person}`, breakGlass: false, at: when });

/** The approval after a step, or as it was where the step is refused. */
function tried(approval: Approval, step: (approval: Approval) => Approval): Approval {
  try {
    return step(approval);
  } catch (error) {
    if (isCordonError(error)) return approval;
    throw error;
  }
}

type Step = { readonly kind: 'vote'; readonly person: string; readonly choice: Choice } | { readonly kind: 'deadline' } | { readonly kind: 'withdraw' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('vote' as const), person: fc.constantFrom('a', 'b', 'c', 'd', 'e'), choice: fc.constantFrom<Choice>('approve', 'approve', 'refuse') }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'deadline' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'withdraw' }) },
);
const steps = fc.array(fc.record({ step, after: fc.integer({ min: 0, max: 40 }) }), { maxLength: 12 });
const setup = fc.record({ quorum: fc.integer({ min: 1, max: 4 }), onDeadline: fc.constantFrom(...ON_DEADLINE) });

const apply = (approval: Approval, { kind, ...rest }: Step, now: Date): Approval => {
  if (kind === 'vote') return tried(approval, (before) => withVote(before, vote((rest as { person: string }).person, (rest as { choice: Choice }).choice, now)));
  return kind === 'deadline' ? atDeadline(approval, now) : tried(approval, (before) => withdrawn(before, 'left', now));
};

describe('an approval', () => {
  it('is decided at most once, and nothing changes it afterwards', () => {
    fc.assert(
      fc.property(setup, steps, (options, taken) => {
        let [approval, minute, settled] = [open(options), 0, 0];
        for (const { step: next, after } of taken) {
          minute += after;
          const before = approval;
          approval = apply(before, next, at(minute));
          if (before.state !== 'open') expect(approval).toEqual(before);
          if (before.state === 'open' && approval.state !== 'open') settled += 1;
        }
        expect(settled).toBe(approval.state === 'open' ? 0 : 1);
      }),
    );
  });

  it('counts one vote a person, and is approved only by its quorum of approvals without a refusal or by a stated default', () => {
    fc.assert(
      fc.property(setup, steps, (options, taken) => {
        let [approval, minute] = [open(options), 0];
        for (const { step: next, after } of taken) {
          minute += after;
          approval = apply(approval, next, at(minute));
        }
        const choices = approval.votes.map(({ choice }) => choice);
        expect(new Set(approval.votes.map(({ person }) => person)).size).toBe(choices.length);
        expect(choices.filter((choice) => choice === 'refuse')).toHaveLength(approval.state === 'refused' ? 1 : 0);
        if (approval.state === 'approved' && choices.length < options.quorum) {
          expect(options.onDeadline).toBe('approve');
          expect(approval.decidedAt!.getTime()).toBeGreaterThanOrEqual(at(60).getTime());
        }
        for (const { at: when } of approval.votes) expect(when.getTime()).toBeLessThan(approval.deadline.getTime());
      }),
    );
  });

  it('comes out the same in whatever order the same people vote, unless a refusal comes when it is approved already', () => {
    const ballots = fc.uniqueArray(fc.record({ person: fc.string({ minLength: 1, maxLength: 3 }), choice: fc.constantFrom<Choice>('approve', 'refuse') }), { selector: ({ person }) => person, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), ballots.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), (quorum, [, order]) => {
        let approval = open({ quorum });
        order.forEach(({ person, choice }, index) => (approval = tried(approval, (before) => withVote(before, vote(person, choice, at(index))))));
        const refusal = order.findIndex(({ choice }) => choice === 'refuse');
        const before = refusal === -1 ? order.length : refusal;
        const expected = before >= quorum ? 'approved' : refusal === -1 ? 'open' : 'refused';
        expect(approval.state).toBe(expected);
      }),
    );
  });

  it('takes no vote at the deadline or after, and the last one before it', () => {
    expect(withVote(open(), vote('a', 'approve', new Date(at(60).getTime() - 1))).state).toBe('approved');
    expect(() => withVote(open(), vote('a', 'approve', at(60)))).toThrow(expect.objectContaining({ code: 'approval.closed' }));
    expect(() => withVote(open({ quorum: 2, votes: [vote('a', 'approve', START)] }), vote('a', 'refuse', at(1)))).toThrow(expect.objectContaining({ code: 'approval.already_voted' }));
  });

  it('is left alone by the deadline until it has come', () => {
    const approval = open();
    expect(atDeadline(approval, new Date(at(60).getTime() - 1))).toBe(approval);
    expect(atDeadline(approval, at(60))).toMatchObject({ state: 'expired', votes: [] });
    expect(atDeadline(open({ onDeadline: 'approve' }), at(61))).toMatchObject({ state: 'approved' });
  });

  it('is handed to break-glass people once, with the same time again from then on, and refused after that', () => {
    const escalated = atDeadline(open({ onDeadline: 'escalate' }), at(90));
    expect(escalated).toMatchObject({ state: 'open', breakGlass: true, escalatedAt: at(90), deadline: at(150) });
    expect(atDeadline(escalated, at(149))).toBe(escalated);
    expect(atDeadline(escalated, at(150))).toMatchObject({ state: 'expired' });
    expect(atDeadline(open({ onDeadline: 'escalate', deadline: at(1) }), at(2)).deadline).toEqual(at(7));
  });

  it('reminds half way', () => expect(remindAt(START, at(60))).toEqual(at(30)));
});
