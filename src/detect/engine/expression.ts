import type { ValueTest } from './value-test.js';

/** One `field|modifiers: values` of a detection, ready to be evaluated. */
export interface DetectionItem {
  /** Undefined for keywords, which look at every value of the event. */
  readonly field: string | undefined;
  /** Whether one of the tests or all of them must hold. */
  readonly quantity: 'any' | 'all';
  /** `neq`: turns the verdict of the whole item round, so a missing field matches. */
  readonly negated: boolean;
  readonly tests: readonly ValueTest[];
}

/** The logic of a rule: its condition with the selections put in the place of their names. */
export type Expression =
  | { readonly kind: 'item'; readonly item: DetectionItem }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] };

/** `and` or `or` over operands; a single operand stands for itself. */
export function combine(kind: 'and' | 'or', operands: readonly Expression[]): Expression {
  const [first] = operands;
  return operands.length === 1 && first !== undefined ? first : { kind, operands };
}
