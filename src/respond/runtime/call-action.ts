import { setTimeout as sleep } from 'node:timers/promises';
import { ActionFailure, type ActionCall, type ActionOutcome, type ExternalAction, type Verification } from '../../kernel/index.js';
import { crashPoint } from '../../platform/index.js';
import type { AttemptFailure, AttemptResult } from './attempt.js';

/** Why a call is broken off. */
export type Break = 'timeout' | 'left' | 'stop';

/** An action that does not heed its signal is waited for this long after it. */
const GRACE_MS = 2_000;

const READ_BACK_PAUSE_MS = 250;
const LONGEST_READ_BACK_PAUSE_MS = 5_000;

export interface Circumstances {
  /** Why the signal aborted. */
  readonly broken: () => Break | undefined;
  /** Whether an earlier attempt may have changed something at the target. */
  readonly touched: boolean;
}

/** One attempt: probe where the class says so, do, read back. Never throws. */
export async function callAction(action: ExternalAction, call: ActionCall, circumstances: Circumstances): Promise<AttemptResult> {
  const { broken } = circumstances;
  try {
    return await Promise.race([attempt(action, call, circumstances), givenUp(call.signal)]);
  } catch (error) {
    return failureOf(error, call.signal.aborted ? broken() : undefined);
  }
}

async function attempt(action: ExternalAction, call: ActionCall, { broken, touched }: Circumstances): Promise<AttemptResult> {
  const earlier: ActionOutcome | undefined = call.attempt > 1 ? await action.probe?.(call) : undefined;
  const outcome = earlier ?? (await action.do(call));
  crashPoint('effect.after_call');
  const undoInput = outcome.already && !touched ? null : (action.undoInput?.(call.input, outcome) ?? null);
  return { kind: 'called', outcome, verification: await readBack(action, call, outcome, broken), undoInput };
}

/**
 * A read-back that breaks is repeated for as long as the effect has time: that a connector cannot verify is for it to say, and
 * a silent target proves nothing.
 */
async function readBack(action: ExternalAction, call: ActionCall, outcome: ActionOutcome, broken: () => Break | undefined): Promise<Verification> {
  if (!action.verify) return { state: 'unverifiable', residual_access_until: null, why: typeof action.verification === 'string' ? '' : action.verification.none };
  for (let pause = READ_BACK_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_READ_BACK_PAUSE_MS)) {
    try {
      return await action.verify(call, outcome);
    } catch (error) {
      if (await pausedFor(pause, error, call.signal)) continue;
      // Another process repeats the call and reads back again; an unsafe one is not repeated.
      if (broken() === 'stop' && action.effectClass !== 'unsafe') throw error;
      return { state: 'not', residual_access_until: null, why: `it could not be read back: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
}

/** Whether to look again: gives false where the time is over or looking again would not help. */
async function pausedFor(pauseMs: number, error: unknown, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted || (error instanceof ActionFailure && !error.retryable)) return false;
  return sleep(pauseMs, true, { signal }).catch(() => false);
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
