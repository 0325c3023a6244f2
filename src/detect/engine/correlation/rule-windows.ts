import type { CorrelationSpec } from '../correlation-spec.js';
import { planCondition, type ConditionPlan } from './condition-plan.js';
import { DueQueue } from './due-queue.js';
import { captureGroup, Group, restoreGroup, type GroupState } from './group.js';
import type { GroupKey } from './group-keys.js';
import { GroupStore } from './group-store.js';
import type { Firing, Hit } from './hit.js';
import type { CorrelationOptions } from './options.js';
import { Placement } from './placement.js';
import { windowSignal } from './window-signal.js';

/** Buckets that a window longer than the exact limit is folded into. */
const BUCKETS = 256;

export interface RuleStatistics {
  groups: number;
  groupsEvicted: number;
  entriesEvicted: number;
  duplicates: number;
}

/** The windows of one correlation: takes hits in any order of event time and gives out firings. */
export class RuleWindows {
  readonly plan: ConditionPlan;
  /** How far behind the engine's watermark this rule decides, because the correlations it refers to decide late. */
  readonly lagMs: number;
  /** Whether a correlation refers to it that wants every window that qualifies, not only alerts. */
  givesAll = false;
  private readonly counters = { groupsEvicted: 0, entriesEvicted: 0, duplicates: 0 };
  private readonly placement: Placement;
  private readonly groups: GroupStore;
  private readonly queue = new DueQueue(({ at, key }) => this.groups.get(key)?.due === at);
  private readonly changed = new Map<string, Group | undefined>();
  private readonly maxEntries: number;
  private readonly granularityMs: number | undefined;
  /** This rule's watermark. */
  private watermark = Number.NEGATIVE_INFINITY;

  constructor(
    readonly spec: CorrelationSpec,
    private readonly options: CorrelationOptions,
    referredLagMs: number,
    private readonly fire: (firing: Firing) => void,
  ) {
    this.granularityMs = spec.timespanMs > options.exactUpToMs ? Math.ceil(spec.timespanMs / BUCKETS) : undefined;
    this.plan = planCondition(spec, this.granularityMs !== undefined);
    this.placement = new Placement(spec, this.plan, this.granularityMs);
    this.lagMs = referredLagMs + (this.granularityMs ?? 0);
    const bounds = spec.condition.kind === 'threshold' ? spec.condition.bounds.map(({ value }) => value) : [];
    this.maxEntries = Math.max(options.maxEntriesPerGroup, this.plan.values === 'number' ? 0 : 2 * Math.max(0, ...bounds));
    this.groups = new GroupStore({ groups: options.maxGroupsPerRule, entries: Math.max(options.maxEntriesPerRule, this.maxEntries) });
  }

  /** Delay between a window's last event time and its decision, seen by correlations that refer to this one. */
  get decisionDelayMs(): number {
    return this.lagMs + this.plan.delayMs;
  }

  /** The watermark past which {@link advance} has something to do. */
  get nextDue(): number {
    return this.queue.next + this.lagMs;
  }

  get statistics(): RuleStatistics {
    return { groups: this.groups.size, ...this.counters };
  }

  /** Takes in a hit of the rules at these indexes of the correlation's list. */
  insert(hit: Hit, rules: readonly number[]): void {
    const seen = new Set<string>();
    for (const rule of rules) {
      for (const groupKey of this.placement.groups(hit, rule)) {
        // rules of a count are alternatives: an event that matches two of them counts once
        if (this.plan.values !== 'rule' && rules.length > 1) {
          if (seen.has(groupKey.key)) continue;
          seen.add(groupKey.key);
        }
        this.insertInto(groupKey, hit, rule);
      }
    }
  }

  /** Decides and forgets what the engine's watermark has passed. */
  advance(engineWatermark: number): void {
    const watermark = engineWatermark - this.lagMs;
    if (watermark <= this.watermark) return;
    this.watermark = watermark;
    while (this.queue.next < watermark) {
      const due = this.queue.pop();
      const group = due && this.groups.get(due.key);
      if (due === undefined || group?.due !== due.at) continue;
      group.due = Number.POSITIVE_INFINITY;
      if (this.dueOf(group) > due.at) {
        this.schedule(group);
        continue;
      }
      this.decide(group);
      this.forget(group);
      if (this.isSpent(group)) this.remove(group);
      else this.schedule(group);
    }
  }

  /** Groups that changed since the last call; no state where one is gone. */
  takeChanges(): { readonly key: string; readonly state: GroupState | null }[] {
    const changes = Array.from(this.changed, ([key, group]) => ({ key, state: group ? captureGroup(group) : null }));
    this.changed.clear();
    return changes;
  }

  restore(rows: readonly { readonly key: string; readonly state: GroupState }[], engineWatermark: number): void {
    this.watermark = engineWatermark - this.lagMs;
    for (const { key, state } of rows.toSorted((a, b) => a.state.touched - b.state.touched)) {
      const group = restoreGroup(key, state, this.plan.measure);
      this.groups.touch(group);
      this.schedule(group);
    }
  }

  private insertInto({ key, values }: GroupKey, hit: Hit, rule: number): void {
    const payload = this.placement.payload(hit, rule);
    if (payload.length === 0) return;
    const group = this.groups.get(key) ?? new Group(key, values, hit.source);
    if (group.newest !== hit && group.ids.has(hit.id)) {
      this.counters.duplicates++;
      return;
    }
    group.newest = hit;
    this.forget(group);
    const changedFrom = this.placement.put(group, hit, rule, payload);
    group.touched = hit.position;
    this.groups.touch(group);
    this.changed.set(key, group);
    this.evict();
    if (this.plan.decision === 'arrival') this.decideOnArrival(group, changedFrom, hit);
    this.shrink(group, this.maxEntries);
    this.schedule(group);
    for (const { group: large, keeps } of this.groups.overfull()) {
      this.shrink(large, keeps);
      if (this.isSpent(large)) this.remove(large);
      else this.changed.set(large.key, large);
    }
  }

  private decideOnArrival(group: Group, from: number, hit: Hit): void {
    const { timeline } = group.window;
    const { measure } = this.plan;
    const until = timeline.at(from).time + this.spec.timespanMs;
    if (this.spec.type === 'temporal_ordered' && !this.plan.meets(measure.between(group.window, timeline.at(from).time - this.spec.timespanMs, until))) return;
    const qualified: number[] = [];
    const fresh = new Set<number>();
    for (let index = from; index < timeline.size; index++) {
      const entry = timeline.at(index);
      if (entry.time > until) break;
      if (entry.qualified || !this.plan.meets(measure.at(group.window, index))) continue;
      qualified.push(index);
      // hits of one event time share a window
      for (let same = index; same >= 0 && timeline.at(same).time === entry.time && !timeline.at(same).qualified; same--) {
        timeline.at(same).qualified = true;
        fresh.add(same);
      }
    }
    let alerted = false;
    for (const [order, index] of qualified.entries()) {
      const following = qualified[order + 1];
      if (following !== undefined && timeline.at(following).position === timeline.at(index).position) continue;
      const alerts: boolean = this.options.suppress === 'none' || (!alerted && !this.goesOn(group, index, fresh));
      alerted ||= alerts;
      this.fireWindow(group, { index, alerts, late: hit.late, position: hit.position });
    }
  }

  /** Whether a window only goes on with one that fired: a neighbour within a timespan qualified before. */
  private goesOn(group: Group, index: number, fresh: ReadonlySet<number>): boolean {
    const { timeline } = group.window;
    if (timeline.at(index).time - group.firedAt >= this.options.refireAfterMs) return false;
    return [-1, 1].some((step) => {
      for (let from = index, to = index + step; to >= 0 && to < timeline.size; from = to, to += step) {
        const next = timeline.at(to);
        if (!next.qualified || Math.abs(next.time - timeline.at(from).time) > this.spec.timespanMs) return false;
        if (!fresh.has(to)) return true;
      }
      return false;
    });
  }

  private decide(group: Group): void {
    switch (this.plan.decision) {
      case 'arrival': return;
      case 'watermark': return this.decidePassed(group);
      case 'close': return this.decideClosed(group);
      case 'silence': return this.decideSilence(group);
    }
  }

  private decidePassed(group: Group): void {
    const { timeline } = group.window;
    for (let index = timeline.after(group.decidedUpTo); index < timeline.size; index = timeline.after(group.decidedUpTo)) {
      const { time } = timeline.at(index);
      if (time + this.plan.delayMs >= this.watermark) return;
      group.decidedUpTo = time;
      this.changed.set(group.key, group);
      const last = timeline.after(time) - 1;
      if (!this.plan.meets(this.plan.measure.at(group.window, last))) continue;
      const goesOn = this.options.suppress === 'episode' && this.goesOn(group, index, new Set());
      for (let same = index; same <= last; same++) timeline.at(same).qualified = true;
      this.fireWindow(group, { index: last, alerts: !goesOn, late: false });
    }
  }

  private decideClosed(group: Group): void {
    const { timeline } = group.window;
    const span = this.spec.timespanMs;
    for (let index = timeline.after(group.decidedUpTo); index < timeline.size; index = timeline.after(group.decidedUpTo)) {
      const start = timeline.at(index).time;
      if (start + span >= this.watermark) return;
      const goesOn = this.options.suppress === 'episode' && group.closedQualified && start - group.decidedUpTo <= span && start - group.firedAt < this.options.refireAfterMs;
      group.decidedUpTo = start + span;
      this.changed.set(group.key, group);
      const value = this.plan.measure.between(group.window, start, start + span);
      group.closedQualified = this.plan.meets(value);
      if (group.closedQualified) this.fireWindow(group, { index: timeline.after(start + span) - 1, alerts: !goesOn, late: false, start, value });
    }
  }

  private decideSilence(group: Group): void {
    const { timeline } = group.window;
    for (let index = timeline.after(group.decidedUpTo); index < timeline.size; index = timeline.after(group.decidedUpTo)) {
      const { time } = timeline.at(index);
      if (time + this.spec.timespanMs >= this.watermark) return;
      group.decidedUpTo = time;
      this.changed.set(group.key, group);
      const next = timeline.after(time);
      if (next < timeline.size && timeline.at(next).time <= time + this.spec.timespanMs) continue;
      this.fireWindow(group, { index: next - 1, alerts: true, late: false, start: time, value: 0 });
    }
  }

  private fireWindow(
    group: Group,
    fired: { readonly index: number; readonly alerts: boolean; readonly late: boolean; readonly position?: number; readonly start?: number; readonly value?: number | undefined },
  ): void {
    const { index, alerts, late, position } = fired;
    if (!alerts && !this.givesAll) return;
    const { window } = group;
    const { time, measure: kept } = window.timeline.at(index);
    const start = fired.start ?? time - this.spec.timespanMs;
    if (alerts) group.firedAt = Math.max(group.firedAt, time);
    const signal = windowSignal(
      this.spec,
      {
        window, group: group.values, start, end: time, late, value: fired.value ?? this.plan.measure.at(window, index) ?? kept,
        witness: this.plan.measure.witness(window, start, time), ...(position !== undefined && { position }),
      },
      { maxEventIds: this.options.maxEventIds, ...(this.granularityMs !== undefined && { granularityMs: this.granularityMs }) },
    );
    this.fire({ signal, alerts, source: group.source });
  }

  /** Drops entries that no window yet to be decided can hold. */
  private forget(group: Group): void {
    const { decision, delayMs, measure } = this.plan;
    const before = decision === 'close' ? group.decidedUpTo + 1 : this.watermark - delayMs - this.spec.timespanMs;
    const { timeline } = group.window;
    if (timeline.first === undefined || timeline.first.time >= before) return;
    group.dropBefore(before, measure);
    this.groups.recount(group);
    this.changed.set(group.key, group);
  }

  /** Whether a group holds nothing any more that a later hit would depend on. */
  private isSpent(group: Group): boolean {
    return group.window.timeline.size === 0 && (this.plan.decision !== 'close' || group.decidedUpTo + this.spec.timespanMs < this.watermark);
  }

  private remove(group: Group): void {
    this.groups.delete(group);
    this.changed.set(group.key, undefined);
  }

  /** Drops the oldest entries of a group that holds more than it may. */
  private shrink(group: Group, keeps: number): void {
    const { size } = group.window.timeline;
    if (size <= keeps) return;
    this.counters.entriesEvicted += size - keeps;
    while (group.window.timeline.size > keeps) group.dropFirst(this.plan.measure);
    this.groups.recount(group);
  }

  private evict(): void {
    for (let evicted = this.groups.evict(); evicted; evicted = this.groups.evict()) {
      this.counters.groupsEvicted++;
      this.changed.set(evicted.key, undefined);
    }
  }

  /** Queues the group for its next decision. One that is queued early stays so: it is queued again when its turn comes. */
  private schedule(group: Group): void {
    const due = this.dueOf(group);
    if (due >= group.due) return;
    group.due = due;
    this.queue.push({ at: due, key: group.key });
  }

  private dueOf(group: Group): number {
    const { timeline } = group.window;
    const { decision, delayMs } = this.plan;
    const span = this.spec.timespanMs;
    const undecided = decision === 'arrival' ? timeline.size : timeline.after(group.decidedUpTo);
    if (undecided < timeline.size) return timeline.at(undecided).time + delayMs;
    if (decision === 'close') return group.decidedUpTo + span;
    return (timeline.last?.time ?? this.watermark) + span + delayMs;
  }
}
