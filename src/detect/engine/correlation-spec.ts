import type { Level } from '../../kernel/index.js';

export type CorrelationType =
  | 'event_count' | 'value_count' | 'value_sum' | 'value_avg' | 'value_percentile' | 'value_median' | 'temporal' | 'temporal_ordered';

export type ThresholdOperator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

/** All of `bounds` must hold for the value of the window (a range is two bounds). */
export interface ThresholdCondition {
  readonly kind: 'threshold';
  readonly bounds: readonly { readonly operator: ThresholdOperator; readonly value: number }[];
  /** Fields of value_* types; several form a tuple for value_count. */
  readonly fields: readonly string[];
  /** 0–100, value_percentile only. */
  readonly percentile?: number;
}

/** Extended temporal condition over rule references (SEP 198). */
export type RuleExpression =
  | { readonly kind: 'rule'; readonly rule: string }
  | { readonly kind: 'not'; readonly operand: RuleExpression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly RuleExpression[] };

export interface BooleanCondition {
  readonly kind: 'boolean';
  readonly expression: RuleExpression;
}

/** A correlation document after its references were resolved to rule ids. */
export interface CorrelationSpec {
  readonly kind: 'correlation';
  readonly id: string;
  readonly name?: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  /** sha256 (hex) of the document's source text. */
  readonly version: string;
  readonly type: CorrelationType;
  /** Ids of the rules or correlations it refers to, in the order of the document. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  /** alias -> rule id -> field of that rule's events. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly timespanMs: number;
  readonly condition: ThresholdCondition | BooleanCondition;
  /** Whether the referred rules alert by themselves too. */
  readonly generate: boolean;
}
