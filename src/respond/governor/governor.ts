import type { ActionDescription, EntityRef, IncidentSnapshot, JsonObject, Tx } from '../../kernel/index.js';
import type { GovernorMode } from '../engine/playbook-source.js';

/** One effect before it is called. */
export interface GovernorRequest {
  readonly effectId: string;
  readonly runId: string;
  readonly playbook: string;
  readonly action: ActionDescription;
  readonly input: JsonObject;
  /** Whom it acts on. */
  readonly entities: readonly EntityRef[];
  /** What the playbook's policy asks for; the deployment's can only be stricter. */
  readonly mode: GovernorMode | undefined;
  /** Null for a run without an incident. */
  readonly incident: IncidentSnapshot | null;
  /** The decided approval that covers this effect. */
  readonly approved: { readonly approvalId: string; readonly by: readonly string[] } | null;
  /** An undo gives back what was taken: caps and cool-down do not count it, the kill switch does not stop it. */
  readonly isUndo: boolean;
}

/** Stored with the effect. Reasons are sentences for people, the deciding one first. Types, so that they count as JSON. */
export type Verdict = {
  decision: 'go' | 'ask' | 'refuse';
  /** The mode that applied in the end. */
  mode: GovernorMode;
  reasons: string[];
  /** Whether somebody is to be paged, as when a cap is spent. */
  page: boolean;
};

/** The policy in front of every action on another system. */
export interface Governor {
  /** Decides and, for `go`, reserves a slot of every cap in this transaction; the slot belongs to the effect. */
  decide(tx: Tx, request: GovernorRequest): Promise<Verdict>;
  /** Gives the slots of an effect back that in the end did nothing. */
  release(tx: Tx, effectId: string): Promise<void>;
  /** Read right before the call, outside any transaction: a reason not to call after all, else undefined. */
  veto(request: Pick<GovernorRequest, 'action' | 'isUndo'>): Promise<string | undefined>;
}

export const GOVERNOR = Symbol('Governor');
