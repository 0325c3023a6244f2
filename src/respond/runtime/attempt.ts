import type { ActionErrorCode, ActionOutcome, EffectError, EffectOutput, JsonObject, Verification } from '../../kernel/index.js';
import type { Effect } from './effect.js';
import { backoff, DEFAULT_RETRY } from './retry.js';

/** What one attempt came to. */
export type AttemptResult =
  /** The call got through; whether the target says so too is in `verification`. */
  | { readonly kind: 'called'; readonly outcome: ActionOutcome; readonly verification: Verification; readonly undoInput: JsonObject | null }
  | AttemptFailure
  /** It was not begun, for a reason that says nothing of it. */
  | { readonly kind: 'put-off'; readonly message: string }
  /** The instance that made the call is gone, and what came of it with it. */
  | { readonly kind: 'lost' };

export interface AttemptFailure {
  readonly kind: 'failed';
  readonly code: ActionErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly notSent: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** What follows from an attempt for its effect. */
export type Settlement =
  | { readonly status: 'done'; readonly output: EffectOutput; readonly undoInput: JsonObject | null }
  | { readonly status: 'failed' | 'unknown' | 'refused'; readonly error: EffectError; readonly output: EffectOutput | null; readonly undoInput: JsonObject | null; readonly happened: boolean }
  | Retry;

export interface Retry {
  readonly status: 'retry';
  readonly at: Date;
  /** Whether it counts against the retries. */
  readonly counts: boolean;
  readonly why: string;
  /** Whether this attempt may have changed something at the target. */
  readonly touched: boolean;
  /** Whether the time of the effect begins anew: an attempt that was lost with its process used it up for nothing. */
  readonly afresh: boolean;
  /** Of a call that got through, though it could not be verified: what is to be taken back if no later one does. */
  readonly output: EffectOutput | null;
  readonly undoInput: JsonObject | null;
}

/** A process that dies in this very call would otherwise make it for ever. */
const MOST_LOST = 10;
const PUT_OFF_MS = 1_000;
const UNTOUCHED = { touched: false, afresh: false, output: null, undoInput: null };

/**
 * The crash and retry rules of the effect classes. `effect` is as it was during the attempt: `attempts` counts it already,
 * `failures` does not.
 *
 * @param touched whether an earlier attempt may have changed something at the target
 */
export function settlementOf(effect: Effect, result: AttemptResult, now: Date, touched: boolean): Settlement {
  switch (result.kind) {
    case 'called':
      return settleCall(effect, result, now, touched);
    case 'lost':
      return settleLost(effect, now);
    case 'put-off':
      return { ...UNTOUCHED, status: 'retry', at: new Date(now.getTime() + PUT_OFF_MS), counts: false, why: result.message };
    case 'failed':
      return settleFailure(effect, result, now, touched);
  }
}

/** The end of an effect whose state was left while it was to be tried again. */
export function givenUp(effect: Effect, { why, touched, output, undoInput }: Retry, touchedBefore: boolean): Exclude<Settlement, Retry> {
  const message = `the run left the state that asked for it: ${why}`;
  return failedWith(effect, { code: 'CANCELLED', message, retryable: false, attempts: effect.attempts }, touched || touchedBefore, output, undoInput);
}

/** That a target is as wanted is its earlier state only for the first attempt that reached it: a later one may see its own work. */
function settleCall(effect: Effect, { outcome, verification, undoInput: nowUndo }: Extract<AttemptResult, { kind: 'called' }>, now: Date, touched: boolean): Settlement {
  const { result, already } = outcome;
  const changed = effect.output !== null && !effect.output.already;
  const unsure = already && touched && !changed;
  const output: EffectOutput = { result, verify: { ...verification }, already: already && !touched, attempts: effect.attempts, ...(unsure ? { unsure } : {}) };
  const undoInput = effect.undoInput ?? nowUndo;
  if (verification.state !== 'not') return { status: 'done', output, undoInput };
  // Doing it again changes nothing for a target that takes a key: only a convergent call may help.
  const retryable = effect.effectClass === 'convergent';
  const failure: AttemptFailure = { kind: 'failed', code: 'VERIFY_FAILED', message: verification.why, retryable, notSent: false };
  const settled = settleFailure(effect, failure, now, touched);
  return settled.status === 'retry' ? { ...settled, touched: !output.already, output, undoInput } : { ...settled, status: 'failed', error: errorOf(effect, failure), output, undoInput, happened: true };
}

function settleLost(effect: Effect, now: Date): Settlement {
  const message = 'the instance that made the call is gone, so it is not known whether the call got through';
  if (effect.effectClass === 'unsafe' || effect.attempts - effect.failures >= MOST_LOST) return unknown(effect, message);
  return { ...UNTOUCHED, status: 'retry', at: now, counts: false, why: message, touched: true, afresh: true };
}

function settleFailure(effect: Effect, failure: AttemptFailure, now: Date, touched: boolean): Settlement {
  const { code, message, notSent } = failure;
  const doubtful = !notSent && (code === 'TIMEOUT' || code === 'UNKNOWN_OUTCOME' || code === 'CANCELLED');
  if (effect.effectClass === 'unsafe' && doubtful) return unknown(effect, message);
  const again = retryAt(effect, failure, now);
  if (again) return { ...UNTOUCHED, status: 'retry', at: again, counts: true, why: `${code}: ${message}`, touched: doubtful };
  if (code === 'UNKNOWN_OUTCOME' && doubtful) return unknown(effect, message);
  return failedWith(effect, errorOf(effect, failure), doubtful || touched);
}

const errorOf = ({ attempts }: Effect, { code, message, retryable }: AttemptFailure): EffectError => ({ code, message, retryable, attempts });

/** What may have happened, and of which nobody knows more, ends as `unknown`, whatever its last attempt said. */
export function failedWith(effect: Effect, error: EffectError, happened: boolean, output: EffectOutput | null = null, undoInput: JsonObject | null = null): Exclude<Settlement, Retry | { status: 'done' }> {
  const known = output ?? effect.output;
  const status = happened && known === null ? 'unknown' : error.code === 'GOVERNOR_REFUSED' ? 'refused' : 'failed';
  return { status, error, output: known, undoInput: effect.undoInput ?? undoInput, happened };
}

/** When to try again; undefined where the retries, the time or the class do not allow it. */
function retryAt(effect: Effect, { code, retryable, notSent, retryAfterMs = 0 }: AttemptFailure, now: Date): Date | undefined {
  const { effectClass, deadline } = effect;
  if (!effectClass || (effectClass === 'unsafe' && !notSent)) return undefined;
  const policy = (effectClass === 'unsafe' ? null : effect.retry) ?? DEFAULT_RETRY[effectClass];
  const wanted = policy.on ? policy.on.includes(code) : retryable;
  const failures = effect.failures + 1;
  if (!wanted || failures > policy.max) return undefined;
  const at = new Date(now.getTime() + Math.max(backoff(policy, failures), retryAfterMs));
  return deadline && at >= deadline ? undefined : at;
}

function unknown(effect: Effect, message: string): Settlement {
  return { status: 'unknown', error: { code: 'UNKNOWN_OUTCOME', message, retryable: false, attempts: effect.attempts }, output: null, undoInput: null, happened: true };
}
