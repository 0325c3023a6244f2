import type { Principal, Tx } from '../../kernel/index.js';
import { encodePageMark, type Database, type PageMark } from '../../platform/index.js';
import { approvalErrors } from './approval.errors.js';
import type { Approval } from './approval.js';
import type { ApprovalQuery } from './approval.schema.js';
import type { ApprovalStore } from './approval-store.js';
import type { ApproverFinder } from './approvers.js';
import type { Standing } from './standing.js';

/** An approval with what its reader is to it. */
export interface ViewedApproval {
  readonly approval: Approval;
  readonly standing: Standing;
}

export interface ApprovalReaderParts {
  readonly database: Database;
  readonly store: ApprovalStore;
  readonly approvers: ApproverFinder;
}

/** Approvals as one caller may see them: those about the caller, or about somebody above them, do not exist. */
export class ApprovalReader {
  constructor(private readonly parts: ApprovalReaderParts) {}

  /** One page of whole size, however many are left out on the way, and the mark of the next one. */
  async list(principal: Principal, { states, incident, mine, after, limit }: ApprovalQuery): Promise<{ approvals: ViewedApproval[]; next: string | undefined }> {
    const { database, store } = this.parts;
    return database.transaction(async (tx) => {
      const found: ViewedApproval[] = [];
      let from = after;
      for (;;) {
        const rows = await store.list(tx, { states, incident, after: from, limit });
        for (const approval of rows) {
          const viewed = await this.#view(tx, principal, approval);
          if (!viewed || (mine && !viewed.standing.may)) continue;
          if (found.length === limit) return { approvals: found, next: encodePageMark(markOf(found.at(-1)?.approval ?? approval)) };
          found.push(viewed);
        }
        const last = rows.at(-1);
        if (!last || rows.length < limit) return { approvals: found, next: undefined };
        from = markOf(last);
      }
    });
  }

  /** @throws CordonError `approval.unknown` */
  async read(principal: Principal, id: string): Promise<ViewedApproval> {
    const { database, store } = this.parts;
    const viewed = await database.transaction(async (tx) => {
      const approval = await store.find(tx, id);
      return approval && this.#view(tx, principal, approval);
    });
    if (!viewed) throw approvalErrors.create('approval.unknown', { field: 'id' });
    return viewed;
  }

  async #view(tx: Tx, principal: Principal, approval: Approval): Promise<ViewedApproval | undefined> {
    const { standing, conflict } = await this.parts.approvers.standing(tx, approval, principal);
    return conflict === 'none' ? { approval, standing } : undefined;
  }
}

const markOf = ({ requestedAt, id }: Approval): PageMark => ({ at: requestedAt, id });
