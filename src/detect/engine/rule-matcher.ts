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
  /** Place among all rules of the matcher. */
  readonly position: number;
}

/** The rules that state one and the same logsource, with their index. */
interface Partition {
  readonly logsource: Logsource;
  readonly rules: readonly CompiledRule[];
  readonly index: RuleIndex;
  /** Number of the event for which a rule was last evaluated. */
  readonly seen: Float64Array;
}

/** Combinations of logsources remembered at a time; real streams have a few dozen. */
const MAX_ROUTES = 4096;

/**
 * Matches events against many rules. A rule is evaluated only when its logsource covers one of the event's and one of
 * its witnesses holds, so the time an event takes depends little on the number of rules.
 */
export class RuleMatcher {
  private readonly table = new FieldTable();
  private readonly partitions: readonly Partition[];
  private readonly routes = new Map<string, readonly Partition[]>();
  private eventNumber = 0;

  constructor(rules: readonly SigmaRule[]) {
    const groups = new Map<string, CompiledRule[]>();
    rules.forEach((rule, position) => {
      const compiled = { rule, position, evaluator: compileExpression(rule.expression, this.table), witnesses: witnessesOf(rule.expression) };
      const key = logsourceKey(rule.logsource);
      const group = groups.get(key);
      if (group) group.push(compiled);
      else groups.set(key, [compiled]);
    });
    this.partitions = [...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      return [{
        logsource: first.rule.logsource, rules: group,
        index: new RuleIndex(group.map(({ witnesses }) => witnesses), this.table), seen: new Float64Array(group.length),
      }];
    });
  }

  /** The rules that match, in the order in which they were given. Logsource names are lower case. */
  match(event: JsonObject, logsources: readonly Logsource[]): RuleMatch[] {
    const partitions = this.route(logsources);
    if (partitions.length === 0) return [];
    const view = new EventView(event, this.table);
    const number = ++this.eventNumber;
    const matched: CompiledRule[] = [];
    for (const { rules, index, seen } of partitions) {
      index.candidates(view, (candidate) => {
        if (seen[candidate] === number) return;
        seen[candidate] = number;
        const compiled = rules[candidate];
        if (compiled?.evaluator.test(view)) matched.push(compiled);
      });
    }
    return matched.sort((a, b) => a.position - b.position).map(({ rule, evaluator }) => {
      const terms: FiredTerm[] = [];
      evaluator.explain(view, terms);
      return { rule, terms };
    });
  }

  private route(logsources: readonly Logsource[]): readonly Partition[] {
    const key = logsources.map(logsourceKey).join('\n');
    const known = this.routes.get(key);
    if (known) return known;
    const route = this.partitions.filter(({ logsource }) => logsources.some((source) => covers(logsource, source)));
    if (this.routes.size >= MAX_ROUTES) this.routes.clear();
    this.routes.set(key, route);
    return route;
  }
}

function logsourceKey({ product, category, service }: Logsource): string {
  return `${product ?? ''}\t${category ?? ''}\t${service ?? ''}`;
}
