import type { EffectError, EffectOutput } from '../../../kernel/index.js';
import { parseDuration } from '../duration.js';
import type { Reply } from './scenario-source.js';

/** How an effect answers, and after how long; without an end it never does. */
export interface Answer {
  readonly afterMs: number;
  readonly end: { readonly output: EffectOutput } | { readonly error: EffectError };
}

export function output(result: EffectOutput['result'], attempts = 1): EffectOutput {
  return { result, verify: { state: 'verified', residual_access_until: null, why: 'as the scenario says' }, already: false, attempts };
}

export function failed(code: EffectError['code'], message: string, attempts = 1): EffectError {
  return { code, message, retryable: false, attempts };
}

/** An answer as a scenario states it. One that comes after the timeout, or never, is a TIMEOUT. */
export function answerOf(reply: Reply, timeoutMs: number): Answer {
  if (reply === 'timeout') return timedOut(timeoutMs, 1);
  if (reply === 'done') return { afterMs: 0, end: { output: output({}) } };
  const limited = parseDuration(reply.rateLimited ?? 'PT0S') ?? 0;
  const afterMs = limited + (parseDuration(reply.after ?? 'PT0S') ?? 0);
  const attempts = reply.attempts ?? (limited > 0 ? 2 : 1);
  return afterMs > timeoutMs ? timedOut(timeoutMs, attempts) : { afterMs, end: endOf(reply, attempts) };
}

function endOf(reply: Exclude<Reply, string>, attempts: number): Answer['end'] {
  if ('error' in reply) {
    const { code, message, retryable } = typeof reply.error === 'string' ? { code: reply.error, message: undefined, retryable: undefined } : reply.error;
    return { error: { code, message: message ?? 'as the scenario says', retryable: retryable ?? false, attempts } };
  }
  const { result = {}, verify = 'verified', residual_access_until = null, why = 'as the scenario says', already = false } = reply.done;
  if (verify === 'not') return { error: failed('VERIFY_FAILED', why, attempts) };
  return { output: { result, verify: { state: verify, residual_access_until, why }, already, attempts } };
}

function timedOut(timeoutMs: number, attempts: number): Answer {
  return { afterMs: timeoutMs, end: { error: failed('TIMEOUT', 'no answer in time', attempts) } };
}
