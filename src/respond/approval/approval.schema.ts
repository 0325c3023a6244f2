import { z } from 'zod';
import { decodePageMark, readInput, type InputFault, type PageMark } from '../../platform/index.js';
import { approvalErrors } from './approval.errors.js';
import { APPROVAL_STATES, CHOICES, type Approval, type ApprovalState } from './approval.js';
import type { VoteRequest } from './approval.service.js';
import type { ViewedApproval } from './approval-reader.js';

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;
const MAX_REASON = 2_000;

const listQuery = z.strictObject({
  state: z.enum([...APPROVAL_STATES, 'all']).default('open'),
  mine: z.enum(['true', 'false']).default('false'),
  incident: z.uuid().optional(),
  after: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});

// A reason may have lines, but nothing that changes how the rest of the page or log reads.
const reason = z.string().trim().min(1, 'a reason is needed').max(MAX_REASON).regex(/^[^\p{Cc}\p{Cf}]*(?:[\r\n\t][^\p{Cc}\p{Cf}]*)*$/u, 'must be plain text');
const decisionBody = z.strictObject({ decision: z.enum(CHOICES), reason });

export interface ApprovalQuery {
  /** Null for any. */
  readonly states: readonly ApprovalState[] | null;
  readonly incident: string | null;
  /** Only what the caller may decide. */
  readonly mine: boolean;
  readonly after: PageMark | undefined;
  readonly limit: number;
}

/** Query of GET /v1/approvals. @throws CordonError `approval.request_invalid` */
export function parseApprovalQuery(query: unknown): ApprovalQuery {
  const { state, mine, incident, after, limit } = readInput(listQuery, query, refuse);
  return { states: state === 'all' ? null : [state], incident: incident ?? null, mine: mine === 'true', limit, after: after === undefined ? undefined : decodePageMark(after, refuse) };
}

/** Body of POST /v1/approvals/:id/decision. @throws CordonError `approval.request_invalid` */
export function parseDecision(body: unknown): VoteRequest {
  const { decision, reason: text } = readInput(decisionBody, body ?? {}, refuse);
  return { choice: decision, reason: text };
}

const refuse = (fault: InputFault) => approvalErrors.create('approval.request_invalid', fault);

export function toApprovalResponse({ approval, standing }: ViewedApproval) {
  return {
    ...toSummary(approval),
    may_decide: approval.state === 'open' && standing.may,
    why_not: standing.may ? null : { code: standing.why.code, title: standing.why.definition.title, detail: standing.why.details.detail ?? null },
  };
}

export function toSummary(approval: Approval) {
  const { content, votes } = approval;
  return {
    id: approval.id,
    state: approval.state,
    playbook: approval.playbook,
    run: approval.runId,
    incident: approval.incidentId,
    episode: approval.episode,
    role: approval.role,
    quorum: approval.quorum,
    deadline: approval.deadline.toISOString(),
    on_deadline: approval.onDeadline,
    requested_at: approval.requestedAt.toISOString(),
    requested_by: approval.requestedBy,
    escalated_at: approval.escalatedAt?.toISOString() ?? null,
    break_glass: approval.breakGlass,
    about: approval.about,
    shows: content.shows,
    would: content.would,
    votes: votes.map(({ person, choice, reason: why, breakGlass, at }) => ({ person, choice, reason: why, break_glass: breakGlass, at: at.toISOString() })),
    decided_at: approval.decidedAt?.toISOString() ?? null,
    reason: approval.reason,
  };
}

export type ApprovalResponse = ReturnType<typeof toApprovalResponse>;
