import type { EntityType } from './entity.js';
import type { JsonValue } from './json.js';

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/** One term of a rule that held, with what was seen and what was asked for. */
export interface FiredTerm {
  /** Field, or `count`, `distinct(field)`, `sum(field)`, or a rule name for temporal correlations. */
  readonly term: string;
  /** Operator of the rule: `equals`, `contains`, `gte`, … */
  readonly operator: string;
  readonly observed: JsonValue;
  readonly expected: JsonValue;
}

/** What a rule emits (`event.kind: signal`). */
export interface Signal {
  /** Deterministic: hash of rule id, group and the log position that fired. */
  readonly id: string;
  readonly ruleId: string;
  readonly ruleTitle: string;
  /** sha256 of the rule's source, so that a signal names the version that fired. */
  readonly ruleVersion: string;
  readonly ruleKind: 'rule' | 'event_count' | 'value_count' | 'value_sum' | 'value_avg' | 'value_percentile' | 'value_median' | 'temporal' | 'temporal_ordered';
  readonly level: Level;
  readonly tags: readonly string[];
  /** Group-by values of a correlation; empty for a plain rule. */
  readonly group: Readonly<Record<string, string>>;
  /** Event time of the first and the last contributing event. */
  readonly first: Date;
  readonly last: Date;
  /** Window length in ms; absent for a plain rule. */
  readonly windowMs?: number;
  /** Set where the window was folded into buckets of this length, so that times and edges are only as exact as that. */
  readonly granularityMs?: number;
  /** Observed value of the correlation (count, distinct, sum, …). */
  readonly value?: number;
  readonly terms: readonly FiredTerm[];
  /** Ids of contributing events, newest last, bounded; `eventCount` is the true number. */
  readonly eventIds: readonly string[];
  readonly eventCount: number;
  /** Whether the event that completed it was older than the newest event of its source by then. */
  readonly late: boolean;
  /** Log position whose processing fired it. */
  readonly position: number;
}

/** An entity that a signal names. A type, not an interface, so that it counts as JSON in the body of a fact. */
export type SignalEntity = {
  type: EntityType;
  /** As the record writes it. */
  value: string;
  /** Whether the group or every cited event names it: then the signal is about it, else it is only involved. */
  everywhere: boolean;
};
