import type { CorrelationSpec } from './correlation-spec.js';
import { combine } from './expression.js';
import type { Attempt, Loading } from './loading.js';
import { ReferenceTable } from './reference-table.js';
import type { RuleDocument } from './rule-document.js';
import { refuse, type Warn } from './rule-findings.js';
import { covers, type SigmaFilter, type SigmaRule } from './sigma-rule.js';

export interface Filtered {
  readonly rules: readonly Loading<SigmaRule>[];
  readonly filters: readonly Loading<SigmaFilter>[];
}

/** Adds each filter's condition to the rules it names, by AND and as it is written. */
export function applyFilters(
  rules: readonly Loading<SigmaRule>[], filters: readonly Loading<SigmaFilter>[], correlations: readonly CorrelationSpec[],
  attempt: Attempt, warnFor: (source: RuleDocument) => Warn,
): Filtered {
  const byId = new Map(rules.map(({ parsed }) => [parsed.id, parsed]));
  const table = new ReferenceTable<SigmaRule | CorrelationSpec>([...byId.values(), ...correlations]);
  const applied = new Map<string, SigmaFilter[]>();
  const accepted = filters.filter(({ source, parsed: filter }) => attempt(source, () => {
    const targets = targetsOf(filter, byId, table);
    if (targets.length === 0) warnFor(source)('rules.filter_without_rule', `its logsource covers none`, source.root.get('filter'));
    for (const { id } of targets) applied.set(id, [...(applied.get(id) ?? []), filter]);
  }).length > 0);
  return {
    filters: accepted,
    rules: rules.map(({ source, parsed }) => ({ source, parsed: withFilters(parsed, applied.get(parsed.id) ?? []) })),
  };
}

function targetsOf(filter: SigmaFilter, byId: ReadonlyMap<string, SigmaRule>, table: ReferenceTable<SigmaRule | CorrelationSpec>): SigmaRule[] {
  if (filter.rules === 'any') return [...byId.values()].filter((rule) => covers(filter.logsource, rule.logsource));
  return filter.rules.map(({ reference, line }) => {
    const rule = byId.get(table.resolve(reference, { line }));
    if (rule === undefined) refuse('rules.unknown_reference', `'${reference}' is a correlation; filter the rules that it refers to`, { line });
    if (!covers(filter.logsource, rule.logsource)) refuse('rules.filter_logsource', `'${rule.title}'`, { line });
    return rule;
  });
}

function withFilters(rule: SigmaRule, filters: readonly SigmaFilter[]): SigmaRule {
  if (filters.length === 0) return rule;
  return { ...rule, expression: combine('and', [rule.expression, ...filters.map(({ expression }) => expression)]), filters: filters.map(({ id }) => id) };
}
