import { derivedId, type FiredTerm, type Signal } from '../../../kernel/index.js';
import type { CorrelationSpec, ThresholdCondition } from '../correlation-spec.js';
import type { GroupWindow } from './group-window.js';
import { firstTime, lastTime, type Entry } from './timeline.js';

export interface FiredWindow {
  readonly window: GroupWindow;
  /** Values of the group-by fields, in their order. */
  readonly group: readonly string[];
  /** Event times between which the window's entries lie. */
  readonly start: number;
  readonly end: number;
  readonly value: number;
  /** Entries that must be cited. */
  readonly witness: readonly Entry[];
  readonly late: boolean;
  /** Position of the hit whose processing decided it; without it, the position of the window's newest entry. */
  readonly position?: number;
}

/** The signal of a window that met the condition of a correlation. */
export function windowSignal(spec: CorrelationSpec, fired: FiredWindow, limits: { readonly maxEventIds: number; readonly granularityMs?: number }): Signal {
  const entries = entriesOf(fired);
  const chain = spec.type === 'temporal_ordered' ? fired.witness : [];
  const [oldest] = chain.length > 0 ? chain : entries;
  const first = oldest ? firstTime(oldest) : fired.start;
  const last = entries.reduce((newest, entry) => Math.max(newest, lastTime(entry)), Number.NEGATIVE_INFINITY);
  const position = fired.position ?? entries.reduce((newest, entry) => Math.max(newest, entry.position), 0);
  const { ids, count } = cited(entries, fired.witness, limits.maxEventIds);
  return {
    id: derivedId(spec.id, JSON.stringify(fired.group), position, fired.end),
    ruleId: spec.id,
    ruleTitle: spec.title,
    ruleVersion: spec.version,
    ruleKind: spec.type,
    level: spec.level,
    tags: spec.tags,
    group: Object.fromEntries(spec.groupBy.map((field, index) => [field, fired.group[index] ?? ''])),
    first: new Date(first),
    last: new Date(last),
    windowMs: spec.timespanMs,
    ...(limits.granularityMs !== undefined && { granularityMs: limits.granularityMs }),
    value: fired.value,
    terms: termsOf(spec, fired.value, entries),
    eventIds: ids,
    eventCount: count,
    late: fired.late,
    position,
  };
}

function entriesOf({ window: { timeline }, start, end }: FiredWindow): Entry[] {
  const entries: Entry[] = [];
  for (let index = timeline.from(start), to = timeline.after(end); index < to; index++) entries.push(timeline.at(index));
  return entries;
}

/** The newest event ids, newest last, and the number of events. What must be cited is, whatever its age. */
function cited(entries: readonly Entry[], witness: readonly Entry[], limit: number): { readonly ids: readonly string[]; readonly count: number } {
  const kept = new Set(witness.slice(-limit));
  const positions = new Set<number>();
  let count = 0;
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index];
    if (!entry) continue;
    if (kept.size < limit) kept.add(entry);
    if (entry.cites) continue;
    if (entry.weight === 1 && positions.has(entry.position)) continue;
    positions.add(entry.position);
    count += entry.weight;
  }
  const ids = new Set<string>();
  for (const entry of entries) if (kept.has(entry)) for (const id of entry.cites?.ids ?? [entry.id]) ids.add(id);
  return { ids: [...ids].slice(-limit), count: count + eventsBehind(entries) };
}

/** Number of events that the correlations referred to counted: their windows overlap, so it is what they cite, or the largest of them. */
function eventsBehind(entries: readonly Entry[]): number {
  const ids = new Set<string>();
  let largest = 0;
  for (const { cites } of entries) {
    if (!cites) continue;
    largest = Math.max(largest, cites.count);
    for (const id of cites.ids) ids.add(id);
  }
  return Math.max(largest, ids.size);
}

function termsOf(spec: CorrelationSpec, value: number, entries: readonly Entry[]): FiredTerm[] {
  const thresholds = spec.condition.kind === 'threshold' ? thresholdTerms(spec, spec.condition, value) : [];
  return spec.type === 'temporal' || spec.type === 'temporal_ordered' ? [...thresholds, ...ruleTerms(spec, entries)] : thresholds;
}

function thresholdTerms(spec: CorrelationSpec, condition: ThresholdCondition, value: number): FiredTerm[] {
  return condition.bounds.map(({ operator, value: expected }) => ({ term: measureName(spec, condition), operator, observed: value, expected }));
}

/** What the window was measured by, as `distinct(user.name)`. */
function measureName({ type }: CorrelationSpec, { fields, percentile }: ThresholdCondition): string {
  const field = fields.join(', ');
  switch (type) {
    case 'event_count': return 'count';
    case 'value_count': return `distinct(${field})`;
    case 'value_sum': return `sum(${field})`;
    case 'value_avg': return `avg(${field})`;
    case 'value_median': return `median(${field})`;
    case 'value_percentile': return `percentile(${field}, ${percentile ?? 50})`;
    case 'temporal': return 'rules';
    case 'temporal_ordered': return 'rules in order';
  }
}

function ruleTerms({ rules, type }: CorrelationSpec, entries: readonly Entry[]): FiredTerm[] {
  const terms = rules.map((rule, index): FiredTerm => {
    const hit = entries.findLast((entry) => entry.rule === index);
    return hit ? { term: rule, operator: 'occurs', observed: new Date(lastTime(hit)).toISOString(), expected: true } : { term: rule, operator: 'occurs', observed: false, expected: false };
  });
  const times = terms.map(({ observed }) => observed);
  const tied = type === 'temporal_ordered' && new Set(times).size < times.length;
  return tied ? [...terms, { term: 'order', operator: 'equal times', observed: 'some hits have the same event time, so their order is not certain', expected: true }] : terms;
}
