import { GroupWindow } from './group-window.js';
import type { Hit } from './hit.js';
import type { Measure } from './measures/measure.js';
import type { Entry } from './timeline.js';

/** What a rule knows of one combination of group-by values. */
export class Group {
  readonly window = new GroupWindow();
  /** Ids of the hits in the window, so that a repeated event counts once. */
  readonly ids = new Set<string>();
  /** The hit that was put in last; it may bring several entries. */
  newest: Hit | undefined;
  /** Position of the newest hit: the stalest groups are evicted first. */
  touched = 0;
  /** Windows up to this event time are decided. */
  decidedUpTo = Number.NEGATIVE_INFINITY;
  /** Event time at which the group last fired. */
  firedAt = Number.NEGATIVE_INFINITY;
  /** Whether the last window that closed met the condition. */
  closedQualified = false;
  /** When the group is looked at next. */
  due = Number.POSITIVE_INFINITY;
  /** Entries that its rule has counted. */
  counted = 0;

  constructor(readonly key: string, readonly values: readonly string[], readonly source: string) {}

  dropFirst(measure: Measure): void {
    const entry = this.window.timeline.dropFirst();
    if (entry === undefined) return;
    this.ids.delete(entry.id);
    measure.dropped(this.window, entry);
  }

  /** Drops the entries older than `time`. */
  dropBefore(time: number, measure: Measure): void {
    const { timeline } = this.window;
    while (timeline.first !== undefined && timeline.first.time < time) this.dropFirst(measure);
  }
}

type EntryState = readonly [
  time: number, bucket: readonly [first: number, last: number] | null, position: number, id: string, rule: number, value: string | number, weight: number, measure: number,
  qualified: 0 | 1, cited: readonly string[] | null, citedCount: number,
];

/** A group as JSON. */
export interface GroupState {
  readonly values: readonly string[];
  readonly source: string;
  readonly touched: number;
  readonly decidedUpTo: number | null;
  readonly firedAt: number | null;
  readonly closedQualified: boolean;
  readonly lostUpTo: number | null;
  readonly entries: readonly EntryState[];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function captureGroup(group: Group): GroupState {
  const { timeline } = group.window;
  return {
    values: group.values,
    source: group.source,
    touched: group.touched,
    decidedUpTo: finite(group.decidedUpTo),
    firedAt: finite(group.firedAt),
    closedQualified: group.closedQualified,
    lostUpTo: finite(timeline.lostUpTo),
    entries: Array.from(timeline, (entry): EntryState => [
      entry.time, entry.bucket ? [entry.bucket.first, entry.bucket.last] : null, entry.position, entry.id, entry.rule, entry.value, entry.weight, entry.measure,
      entry.qualified ? 1 : 0, entry.cites?.ids ?? null, entry.cites?.count ?? 0,
    ]),
  };
}

export function restoreGroup(key: string, state: GroupState, measure: Measure): Group {
  const group = new Group(key, state.values, state.source);
  const { window } = group;
  group.touched = state.touched;
  group.decidedUpTo = state.decidedUpTo ?? Number.NEGATIVE_INFINITY;
  group.firedAt = state.firedAt ?? Number.NEGATIVE_INFINITY;
  group.closedQualified = state.closedQualified;
  for (const [time, bucket, position, id, rule, value, weight, kept, qualified, cited, citedCount] of state.entries) {
    const entry: Entry = {
      time, position, id, rule, value, weight, measure: 0, qualified: qualified === 1, cites: cited ? { ids: cited, count: citedCount } : undefined,
      before: undefined, after: undefined, bucket: bucket ? { first: bucket[0], last: bucket[1] } : undefined,
    };
    measure.added(window, window.timeline.insert(entry));
    entry.measure = kept;
    group.ids.add(entry.id);
  }
  window.timeline.lostUpTo = state.lostUpTo ?? Number.NEGATIVE_INFINITY;
  return group;
}
