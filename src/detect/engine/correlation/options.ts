import { fieldValues, type FieldValues } from './field-values.js';

export interface CorrelationOptions {
  /** How far behind the newest event of its source an event may arrive, in ms. */
  readonly allowedLatenessMs: (source: string) => number;
  /** A source that delivered nothing for so long, and for longer than its lateness, no longer holds the watermark back. */
  readonly idleAfterMs: number;
  /** An event time further than this ahead of its arrival is not believed. */
  readonly clockSkewMs: number;
  /** `episode`: one signal while a group stays above its threshold; `none`: one for every hit whose window qualifies. */
  readonly suppress: 'episode' | 'none';
  /** Event time after which a group that is still above its threshold fires again. */
  readonly refireAfterMs: number;
  readonly maxGroupsPerRule: number;
  /** Entries of one group; a rule with a higher threshold gets room for it. */
  readonly maxEntriesPerGroup: number;
  /** Entries of all groups of a rule; at least those of one group. */
  readonly maxEntriesPerRule: number;
  /** Event ids that a signal cites; the newest are kept. */
  readonly maxEventIds: number;
  /** Windows up to this length are exact; longer ones are folded into timespan / 256 buckets. */
  readonly exactUpToMs: number;
  readonly fieldValues: FieldValues;
}

const MINUTE = 60_000;

export const DEFAULT_CORRELATION_OPTIONS: CorrelationOptions = {
  allowedLatenessMs: () => 10 * MINUTE,
  idleAfterMs: 5 * MINUTE,
  clockSkewMs: 5 * MINUTE,
  suppress: 'episode',
  refireAfterMs: Number.POSITIVE_INFINITY,
  maxGroupsPerRule: 50_000,
  maxEntriesPerGroup: 20_000,
  maxEntriesPerRule: 1_000_000,
  maxEventIds: 100,
  exactUpToMs: 24 * 60 * MINUTE,
  fieldValues,
};
