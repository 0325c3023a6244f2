import type { EffectClass, EffectError, EffectOutput, JsonObject } from '../../kernel/index.js';
import type { RetryPolicy } from '../engine/compiled-playbook.js';
import type { GovernorMode } from '../engine/playbook-source.js';
import type { Verdict } from '../governor/governor.js';
import type { Approved } from './run.js';

/** `plan`: a built-in undo, whose steps are effects of kind `undo`. */
export type EffectKind = 'invoke' | 'notify' | 'undo' | 'plan';

/**
 * `ready`: may be claimed from `nextAt` on. `leased`: an instance is at it. `waiting`: for a person, or for the steps of a
 * plan. The others are ends; `unknown` says that it may have happened.
 */
export const EFFECT_STATUSES = ['ready', 'leased', 'waiting', 'done', 'failed', 'unknown', 'refused', 'cancelled'] as const;
export type EffectStatus = (typeof EFFECT_STATUSES)[number];

/** One side effect that a run asked for. */
export interface Effect {
  /** Derived from run, sequence number and index: the key that the target sees, the same over restarts. */
  readonly id: string;
  readonly runId: string;
  /** Number of the event that asked for it: its generation. */
  readonly seq: number;
  /** Place among the effects of that event. */
  readonly index: number;
  readonly kind: EffectKind;
  readonly invokeId: string | null;
  readonly action: string;
  readonly input: JsonObject;
  /** Null for built-ins and for actions that are not configured. */
  readonly effectClass: EffectClass | null;
  readonly destructive: boolean;
  /** `<type>:<key>` of those it acts on. */
  readonly entityKeys: readonly string[];
  readonly priority: number;
  /** What the playbook's policy asks of the governor. */
  readonly mode: GovernorMode | null;
  readonly status: EffectStatus;
  /** The state that asked for it was left: its completion is recorded and not delivered. */
  readonly detached: boolean;
  readonly attempts: number;
  /** Attempts that failed and count against the retries. An attempt lost with its process does not. */
  readonly failures: number;
  readonly timeoutMs: number | null;
  readonly retry: RetryPolicy | null;
  readonly nextAt: Date;
  /** Set with the first attempt. */
  readonly deadline: Date | null;
  readonly leaseOwner: string | null;
  readonly leaseUntil: Date | null;
  /** Rises with each lease: what an earlier holder brings is refused. */
  readonly fence: number;
  readonly verdict: Verdict | null;
  readonly approved: Approved | null;
  readonly output: EffectOutput | null;
  readonly error: EffectError | null;
  /** Input of the undo action; null where there is nothing to take back. */
  readonly undoInput: JsonObject | null;
  readonly undoes: string | null;
  readonly plan: string | null;
  readonly undoneAt: Date | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** Built-ins that the runtime itself carries out. */
export const APPROVAL_ACTION = 'core.approval';
export const UNDO_ACTION = 'core.undo';

/** Stands for the invoke id of an undo that a person asked for: no playbook can have one that begins so. */
export const COMMAND_UNDO = '$undo';
