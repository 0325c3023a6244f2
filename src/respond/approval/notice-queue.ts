import { uuidv7, type PersonFact, type Tx } from '../../kernel/index.js';
import { INSERT_NOTICES } from './sql.js';

export type NoticeKind = 'requested' | 'reminder' | 'break_glass';

/** Mails to be sent about approvals, written in the transaction that gives the reason for them. */
export class NoticeQueue {
  /** People without a known address are left out. */
  async enqueue(tx: Tx, approvalId: string, kind: NoticeKind, people: readonly PersonFact[]): Promise<void> {
    const reachable = people.flatMap(({ id, email }) => (email === null ? [] : [{ id, email }]));
    if (reachable.length === 0) return;
    await tx.query(INSERT_NOTICES, [reachable.map(() => uuidv7(tx.now.getTime())), approvalId, kind, reachable.map(({ id }) => id), reachable.map(({ email }) => email), tx.now]);
  }
}
