import type { FiredTerm, JsonValue } from '../../kernel/index.js';
import type { EventView, FieldTable, FieldValues } from './event-view.js';
import type { DetectionItem, Expression } from './expression.js';
import type { ValueTest } from './value-test.js';

/** An expression compiled for one table of fields. */
export interface Evaluator {
  /** Relative; operands run in rising order, so that regular expressions come last. */
  readonly cost: number;
  test(view: EventView): boolean;
  /** Adds the terms that made the expression hold; call it only when it does. */
  explain(view: EventView, terms: FiredTerm[]): void;
}

/** A set lookup pays off from this many exact values. */
const SET_FROM = 4;
const NEGATION_COST = 1;

export function compileExpression(expression: Expression, table: FieldTable): Evaluator {
  switch (expression.kind) {
    case 'item': return compileItem(expression.item, table);
    case 'not': return compileNot(compileExpression(expression.operand, table), expression.operand, table);
    default: return compileChain(expression.kind, expression.operands.map((operand) => compileExpression(operand, table)));
  }
}

function compileChain(kind: 'and' | 'or', unordered: readonly Evaluator[]): Evaluator {
  const operands = [...unordered].sort((a, b) => a.cost - b.cost);
  const decisive = kind === 'or';
  return {
    cost: operands.reduce((sum, { cost }) => sum + cost, 0),
    test(view) {
      for (const operand of operands) if (operand.test(view) === decisive) return decisive;
      return !decisive;
    },
    explain(view, terms) {
      for (const operand of unordered) if (kind === 'and' || operand.test(view)) operand.explain(view, terms);
    },
  };
}

/** What did not happen is reported only when nothing else explains the match. */
function compileNot(operand: Evaluator, source: Expression, table: FieldTable): Evaluator {
  return {
    cost: operand.cost + NEGATION_COST,
    test: (view) => !operand.test(view),
    explain(view, terms) {
      if (terms.length > 0) return;
      for (const item of itemsOf(source)) {
        terms.push({ term: nameOf(item), operator: `not ${operatorOf(item)}`, observed: observed(fieldOf(item, table)(view)), expected: expectedOf(item) });
      }
    },
  };
}

function compileItem(item: DetectionItem, table: FieldTable): Evaluator {
  const field = fieldOf(item, table);
  const tests = [...item.tests].sort((a, b) => a.cost - b.cost);
  const holds = item.quantity === 'all'
    ? (values: FieldValues, view: EventView) => tests.every((test) => testHolds(test, values, view))
    : anyTest(tests);
  const { negated } = item;
  return {
    cost: tests.reduce((sum, { cost }) => sum + cost, item.field === undefined ? 50 : 0),
    test: (view) => holds(field(view), view) !== negated,
    explain(view, terms) {
      const values = field(view);
      if (negated) {
        terms.push({ term: nameOf(item), operator: `not ${operatorOf(item)}`, observed: observed(values), expected: expectedOf(item) });
        return;
      }
      const fired = item.tests.filter((test) => testHolds(test, values, view));
      for (const test of item.quantity === 'all' ? fired : fired.slice(0, 1)) {
        terms.push({ term: nameOf(item), operator: test.operator, observed: observed(values, (value) => test.matches(value, view)), expected: test.expected });
      }
    },
  };
}

/** Exact values go into one set, which is asked once a value of the event. */
function anyTest(tests: readonly ValueTest[]): (values: FieldValues, view: EventView) => boolean {
  const exact = new Set(tests.flatMap((test) => test.exact ?? []));
  if (exact.size < SET_FROM) return (values, view) => tests.some((test) => testHolds(test, values, view));
  const others = tests.filter((test) => test.exact === undefined);
  return (values, view) => values.values.some((value) => exact.has(value.folded)) || others.some((test) => testHolds(test, values, view));
}

function testHolds(test: ValueTest, field: FieldValues, view: EventView): boolean {
  if (test.holds) return test.holds(field);
  for (const value of field.values) if (test.matches(value, view)) return true;
  return false;
}

function fieldOf({ field }: DetectionItem, table: FieldTable): (view: EventView) => FieldValues {
  if (field === undefined) return (view) => view.everything();
  const slot = table.slot(field);
  return (view) => view.field(slot);
}

function nameOf({ field }: DetectionItem): string {
  return field ?? 'keyword';
}

function operatorOf({ tests }: DetectionItem): string {
  return tests[0]?.operator ?? 'equals';
}

function expectedOf({ tests }: DetectionItem): JsonValue {
  const [first] = tests;
  return tests.length === 1 && first ? first.expected : tests.map(({ expected }) => expected);
}

/** The values that satisfied a test, or all of them where it is not single values that decide. */
function observed(field: FieldValues, matches?: (value: FieldValues['values'][number]) => boolean): JsonValue {
  const chosen = matches ? field.values.filter(matches) : [];
  const raw = (chosen.length > 0 ? chosen : field.values).map((value) => value.raw);
  return raw.length === 0 ? null : raw.length === 1 ? (raw[0] ?? null) : raw;
}

function itemsOf(expression: Expression): readonly DetectionItem[] {
  switch (expression.kind) {
    case 'item': return [expression.item];
    case 'not': return itemsOf(expression.operand);
    default: return expression.operands.flatMap(itemsOf);
  }
}
