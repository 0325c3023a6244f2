import type { CorrelationSpec, ThresholdCondition } from '../correlation-spec.js';
import { ClauseMeasure, toClauses } from './measures/clause-measure.js';
import { DistinctMeasure } from './measures/distinct-measure.js';
import type { Measure } from './measures/measure.js';
import { OrderedMeasure } from './measures/ordered-measure.js';
import { AverageMeasure, PercentileMeasure } from './measures/statistic-measure.js';
import { TotalMeasure } from './measures/total-measure.js';

/**
 * When a window is decided.
 * - `arrival`: more events can only help, so it fires with the event that completes it.
 * - `watermark`: a later arrival could still undo it (an average, a range, a negation), so it waits for the watermark.
 * - `close`: the condition has no lower bound, so any first event would meet it. The windows of a group lie side by side,
 *   each opened by the first hit behind the last one, and are decided when they close.
 * - `silence`: only a count of 0 meets it; fires when a timespan passes after a hit of the group without another one.
 */
export type Decision = 'arrival' | 'watermark' | 'close' | 'silence';

export interface ConditionPlan {
  readonly decision: Decision;
  /** How long after its last event a window is decided. */
  readonly delayMs: number;
  readonly measure: Measure;
  /** What an entry's value is. */
  readonly values: 'none' | 'rule' | 'distinct' | 'number';
  meets(value: number | undefined): boolean;
}

/** How a correlation is computed. */
export function planCondition(spec: CorrelationSpec, folded: boolean): ConditionPlan {
  const { condition, timespanMs } = spec;
  if (condition.kind === 'boolean') {
    const clauses = toClauses(condition.expression, (rule) => spec.rules.indexOf(rule));
    const negated = clauses.some(({ absent }) => absent.length > 0);
    return {
      decision: negated ? 'watermark' : 'arrival',
      delayMs: negated ? timespanMs : 0,
      measure: new ClauseMeasure(timespanMs, clauses),
      values: 'rule',
      meets: (value) => value === 1,
    };
  }
  const decision = decisionOf(spec, condition);
  return {
    decision,
    delayMs: decision === 'close' || decision === 'silence' ? timespanMs : 0,
    measure: measureOf(spec, condition, folded),
    values: valuesOf(spec),
    meets: (value) => value !== undefined && meets(condition, value),
  };
}

function decisionOf({ type }: CorrelationSpec, condition: ThresholdCondition): Decision {
  if (type === 'value_avg' || type === 'value_percentile' || type === 'value_median') return 'watermark';
  const operators = condition.bounds.map(({ operator }) => operator);
  if (operators.every((operator) => operator === 'gt' || operator === 'gte')) return 'arrival';
  if (type !== 'value_sum' && meets(condition, 0) && isSilence(condition)) return 'silence';
  return operators.some((operator) => operator === 'gt' || operator === 'gte' || operator === 'eq') ? 'watermark' : 'close';
}

function isSilence({ bounds }: ThresholdCondition): boolean {
  return bounds.some(({ operator, value }) => (operator === 'lt' ? value <= 1 : (operator === 'lte' || operator === 'eq') && value < 1));
}

function meets({ bounds }: ThresholdCondition, observed: number): boolean {
  return bounds.every(({ operator, value }) => {
    switch (operator) {
      case 'gt': return observed > value;
      case 'gte': return observed >= value;
      case 'lt': return observed < value;
      case 'lte': return observed <= value;
      case 'eq': return observed === value;
      case 'neq': return observed !== value;
    }
  });
}

function measureOf({ type, timespanMs, rules }: CorrelationSpec, { percentile = 50 }: ThresholdCondition, folded: boolean): Measure {
  switch (type) {
    case 'event_count': return new TotalMeasure(timespanMs, ({ weight }) => weight);
    case 'value_sum': return new TotalMeasure(timespanMs, ({ value }) => Number(value));
    case 'value_avg': return new AverageMeasure(timespanMs, folded);
    case 'value_percentile':
    case 'value_median': return new PercentileMeasure(timespanMs, percentile);
    case 'temporal_ordered': return new OrderedMeasure(timespanMs, rules.length);
    case 'value_count':
    case 'temporal': return new DistinctMeasure(timespanMs);
  }
}

function valuesOf({ type }: CorrelationSpec): ConditionPlan['values'] {
  switch (type) {
    case 'event_count': return 'none';
    case 'value_count': return 'distinct';
    case 'temporal':
    case 'temporal_ordered': return 'rule';
    default: return 'number';
  }
}
