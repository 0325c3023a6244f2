import type { EntityRef, JsonValue, OnDeadline, Principal, Role, Tx } from '../../kernel/index.js';
import type { Verdict } from '../governor/governor.js';

/** What is asked of people: a step of the playbook (`core.approval`), or one effect that the governor does not let go alone. */
export interface ApprovalRequest {
  readonly runId: string;
  readonly playbook: string;
  readonly incidentId: string | null;
  readonly episode: number | null;
  /** The effect that waits: of `core.approval` itself, or of the action asked for. */
  readonly effectId: string;
  readonly role: Role;
  readonly quorum: number;
  readonly deadline: Date;
  /** `approve` counts as `refuse` where {@link would} has an action that is destructive or not known. */
  readonly onDeadline: OnDeadline;
  /** Further text or data of the playbook for who decides. */
  readonly shows: JsonValue;
  /** What would happen on yes, one line an action. */
  readonly would: readonly ProposedEffect[];
  /** Whom it is about: they and who reports to them neither see nor decide it. */
  readonly about: readonly EntityRef[];
  /** Who asked for the run (`key:<id>`), who may then not decide; null where the product did. */
  readonly requestedBy: string | null;
}

/** Who acts, as far as it matters to what they may decide. */
export type Caller = Pick<Principal, 'actor' | 'roles' | 'person'>;

/** Types, so that they count as JSON. */
export type ProposedEffect = { action: string; title: string; invokeId: string; input: JsonValue; undo: string; verdict: Verdict | null };

export interface ApprovalDecision {
  readonly approvalId: string;
  readonly effectId: string;
  readonly decision: 'approved' | 'refused' | 'expired';
  /** People who voted, as `person:<id>`. */
  readonly by: readonly string[];
  readonly reason: string;
}

/** Where the runtime asks. What comes of it reaches {@link ApprovalListener} in the transaction of the decision. */
export interface ApprovalDesk {
  /** Gives the approval's id; the id of the open one where the effect has asked already. */
  request(tx: Tx, request: ApprovalRequest): Promise<string>;
  /** Whether a caller could decide on the request by themselves. Nothing is asked. */
  mayDecide(tx: Tx, request: ApprovalRequest, caller: Caller): Promise<boolean>;
  /** The state that asked was left: nobody need decide any more. Nothing happens where none is open. */
  withdraw(tx: Tx, effectId: string, reason: string): Promise<void>;
  /** Who hears of decisions. To be called once, before the product starts. */
  attach(listener: ApprovalListener): void;
}

/** Implemented by the runtime. */
export interface ApprovalListener {
  /**
   * Takes the lock of a run before that of its approval. The runtime asks and withdraws while it holds the run, so a
   * decision must lock in the same order, or the two may wait for each other.
   */
  lock?(tx: Tx, runId: string): Promise<void>;
  decided(tx: Tx, decision: ApprovalDecision): Promise<void>;
}

export const APPROVAL_DESK = Symbol('ApprovalDesk');
