import type { Role } from './access.js';

/** What happens when nobody decides in time. `escalate`: break-glass people are paged and get the same time once more, then it is refused. */
export const ON_DEADLINE = ['refuse', 'approve', 'escalate'] as const;
export type OnDeadline = (typeof ON_DEADLINE)[number];

/** Types, not interfaces, so that they count as JSON. */
type About = { approvalId: string; runId: string; effectId: string; playbook: string; incidentId: string | null; episode: number | null };

/** Bodies of the facts that tell of approvals; those of an incident stand in its timeline. */
export interface ApprovalFactBodies {
  /** `actions`: ids of the actions that would follow. `deadline`: ISO 8601. */
  'approval.requested': About & { role: Role; quorum: number; deadline: string; onDeadline: OnDeadline; actions: string[] };
  /** People decided; `by` as `person:<id>`. */
  'approval.decided': About & { decision: 'approved' | 'refused'; by: string[]; reason: string };
  /** The deadline decided: `approved` only where that was the stated default. */
  'approval.expired': About & { decision: 'approved' | 'expired'; reason: string };
  /** The first deadline passed and break-glass people may decide until this one. */
  'approval.escalated': About & { deadline: string };
  'approval.withdrawn': About & { reason: string };
  /** Fewer people than the quorum can decide it; break-glass people were let in and paged. */
  'approval.too_few_approvers': About & { role: Role; quorum: number; eligible: number };
}
