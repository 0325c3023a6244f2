import type { CorrelationSpec } from './correlation-spec.js';
import type { Attempt, Loading } from './loading.js';
import { parseCorrelation } from './parse-correlation.js';
import { ReferenceTable } from './reference-table.js';
import type { RuleDocument } from './rule-document.js';
import { refuse, type Warn } from './rule-findings.js';
import type { RuleMetadata } from './rule-metadata.js';
import type { SigmaRule } from './sigma-rule.js';

/**
 * Parses correlations, which may refer to rules and to each other in any order, and refuses those that refer to a
 * refused one or form a circle.
 */
export function linkCorrelations(
  rules: readonly SigmaRule[], heads: readonly Loading<RuleMetadata>[], attempt: Attempt, warnFor: (source: RuleDocument) => Warn,
): Loading<CorrelationSpec>[] {
  const table = new ReferenceTable<RuleMetadata>([...rules, ...heads.map(({ parsed }) => parsed)]);
  const parsed = heads.flatMap(({ source }) => attempt(source, () => ({ source, parsed: parseCorrelation(source, table.resolve, warnFor(source)) })));
  const ruleIds = new Set(rules.map(({ id }) => id));
  return withoutCircles(withoutDangling(parsed, ruleIds, attempt), ruleIds, attempt);
}

/** Repeats until nothing falls: each refusal may leave others without their target. */
function withoutDangling(correlations: readonly Loading<CorrelationSpec>[], ruleIds: ReadonlySet<string>, attempt: Attempt): Loading<CorrelationSpec>[] {
  const known = new Set([...ruleIds, ...correlations.map(({ parsed }) => parsed.id)]);
  const left = correlations.flatMap((correlation) => attempt(correlation.source, () => {
    const missing = correlation.parsed.rules.find((id) => !known.has(id));
    if (missing !== undefined) refuse('rules.unknown_reference', `'${missing}' was refused itself`, correlation.source.root.get('correlation'));
    return correlation;
  }));
  return left.length === correlations.length ? left : withoutDangling(left, ruleIds, attempt);
}

/** What remains after correlations whose references are all settled are taken away, round by round, is a circle or refers to one. */
function withoutCircles(correlations: readonly Loading<CorrelationSpec>[], ruleIds: ReadonlySet<string>, attempt: Attempt): Loading<CorrelationSpec>[] {
  const settled = new Set(ruleIds);
  let open = correlations;
  for (let before = -1; before !== settled.size;) {
    before = settled.size;
    for (const { parsed } of open) if (parsed.rules.every((id) => settled.has(id))) settled.add(parsed.id);
    open = open.filter(({ parsed }) => !settled.has(parsed.id));
  }
  for (const { source, parsed } of open) {
    const through = parsed.rules.filter((id) => !settled.has(id)).join(', ');
    attempt(source, () => refuse('rules.reference_cycle', `'${parsed.id}' refers to itself through ${through}`, source.root.get('correlation')));
  }
  return correlations.filter(({ parsed }) => settled.has(parsed.id));
}
