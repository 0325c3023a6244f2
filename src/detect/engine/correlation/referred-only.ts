import type { CorrelationSpec } from '../correlation-spec.js';

/**
 * Ids of the rules and correlations that only serve others: a correlation refers to them, and none that does says
 * `generate: true`. They give no signals of their own.
 */
export function referredOnly(specs: readonly CorrelationSpec[]): ReadonlySet<string> {
  const generating = new Set(specs.filter(({ generate }) => generate).flatMap(({ rules }) => rules));
  return new Set(specs.flatMap(({ rules }) => rules).filter((rule) => !generating.has(rule)));
}
