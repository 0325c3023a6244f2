import type { CorrelationSpec, RuleExpression, ThresholdCondition } from '../../correlation-spec.js';

/** A matched event as the tests describe it. */
export interface TimedMatch {
  readonly id: string;
  readonly time: number;
  readonly user: string;
  readonly value: number;
  /** Ids of the rules it matched. */
  readonly rules: readonly string[];
}

/**
 * Which windows qualify, by looking at all events for each of them: `<user>@<event time of the window's end>`. Knows
 * conditions that a window's end decides (all but those without a lower bound).
 */
export function qualifyingWindows(spec: CorrelationSpec, events: readonly TimedMatch[]): string[] {
  const counted = events.filter(({ rules }) => rules.some((rule) => spec.rules.includes(rule)));
  const ends = counted.filter(({ time, user }) => {
    const within = (start: number, end: number): TimedMatch[] => counted.filter((other) => other.user === user && other.time >= start && other.time <= end);
    return qualifies(spec, time, within);
  });
  return [...new Set(ends.map(({ user, time }) => `${user}@${time}`))].sort();
}

function qualifies({ type, condition, timespanMs, rules }: CorrelationSpec, end: number, within: (start: number, end: number) => TimedMatch[]): boolean {
  const window = within(end - timespanMs, end);
  if (condition.kind === 'boolean') return holds(condition.expression, rules, end, timespanMs, within);
  switch (type) {
    case 'event_count': return meets(condition, window.length);
    case 'value_count': return meets(condition, new Set(window.map(({ value }) => value)).size);
    case 'value_sum': return meets(condition, sum(window));
    case 'value_avg': return meets(condition, sum(window) / window.length);
    case 'value_percentile':
    case 'value_median': return meets(condition, percentile(window.map(({ value }) => value), condition.percentile ?? 50));
    case 'temporal': return meets(condition, rules.filter((rule) => window.some((event) => event.rules.includes(rule))).length);
    case 'temporal_ordered': return meets(condition, longestChain(window, rules));
  }
}

const sum = (window: readonly TimedMatch[]): number => window.reduce((total, { value }) => total + value, 0);

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (percent / 100) * (sorted.length - 1);
  const [low = 0, high = low] = sorted.slice(Math.floor(rank), Math.floor(rank) + 2);
  return low + (high - low) * (rank % 1);
}

/** Tries every chain; tests use rules that no event matches two of. */
function longestChain(window: readonly TimedMatch[], rules: readonly string[], from = Number.NEGATIVE_INFINITY): number {
  const [first, ...rest] = rules;
  if (first === undefined) return 0;
  const skipped = longestChain(window, rest, from);
  const steps = window.filter((event) => event.rules.includes(first) && event.time >= from);
  return Math.max(skipped, ...steps.map(({ time }) => 1 + longestChain(window, rest, time)));
}

/** A conjunction of rules and negated rules: what must occur has its newest hits in the window, one of them at its end. */
function holds(expression: RuleExpression, rules: readonly string[], end: number, span: number, within: (start: number, end: number) => TimedMatch[]): boolean {
  const operands = expression.kind === 'and' ? expression.operands : [expression];
  const newest = operands.filter(({ kind }) => kind === 'rule').map((operand) => {
    const times = within(end - span, end).filter((event) => operand.kind === 'rule' && event.rules.includes(operand.rule)).map(({ time }) => time);
    return Math.max(Number.NEGATIVE_INFINITY, ...times);
  });
  if (Math.min(...newest) < end - span || Math.max(...newest) !== end) return false;
  const unwanted = operands.flatMap((operand) => (operand.kind === 'not' && operand.operand.kind === 'rule' ? [operand.operand.rule] : []));
  return !within(end - span, Math.min(...newest) + span).some((event) => event.rules.some((rule) => unwanted.includes(rule)));
}

function meets({ bounds }: ThresholdCondition, observed: number): boolean {
  return bounds.every(({ operator, value }) => ({
    gt: observed > value, gte: observed >= value, lt: observed < value, lte: observed <= value, eq: observed === value, neq: observed !== value,
  })[operator]);
}
