import type { ActionErrorCode, ActionOutcome, EffectError, EffectOutput, JsonObject, Verification } from '../../kernel/index.js';
import type { Effect } from './effect.js';
import { backoff, DEFAULT_RETRY } from './retry.js';

/** What one attempt came to. */
export type AttemptResult =
  /** The call got through; whether the target says so too is in `verification`. */
  | { readonly kind: 'called'; readonly outcome: ActionOutcome; readonly verification: Verification; readonly undoInput: JsonObject | null }
  | AttemptFailure
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
  | { readonly status: 'retry'; readonly at: Date; readonly counts: boolean; readonly why: string };

/** A process that dies in this very call would otherwise make it for ever. */
const MOST_LOST = 10;

/**
 * The crash and retry rules of the effect classes. `effect` is as it was during the attempt: `attempts` counts it already,
 * `failures` does not.
 */
export function settlementOf(effect: Effect, result: AttemptResult, now: Date): Settlement {
  if (result.kind === 'called') return settleCall(effect, result, now);
  if (result.kind === 'lost') return settleLost(effect, now);
  return settleFailure(effect, result, now);
}

function settleCall(effect: Effect, { outcome, verification, undoInput }: Extract<AttemptResult, { kind: 'called' }>, now: Date): Settlement {
  const output: EffectOutput = { result: outcome.result, verify: { ...verification }, already: outcome.already, attempts: effect.attempts };
  if (verification.state !== 'not') return { status: 'done', output, undoInput };
  // Doing it again changes nothing for a target that takes a key: only a convergent call may help.
  const retryable = effect.effectClass === 'convergent';
  const failure: AttemptFailure = { kind: 'failed', code: 'VERIFY_FAILED', message: verification.why, retryable, notSent: false };
  const settled = settleFailure(effect, failure, now);
  return settled.status === 'failed' ? { ...settled, output, undoInput, happened: true } : settled;
}

function settleLost(effect: Effect, now: Date): Settlement {
  const message = 'the instance that made the call is gone, so it is not known whether the call got through';
  if (effect.effectClass === 'unsafe' || effect.attempts - effect.failures >= MOST_LOST) return unknown(effect, message);
  if (expired(effect, now)) return unknown(effect, message);
  return { status: 'retry', at: now, counts: false, why: message };
}

function settleFailure(effect: Effect, failure: AttemptFailure, now: Date): Settlement {
  const { code, message, notSent } = failure;
  const doubtful = !notSent && (code === 'TIMEOUT' || code === 'UNKNOWN_OUTCOME' || code === 'CANCELLED');
  if (effect.effectClass === 'unsafe' && doubtful) return unknown(effect, message);
  const again = retryAt(effect, failure, now);
  if (again) return { status: 'retry', at: again, counts: true, why: `${code}: ${message}` };
  if (code === 'UNKNOWN_OUTCOME' && doubtful) return unknown(effect, message);
  const error: EffectError = { code, message, retryable: failure.retryable, attempts: effect.attempts };
  return { status: code === 'GOVERNOR_REFUSED' ? 'refused' : 'failed', error, output: null, undoInput: null, happened: doubtful };
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

const expired = ({ deadline }: Effect, now: Date): boolean => deadline !== null && now >= deadline;

function unknown(effect: Effect, message: string): Settlement {
  return { status: 'unknown', error: { code: 'UNKNOWN_OUTCOME', message, retryable: false, attempts: effect.attempts }, output: null, undoInput: null, happened: true };
}
