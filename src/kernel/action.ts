import type { EntityRef } from './entity.js';
import type { JsonObject, JsonValue } from './json.js';
import type { Tx } from './tx.js';

/**
 * What a crash between a call and the record of its outcome means for an action.
 * `in-database`: runs inside the transaction, exactly once. `keyed`: the target knows the idempotency key. `convergent`:
 * repeating it changes nothing. `probe`: the target can be asked whether it was done. `unsafe`: never repeated by itself.
 */
export const EFFECT_CLASSES = ['in-database', 'keyed', 'convergent', 'probe', 'unsafe'] as const;
export type EffectClass = (typeof EFFECT_CLASSES)[number];

/** A part of the contract that an action does not have, and why. */
export interface Declined {
  readonly none: string;
}

/** What is known of an action without running it: for checks, for the governor, for people. */
export interface ActionDescription {
  /** `<connector>.<verb-object>`, e.g. `scim.deactivate-user`. */
  readonly id: string;
  readonly title: string;
  readonly effectClass: EffectClass;
  /** Whether it takes access or service away from someone: then a playbook needs a policy for it. */
  readonly destructive: boolean;
  /** Whether it only tells someone: then it may be an effect that nobody waits for. */
  readonly notify: boolean;
  /** JSON Schema (2020-12) of the input, closed. */
  readonly input: JsonObject;
  /** JSON Schema of `event.output.result`. */
  readonly result: JsonObject;
  readonly verification: 'read-back' | Declined;
  /** Id of the action that takes it back. */
  readonly undo: { readonly action: string } | Declined;
  /** For all attempts together, unless the playbook states another. */
  readonly timeoutMs: number;
}

/** One attempt at an effect. */
export interface ActionCall {
  /** Checked against the input schema. */
  readonly input: JsonObject;
  /** The effect's id: the same over all attempts and restarts. */
  readonly key: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly now: Date;
  /** Aborts when the effect's time is over, when it is cancelled and when the product stops. */
  readonly signal: AbortSignal;
}

export interface ActionOutcome {
  readonly result: JsonObject;
  /** Whether the target was in the wanted state before the call: then there is nothing to take back. */
  readonly already: boolean;
}

export interface Verification {
  readonly state: 'verified' | 'not' | 'unverifiable';
  /** Until when access may go on in spite of the action (a token checked without asking us), ISO 8601. */
  readonly residual_access_until: string | null;
  /** What was read back, for people. */
  readonly why: string;
}

/** An action on a system outside of ours, bound to its configuration. Failures are thrown as {@link ActionFailure}. */
export interface ExternalAction extends ActionDescription {
  readonly effectClass: Exclude<EffectClass, 'in-database'>;
  /** Whom or what the input names as the one acted upon. */
  entities(input: JsonObject): readonly EntityRef[];
  do(call: ActionCall): Promise<ActionOutcome>;
  /** Class `probe`: whether an earlier attempt got through; undefined where it did not. */
  probe?(call: ActionCall): Promise<ActionOutcome | undefined>;
  /**
   * Absent where {@link ActionDescription.verification} is declined. Takes the very outcome object that `do` gave, where there
   * still is one. A failure thrown means that the read-back failed, not that its answer was no: it may be tried again.
   */
  verify?(call: ActionCall, outcome: ActionOutcome): Promise<Verification>;
  /** Input of the undo action, taken at the time of success. Absent where {@link ActionDescription.undo} is declined. */
  undoInput?(input: JsonObject, outcome: ActionOutcome): JsonObject;
}

/** What an in-database action may know of the run that asks for it. */
export interface RunReference {
  readonly runId: string;
  readonly playbook: string;
  readonly incidentId: string | null;
  readonly episode: number | null;
}

/** An action inside our own database: it happens with the step that asks for it, or not at all. */
export interface DatabaseAction extends ActionDescription {
  readonly effectClass: 'in-database';
  do(tx: Tx, call: Omit<ActionCall, 'signal' | 'attempt'>, run: RunReference): Promise<ActionOutcome>;
}

export type Action = ExternalAction | DatabaseAction;

/** What is known of the actions of a build, with or without a configuration: enough for checks and scenarios. */
export interface ActionDescriptions {
  find(id: string): ActionDescription | undefined;
  /** In the order of their ids. */
  list(): readonly ActionDescription[];
}

/** The actions that can run: those of configured connectors and those inside the database. */
export interface ActionCatalogue extends ActionDescriptions {
  find(id: string): Action | undefined;
  list(): readonly Action[];
}

export const ACTION_CATALOGUE = Symbol('ActionCatalogue');

export const ACTION_ERROR_CODES = [
  'VERIFY_FAILED', 'TIMEOUT', 'UNKNOWN_OUTCOME', 'REFUSED_BY_TARGET', 'GOVERNOR_REFUSED', 'APPROVAL_DENIED', 'INPUT_INVALID', 'CANCELLED',
] as const;
export type ActionErrorCode = (typeof ACTION_ERROR_CODES)[number];

/** Why an attempt failed, as far as its runner decides on it. */
export interface ActionFailureOptions {
  readonly code: Extract<ActionErrorCode, 'TIMEOUT' | 'UNKNOWN_OUTCOME' | 'REFUSED_BY_TARGET' | 'INPUT_INVALID'>;
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
  /** Whether the request cannot have reached the target: then even an unsafe action may be tried again. */
  readonly notSent?: boolean;
  /** What the target asks to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A failed attempt. The message is for people: it names the target's answer, never a secret. */
export class ActionFailure extends Error {
  override readonly name = 'ActionFailure';
  readonly code: ActionFailureOptions['code'];
  readonly retryable: boolean;
  readonly notSent: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { code, retryable, notSent = false, retryAfterMs, cause }: ActionFailureOptions) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
    this.notSent = notSent;
    this.retryAfterMs = retryAfterMs;
  }
}

/** `event.output` of a playbook's `onDone`. Types, not interfaces, so that they count as JSON. */
export type EffectOutput = {
  result: JsonValue;
  verify: { state: Verification['state']; residual_access_until: string | null; why: string };
  already: boolean;
  attempts: number;
  /** The target was in the wanted state before this attempt, and an earlier attempt may be why: nobody can say. */
  unsure?: true;
};

/** `event.error` of a playbook's `onError`. */
export type EffectError = {
  code: ActionErrorCode;
  message: string;
  retryable: boolean;
  attempts: number;
  /** GOVERNOR_REFUSED in a mode that does not call: what would have been done. */
  wouldHave?: JsonObject;
};
