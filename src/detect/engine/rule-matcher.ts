import type { FiredTerm, JsonObject } from '../../kernel/index.js';
import { compileExpression, type Evaluator } from './evaluator.js';
import { EventView, FieldTable } from './event-view.js';
import { RuleIndex } from './rule-index.js';
import { witnessesOf, type Atom } from './rule-witness.js';
import { covers, type Logsource, type SigmaRule } from './sigma-rule.js';

export interface RuleMatch {
  readonly rule: SigmaRule;
  readonly terms: readonly FiredTerm[];
}

interface CompiledRule {
  readonly rule: SigmaRule;
  readonly evaluator: Evaluator;
  readonly witnesses: readonly Atom[] | undefined;
}

/** The rules that apply to one combination of logsources, with their index. */
interface Partition {
  readonly rules: readonly CompiledRule[];
  readonly index: RuleIndex;
  /** Number of the event for which a rule was last evaluated. */
  readonly seen: Float64Array;
}

/** Combinations of logsources beyond this number are thrown away and built anew; real streams have a handful. */
const MAX_PARTITIONS = 512;

/**
 * Matches events against many rules. A rule is evaluated only when its logsource covers one of the event's and one of
 * its witnesses holds, so the time an event takes depends little on the number of rules.
 */
export class RuleMatcher {
  private readonly table = new FieldTable();
  private readonly compiled: readonly CompiledRule[];
  private readonly partitions = new Map<string, Partition>();
  private eventNumber = 0;

  constructor(rules: readonly SigmaRule[]) {
    this.compiled = rules.map((rule) => ({
      rule, evaluator: compileExpression(rule.expression, this.table), witnesses: witnessesOf(rule.expression),
    }));
  }

  /** The rules that match, in the order in which they were given. Logsource names are lower case. */
  match(event: JsonObject, logsources: readonly Logsource[]): RuleMatch[] {
    const partition = this.partition(logsources);
    if (partition.rules.length === 0) return [];
    const { rules, index, seen } = partition;
    const view = new EventView(event, this.table);
    const number = ++this.eventNumber;
    const matched: number[] = [];
    index.candidates(view, (candidate) => {
      if (seen[candidate] === number) return;
      seen[candidate] = number;
      if (rules[candidate]?.evaluator.test(view)) matched.push(candidate);
    });
    return matched.sort((a, b) => a - b).flatMap((position) => {
      const found = rules[position];
      if (found === undefined) return [];
      const terms: FiredTerm[] = [];
      found.evaluator.explain(view, terms);
      return [{ rule: found.rule, terms }];
    });
  }

  private partition(logsources: readonly Logsource[]): Partition {
    const key = logsources.map(({ product, category, service }) => `${product ?? ''}\t${category ?? ''}\t${service ?? ''}`).join('\n');
    const known = this.partitions.get(key);
    if (known) return known;
    const rules = this.compiled.filter(({ rule }) => logsources.some((source) => covers(rule.logsource, source)));
    const partition = { rules, index: new RuleIndex(rules.map(({ witnesses }) => witnesses), this.table), seen: new Float64Array(rules.length) };
    if (this.partitions.size >= MAX_PARTITIONS) this.partitions.clear();
    this.partitions.set(key, partition);
    return partition;
  }
}
