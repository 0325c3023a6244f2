import type { EntityRef, OnDeadline, Role, Tx } from '../../kernel/index.js';
import { toJson, type Database, type PageMark } from '../../platform/index.js';
import type { Approval, ApprovalState, Vote } from './approval.js';
import { INSERT_APPROVAL, INSERT_VOTE, LIST_APPROVALS, LOCK_APPROVAL, LOCK_OPEN_OF_EFFECT, READ_APPROVAL, UPDATE_APPROVAL } from './sql.js';

/** A row of table `approval` with its rows of `approval_vote`, as the driver gives it. */
interface ApprovalRow {
  id: string;
  effect_id: string;
  run_id: string;
  playbook: string;
  incident_id: string | null;
  episode: number | null;
  role: Role;
  quorum: number;
  on_deadline: OnDeadline;
  content: Approval['content'];
  about: EntityRef[];
  requested_by: string | null;
  requested_at: Date;
  deadline: Date;
  remind_at: Date | null;
  escalated_at: Date | null;
  break_glass: boolean;
  state: ApprovalState;
  decided_at: Date | null;
  reason: string | null;
  votes: (Omit<Vote, 'at'> & { at: string })[];
}

export interface ApprovalPage {
  /** Null for any. */
  readonly states: readonly ApprovalState[] | null;
  readonly incident: string | null;
  readonly after: PageMark | undefined;
  readonly limit: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Approvals in the database. */
export class ApprovalStore {
  async insert(tx: Tx, approval: Approval): Promise<void> {
    const { id, effectId, runId, playbook, incidentId, episode, role, quorum, onDeadline, content, about, requestedBy, requestedAt, deadline } = approval;
    await tx.query(INSERT_APPROVAL, [
      id, effectId, runId, playbook, incidentId, episode, role, quorum, onDeadline, toJson(content), toJson(about), requestedBy, requestedAt, deadline,
      approval.remindAt, approval.escalatedAt, approval.breakGlass, approval.state, approval.decidedAt, approval.reason,
    ]);
  }

  /** The approval, which nobody else changes until the end of the transaction. */
  async lock(tx: Tx, id: string): Promise<Approval | undefined> {
    if (!UUID.test(id)) return undefined;
    await tx.query(LOCK_APPROVAL, [id]);
    return this.find(tx, id);
  }

  async lockOpenOf(tx: Tx, effectId: string): Promise<Approval | undefined> {
    const [row] = await tx.query<{ id: string }>(LOCK_OPEN_OF_EFFECT, [effectId]);
    return row && this.find(tx, row.id);
  }

  async find(tx: Pick<Tx, 'query'> | Database, id: string): Promise<Approval | undefined> {
    const [row] = UUID.test(id) ? await tx.query<ApprovalRow>(READ_APPROVAL, [id]) : [];
    return row && fromRow(row);
  }

  /** Newest request first. */
  async list(tx: Pick<Tx, 'query'> | Database, { states, incident, after, limit }: ApprovalPage): Promise<Approval[]> {
    return (await tx.query<ApprovalRow>(LIST_APPROVALS, [states, incident, after?.at ?? null, after?.id ?? null, limit])).map(fromRow);
  }

  /** Stores what changes in an approval; of its votes those that it did not have in `before`. */
  async save(tx: Tx, approval: Approval, before: Approval): Promise<void> {
    const { id, deadline, remindAt, escalatedAt, breakGlass, state, decidedAt, reason } = approval;
    await tx.query(UPDATE_APPROVAL, [id, deadline, remindAt, escalatedAt, breakGlass, state, decidedAt, reason]);
    for (const vote of approval.votes.slice(before.votes.length)) {
      await tx.query(INSERT_VOTE, [id, vote.person, vote.choice, vote.reason, vote.actor, vote.breakGlass, vote.at]);
    }
  }
}

function fromRow(row: ApprovalRow): Approval {
  return {
    id: row.id,
    effectId: row.effect_id,
    runId: row.run_id,
    playbook: row.playbook,
    incidentId: row.incident_id,
    episode: row.episode,
    role: row.role,
    quorum: row.quorum,
    onDeadline: row.on_deadline,
    content: row.content,
    about: row.about,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    deadline: row.deadline,
    remindAt: row.remind_at,
    escalatedAt: row.escalated_at,
    breakGlass: row.break_glass,
    state: row.state,
    decidedAt: row.decided_at,
    reason: row.reason,
    votes: row.votes.map((vote) => ({ ...vote, at: new Date(vote.at) })),
  };
}
