import { breachErrors } from './breach.errors.js';
import { UNKNOWN } from './engine/gate.js';
import type { Regime } from './engine/regime.js';

/**
 * A finding that no regime knows would decide nothing, and a misspelt value would stay unknown without a word.
 * @throws CordonError `breach.request_invalid`, with the names or values there are
 */
export function requireKnownFinding(regimes: readonly Regime[], name: string, value: string, field?: string): void {
  const domains = regimes.flatMap(({ findings }) => (findings[name] ? [findings[name]] : []));
  if (domains.length === 0) {
    const names = [...new Set(regimes.flatMap(({ findings }) => Object.keys(findings)))].sort();
    throw breachErrors.create('breach.request_invalid', { field: field ?? 'name', detail: `${field ?? 'name'}: no regime asks for ${name.slice(0, 80)}; known: ${names.join(', ')}` });
  }
  const values = [...new Set(domains.flat()), UNKNOWN];
  if (!values.includes(value)) throw breachErrors.create('breach.request_invalid', { field: field ?? 'value', detail: `${field ?? 'value'}: ${name} is one of ${values.join(', ')}` });
}
