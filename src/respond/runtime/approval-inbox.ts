import type { Tx } from '../../kernel/index.js';
import { toJson } from '../../platform/index.js';
import type { ApprovalDecision, ApprovalListener } from '../approval/approval-desk.js';
import { LOCK_RUN, PUT_DECISION, NOTIFY, WORK_CHANNEL } from './sql.js';

/** Puts decisions of people into the inbox of their run, in the transaction of the decision. */
export class ApprovalInbox implements ApprovalListener {
  async lock(tx: Tx, runId: string): Promise<void> {
    await tx.query(LOCK_RUN, [runId]);
  }

  async decided(tx: Tx, decision: ApprovalDecision): Promise<void> {
    const { approvalId, effectId, by } = decision;
    await tx.query(PUT_DECISION, [effectId, `approval:${approvalId}`, toJson({ decision }), by[0] ?? 'system:approval', tx.now]);
    // Decisions are rare, and this way it is told with the commit, whoever made it.
    await tx.query(NOTIFY, [WORK_CHANNEL]);
  }
}
