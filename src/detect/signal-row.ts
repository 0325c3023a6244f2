import type { FiredTerm, Level, Signal } from '../kernel/index.js';

/** A row of table `signal` as the driver gives it. */
export interface SignalRow {
  id: string;
  rule_id: string;
  rule_title: string;
  rule_version: string;
  rule_kind: Signal['ruleKind'];
  level: Level;
  tags: string[];
  group_values: Record<string, string>;
  first_at: Date;
  last_at: Date;
  window_ms: number | null;
  granularity_ms: number | null;
  value: number | null;
  terms: FiredTerm[];
  event_ids: string[];
  event_count: number;
  late: boolean;
  position: number;
  fired_at: Date;
}

/** A signal as it is stored: with the database time at which it was committed. */
export type StoredSignal = Signal & { readonly firedAt: Date };

export function toSignalRow(signal: Signal, firedAt: Date): SignalRow {
  return {
    id: signal.id,
    rule_id: signal.ruleId,
    rule_title: signal.ruleTitle,
    rule_version: signal.ruleVersion,
    rule_kind: signal.ruleKind,
    level: signal.level,
    tags: [...signal.tags],
    group_values: { ...signal.group },
    first_at: signal.first,
    last_at: signal.last,
    window_ms: signal.windowMs ?? null,
    granularity_ms: signal.granularityMs ?? null,
    value: signal.value ?? null,
    terms: [...signal.terms],
    event_ids: [...signal.eventIds],
    event_count: signal.eventCount,
    late: signal.late,
    position: signal.position,
    fired_at: firedAt,
  };
}

export function fromSignalRow(row: SignalRow): StoredSignal {
  return {
    id: row.id,
    ruleId: row.rule_id,
    ruleTitle: row.rule_title,
    ruleVersion: row.rule_version,
    ruleKind: row.rule_kind,
    level: row.level,
    tags: row.tags,
    group: row.group_values,
    first: row.first_at,
    last: row.last_at,
    ...(row.window_ms === null ? {} : { windowMs: row.window_ms }),
    ...(row.granularity_ms === null ? {} : { granularityMs: row.granularity_ms }),
    ...(row.value === null ? {} : { value: row.value }),
    terms: row.terms,
    eventIds: row.event_ids,
    eventCount: row.event_count,
    late: row.late,
    position: row.position,
    firedAt: row.fired_at,
  };
}
