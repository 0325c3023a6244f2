import type { EffectClass } from '../../kernel/index.js';
import type { RetryPolicy } from '../engine/compiled-playbook.js';

const SECOND = 1_000;
const REPEATED: RetryPolicy = { max: 4, backoffMs: SECOND, factor: 2, capMs: 60 * SECOND, on: undefined };

/** What a playbook that states no `retry` gets. An unsafe call is repeated only where it cannot have reached its target. */
export const DEFAULT_RETRY: Readonly<Record<EffectClass, RetryPolicy>> = {
  'in-database': { ...REPEATED, max: 0 },
  keyed: REPEATED,
  convergent: REPEATED,
  probe: REPEATED,
  unsafe: { ...REPEATED, max: 2 },
};

/** Milliseconds before the attempt that follows `failures` failed ones. */
export function backoff({ backoffMs, factor, capMs }: RetryPolicy, failures: number): number {
  return Math.min(capMs, backoffMs * factor ** Math.max(0, failures - 1));
}
