import { setTimeout as sleep } from 'node:timers/promises';
import { ActionFailure, type ActionCall, type ActionOutcome, type ExternalAction, type Verification } from '../../kernel/index.js';
import { crashPoint } from '../../platform/index.js';
import type { AttemptFailure, AttemptResult } from './attempt.js';

/** Why a call is broken off. */
export type Break = 'timeout' | 'left' | 'stop';

/** An action that does not heed its signal is waited for this long after it. */
const GRACE_MS = 2_000;

const NOT_VERIFIED: Verification = { state: 'unverifiable', residual_access_until: null, why: '' };

/** One attempt: probe where the class says so, do, read back. Never throws. `broken` tells why the signal aborted. */
export async function callAction(action: ExternalAction, call: ActionCall, broken: () => Break | undefined): Promise<AttemptResult> {
  try {
    return await Promise.race([attempt(action, call), givenUp(call.signal)]);
  } catch (error) {
    return failureOf(error, call.signal.aborted ? broken() : undefined);
  }
}

async function attempt(action: ExternalAction, call: ActionCall): Promise<AttemptResult> {
  const earlier: ActionOutcome | undefined = call.attempt > 1 ? await action.probe?.(call) : undefined;
  const outcome = earlier ?? (await action.do(call));
  crashPoint('effect.after_call');
  const undoInput = outcome.already ? null : (action.undoInput?.(call.input, outcome) ?? null);
  return { kind: 'called', outcome, verification: await readBack(action, call, outcome), undoInput };
}

/** What cannot be read back in spite of a contract to do so is not a failure of what was done. */
async function readBack(action: ExternalAction, call: ActionCall, outcome: ActionOutcome): Promise<Verification> {
  if (!action.verify) return { ...NOT_VERIFIED, why: typeof action.verification === 'string' ? '' : action.verification.none };
  try {
    return await action.verify(call, outcome);
  } catch (error) {
    return { ...NOT_VERIFIED, why: `it could not be read back: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function givenUp(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await sleep(GRACE_MS, undefined, { ref: false });
  throw new ActionFailure('the action did not end when it was broken off', { code: 'TIMEOUT', retryable: true });
}

function failureOf(error: unknown, reason: Break | undefined): AttemptResult {
  const notSent = error instanceof ActionFailure && error.notSent;
  const message = error instanceof Error ? error.message : String(error);
  if (reason === 'stop' && !notSent) return { kind: 'lost' };
  if (reason === 'left') return failed('CANCELLED', `the run left the state that asked for it: ${message}`, { notSent });
  if (reason === 'timeout') return failed('TIMEOUT', `it took longer than its time: ${message}`, { notSent });
  if (error instanceof ActionFailure) return failed(error.code, message, { retryable: error.retryable, notSent, retryAfterMs: error.retryAfterMs });
  return failed('UNKNOWN_OUTCOME', message, { retryable: true });
}

function failed(code: AttemptFailure['code'], message: string, more: Partial<AttemptFailure>): AttemptFailure {
  return { kind: 'failed', code, message, retryable: false, notSent: false, ...more };
}
