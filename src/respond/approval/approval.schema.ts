import { z } from 'zod';
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

/** Place of the last row of a page: the next page starts behind it. */
export interface ApprovalMark {
  readonly requestedAt: Date;
  readonly id: string;
}

export interface ApprovalQuery {
  /** Null for any. */
  readonly states: readonly ApprovalState[] | null;
  readonly incident: string | null;
  /** Only what the caller may decide. */
  readonly mine: boolean;
  readonly after: ApprovalMark | undefined;
  readonly limit: number;
}

/** Query of GET /v1/approvals. @throws CordonError `approval.request_invalid` */
export function parseApprovalQuery(query: unknown): ApprovalQuery {
  const { state, mine, incident, after, limit } = read(listQuery, query);
  return { states: state === 'all' ? null : [state], incident: incident ?? null, mine: mine === 'true', limit, after: after === undefined ? undefined : decodeMark(after) };
}

/** Body of POST /v1/approvals/:id/decision. @throws CordonError `approval.request_invalid` */
export function parseDecision(body: unknown): VoteRequest {
  const { decision, reason: text } = read(decisionBody, body ?? {});
  return { choice: decision, reason: text };
}

export const encodeMark = ({ requestedAt, id }: ApprovalMark): string => Buffer.from(`${requestedAt.getTime()}.${id}`).toString('base64url');

const MARK = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function decodeMark(mark: string): ApprovalMark {
  const match = MARK.exec(Buffer.from(mark, 'base64url').toString('utf8'));
  if (!match?.[1] || !match[2]) throw invalid('after', 'is not the `next` of an earlier page');
  return { requestedAt: new Date(Number(match[1])), id: match[2] };
}

function read<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
  throw invalid(field, issue?.message ?? 'cannot be used');
}

const invalid = (field: string, why: string) => approvalErrors.create('approval.request_invalid', { field, detail: field ? `${field}: ${why}` : why });

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
