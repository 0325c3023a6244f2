import { ActionFailure, isCordonError, type ActionFailureOptions } from '../../kernel/index.js';
import { outboundErrors } from './outbound.errors.js';

export type OutboundCode = keyof typeof outboundErrors.catalogue;

/** Nothing reached the target. */
const NOT_SENT: ReadonlySet<OutboundCode> = new Set([
  'outbound.request_invalid', 'outbound.address_refused', 'outbound.name_unknown', 'outbound.not_reachable', 'outbound.connect_timeout', 'outbound.not_trusted', 'outbound.circuit_open',
]);

const ACTION_CODE: Readonly<Partial<Record<OutboundCode, ActionFailureOptions['code']>>> = {
  'outbound.request_invalid': 'INPUT_INVALID',
  'outbound.timeout': 'TIMEOUT',
  'outbound.connect_timeout': 'TIMEOUT',
  'outbound.given_up': 'TIMEOUT',
  'outbound.connection_lost': 'UNKNOWN_OUTCOME',
  'outbound.answer_unreadable': 'UNKNOWN_OUTCOME',
  'outbound.answer_too_large': 'UNKNOWN_OUTCOME',
};

/** A failure of the kernel's contract; its cause is the catalogued error. `detail` names hosts and system codes, never a path, header or body. */
export function outboundFailure(code: OutboundCode, detail: string, options: { readonly notSent?: boolean; readonly retryAfterMs?: number } = {}): ActionFailure {
  const cause = outboundErrors.create(code, { detail });
  return new ActionFailure(cause.message, {
    code: ACTION_CODE[code] ?? 'REFUSED_BY_TARGET',
    retryable: cause.definition.retryable ?? false,
    notSent: options.notSent ?? NOT_SENT.has(code),
    ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
    cause,
  });
}

/** The catalogued code behind a failure; undefined for one that was not made here. */
export function outboundCode(error: unknown): OutboundCode | undefined {
  const cause = error instanceof ActionFailure ? error.cause : undefined;
  return isCordonError(cause) && Object.hasOwn(outboundErrors.catalogue, cause.code) ? (cause.code as OutboundCode) : undefined;
}

/** For labels of metrics: `outbound.timeout` → `timeout`. */
export const shortCode = (code: OutboundCode): string => code.slice('outbound.'.length);
