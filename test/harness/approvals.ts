import { randomUUID } from 'node:crypto';
import { APPROVAL_DESK, type ApprovalDecision, type ApprovalDesk, type ApprovalRequest } from '../../src/respond/index.js';
import type { Product } from './product.js';

export const PROPOSED = { action: 'scim.deactivate-user', title: 'Deactivate the account', invokeId: 'account', input: { user: 'sam', password: 'hunter2' }, undo: 'scim.activate-user', verdict: null };

/** Stands in for the runtime: asks at the desk and keeps what it hears. */
export class Asking {
  readonly decisions: ApprovalDecision[] = [];
  readonly desk: ApprovalDesk;

  constructor(private readonly product: Product) {
    this.desk = product.app.nest.get<ApprovalDesk>(APPROVAL_DESK);
    this.desk.attach({ decided: async (_tx, decision) => void this.decisions.push(decision) });
  }

  /** By default: one approver within an hour, about the account `sam`. */
  ask(more: Partial<ApprovalRequest> = {}): Promise<string> {
    const request: ApprovalRequest = {
      runId: randomUUID(), playbook: 'exfiltration-containment', incidentId: null, episode: null, effectId: randomUUID(), role: 'approver', quorum: 1,
      deadline: new Date(Date.now() + 3_600_000), onDeadline: 'refuse', shows: null, would: [PROPOSED], about: [{ type: 'account', value: 'sam' }], requestedBy: null, ...more,
    };
    return this.product.app.platform.database.transaction((tx) => this.desk.request(tx, request));
  }
}
