import type { EntityRef, JsonValue, OnDeadline, Role } from '../../kernel/index.js';
import type { ProposedEffect } from './approval-desk.js';
import { approvalErrors } from './approval.errors.js';

export const APPROVAL_STATES = ['open', 'approved', 'refused', 'expired', 'withdrawn'] as const;
/** `expired`: nobody decided in time, and nothing was approved. */
export type ApprovalState = (typeof APPROVAL_STATES)[number];

export const CHOICES = ['approve', 'refuse'] as const;
export type Choice = (typeof CHOICES)[number];

export interface Vote {
  /** Id of the person in the context. */
  readonly person: string;
  readonly choice: Choice;
  readonly reason: string;
  /** `key:<id>` */
  readonly actor: string;
  /** Whether it was given as break-glass person, without the role. */
  readonly breakGlass: boolean;
  readonly at: Date;
}

/** A decision asked of people. */
export interface Approval {
  readonly id: string;
  readonly effectId: string;
  readonly runId: string;
  readonly playbook: string;
  readonly incidentId: string | null;
  readonly episode: number | null;
  readonly role: Role;
  readonly quorum: number;
  readonly onDeadline: OnDeadline;
  /** `input` of an effect is without its secrets. */
  readonly content: { readonly shows: JsonValue; readonly would: readonly ProposedEffect[] };
  readonly about: readonly EntityRef[];
  readonly requestedBy: string | null;
  readonly requestedAt: Date;
  readonly deadline: Date;
  /** When who has not voted is reminded; null once that is done. */
  readonly remindAt: Date | null;
  readonly escalatedAt: Date | null;
  /** Whether break-glass people may vote without the role. */
  readonly breakGlass: boolean;
  readonly state: ApprovalState;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
  readonly votes: readonly Vote[];
}

/** After an escalation there is at least this long, however short the first deadline was. */
const LEAST_SECOND_MS = 5 * 60_000;

const closed = (approval: Approval, state: Exclude<ApprovalState, 'open'>, reason: string, now: Date): Approval => ({
  ...approval, state, reason, decidedAt: now, remindAt: null,
});

/**
 * The approval with one more vote. One refusal refuses at once, since a reason against an action outweighs any number of
 * reasons for it; `quorum` approvals approve. Who may vote is judged elsewhere.
 * @throws CordonError `approval.closed`, `approval.already_voted`
 */
export function withVote(approval: Approval, vote: Vote): Approval {
  requireOpen(approval);
  if (vote.at >= approval.deadline) throw approvalErrors.create('approval.closed', { detail: `its deadline was ${approval.deadline.toISOString()}` });
  if (approval.votes.some(({ person }) => person === vote.person)) throw approvalErrors.create('approval.already_voted', { detail: `person ${vote.person} has voted` });
  const votes = [...approval.votes, vote];
  if (vote.choice === 'refuse') return closed({ ...approval, votes }, 'refused', vote.reason, vote.at);
  const approvals = votes.filter(({ choice }) => choice === 'approve');
  return approvals.length >= approval.quorum ? closed({ ...approval, votes }, 'approved', vote.reason, vote.at) : { ...approval, votes };
}

/** What the deadline makes of an approval; the same one where there is nothing to do. An escalation opens it for break-glass people and gives the same time once more, counted from now. */
export function atDeadline(approval: Approval, now: Date): Approval {
  if (approval.state !== 'open' || now < approval.deadline) return approval;
  if (approval.onDeadline === 'escalate' && approval.escalatedAt === null) {
    const again = Math.max(approval.deadline.getTime() - approval.requestedAt.getTime(), LEAST_SECOND_MS);
    return { ...approval, escalatedAt: now, breakGlass: true, remindAt: null, deadline: new Date(now.getTime() + again) };
  }
  const when = approval.deadline.toISOString();
  if (approval.onDeadline === 'approve') return closed(approval, 'approved', `nobody refused until the deadline ${when}; approval is the stated default`, now);
  return closed(approval, 'expired', `not decided until the deadline ${when}`, now);
}

/** @throws CordonError `approval.closed` */
export function withdrawn(approval: Approval, reason: string, now: Date): Approval {
  requireOpen(approval);
  return closed(approval, 'withdrawn', reason, now);
}

/** When to remind: half way to the deadline. */
export const remindAt = (from: Date, deadline: Date): Date => new Date((from.getTime() + deadline.getTime()) / 2);

/** @throws CordonError `approval.closed` */
export function requireOpen({ state, decidedAt }: Approval): void {
  if (state !== 'open') throw approvalErrors.create('approval.closed', { detail: `it is ${state} since ${decidedAt?.toISOString() ?? 'then'}`, extra: { state } });
}
