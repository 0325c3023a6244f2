import type { RuleExpression } from '../../correlation-spec.js';
import type { GroupWindow } from '../group-window.js';
import type { Entry } from '../timeline.js';
import { Measure } from './measure.js';

/** Rules (by index) that must and must not occur. */
export interface Clause {
  readonly present: readonly number[];
  readonly absent: readonly number[];
}

/** More clauses than this make a condition too costly to evaluate at each hit. */
const MAX_CLAUSES = 64;

/** A condition over rule names as clauses of which one must hold (disjunctive normal form). Throws a RangeError where there are too many. */
export function toClauses(expression: RuleExpression, indexOf: (rule: string) => number): readonly Clause[] {
  return clauses(expression, false, indexOf).filter(({ present, absent }) => !present.some((rule) => absent.includes(rule)));
}

function clauses(expression: RuleExpression, negated: boolean, indexOf: (rule: string) => number): Clause[] {
  switch (expression.kind) {
    case 'rule': return [negated ? { present: [], absent: [indexOf(expression.rule)] } : { present: [indexOf(expression.rule)], absent: [] }];
    case 'not': return clauses(expression.operand, !negated, indexOf);
    default: {
      const parts = expression.operands.map((operand) => clauses(operand, negated, indexOf));
      return (expression.kind === 'and') !== negated ? parts.reduce(product, [{ present: [], absent: [] }]) : bounded(parts.flat());
    }
  }
}

function product(left: readonly Clause[], right: readonly Clause[]): Clause[] {
  return bounded(left.flatMap((a) => right.map((b) => ({ present: union(a.present, b.present), absent: union(a.absent, b.absent) }))));
}

function bounded(result: Clause[]): Clause[] {
  if (result.length > MAX_CLAUSES) throw new RangeError(`the condition has more than ${MAX_CLAUSES} alternatives`);
  return result;
}

const union = (a: readonly number[], b: readonly number[]): number[] => [...new Set([...a, ...b])];

/**
 * Whether a clause holds at the end of a window: 1 or 0. What must occur lies in the window, its newest hits counting; what must
 * not occur would lie in one timespan with them, before or behind: from the window's start to a timespan after the
 * oldest of those hits.
 */
export class ClauseMeasure extends Measure {
  constructor(spanMs: number, private readonly clauses: readonly Clause[]) {
    super(spanMs);
  }

  override added(window: GroupWindow, index: number): void {
    const entry = window.timeline.at(index);
    window.lane(entry.rule).insert(entry);
  }

  override dropped(window: GroupWindow, entry: Entry): void {
    window.lane(entry.rule).dropFirst();
  }

  override between(window: GroupWindow, start: number, end: number): number {
    return this.clauses.some((clause) => this.hits(clause, window, start, end) !== undefined) ? 1 : 0;
  }

  override witness(window: GroupWindow, start: number, end: number): readonly Entry[] {
    for (const clause of this.clauses) {
      const hits = this.hits(clause, window, start, end);
      if (hits) return hits;
    }
    return [];
  }

  /** The newest hits of what must occur, where the clause holds and one of them ends the window. */
  private hits({ present, absent }: Clause, window: GroupWindow, start: number, end: number): readonly Entry[] | undefined {
    const hits: Entry[] = [];
    for (const rule of present) {
      const lane = window.lane(rule);
      const index = lane.after(end) - 1;
      const hit = index < 0 ? undefined : lane.at(index);
      if (hit === undefined || hit.time < start) return undefined;
      hits.push(hit);
    }
    hits.sort((a, b) => a.time - b.time);
    const [oldest] = hits;
    if (oldest === undefined || hits.at(-1)?.time !== end) return undefined;
    const occurs = (rule: number): boolean => window.lane(rule).from(start) < window.lane(rule).after(oldest.time + this.spanMs);
    return absent.some(occurs) ? undefined : hits;
  }
}
